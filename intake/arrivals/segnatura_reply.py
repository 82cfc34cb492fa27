"""Answering another administration about what it sent (AgID, allegato 6, appendix C), and keeping what it was answered.

Conferma, Aggiornamento of one that was handed out, Eccezione, Annullamento. They are not registered themselves. Their
schema has no place for a signature, so the seal stands around a copy of the file; the operator sends both with the answer.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from intake.arrivals.models import Arrival
from intake.arrivals.moves import arrival_of, move_arrival
from intake.arrivals.segnatura_exchange import anomalies
from intake.arrivals.segnatura_found import RegistrationFound, segnatura_from_json
from intake.cases.annulment import place_in_force
from intake.errors import NotFound
from intake.notices.models import NoticeEdition
from intake.people.models import Person
from intake.protocol.segnatura import xml_seal
from intake.service import Service
from protocol_register.entries import shown_number
from protocol_register.search import annulment_of, entry_of, register_of
from protocol_register.segnatura import RegistrationId, identifier_of
from protocol_register.segnatura_messages import FILE_NAMES, MessageKind, ProtocolMessage, write_message
from protocol_register.xml_sealing import sealed_container

HANDED_OUT = "message_handed_out"
_REGISTER_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,16}")
_LEAST_DIGITS = 7
_TOLD = frozenset({MessageKind.CONFIRMATION, MessageKind.UPDATE})

Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Reply:
    """A message to another administration; ``about``: register, year and number of ours, None where nothing was registered."""

    kind: MessageKind
    content: bytes
    about: Place | None = None

    @property
    def name(self) -> str:
        return FILE_NAMES[self.kind]

    @property
    def sealed_name(self) -> str:
        return self.name.replace(".xml", ".asics")


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A message as it was handed out: the bare file, and the container with its seal."""

    name: str
    content: bytes
    sealed_name: str
    sealed: bytes


def reply_to(service: Service, session: Session, arrival: Arrival) -> Reply | None:
    """The message to answer with, as things stand; None where nobody's segnatura came, or nothing is decided yet."""
    found = segnatura_from_json((arrival.found or {}).get("segnatura"))
    if found is None:
        return None
    theirs, described = _named(found.registration)
    about = partial(ProtocolMessage, received=theirs, received_description=described)
    rejected = next((each.detail["reason"] for each in arrival.events if each.name == "rejected"), None)
    if rejected is not None:
        return _reply(about(kind=MessageKind.EXCEPTION, reason=f"000_Irricevibile: {rejected}"), None)
    if arrival.register_code is None or arrival.year is None or arrival.number is None:
        return None
    connection = session.connection()
    known = _known_place(arrival)
    standing = place_in_force(session, (arrival.register_code, arrival.year, arrival.number))
    if annulment_of(connection, *standing):
        return annulment_message(service, session, arrival.edition, known or standing)
    own = _identifier(service, connection, arrival.edition, standing)
    if wrong := anomalies(service, arrival):
        return _reply(about(kind=MessageKind.EXCEPTION, identifier=own, reason=" ".join(wrong)), standing)
    kind = MessageKind.CONFIRMATION if known in (None, standing) else MessageKind.UPDATE
    return _reply(about(kind=kind, identifier=own), standing)


def annulment_message(service: Service, session: Session, edition: NoticeEdition, place: Place) -> Reply | None:
    """What whoever knows a registration of ours by its number is owed once it is annulled; None while it is in force.

    Raises ``UnknownEntry``.
    """
    connection = session.connection()
    annulment = annulment_of(connection, *place)
    if annulment is None:
        return None
    own = _identifier(service, connection, edition, place)
    return _reply(
        ProtocolMessage(kind=MessageKind.ANNULMENT, identifier=own, reason=annulment.reason, act=annulment.act), place
    )


def hand_out(
    service: Service, session: Session, person: Person, edition: NoticeEdition, arrival_id: uuid.UUID, *, at: datetime
) -> HandedOut:
    """The message that is due now, sealed and kept; asked for again while nothing changes, the same files.

    What was handed out decides what comes next: a Conferma of a number that is no longer ours wants an Aggiornamento.
    Raises ``NotFound`` where no message is due, ``KeyMissing``, ``TokenUnavailable``.
    """
    arrival = arrival_of(session, edition, arrival_id, lock=True)
    reply = reply_to(service, session, arrival)
    if reply is None:
        raise NotFound
    sha256 = hashlib.sha256(reply.content).hexdigest()
    kept = next((each.detail for each in _handed_out(arrival) if each.detail["sha256"] == sha256), None)
    if kept is None:
        sealed = sealed_reply(service, edition.register_code, reply, at=at)
        kept = _detail(reply, sha256=service.store.put(reply.content), sealed_sha256=service.store.put(sealed))
        move_arrival(session, arrival, HANDED_OUT, person=person, at=at, **kept)
    stored = service.store.get
    return HandedOut(reply.name, stored(kept["sha256"]), reply.sealed_name, stored(kept["sealed_sha256"]))


def sealed_reply(service: Service, register_code: str, reply: Reply, *, at: datetime) -> bytes:
    """The message in a container sealed by the edition (ASiC-S). Raises ``KeyMissing``, ``TokenUnavailable``."""
    return sealed_container(reply.name, reply.content, xml_seal(service, register_code), at=at)


def _handed_out(arrival: Arrival) -> list[Any]:
    return [each for each in reversed(arrival.events) if each.name == HANDED_OUT]


def _known_place(arrival: Arrival) -> Place | None:
    """The registration of ours that the sender was last told of."""
    told = (each.detail for each in _handed_out(arrival) if each.detail["kind"] in _TOLD)
    newest = next(told, None)
    return (newest["register"], newest["year"], newest["place"]) if newest else None


def _detail(reply: Reply, **kept: str) -> dict[str, Any]:
    told = {"kind": reply.kind.value, **kept}
    if reply.about is None:
        return told
    register, year, number = reply.about
    return told | {"register": register, "year": year, "place": number, "number": shown_number(number)}


def _identifier(service: Service, connection: Connection, edition: NoticeEdition, place: Place) -> RegistrationId:
    register = register_of(connection, place[0])
    return identifier_of(register, entry_of(connection, *place), service.pack_of(edition).administration.name)


def _reply(message: ProtocolMessage, about: Place | None) -> Reply:
    return Reply(message.kind, write_message(message), about)


def _named(theirs: RegistrationFound) -> tuple[RegistrationId | None, str | None]:
    """The sender's registration as the schema admits it, else described: before 2013 no register had a code."""
    fits = _REGISTER_CODE.fullmatch(theirs.register) and theirs.administration and theirs.aoo
    if fits and len(theirs.number) >= _LEAST_DIGITS:
        return theirs.identifier, None
    return None, theirs.in_words
