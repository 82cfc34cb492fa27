"""Transmission: one small durable transaction gives the snapshot, the protocol number and the job of the receipt.

Both ways into the order of examination end here: the sender's own transmission, and an application on paper or by
certified mail that the protocol office files.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

import structlog
from sqlalchemy.orm import Session

from intake.applications.access import locked_application_for
from intake.applications.lifecycle import Actor, move
from intake.applications.models import (
    Application,
    DocumentKind,
    IssuedForm,
    Receipt,
    ReceiptKind,
    ReturnedDocument,
    State,
    Submission,
)
from intake.applications.returns import NoFormInForce
from intake.checks.readiness import Obstacle, Readiness, earlier_obstacles, readiness_of
from intake.clock import instant_in_words
from intake.errors import Refusal
from intake.notices.rules import earliest_suspension, may_transmit
from intake.people.models import Person
from intake.queue import MAKE_RECEIPT, enqueue
from intake.service import Service
from protocol_register.entries import Channel, Direction, Document, Entry, NewEntry, Party, PartyKind
from protocol_register.errors import KeyUnreadable, UnknownRegister, WrongRegisterKey
from protocol_register.registration import register_document

_LOG = structlog.get_logger("sportello.transmission")


class AlreadyTransmitted(Refusal):
    code = "already_transmitted"
    message = "Questa domanda è già stata inviata: è registrata con il n. {number}."
    remedy = "Non serve fare altro: la segua dalla sua pagina."


class ChecksRunning(Refusal):
    code = "checks_running"
    message = "I controlli dei file non sono ancora finiti."
    remedy = "Attenda qualche secondo: la pagina si aggiorna da sola, oppure la ricarichi."


class CannotTransmit(Refusal):
    code = "cannot_transmit"
    message = "La domanda non si può inviare. {first}"
    remedy = "{what}"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, obstacles: tuple[Obstacle, ...]) -> None:
        self.obstacles = obstacles
        first = obstacles[0]
        super().__init__(first=first.message, what=first.remedy)
        self.law = first.law  # type: ignore[misc]


class ConfirmationMissing(Refusal):
    code = "confirmation_missing"
    message = "Prima di inviare deve confermare: {first}"
    remedy = "Legga i punti da confermare, spunti la casella di ciascuno e prema di nuovo «Invia la domanda»."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class RegisterNotReady(Refusal):
    code = "register_not_ready"
    message = (
        "L'ufficio non ha ancora aperto il registro di protocollo di questo avviso: la domanda non è stata inviata."
    )
    remedy = "Non ha perso nulla: modulo e file restano qui. Riprovi più tardi; se il termine è vicino, scriva all'assistenza."
    status = HTTPStatus.SERVICE_UNAVAILABLE


class WindowClosedMeanwhile(Refusal):
    code = "window_closed_meanwhile"
    message = "{sentence}"
    remedy = "{what}"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True)
class Brought:
    """How an application reached the office when its sender did not transmit it: channel and instants of the arrival."""

    channel: Channel
    arrived_at: datetime
    legal_instant: datetime
    operator: str


def transmit(
    service: Service,
    session: Session,
    person: Person,
    application_id: uuid.UUID,
    *,
    confirmed: Collection[str],
    at: datetime,
) -> Submission:
    """Registers the application. ``confirmed``: keys of what the person confirmed in words.

    The register's lock is taken last and held until the caller commits. Raises ``NotFound``, ``AlreadyTransmitted``,
    ``NoFormInForce``, ``ChecksRunning``, ``CannotTransmit``, ``ConfirmationMissing``, ``RegisterNotReady``,
    ``WindowClosedMeanwhile``.
    """
    application = locked_application_for(session, person, application_id)
    form = _form_to_transmit(application)
    readiness = readiness_of(service, session, application, person, at=at)
    _check(readiness, confirmed)
    entry = _entry(form, application.current_documents, operator=f"desk:{person.id}")
    return _file(service, session, person, application, entry, readiness, confirmed=confirmed, actor=Actor.FILER, at=at)


def file_brought(
    service: Service, session: Session, person: Person, application: Application, brought: Brought, *, at: datetime
) -> Submission:
    """Registers, for the protocol office, a locked application that came on paper or by certified mail.

    Whoever sent it can confirm nothing: what would ask for a confirmation goes to the officer as it is. The window is
    judged by the legal instant. Raises what ``transmit`` raises, ``NotFound`` and ``ConfirmationMissing`` aside.
    """
    form = _form_to_transmit(application)
    readiness = readiness_of(service, session, application, None, at=at, window_at=brought.legal_instant)
    _check(readiness, {each.key for each in readiness.asking})
    entry = replace(
        _entry(form, application.current_documents, operator=brought.operator),
        channel=brought.channel,
        arrival_instant=brought.arrived_at,
        legal_instant=brought.legal_instant,
    )
    actor = Actor.PROTOCOL_OFFICE
    return _file(service, session, person, application, entry, readiness, confirmed=(), actor=actor, at=at)


def _form_to_transmit(application: Application) -> IssuedForm:
    if application.submission:
        raise AlreadyTransmitted(number=application.submission.number_shown)
    form = application.current_form
    if form is None or application.state is not State.ISSUED:
        raise NoFormInForce
    return form


def _file(
    service: Service,
    session: Session,
    person: Person,
    application: Application,
    new: NewEntry,
    readiness: Readiness,
    *,
    confirmed: Collection[str],
    actor: Actor,
    at: datetime,
) -> Submission:
    form = _form_to_transmit(application)
    snapshot = _snapshot(form, application.current_documents, readiness, person, confirmed=confirmed, at=at)
    receipt = Receipt(
        id=uuid.uuid4(),
        application_id=application.id,
        kind=ReceiptKind.REGISTERED,
        facts={"sender": form.data["employer"]["name"]},
        created_at=at,
    )
    session.add(receipt)
    enqueue(session, MAKE_RECEIPT, receipt_id=str(receipt.id))
    session.flush()
    # From here to the commit every other registration waits.
    entry = registered(service, session, application.edition.register_code, new)
    _check_window(service, application, form, entry)
    if earlier := earlier_obstacles(service, session, application, at=entry.instant):
        raise CannotTransmit(earlier)
    submission = Submission(
        application_id=application.id,
        form=form.form,
        transmitted_by=person.id,
        snapshot=snapshot,
        register_code=entry.register,
        year=entry.year,
        number=entry.number,
        registered_at=entry.instant,
        legal_instant=entry.legal_instant,
    )
    session.add(submission)
    move(
        session,
        application,
        "transmitted",
        actor=actor,
        person=person,
        at=entry.instant,
        number=entry.shown_number,
        instant=instant_in_words(entry.instant),
    )
    return submission


def registered(service: Service, session: Session, code: str, entry: NewEntry) -> Entry:
    """Gives ``entry`` its number. Raises ``RegisterNotReady``, and what ``register_document`` raises of the entry itself."""
    try:
        return register_document(session.connection(), code, entry, key=service.keys.register_key(code))
    except (UnknownRegister, KeyUnreadable, WrongRegisterKey) as error:
        _LOG.error("register_not_ready", register=code, exc_info=error)
        raise RegisterNotReady from error


def _check(readiness: Readiness, confirmed: Collection[str]) -> None:
    if readiness.pending:
        raise ChecksRunning
    if readiness.refusing:
        raise CannotTransmit(readiness.refusing)
    open_questions = [each for each in readiness.asking if each.key not in confirmed]
    if open_questions:
        raise ConfirmationMissing(first=open_questions[0].message)


def _check_window(service: Service, application: Application, form: IssuedForm, entry: Entry) -> None:
    """The window is judged by the legal instant: online, the one taken inside the register's lock."""
    pack, own = service.pack_of(application.edition), application.edition.own_clock(entry.legal_instant)
    admission = may_transmit(pack, own, earliest_suspension(form.data))
    if admission.problem:
        raise WindowClosedMeanwhile(sentence=admission.problem.message, what=admission.problem.remedy)


