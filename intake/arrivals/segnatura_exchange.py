"""Answering another administration about what it sent: Conferma, Eccezione, Annullamento (AgID, allegato 6, appendix C).

The messages are not registered themselves and carry no signature; the operator sends the file with the answer. What comes
back about our own letters is read the same way, and told beside the letter.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.arrivals.models import Arrival, ArrivalDocument, ArrivalState
from intake.arrivals.segnatura_found import (
    FileFound,
    MessageFound,
    RegistrationFound,
    message_from_json,
    segnatura_from_json,
)
from intake.notices.models import NoticeEdition
from intake.service import Service
from protocol_register.entries import shown_number
from protocol_register.search import annulment_of, entry_of, register_of
from protocol_register.segnatura import RegistrationId, identifier_of
from protocol_register.segnatura_messages import FILE_NAMES, MessageKind, ProtocolMessage, write_message

_REGISTER_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,16}")
_DIGESTS = {"SHA-1": "sha1", "SHA-224": "sha224", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_LEAST_DIGITS = 7
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Reply:
    """The message that the sender's administration is owed: its kind, the name of its file, the file."""

    kind: MessageKind
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """What the recipient of a letter of ours said of it, and the arrival that brought it."""

    message: MessageFound
    arrival: Arrival


def differences(service: Service, arrival: Arrival) -> tuple[str, ...]:
    """Where the files that came are not those that the sender's segnatura describes, in sentences. Empty without one."""
    found = segnatura_from_json((arrival.found or {}).get("segnatura"))
    if found is None:
        return ()
    return tuple(said for each in found.files if (said := _difference(service, arrival.documents, each)))


def reply_to(service: Service, session: Session, arrival: Arrival) -> Reply | None:
    """The message to answer with, as things stand; None where nobody's segnatura came, or nothing is decided yet."""
    found = segnatura_from_json((arrival.found or {}).get("segnatura"))
    if found is None or arrival.state is ArrivalState.RECEIVED:
        return None
    theirs, described = _named(found.registration)
    about = partial(ProtocolMessage, received=theirs, received_description=described)
    if arrival.register_code is None or arrival.year is None or arrival.number is None:
        reason = next((each.detail["reason"] for each in arrival.events if each.name == "rejected"), "")
        return _reply(about(kind=MessageKind.EXCEPTION, reason=reason))
    connection, place = session.connection(), (arrival.register_code, arrival.year, arrival.number)
    own = identifier_of(
        register_of(connection, arrival.register_code),
        entry_of(connection, *place),
        service.pack_of(arrival.edition).administration.name,
    )
    if annulment := annulment_of(connection, *place):
        annulled = ProtocolMessage(
            kind=MessageKind.ANNULMENT, identifier=own, reason=annulment.reason, act=annulment.act
        )
        return _reply(annulled)
    if wrong := differences(service, arrival):
        return _reply(about(kind=MessageKind.EXCEPTION, identifier=own, reason=" ".join(wrong)))
    return _reply(about(kind=MessageKind.CONFIRMATION, identifier=own))


def registration_spoken_of(session: Session, edition: NoticeEdition, message: MessageFound) -> tuple[int, int] | None:
    """Year and number of the registration of ours that a message is about; None where it names none of this register."""
    named = message.received if message.kind != MessageKind.ANNULMENT else None
    register = register_of(session.connection(), edition.register_code)
    if named is None or named.register != register.code or named.administration != register.administration:
        return None
    number = int(named.number)
    return (int(named.day[:4]), number) if number <= _LARGEST else None


def answers_about(session: Session, edition: NoticeEdition, year: int, number: int) -> list[Answered]:
    """What came back, as a message of another administration, about an outgoing registration; the oldest first."""
    received = Arrival.found["message"]["received"]
    arrivals = session.scalars(
        select(Arrival)
        .where(
            Arrival.edition_id == edition.id,
            received["number"].astext.in_({str(number), shown_number(number)}),
            received["register"].astext == edition.register_code,
        )
        .order_by(Arrival.arrived_at)
    )
    found = [(message_from_json((each.found or {}).get("message")), each) for each in arrivals]
    return [
        Answered(message, arrival)
        for message, arrival in found
        if message and registration_spoken_of(session, edition, message) == (year, number)
    ]


def _reply(message: ProtocolMessage) -> Reply:
    return Reply(message.kind, FILE_NAMES[message.kind], write_message(message))


def _named(theirs: RegistrationFound) -> tuple[RegistrationId | None, str | None]:
    """The sender's registration as the schema admits it, else described: before 2013 no register had a code."""
    fits = _REGISTER_CODE.fullmatch(theirs.register) and theirs.administration and theirs.aoo
    if fits and len(theirs.number) >= _LEAST_DIGITS:
        return theirs.identifier, None
    return None, theirs.in_words


def _difference(service: Service, documents: Iterable[ArrivalDocument], described: FileFound) -> str | None:
    came = [each for each in documents if each.name.casefold() == described.name.casefold()]
    if not came:
        return f"Il documento «{described.name}» descritto nella segnatura non è arrivato."
    if not described.digest:
        return None
    algorithm = _DIGESTS.get(described.algorithm)
    if algorithm is None:
        return f"L'impronta di «{described.name}» è in un algoritmo non previsto ({described.algorithm})."
    if any(_digest(service, each, algorithm) == described.digest for each in came):
        return None
    return f"L'impronta di «{described.name}» nella segnatura non è quella del file arrivato."


def _digest(service: Service, document: ArrivalDocument, algorithm: str) -> str:
    if algorithm == "sha256":
        return document.sha256
    return hashlib.new(algorithm, service.store.get(document.sha256), usedforsecurity=False).hexdigest()
