"""Answering an arrival: a letter in the operator's words, registered outgoing; the number stays in the register (art. 53)."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.arrivals.filing import CHANNEL_WORDS, channel_refusal
from intake.arrivals.models import Arrival, ArrivalChannel, ArrivalEvent
from intake.arrivals.moves import arrival_of, move_arrival, require_move
from intake.arrivals.registration import ReasonMissing, refusal_of
from intake.cases.register_view import operator_of
from intake.clock import day_in_words
from intake.errors import Refusal
from intake.notices.models import NoticeEdition
from intake.people.models import Person
from intake.protocol.outgoing import Communication, OutgoingFile, send_registered
from intake.service import Service
from intake.typed_text import visible
from intake.typesetting.protocol_papers import AnswerFacts, typeset_answer
from intake.typesetting.rehearsal import rehearsal_mark
from protocol_register.entries import Channel, Entry, Party, PartyKind
from protocol_register.errors import RegisterError


class AnsweredMeanwhile(Refusal):
    code = "answered_meanwhile"
    message = "Intanto è stata registrata una risposta a questo arrivo: questa non ha preso un numero."
    remedy = "Guardi la risposta in «Che cosa è successo». Se ne serve davvero un'altra, la registri da questa pagina."


@dataclass(frozen=True, slots=True)
class AnswerText:
    """What the operator writes; ``text`` in paragraphs, divided by empty lines."""

    subject: str
    text: str


def proposed_answer(service: Service, arrival: Arrival) -> AnswerText:
    """Where the notice does not admit the channel: what happened, why, what to do. Elsewhere the operator writes it all."""
    refused = channel_refusal(service, arrival.edition, arrival.channel)
    subject = f"Risposta: {arrival.subject or 'documento ricevuto'}"
    day, way = day_in_words(arrival.arrived_at), CHANNEL_WORDS[arrival.channel]
    arrived = f"Abbiamo ricevuto il documento arrivato per {way} il {day}"
    numbered = f" e lo abbiamo registrato con il n. {arrival.number_shown}/{arrival.year}." if arrival.number else "."
    if refused is None:
        return AnswerText(subject, f"{arrived}{numbered}")
    paragraphs = [
        f"{arrived}{numbered}",
        f"Non vale come domanda e non entra nell'ordine di esame. {refused.message}",
        f"{refused.remedy} Il servizio è all'indirizzo {service.settings.address}.",
    ]
    return AnswerText(subject, "\n\n".join(paragraphs))


def answer_arrival(
    service: Service,
    session: Session,
    person: Person,
    edition: NoticeEdition,
    arrival_id: uuid.UUID,
    answer: AnswerText,
    *,
    answers_seen: int,
    at: datetime,
) -> Entry:
    """Typesets the answer, keeps it, registers it outgoing by the way the document came. The operator sends it.

    ``answers_seen``: how many answers the operator saw while writing; one more since then and this one is not registered.
    Raises ``NotFound``, ``ArrivalMovedOn``, ``AnsweredMeanwhile``, ``ReasonMissing``, ``RegisterRefuses``,
    ``RegisterStopped``.
    """
    arrival = arrival_of(session, edition, arrival_id, lock=True)
    require_move(arrival, "answered")
    if answers_to(session, arrival) != answers_seen:
        raise AnsweredMeanwhile
    if not visible(answer.subject) or not visible(answer.text):
        raise ReasonMissing
    sender = arrival.sender or {}
    pdf = typeset_answer(_facts(service, arrival, answer, at), at=at)
    recipient = Party(
        kind=PartyKind(sender.get("kind", PartyKind.COMPANY)),
        name=str(sender.get("name", "")),
        tax_code=sender.get("tax_code"),
        address=sender.get("address"),
    )
    communication = Communication(
        subject=visible(answer.subject),
        recipients=(recipient,),
        main=OutgoingFile("risposta.pdf", pdf),
        channel=Channel.LETTER if arrival.channel is ArrivalChannel.EMERGENCY else Channel(arrival.channel.value),
        answers=(arrival.year, arrival.number) if arrival.year and arrival.number else None,
    )
    try:
        sent = send_registered(service, session, edition, communication, operator=operator_of(person))
    except RegisterError as error:
        raise refusal_of(edition.register_code, error) from error
    entry, sha256 = sent.entry, hashlib.sha256(pdf).hexdigest()
    move_arrival(
        session,
        arrival,
        "answered",
        person=person,
        at=entry.instant,
        number=entry.shown_number,
        year=entry.year,
        sha256=sha256,
        segnatura_sha256=sent.segnatura_sha256,
    )
    return entry


def answers_to(session: Session, arrival: Arrival) -> int:
    """How many answers were registered to an arrival."""
    wanted = select(func.count()).where(ArrivalEvent.arrival_id == arrival.id, ArrivalEvent.name == "answered")
    return session.scalar(wanted) or 0


def _facts(service: Service, arrival: Arrival, answer: AnswerText, at: datetime) -> AnswerFacts:
    edition, administration = arrival.edition, service.pack_of(arrival.edition).administration
    return AnswerFacts(
        administration=administration.name,
        office=administration.office,
        recipient=arrival.sender_name,
        recipient_address=str((arrival.sender or {}).get("address") or ""),
        subject=answer.subject,
        reference=f"protocollo n. {arrival.number_shown}/{arrival.year} del {day_in_words(arrival.arrived_at)}",
        text=answer.text.replace("\r\n", "\n"),
        rehearsal=rehearsal_mark(edition, at),
    )
