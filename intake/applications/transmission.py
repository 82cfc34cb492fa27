"""Transmission: one small durable transaction gives the snapshot, the protocol number and the job of the receipt.

Both ways into the order of examination end here: the sender's own transmission, and an application on paper or by
certified mail that the protocol office files.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

import structlog
from sqlalchemy.orm import Session

from intake.applications.access import locked_applications
from intake.applications.lifecycle import Actor, event_of_move, move_all, newest_sequences
from intake.applications.models import (
    Application,
    ApplicationEvent,
    DocumentKind,
    IssuedForm,
    Receipt,
    ReceiptKind,
    ReturnedDocument,
    State,
    Submission,
)
from intake.applications.returns import NoFormInForce
from intake.checks.readiness import (
    Circumstances,
    Obstacle,
    Readiness,
    circumstances_of,
    earlier_filings,
    earlier_obstacles,
    judge,
    readiness_of,
    repeated_obstacles,
    unit_name,
    unit_of,
)
from intake.clock import instant_in_words
from intake.errors import NotFound, Refusal
from intake.notices.rules import EarlierFiling, earliest_suspension, may_transmit, readable_periods
from intake.orm import insert_all
from intake.people.models import Person
from intake.protocol.heads import kept_head
from intake.queue import MAKE_RECEIPT, enqueue_each
from intake.service import Service
from protocol_register.entries import Channel, Direction, Document, Entry, NewEntry, Party, PartyKind
from protocol_register.errors import (
    CheckpointUnreadable,
    KeyUnreadable,
    RegisterBehind,
    UnknownRegister,
    WrongRegisterKey,
)
from protocol_register.registration import register_documents

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


REGISTER_STOPPED = (RegisterBehind, CheckpointUnreadable)
"""The register has fewer acts than it was known to have, or what it was known to have cannot be read."""


class RegisterStopped(Refusal):
    code = "register_stopped"
    message = "Il registro di protocollo di questo avviso è fermo: l'ufficio deve prima verificarlo. Nulla è stato registrato."
    remedy = "Non ha perso nulla: modulo e file restano qui. Riprovi più tardi; se il termine è vicino, scriva all'assistenza."
    law = "D.P.R. 445/2000, art. 57"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class WindowClosedMeanwhile(Refusal):
    code = "window_closed_meanwhile"
    message = "{sentence}"
    remedy = "{what}"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class SameUnitTogether(Exception):
    """Two applications of one unit were asked for at once: the second must see the first registered."""


@dataclass(frozen=True, slots=True)
class Brought:
    """How an application reached the office when its sender did not transmit it: channel and instants of the arrival.

    ``registered``: the entry that it has in the register already, by which it was numbered after an emergency.
    """

    channel: Channel
    arrived_at: datetime
    legal_instant: datetime
    operator: str
    registered: Entry | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A transmission that somebody asks for. ``confirmed``: keys of what the person confirmed in words."""

    person: Person
    application_id: uuid.UUID
    confirmed: Collection[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class _Filing:
    """An application that nothing stands before: what the register will be given, and by whom."""

    application: Application
    form: IssuedForm
    entry: NewEntry
    readiness: Readiness
    confirmed: Collection[str]
    person: Person
    actor: Actor
    at: datetime
    registered: Entry | None = None


def transmit(
    service: Service,
    session: Session,
    person: Person,
    application_id: uuid.UUID,
    *,
    confirmed: Collection[str],
    at: datetime,
) -> Submission:
    """Registers one application. Raises what ``transmit_all`` answers or raises."""
    (outcome,) = transmit_all(service, session, [Asked(person, application_id, confirmed, at)])
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def transmit_all(service: Service, session: Session, asked: Sequence[Asked]) -> list[Submission | Refusal]:
    """Registers applications of different units in the order they are asked for, and answers each.

    The register's lock is taken last and held until the caller commits. An answer may be ``NotFound``,
    ``AlreadyTransmitted``, ``NoFormInForce``, ``ChecksRunning``, ``CannotTransmit`` or ``ConfirmationMissing``: the
    others go on. What is refused inside the lock is raised, and then all of it must be rolled back:
    ``RegisterNotReady``, ``RegisterStopped``, ``WindowClosedMeanwhile``, ``CannotTransmit`` or ``ConfirmationMissing`` for
    a filing of the same unit just before, and ``SameUnitTogether``.
    """
    applications = locked_applications(session, [(each.person.id, each.application_id) for each in asked])
    found = circumstances_of(session, list(applications.values()))
    outcomes = [_filing_or_refusal(service, each, applications, found) for each in asked]
    filed = iter(_file(service, session, [each for each in outcomes if isinstance(each, _Filing)]))
    return [next(filed) if isinstance(each, _Filing) else each for each in outcomes]


def file_brought(
    service: Service, session: Session, person: Person, application: Application, brought: Brought, *, at: datetime
) -> Submission:
    """Registers, for the protocol office, a locked application that came on paper or by certified mail.

    Whoever sent it can confirm nothing: what would ask for a confirmation goes to the officer as it is. The window is
    judged by the legal instant. One that is ``registered`` already takes no new number: the caller holds the register's
    lock. Raises what ``transmit`` raises, ``NotFound`` and ``ConfirmationMissing`` aside.
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
    filing = _Filing(application, form, entry, readiness, (), person, Actor.PROTOCOL_OFFICE, at, brought.registered)
    return _file(service, session, [filing])[0]


def _filing_or_refusal(
    service: Service,
    asked: Asked,
    applications: Mapping[tuple[uuid.UUID, uuid.UUID], Application],
    found: Mapping[uuid.UUID, Circumstances],
) -> _Filing | Refusal:
    application = applications.get((asked.person.id, asked.application_id))
    if application is None:
        return NotFound()
    person, confirmed, at = asked.person, asked.confirmed, asked.at
    try:
        form = _form_to_transmit(application)
        readiness = judge(service, application, person, found[application.id], at=at)
        _check(readiness, confirmed)
    except Refusal as refusal:
        return refusal
    entry = _entry(form, application.current_documents, operator=f"desk:{person.id}")
    return _Filing(application, form, entry, readiness, confirmed, person, Actor.FILER, at)


def _form_to_transmit(application: Application) -> IssuedForm:
    if application.submission:
        raise AlreadyTransmitted(number=application.submission.number_shown)
    form = application.current_form
    if form is None or application.state is not State.ISSUED:
        raise NoFormInForce
    return form


def _file(service: Service, session: Session, filings: Sequence[_Filing]) -> list[Submission]:
    if not filings:
        return []
    if len({unit_of(each.application) for each in filings}) < len(filings):
        raise SameUnitTogether
    newest = newest_sequences(session, [each.application.id for each in filings])
    snapshots = [_snapshot(each) for each in filings]
    receipts = [_receipt_owed(each) for each in filings]
    insert_all(session, receipts)
    enqueue_each(session, MAKE_RECEIPT, [{"receipt_id": str(receipt.id)} for receipt in receipts])
    # From here to the commit every other registration waits.
    entries = _registered_together(service, session, filings)
    earlier = earlier_filings(session, [each.application for each in filings])
    submissions, moves = [], []
    for filing, entry, snapshot in zip(filings, entries, snapshots, strict=True):
        _check_window(service, filing, entry)
        _check_earlier(service, session, filing, earlier[filing.application.id], entry)
        submissions.append(_submission(filing, entry, snapshot))
        event = _transmitted(filing, entry, after=newest.get(filing.application.id, 0))
        moves.append((filing.application, event))
    insert_all(session, submissions)
    move_all(session, moves)
    return submissions


def registered(service: Service, session: Session, code: str, document: NewEntry) -> Entry:
    """Gives the next number, with the register's own key. Raises ``RegisterNotReady``, ``RegisterStopped``."""
    return _registered(service, session, code, [document])[0]


def _registered(service: Service, session: Session, code: str, documents: Sequence[NewEntry]) -> list[Entry]:
    try:
        key, known = service.keys.register_key(code), kept_head(service, code)
        return register_documents(session.connection(), code, documents, key=key, known=known)
    except (UnknownRegister, KeyUnreadable, WrongRegisterKey) as error:
        _LOG.error("register_not_ready", register=code, exc_info=error)
        raise RegisterNotReady from error
    except REGISTER_STOPPED as error:
        _LOG.error("register_stopped", register=code, exc_info=error)
        raise RegisterStopped from error


def _registered_together(service: Service, session: Session, filings: Sequence[_Filing]) -> list[Entry]:
    """Register after register in one order, so that two transactions never wait for each other in a ring."""
    if all(each.registered for each in filings):
        return [each.registered for each in filings if each.registered]
    codes = [each.application.edition.register_code for each in filings]
    by_register = {}
    for code in sorted(set(codes)):
        documents = [each.entry for each, own in zip(filings, codes, strict=True) if own == code]
        by_register[code] = iter(_registered(service, session, code, documents))
    return [next(by_register[code]) for code in codes]


def _transmitted(filing: _Filing, entry: Entry, *, after: int) -> ApplicationEvent:
    return event_of_move(
        filing.application,
        "transmitted",
        actor=filing.actor,
        person=filing.person,
        at=entry.instant,
        after=after,
        number=entry.shown_number,
        instant=instant_in_words(entry.instant),
    )


def _receipt_owed(filing: _Filing) -> Receipt:
    return Receipt(
        id=uuid.uuid4(),
        application_id=filing.application.id,
        kind=ReceiptKind.REGISTERED,
        facts={"sender": filing.form.data["employer"]["name"]},
        created_at=filing.at,
    )


def _submission(filing: _Filing, entry: Entry, snapshot: dict[str, object]) -> Submission:
    return Submission(
        application_id=filing.application.id,
        form=filing.form.form,
        transmitted_by=filing.person.id,
        snapshot=snapshot,
        register_code=entry.register,
        year=entry.year,
        number=entry.number,
        registered_at=entry.instant,
        legal_instant=entry.legal_instant,
        unit=unit_name(filing.form.data),
        last_day=max(period.last for period in readable_periods(filing.form.data["periods"])),
    )


def _check(readiness: Readiness, confirmed: Collection[str]) -> None:
    if readiness.pending:
        raise ChecksRunning
    if readiness.refusing:
        raise CannotTransmit(readiness.refusing)
    open_questions = [each for each in readiness.asking if each.key not in confirmed]
    if open_questions:
        raise ConfirmationMissing(first=open_questions[0].message)


def _check_earlier(
    service: Service, session: Session, filing: _Filing, earlier: Sequence[EarlierFiling], entry: Entry
) -> None:
    """Another application of the unit may have been registered since this one was judged."""
    if obstacles := earlier_obstacles(service, filing.application, earlier, at=entry.instant):
        raise CannotTransmit(obstacles)
    if earlier and filing.actor is Actor.FILER:
        again = repeated_obstacles(service, session, filing.application, at=entry.instant)
        _check(Readiness(again, run=None, pending=False), filing.confirmed)


def _check_window(service: Service, filing: _Filing, entry: Entry) -> None:
    """The window is judged by the legal instant: online, the one taken inside the register's lock."""
    edition = filing.application.edition
    own = edition.own_clock(entry.legal_instant)
    admission = may_transmit(service.pack_of(edition), own, earliest_suspension(filing.form.data))
    if admission.problem:
        raise WindowClosedMeanwhile(sentence=admission.problem.message, what=admission.problem.remedy)


def _snapshot(filing: _Filing) -> dict[str, object]:
    form, readiness, person = filing.form, filing.readiness, filing.person
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
            for each in filing.application.current_documents
        ],
        "check_run": str(readiness.run.id) if readiness.run else None,
        "findings": [
            {"key": each.key, "code": each.code, "effect": each.effect, "message": each.message}
            for each in readiness.obstacles
        ],
        "confirmed": [
            {"key": each.key, "message": each.message} for each in readiness.asking if each.key in filing.confirmed
        ],
        "transmitted_by": {"name": person.full_name, "tax_code": person.tax_code},
        "requested_at": filing.at.isoformat(),
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