def _snapshot(
    form: IssuedForm,
    documents: list[ReturnedDocument],
    readiness: Readiness,
    person: Person,
    *,
    confirmed: Collection[str],
    at: datetime,
) -> dict[str, object]:
    return {
        "form": form.form,
        "form_sha256": form.pdf_sha256,
        "data": form.data,
        "documents": [
            {
                "id": str(each.id),
                "kind": each.kind.value,
                "attachment": each.attachment_key,
                "name": each.name,
                "sha256": each.sha256,
                "size": each.size,
                "received_at": each.received_at.isoformat(),
            }
            for each in documents
        ],
        "check_run": str(readiness.run.id) if readiness.run else None,
        "findings": [
            {"key": each.key, "code": each.code, "effect": each.effect, "message": each.message}
            for each in readiness.obstacles
        ],
        "confirmed": [{"key": each.key, "message": each.message} for each in readiness.asking if each.key in confirmed],
        "transmitted_by": {"name": person.full_name, "tax_code": person.tax_code},
        "requested_at": at.isoformat(),
    }


def _entry(form: IssuedForm, documents: list[ReturnedDocument], *, operator: str) -> NewEntry:
    employer = form.data["employer"]
    main = next(each for each in documents if each.kind is DocumentKind.FORM)
    others = {each.sha256: each for each in documents if each.sha256 != main.sha256}
    return NewEntry(
        direction=Direction.IN,
        channel=Channel.ONLINE,
        subject=f"{form.data['measure']['title']} – domanda di {employer['name']}, modulo {form.form}",
        operator=operator,
        sender=Party(
            kind=PartyKind.COMPANY if len(employer["tax_code"]) == 11 else PartyKind.PERSON,
            name=employer["name"],
            tax_code=employer["tax_code"],
        ),
        document=_document(main),
        attachments=tuple(map(_document, others.values())),
    )


def _document(document: ReturnedDocument) -> Document:
    return Document(name=document.name, sha256=document.sha256, size=document.size, media_type=document.media_type)
