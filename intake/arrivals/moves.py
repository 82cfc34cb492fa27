"""The one table of an arrival's moves, and the one way to make one. A move that is not in it cannot happen."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.applications.fields import N_
from intake.arrivals.models import Arrival, ArrivalEvent, ArrivalState
from intake.errors import NotFound, Refusal
from intake.notices.models import NoticeEdition
from intake.people.models import Person


class ArrivalMovedOn(Refusal):
    code = "arrival_moved_on"
    message = "Nello stato attuale dell'arrivo ({state}) questa operazione non è possibile."
    remedy = "Riapra la pagina dell'arrivo: forse un collega l'ha già portato avanti."


@dataclass(frozen=True, slots=True)
class ArrivalMove:
    """``target`` None: the state stays as it is."""

    sources: frozenset[ArrivalState]
    target: ArrivalState | None


_S = ArrivalState
_ANY = frozenset(ArrivalState)
MOVES: Mapping[str, ArrivalMove] = {
    "received": ArrivalMove(frozenset(), _S.RECEIVED),
    "imported": ArrivalMove(frozenset(), _S.REGISTERED),
    "document_added": ArrivalMove(frozenset({_S.RECEIVED}), None),
    "scanned": ArrivalMove(frozenset({_S.REGISTERED, _S.ANSWERED}), None),
    "scans_registered": ArrivalMove(frozenset({_S.REGISTERED, _S.ANSWERED}), None),
    "recognised": ArrivalMove(_ANY, None),
    "proposed": ArrivalMove(frozenset({_S.RECEIVED, _S.REGISTERED, _S.ANSWERED}), None),
    "registered": ArrivalMove(frozenset({_S.RECEIVED}), _S.REGISTERED),
    "rejected": ArrivalMove(frozenset({_S.RECEIVED}), _S.REJECTED),
    "matched": ArrivalMove(frozenset({_S.REGISTERED, _S.ANSWERED}), _S.MATCHED),
    "answered": ArrivalMove(frozenset({_S.REGISTERED, _S.ANSWERED}), _S.ANSWERED),
    "assigned_elsewhere": ArrivalMove(frozenset({_S.REGISTERED}), _S.ASSIGNED_ELSEWHERE),
    "registered_anew": ArrivalMove(_ANY - {_S.RECEIVED, _S.REJECTED}, None),
    "message_handed_out": ArrivalMove(_ANY - {_S.RECEIVED}, None),
}

STATE_WORDS = {
    _S.RECEIVED: N_("da registrare"),
    _S.REGISTERED: N_("registrato, da abbinare o da evadere"),
    _S.MATCHED: N_("abbinato a una domanda"),
    _S.ANSWERED: N_("evaso con risposta"),
    _S.ASSIGNED_ELSEWHERE: N_("assegnato a un altro ufficio"),
    _S.REJECTED: N_("non registrabile, conservato"),
}


def arrival_of(session: Session, edition: NoticeEdition, arrival_id: uuid.UUID, *, lock: bool = False) -> Arrival:
    """An arrival of one edition; with ``lock``, its row locked until the transaction ends. Raises ``NotFound``."""
    found = session.get(Arrival, arrival_id)
    if found is None or found.edition_id != edition.id:
        raise NotFound
    return lock_arrival(session, arrival_id) if lock else found


def lock_arrival(session: Session, arrival_id: uuid.UUID) -> Arrival:
    """The arrival as it is now, its row locked until the transaction ends: its moves never overlap."""
    wanted = select(Arrival).where(Arrival.id == arrival_id)
    return session.scalars(wanted.with_for_update(of=Arrival).execution_options(populate_existing=True)).one()


def require_move(arrival: Arrival, event: str) -> None:
    """Raises ``ArrivalMovedOn`` where ``event`` cannot happen to an arrival in its state, ``KeyError`` for an unknown one."""
    known = MOVES[event]
    if known.sources and arrival.state not in known.sources:
        raise ArrivalMovedOn(state=STATE_WORDS[arrival.state])


def require_filable(arrival: Arrival) -> None:
    """Raises ``ArrivalMovedOn`` where an arrival can no longer become an application."""
    if not arrival.may_be_filed:
        raise ArrivalMovedOn(state=STATE_WORDS[arrival.state])


def move_arrival(
    session: Session, arrival: Arrival, event: str, *, person: Person | None, at: datetime, **detail: Any
) -> ArrivalEvent:
    """Moves a locked arrival and writes the event. Raises ``ArrivalMovedOn``; ``KeyError`` for an unknown event."""
    require_move(arrival, event)
    known = MOVES[event]
    before = arrival.state if known.sources else None
    arrival.state = known.target or arrival.state
    session.flush()
    newest = session.scalar(select(func.max(ArrivalEvent.sequence)).where(ArrivalEvent.arrival_id == arrival.id))
    written = ArrivalEvent(
        arrival_id=arrival.id,
        sequence=(newest or 0) + 1,
        name=event,
        state_before=before,
        state_after=arrival.state,
        at=at,
        person_id=person.id if person else None,
        detail=detail,
    )
    session.add(written)
    session.flush()
    return written
