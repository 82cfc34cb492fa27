"""An arrival gets its number, or is refused one with a reason; what is registered goes where it belongs."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from http import HTTPStatus

import structlog
from sqlalchemy.orm import Session

from intake.applications.lifecycle import Actor, lock, move
from intake.applications.models import Submission
from intake.applications.transmission import REGISTER_STOPPED, RegisterStopped
from intake.arrivals.models import CHANNEL_KEYS, Arrival, ArrivalChannel
from intake.arrivals.moves import arrival_of, move_arrival, require_move
from intake.arrivals.withdrawal import withdraw_files
from intake.cases.register_view import operator_of
from intake.errors import NotFound, Refusal
from intake.notices.filing import legal_instant
from intake.notices.models import NoticeEdition
from intake.people.models import Person
from intake.protocol.heads import kept_head
from intake.service import Service
from intake.typed_text import visible
from protocol_register.entries import Channel, Direction, Document, Entry, NewEntry, Party, PartyKind
from protocol_register.errors import RegisterError
from protocol_register.registration import classify, register_document

_LOG = structlog.get_logger("sportello.arrivals")


class RegisterRefuses(Refusal):
    code = "register_refuses"
    message = "Il registro non accetta questa registrazione. {sentence}"
    remedy = "{what}"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class ReasonMissing(Refusal):
    code = "reason_missing"
    message = "Manca il motivo."
    remedy = "Scriva perché: resta con il documento, e chi lo cerca deve poterlo leggere."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent it, as the register's parties; an application on paper takes the firm of its form instead."""

    name: str
    kind: PartyKind = PartyKind.COMPANY
    tax_code: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class RegistrationFacts:
    """What the operator reads on the document. ``received_date`` and ``received_protocol`` are the sender's own (T7)."""

    sender: Sender
    subject: str
    received_date: date | None = None
    received_protocol: str | None = None
    deferral_reason: str | None = None
    deferral_act: str | None = None


def rank_instant(service: Service, arrival: Arrival) -> datetime:
    """The legal instant of an arrival: the emergency register's, or by the rule of its notice for its channel."""
    if arrival.channel is ArrivalChannel.EMERGENCY:
        return arrival.arrived_at
    pack = service.pack_of(arrival.edition)
    return legal_instant(pack, CHANNEL_KEYS[arrival.channel], arrival.arrived_at, arrival.posted_on)


def register_arrival(
    service: Service,
    session: Session,
    person: Person,
    edition: NoticeEdition,
    arrival_id: uuid.UUID,
    facts: RegistrationFacts,
    *,
    at: datetime,
) -> Arrival:
    """Gives an arrival its number, as any incoming document: it ranks nothing. The last thing before the commit.

    The instant of registration is the register's own. An application that the arrival was matched to loses its files.
    Raises ``NotFound``, ``ArrivalMovedOn``, ``RegisterRefuses``, ``RegisterStopped``.
    """
    arrival = arrival_of(session, edition, arrival_id, lock=True)
    require_move(arrival, "registered")
    withdraw_files(session, arrival, person, at=at)
    entry = give_number(service, session, arrival, facts, person)
    number = entry.shown_number
    move_arrival(session, arrival, "registered", person=person, at=entry.instant, number=number, year=entry.year)
    return arrival


def give_number(
    service: Service, session: Session, arrival: Arrival, facts: RegistrationFacts, person: Person
) -> Entry:
    """Enters an arrival in its edition's register; it bears the new number from then on.

    Raises ``RegisterRefuses``, ``RegisterStopped``.
    """
    arrival.sender, arrival.subject = asdict(facts.sender), visible(facts.subject)
    session.flush()
    code = arrival.edition.register_code
    try:
        new = _entry(service, arrival, facts, person)
        key, known = service.keys.register_key(code), kept_head(service, code)
        entry = register_document(session.connection(), code, new, key=key, known=known)
    except RegisterError as error:
        raise refusal_of(code, error) from error
    arrival.register_code, arrival.year, arrival.number = entry.register, entry.year, entry.number
    arrival.registered_at = entry.instant
    return entry


