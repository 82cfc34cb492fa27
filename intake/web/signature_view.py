"""A signature report as pages show it: one card for a file, one block for each signature, times as times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intake.applications.models import ReturnedDocument
from intake.checks.models import CheckRun
from signing.report import Verdict
from signing.reported_seals import holding_seals, is_seal

_LOOKS = {
    Verdict.signed: "success",
    Verdict.signed_with_reservations: "warning",
    Verdict.not_signed: "info",
    Verdict.unverifiable: "warning",
}


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """One signature. ``signature`` is its JSON; ``problems`` what weighs first; ``look`` as an alert's kind."""

    signature: Mapping[str, Any]
    look: str
    claimed_time: datetime | None
    proven_time: datetime | None

    @property
    def name(self) -> str:
        """Who signed, in the words of the certificate; empty where it does not say."""
        return str(self.signature["signer"]["common_name"])

    @property
    def is_seal(self) -> bool:
        """An organisation's, or this service's: nobody's signature."""
        return is_seal(self.signature)


@dataclass(frozen=True, slots=True)
class NestedFile:
    """One of the files held one inside the other, with the signatures that stand on it."""

    kind: str
    sha256: str
    size: int
    blocks: tuple[SignatureBlock, ...]


@dataclass(frozen=True, slots=True)
class SignatureCard:
    """One file. ``sentence`` the verdict in a line, ``reason`` why, ``remedy`` what to do; all three may be empty.

    ``seals``: those of a file that bears seals which hold and nobody's signature.
    """

    verdict: str
    look: str
    sentence: str
    reason: str
    remedy: str
    problems: tuple[Mapping[str, Any], ...]
    nested: tuple[NestedFile, ...]
    blocks: tuple[SignatureBlock, ...]
    seals: tuple[SignatureBlock, ...]
    asked_at: datetime | None
    trust: Mapping[str, Any] | None

    @property
    def only_seals(self) -> bool:
        """Whether nobody signed and somebody sealed, also where a seal fails."""
        signed = [block for block in self.blocks if not block.signature.get("counter_signature")]
        return bool(signed) and all(block.is_seal for block in signed)

    @property
    def has_envelopes(self) -> bool:
        return len(self.nested) > 1


@dataclass(frozen=True, slots=True)
class FileCard:
    """The card of one returned file, with what is needed to name it and to reach its papers."""

    document: ReturnedDocument
    card: SignatureCard


def file_cards(run: CheckRun | None, documents: Iterable[ReturnedDocument]) -> tuple[FileCard, ...]:
    """A card for each document whose signatures the checks have looked at and found something to say of."""
    verdicts = (run.verdicts or {}) if run and run.ended else {}
    looked_at = [(each, verdicts[str(each.id)]) for each in documents if str(each.id) in verdicts]
    return tuple(FileCard(each, signature_card(report)) for each, report in looked_at)


def signature_card(report: Mapping[str, Any]) -> SignatureCard:
    """The card of a report as ``SignatureReport.as_json`` writes it, also one kept by an earlier version of the service."""
    verdict = Verdict(report["verdict"])
    blocks = tuple(_block(each) for each in report["signatures"])
    trust = report.get("trust")
    return SignatureCard(
        verdict=verdict.value,
        look=_LOOKS.get(verdict, "danger"),
        sentence=report.get("sentence", ""),
        reason=report.get("reason", ""),
        remedy=report.get("remedy", ""),
        problems=tuple(report["findings"]),
        nested=_nested(report.get("nested", ()), blocks),
        blocks=blocks,
        seals=tuple(_block(each) for each in holding_seals(report)),
        asked_at=datetime.fromisoformat(trust["asked_at"]) if trust else None,
        trust=trust,
    )


def _nested(files: Sequence[Mapping[str, Any]], blocks: tuple[SignatureBlock, ...]) -> tuple[NestedFile, ...]:
    """Each file with its signatures; one whose file is not listed stands with the last, so that none goes unseen."""
    left, found = list(blocks), []
    for place, each in enumerate(files):
        last = place == len(files) - 1
        own = tuple(block for block in left if last or block.signature["depth"] == each["depth"])
        left = [block for block in left if block not in own]
        found.append(NestedFile(each["kind"], each["sha256"], each["size"], own))
    return tuple(found)


def _block(signature: Mapping[str, Any]) -> SignatureBlock:
    return SignatureBlock(
        signature,
        _LOOKS.get(Verdict(signature["verdict"]), "danger"),
        _instant(signature["claimed_time"]),
        _instant(signature["proven_time"]),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
