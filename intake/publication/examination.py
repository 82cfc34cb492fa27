"""The signatures of a document that the office is about to publish, looked at in a limited process as an upload's are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from intake.checks.apart import ApartFailed, Tell, run_apart
from intake.checks.examination import trust_of
from intake.checks.media_type import media_type_of
from signing.inspect import inspect_signatures
from signing.rehearsal_signature import AUTHORITY_NAME
from signing.report import SignatureReport, Verdict
from signing.revocation import RevocationPolicy
from signing.trust_used import trust_used

MOST_MEMORY = 1024**3


@dataclass(frozen=True, slots=True)
class DepositedFile:
    """A file as the office hands it in, under its own name."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class PublicationQuestion:
    """What to look at, and whom to believe. Everything pickles.

    ``document``: what a separate signature goes with; ``own_anchor``: DER of the rehearsal's test authority, None when live;
    ``own_seals``: SHA-256 of the seals of this service, which are nobody's signature.
    """

    file: DepositedFile
    document: DepositedFile | None
    trust_folder: Path | None
    own_anchor: bytes | None
    own_seals: frozenset[str]
    revocation: RevocationPolicy | None
    at: datetime


@dataclass(frozen=True, slots=True)
class TypedFile:
    """A file with the media type that its bytes show."""

    name: str
    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class PublicationAnswer:
    """``report`` as JSON with the key ``trust``; ``reason`` why the verdict is no better, in Italian, or empty.

    ``enclosed``: the document inside the envelope or beside the signature; None where the file is its own document, or holds
    several. ``on_trial``: somebody signed with a certificate that counts in rehearsals only.
    """

    verdict: Verdict
    reason: str
    report: dict[str, Any]
    media_type: str
    enclosed: TypedFile | None
    on_trial: bool


def examine_publication(question: PublicationQuestion, *, seconds: float) -> PublicationAnswer:
    """The answer, from a child with limits that never outlives the call. Raises ``ApartFailed``."""
    answer = run_apart(_examine, question, lambda: None, seconds=seconds, resident=MOST_MEMORY)
    if not isinstance(answer, PublicationAnswer):
        raise ApartFailed("not an answer", ours=True)
    return answer


def _examine(question: PublicationQuestion, _: Tell) -> PublicationAnswer:
    trust = trust_of(question)
    file, document = question.file, question.document
    detached = document.data if document else None
    report = inspect_signatures(file.data, name=file.name, detached=detached, trust=trust, at=question.at)
    return PublicationAnswer(
        verdict=report.verdict,
        reason=report.reason or report.sentence,
        report={**report.as_json(), "trust": trust_used(trust, at=question.at).as_json()},
        media_type=media_type_of(file.data),
        enclosed=_enclosed(report, file, document),
        on_trial=any(each.signer.issuer == AUTHORITY_NAME for each in report.signatures),
    )


def _enclosed(report: SignatureReport, file: DepositedFile, document: DepositedFile | None) -> TypedFile | None:
    if report.content and report.content.sha256 != hashlib.sha256(file.data).hexdigest():
        name = report.content.name or file.name
        return TypedFile(name, report.content.data, media_type_of(report.content.data))
    if document:
        return TypedFile(document.name, document.data, media_type_of(document.data))
    return None