def refusal_of(register_code: str, error: RegisterError) -> Refusal:
    """What the register refuses as the operator reads it; that it is stopped is for the administrator, and logged."""
    if isinstance(error, REGISTER_STOPPED):
        _LOG.error("register_stopped", register=register_code, exc_info=error)
        return RegisterStopped()
    return RegisterRefuses(sentence=error.message, what=error.remedy)


def reject_arrival(
    session: Session, person: Person, edition: NoticeEdition, arrival_id: uuid.UUID, reason: str, *, at: datetime
) -> Arrival:
    """Says that an arrival cannot be registered, and why; it is kept, but in no application it was matched to.

    Raises ``ArrivalMovedOn``, ``ReasonMissing``.
    """
    arrival = arrival_of(session, edition, arrival_id, lock=True)
    move_arrival(session, arrival, "rejected", person=person, at=at, reason=_said(reason))
    withdraw_files(session, arrival, person, at=at)
    return arrival


def assign_elsewhere(
    session: Session, person: Person, edition: NoticeEdition, arrival_id: uuid.UUID, office: str, *, at: datetime
) -> Arrival:
    """Hands a registered arrival to another office; the register's history of assignments says so too."""
    arrival = arrival_of(session, edition, arrival_id, lock=True)
    move_arrival(session, arrival, "assigned_elsewhere", person=person, at=at, office=_said(office))
    withdraw_files(session, arrival, person, at=at)
    if arrival.register_code is None or arrival.year is None or arrival.number is None:
        raise LookupError(f"arrival {arrival.id} is registered without a number")
    classify(
        session.connection(),
        arrival.register_code,
        arrival.year,
        arrival.number,
        operator=operator_of(person),
        assigned_to=_said(office),
    )
    return arrival


def match_to_case(
    session: Session,
    person: Person,
    edition: NoticeEdition,
    arrival_id: uuid.UUID,
    application_id: uuid.UUID,
    *,
    at: datetime,
) -> Arrival:
    """Ties a registered arrival to a case that has its number already: its rank does not change.

    Raises ``NotFound``, ``ArrivalMovedOn``.
    """
    arrival = arrival_of(session, edition, arrival_id, lock=True)
    submission = session.get(Submission, application_id)
    if submission is None or submission.application.edition_id != edition.id:
        raise NotFound
    move_arrival(session, arrival, "matched", person=person, at=at, case=submission.number_shown)
    withdraw_files(session, arrival, person, at=at)
    application = lock(session, application_id)
    arrival.application_id = application_id
    move(
        session,
        application,
        "arrival_matched",
        actor=Actor.PROTOCOL_OFFICE,
        person=person,
        at=at,
        number=f"{arrival.number_shown}/{arrival.year}",
        subject=arrival.subject or "",
    )
    return arrival


def documents_of(arrival: Arrival) -> tuple[Document, ...]:
    """The files of an arrival as the register names them, each once."""
    once = {each.sha256: each for each in reversed(arrival.documents)}
    kept = sorted(once.values(), key=lambda each: each.position)
    return tuple(Document(name=e.name, sha256=e.sha256, size=e.size, media_type=e.media_type) for e in kept)


def _entry(service: Service, arrival: Arrival, facts: RegistrationFacts, person: Person) -> NewEntry:
    main, *others = documents_of(arrival)
    sender = facts.sender
    entry = NewEntry(
        direction=Direction.IN,
        channel=Channel(arrival.channel.value),
        subject=visible(facts.subject),
        operator=operator_of(person),
        sender=Party(kind=sender.kind, name=visible(sender.name), tax_code=sender.tax_code, address=sender.address),
        document=main,
        attachments=tuple(others),
        received_date=facts.received_date,
        received_protocol=facts.received_protocol,
        arrival_instant=arrival.arrived_at,
        legal_instant=rank_instant(service, arrival),
    )
    if arrival.channel is ArrivalChannel.PEC or not (facts.deferral_reason or facts.deferral_act):
        return entry
    return replace(entry, deferral_reason=facts.deferral_reason, deferral_act=facts.deferral_act)


def _said(text: str) -> str:
    said = visible(text)
    if not said:
        raise ReasonMissing
    return said
