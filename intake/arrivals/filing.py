"""An application on paper: tied to the one filled in online, checked like any other, registered with its place (T3)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.applications.lifecycle import Actor, lock, move
from intake.applications.models import (
    Application,
    DocumentKind,
    IssuedForm,
    Origin,
    Receipt,
    ReceiptKind,
    ReturnedDocument,
    State,
    Submission,
)
from intake.applications.returns import NoFormInForce
from intake.applications.transmission import AlreadyTransmitted, Brought, file_brought
from intake.arrivals.emergency import register_scans
from intake.arrivals.models import CHANNEL_KEYS, Arrival, ArrivalChannel, ArrivalDocument
from intake.arrivals.moves import arrival_of, move_arrival, require_filable
from intake.arrivals.registration import rank_instant
from intake.arrivals.withdrawal import withdraw_files
from intake.cases.register_view import operator_of
from intake.checks.readiness import Readiness, readiness_of
from intake.checks.run import request_check
from intake.clock import instant_in_words
from intake.errors import NotFound, Refusal
from intake.notices.filing import channel_of, channel_problems
from intake.notices.measure import ChannelKey
from intake.notices.models import NoticeEdition
from intake.notices.outcomes import RuleProblem
from intake.notices.pack import NoticePack
from intake.people.models import Person
from intake.service import Service
from protocol_register.entries import Channel

FORM = ""
"""What stands, among the notice's keys of attachments, for the form itself."""

CHANNEL_WORDS = {
    ArrivalChannel.LETTER: "raccomandata",
    ArrivalChannel.COUNTER: "consegna allo sportello",
    ArrivalChannel.PEC: "posta certificata",
    ArrivalChannel.EMERGENCY: "consegna all'ufficio in un giorno di emergenza",
}


class ChannelNotAdmitted(Refusal):
    code = "channel_not_admitted"
    message = "Per questo avviso ciò che arriva per questa via non è una domanda. {said}"
    remedy = "Lo registri come documento in arrivo e risponda al mittente. {how}"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NoFormAmongFiles(Refusal):
    code = "no_form_among_files"
    message = "Nessun file è indicato come modulo della domanda."
    remedy = "Spunti «Modulo firmato» accanto al file che lo contiene."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NothingMatched(Refusal):
    code = "nothing_matched"
    message = "L'arrivo non è ancora abbinato a una domanda."
    remedy = "Lo abbini prima alla domanda compilata online, poi lo registri."


def channel_refusal(
    service: Service, edition: NoticeEdition, channel: ArrivalChannel, form: IssuedForm | None = None
) -> RuleProblem | None:
    """Why what came by ``channel`` is no application for this notice; None when it may be one."""
    pack = service.pack_of(edition)
    problems = channel_problems(pack, _channel_that_rules(pack, channel), form.data if form else {})
    wanted = problems if form else [each for each in problems if each.code == "channel.not_an_application"]
    return next(iter(wanted), None)


def _channel_that_rules(pack: NoticePack, channel: ArrivalChannel) -> ChannelKey:
    """What stands on the sheet of an emergency came on paper: it may be an application where either paper way is one."""
    if channel is not ArrivalChannel.EMERGENCY:
        return CHANNEL_KEYS[channel]
    counter = channel_of(pack, "counter")
    return "counter" if counter is not None and counter.application else "letter"


def attach_arrival(
    service: Service,
    session: Session,
    person: Person,
    edition: NoticeEdition,
    arrival_id: uuid.UUID,
    application_id: uuid.UUID,
    contents: Mapping[uuid.UUID, Sequence[str]],
    *,
    at: datetime,
) -> Arrival:
    """Puts the files of an arrival among those of an issued application, and asks for its checks.

    ``contents``: for each file what it holds, as keys of the notice's attachments, or ``FORM``. Raises ``NotFound``,
    ``ArrivalMovedOn``, ``AlreadyTransmitted``, ``NoFormInForce``, ``ChannelNotAdmitted``, ``NoFormAmongFiles``.
    """
    arrival = arrival_of(session, edition, arrival_id, lock=True)
    require_filable(arrival)
    application = _lockable(session, edition, application_id)
    form = _form_in_force(application)
    if refused := channel_refusal(service, edition, arrival.channel, form):
        raise ChannelNotAdmitted(said=refused.message, how=refused.remedy)
    known = {each.key for each in service.pack_of(edition).attachments} | {FORM}
    wanted = [(each, key) for each in arrival.documents for key in contents.get(each.id, ()) if key in known]
    if not any(key == FORM for _, key in wanted):
        raise NoFormAmongFiles
    withdraw_files(session, arrival, person, at=at)
    received = [_returned(application, person, document, key, at=at) for document, key in wanted]
    session.add_all(received)
    session.flush()
    for name in dict.fromkeys(each.name for each in received):
        move(session, application, "document_received", actor=Actor.PROTOCOL_OFFICE, person=person, at=at, name=name)
    arrival.application_id = application.id
    move_arrival(session, arrival, "proposed", person=person, at=at, form=form.form)
    request_check(session, application, form, at=at)
    return arrival


