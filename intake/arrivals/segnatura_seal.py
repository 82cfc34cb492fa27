"""The seal of what another administration's protocol office sent: verified where the file is read, kept as plain data.

Its segnatura must bear one since schema 3.0 (AgID, allegato 6, 2.1); a message about a registration has no place for one,
so it may come a second time in a container that bears it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intake.typed_text import visible
from signing.inspect import inspect_signatures
from signing.report import SignatureReport, Verdict
from signing.trust import TrustStore

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class SealFound:
    """``verdict`` and ``qualification`` as the inspection of signatures names them; ``signer`` empty where there is none.

    ``problems``: what a person has to know of it, in sentences; what to do is the protocol office's own matter.
    """

    verdict: str
    signer: str = ""
    qualification: str = ""
    problems: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether what was sealed is what came; who sealed it, and whether that is believed, is told apart."""
        return Verdict(self.verdict).is_clean


def seal_inside(xml: bytes, *, trust: TrustStore, at: datetime) -> SealFound:
    """The seal in an XML file; verdict ``not_signed`` where it bears none. Raises ``ValueError`` for a naive ``at``."""
    return _found(inspect_signatures(xml, name="Segnatura.xml", trust=trust, at=at))


def seal_around(
    xml: bytes, containers: Iterable[tuple[str, bytes]], *, trust: TrustStore, at: datetime
) -> SealFound | None:
    """The seal of the first container that holds exactly these bytes; None where none does."""
    for name, data in containers:
        report = inspect_signatures(data, name=name, trust=trust, at=at)
        if report.signatures and report.content is not None and report.content.data == xml:
            return _found(report)
    return None


def seal_from_json(data: dict[str, Any] | None) -> SealFound | None:
    """What was kept of a seal."""
    if not data:
        return None
    return SealFound(**data | {"problems": tuple(data["problems"])})


def _found(report: SignatureReport) -> SealFound:
    told = dict.fromkeys((*report.problems, *(each for one in report.signatures for each in one.problems)))
    signer = report.signatures[0].signer if report.signatures else None
    named = dict.fromkeys(filter(None, (signer.common_name, signer.organization))) if signer else ()
    return SealFound(
        report.verdict.value,
        visible(" · ".join(named))[:_LONGEST],
        report.signatures[0].qualification if report.signatures else "",
        tuple(each.message for each in told),
    )
