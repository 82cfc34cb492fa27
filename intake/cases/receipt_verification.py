"""Anyone's receipt against the keys of this installation, and the keys as they are published."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

import pikepdf
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.checks.apart import ApartFailed, Tell, run_apart
from intake.errors import Refusal
from intake.keys import KeyMissing
from intake.notices.models import NoticeEdition
from intake.receipt_check import check_receipt, registered_facts
from intake.service import Service
from intake.typesetting.receipts import RECEIPT_ATTACHMENT
from protocol_register.checkpoint import verifier_key
from protocol_register.facts import entry_from_facts
from protocol_register.receipt import CheckLine, Outcome, ReceiptCheck
from protocol_register.search import registers
from protocol_register.verification_code import verification_code
from signing.seal import KnownSeals

CHECKING_SECONDS = 20.0
QUEUE_SECONDS = 5.0

_LOG = structlog.get_logger()
_AT_ONCE = threading.BoundedSemaphore(2)


class VerificationBusy(Refusal):
    code = "verification_busy"
    message = "In questo momento il servizio sta verificando altre ricevute."
    remedy = "Riprovi tra un minuto, oppure la verifichi con le chiavi pubblicate."
    status = HTTPStatus.SERVICE_UNAVAILABLE


@dataclass(frozen=True, slots=True)
class PublishedKeys:
    """The public keys of one edition: all that an outsider needs. ``register_key`` None: its register does not exist yet.

    ``retired_seals``: fingerprints of the seals before the one in use, each with the instant another took its place.
    """

    code: str
    notice_id: str
    is_rehearsal: bool
    register_key: str | None
    seal_fingerprint: str
    form_key: str
    retired_seals: tuple[tuple[str, datetime | None], ...] = ()

    @property
    def seals(self) -> KnownSeals:
        """Every seal with which a paper of this edition may be sealed."""
        return {self.seal_fingerprint: None, **dict(self.retired_seals)}


@dataclass(frozen=True, slots=True)
class ReceiptShown:
    """The least that a receipt says, to be recognised by who holds it. ``code``: that of its registration, where it is one."""

    register: str
    number: str | None
    instant: datetime | None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """``keys`` None: the receipt names no register of this installation. ``shown`` None: the file is no receipt."""

    check: ReceiptCheck
    shown: ReceiptShown | None
    keys: PublishedKeys | None


@dataclass(frozen=True, slots=True)
class ReceiptOrder:
    """What is verified, with what."""

    pdf: bytes
    keys: tuple[PublishedKeys, ...]
    at: datetime


def published_keys(service: Service, session: Session) -> tuple[PublishedKeys, ...]:
    """The public keys of every edition there has been whose keys are still kept, newest first."""
    known = {each.code: each for each in registers(session.connection())}
    found = []
    for edition in session.scalars(
        select(NoticeEdition).order_by(NoticeEdition.notice_id, NoticeEdition.kind, NoticeEdition.number.desc())
    ):
        register = known.get(edition.register_code)
        try:
            seal, *retired = service.keys.seals(edition.register_code).seals()
            form = service.keys.form_public_key(edition.register_code).public_bytes_raw().hex()
        except KeyMissing:
            continue  # a rehearsal whose keys were wiped with it: nothing of it can be verified any more
        found.append(
            PublishedKeys(
                code=edition.register_code,
                notice_id=edition.notice_id,
                is_rehearsal=edition.is_rehearsal,
                register_key=verifier_key(register.origin, register.public_key) if register else None,
                seal_fingerprint=seal.fingerprint,
                form_key=form,
                retired_seals=tuple((each.fingerprint, each.retired_at) for each in retired),
            )
        )
    return tuple(found)


def verify_receipt(pdf: bytes, keys: tuple[PublishedKeys, ...], *, at: datetime) -> VerifiedReceipt:
    """Checks a receipt in a process of its own: the bytes come from anyone. No bytes make it raise.

    Raises ``VerificationBusy``: strangers' files never take all the threads of the service.
    """
    if not _AT_ONCE.acquire(timeout=QUEUE_SECONDS):
        raise VerificationBusy
    try:
        return run_apart(verify_order, ReceiptOrder(pdf, keys, at), lambda: None, seconds=CHECKING_SECONDS)
    except ApartFailed as failure:
        _LOG.warning("receipt_not_checked", reason=failure.reason)
        sentence = "Il file non si può aprire come ricevuta."
        return VerifiedReceipt(ReceiptCheck((CheckLine("file", Outcome.FAILS, sentence),)), None, None)
    finally:
        _AT_ONCE.release()


def verify_order(order: ReceiptOrder, _: Tell) -> VerifiedReceipt:
    """The check itself, in the child."""
    facts = _facts(order.pdf)
    chosen = _keys_for(facts, order)
    check = check_receipt(
        order.pdf,
        at=order.at,
        register_key=chosen.register_key if chosen else None,
        seals=chosen.seals if chosen else None,
    )
    if facts is None:
        return VerifiedReceipt(check, None, None)
    if chosen is None:
        sentence = "La ricevuta non indica un registro di questo servizio: le chiavi pubblicate qui non la riguardano."
        check = replace(check, lines=(*check.lines, CheckLine("edition", Outcome.FAILS, sentence)))
    shown = _shown(facts, chosen)
    return VerifiedReceipt(check, replace(shown, code=_code(order.pdf)) if check.holds else shown, chosen)


def _code(pdf: bytes) -> str | None:
    """The verification code of the registration that a receipt which holds is of; None for a receipt of arrival."""
    proof = registered_facts(pdf)
    return verification_code(entry_from_facts(proof["entry"])) if proof else None


def _facts(pdf: bytes) -> dict[str, Any] | None:
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            facts = json.loads(document.attachments[RECEIPT_ATTACHMENT].get_file().read_bytes())
    except (pikepdf.PdfError, KeyError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None


def _keys_for(facts: dict[str, Any] | None, order: ReceiptOrder) -> PublishedKeys | None:
    """By the register the receipt names; a receipt of upload names none: then by the seal that fits."""
    if facts is None:
        return None
    if "register" in facts:
        return next((each for each in order.keys if each.code == facts["register"]), None)
    return next((each for each in order.keys if _sealed_by(each, order)), None)


def _sealed_by(keys: PublishedKeys, order: ReceiptOrder) -> bool:
    check = check_receipt(order.pdf, at=order.at, seals=keys.seals)
    return any(line.code == "seal_owner" and line.outcome is Outcome.HOLDS for line in check.lines)


def _shown(facts: dict[str, Any], keys: PublishedKeys | None) -> ReceiptShown:
    instant = facts.get("registered_at") or facts.get("received_at")
    number = facts.get("number")
    return ReceiptShown(
        register=str(facts.get("register") or (keys.code if keys else "–")),
        number=str(number) if number is not None else None,
        instant=_instant(instant),
    )


def _instant(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else None