def filing_readiness(service: Service, session: Session, arrival: Arrival, *, at: datetime) -> Readiness | None:
    """What stands between a matched arrival and its registration as an application; None where it is matched to none."""
    if arrival.application is None or arrival.application.state is not State.ISSUED:
        return None
    return readiness_of(service, session, arrival.application, None, at=at, window_at=rank_instant(service, arrival))


def file_arrival(
    service: Service, session: Session, person: Person, edition: NoticeEdition, arrival_id: uuid.UUID, *, at: datetime
) -> Submission:
    """Registers an application that came on paper: number, legal instant of its arrival, place among the cases.

    Raises ``NotFound``, ``ArrivalMovedOn``, ``NothingMatched``, and what ``file_brought`` raises.
    """
    arrival = arrival_of(session, edition, arrival_id, lock=True)
    require_filable(arrival)
    if arrival.application_id is None:
        raise NothingMatched
    application = lock(session, arrival.application_id)
    legal = rank_instant(service, arrival)
    words = CHANNEL_WORDS[arrival.channel]
    own = register_scans(service, session, person, arrival) if arrival.emergency_number else None
    brought = Brought(Channel(arrival.channel.value), arrival.arrived_at, legal, operator_of(person), own)
    submission = file_brought(service, session, person, application, brought, at=at)
    if own is None:
        _take_number(session, arrival, submission, person)
        at = submission.registered_at
    move_arrival(session, arrival, "matched", person=person, at=at, case=submission.number_shown)
    passed = _already_taken(session, edition, legal)
    note = f" Domande già prese in esame, arrivate dopo: {passed}. Restano dove sono." if passed else ""
    move(
        session,
        application,
        "arrival_ranked",
        actor=Actor.PROTOCOL_OFFICE,
        person=person,
        at=at,
        channel=words,
        instant=instant_in_words(legal),
        note=note,
    )
    return submission


def _take_number(session: Session, arrival: Arrival, submission: Submission, person: Person) -> None:
    """The number of the application is the arrival's: they are one registration."""
    arrival.register_code, arrival.year, arrival.number = submission.register_code, submission.year, submission.number
    arrival.registered_at = submission.registered_at
    employer = submission.snapshot["data"]["employer"]
    arrival.sender = {"name": employer["name"], "tax_code": employer["tax_code"]}
    arrival.subject = f"{submission.snapshot['data']['measure']['title']} – domanda, modulo {submission.form}"
    number, year = submission.number_shown, submission.year
    move_arrival(session, arrival, "registered", person=person, at=submission.registered_at, number=number, year=year)


def receipt_of_filing(session: Session, arrival: Arrival) -> Receipt | None:
    """The sealed *registrato* receipt of the application that this arrival filed; None before it is made."""
    submission = session.get(Submission, arrival.application_id) if arrival.application_id else None
    if submission is None or (submission.year, submission.number) != (arrival.year, arrival.number):
        return None
    return session.scalar(
        select(Receipt)
        .where(
            Receipt.application_id == arrival.application_id,
            Receipt.kind == ReceiptKind.REGISTERED,
            Receipt.pdf_sha256.is_not(None),
        )
        .order_by(Receipt.created_at)
        .limit(1)
    )


def _lockable(session: Session, edition: NoticeEdition, application_id: uuid.UUID) -> Application:
    found = session.get(Application, application_id)
    if found is None or found.edition_id != edition.id:
        raise NotFound
    return lock(session, application_id)


def _form_in_force(application: Application) -> IssuedForm:
    if application.submission:
        raise AlreadyTransmitted(number=application.submission.number_shown)
    form = application.current_form
    if form is None or application.state is not State.ISSUED:
        raise NoFormInForce
    return form


def _returned(
    application: Application, person: Person, document: ArrivalDocument, key: str, *, at: datetime
) -> ReturnedDocument:
    return ReturnedDocument(
        application_id=application.id,
        kind=DocumentKind.FORM if key == FORM else DocumentKind.ATTACHMENT,
        attachment_key=key or None,
        name=document.name,
        sha256=document.sha256,
        size=document.size,
        media_type=document.media_type,
        origin=Origin.PAPER,
        received_at=at,
        received_by=person.id,
    )


def _already_taken(session: Session, edition: NoticeEdition, legal: datetime) -> int:
    """Cases that came later and are no longer in the queue: a late entry unsettles none of them."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Submission)
            .join(Application, Application.id == Submission.application_id)
            .where(
                Application.edition_id == edition.id,
                Application.state != State.REGISTERED,
                Submission.legal_instant > legal,
            )
        )
        or 0
    )
