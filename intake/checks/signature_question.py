"""The signatures of a file that anyone brings: looked at in a process of its own, answered, and forgotten."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog

from intake.checks.apart import ApartFailed, Tell, run_apart
from intake.errors import Refusal
from signing.inspect import inspect_signatures
from signing.trust import TrustStore
from signing.trust_used import trust_used

ANSWER_SECONDS = 20.0
QUEUE_SECONDS = 5.0
MOST_MEMORY = 1024**3

_LOG = structlog.get_logger()
_AT_ONCE = threading.BoundedSemaphore(2)


class TooManyQuestions(Refusal):
    code = "signature_check_busy"
    message = "In questo momento il servizio sta già verificando altri file."
    remedy = "Riprovi tra un minuto: il file che ha scelto non è stato conservato."
    status = HTTPStatus.SERVICE_UNAVAILABLE


class NoAnswer(Refusal):
    code = "signature_check_given_up"
    message = "Questo file chiede più tempo o memoria di quanto gliene diamo: non possiamo dire nulla delle sue firme."
    remedy = "Lo apra con il programma di firma che lo ha prodotto, oppure lo salvi di nuovo e riprovi."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True)
class SignatureQuestion:
    """``detached``: the document of a separate signature. ``seals``: fingerprints of the seals of this service."""

    data: bytes
    name: str
    detached: bytes | None
    trust_folder: Path | None
    seals: frozenset[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class SignatureAnswer:
    """What may be said of the file: its name, size and SHA-256, and the report as JSON (``SignatureReport.as_json``)."""

    name: str
    size: int
    sha256: str
    report: dict[str, Any]


def ask(question: SignatureQuestion) -> SignatureAnswer:
    """The answer, from a limited process. Nothing of the file is kept or logged. Raises ``TooManyQuestions``, ``NoAnswer``."""
    if not _AT_ONCE.acquire(timeout=QUEUE_SECONDS):
        raise TooManyQuestions
    try:
        return run_apart(answer, question, lambda: None, seconds=ANSWER_SECONDS, resident=MOST_MEMORY)
    except ApartFailed as failure:
        _LOG.warning("signature_question_without_answer", reason=failure.reason)
        raise NoAnswer from failure
    finally:
        _AT_ONCE.release()


def answer(question: SignatureQuestion, _: Tell) -> SignatureAnswer:
    """The look itself, in the child."""
    trust = TrustStore.from_folder(question.trust_folder) if question.trust_folder else TrustStore.empty()
    for fingerprint in question.seals:
        trust = trust.with_seal(fingerprint)
    report = inspect_signatures(
        question.data, name=question.name, detached=question.detached, trust=trust, at=question.at
    )
    used = trust_used(trust, at=question.at).as_json()
    digest = hashlib.sha256(question.data).hexdigest()
    return SignatureAnswer(question.name, len(question.data), digest, {**report.as_json(), "trust": used})
