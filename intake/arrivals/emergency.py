"""What came in on a day of emergency: each line of an imported sheet waits at the desk, with the number it has already.

The sheet is of paper: a scan comes afterwards. The line's own registration carries no file, so the scans of an application
are registered beside it (DPR 445/2000, art. 53 and 63), and the register says what the officers look at.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications.transmission import registered
from intake.arrivals.models import Arrival, ArrivalChannel, ArrivalState, Recognition
from intake.arrivals.moves import move_arrival
from intake.arrivals.registration import documents_of
from intake.cases.register_view import operator_of
from intake.errors import Refusal
from intake.notices.models import NoticeEdition
from intake.people.models import Person
from intake.service import Service
from protocol_register.entries import Channel, Direction, Entry, NewEntry
from protocol_register.search import annulment_of, entry_of


class ScanMissing(Refusal):
    code = "scan_missing"
    message = "Di questa registrazione di emergenza manca ancora la scansione."
    remedy = "Aggiunga la scansione del documento, poi la abbini alla domanda."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class EmergencyEntryAnnulled(Refusal):
    code = "emergency_entry_annulled"
    message = "La registrazione n. {number} è stata annullata: non può diventare una domanda."
    remedy = "Se la domanda vale, la registri come un nuovo arrivo, con il giorno e l'ora in cui è arrivata."
    law = "D.P.R. 445/2000, art. 54"


def bring_lines_to_desk(
    session: Session, register_code: str, entries: Iterable[Entry], *, operator: str, at: datetime
) -> list[Arrival]:
    """An arrival for each incoming line of a sheet just imported; what went out waits for nothing."""
    edition = session.scalars(select(NoticeEdition).where(NoticeEdition.register_code == register_code)).one()
    return [
        _bring(session, edition, each, operator=operator, at=at) for each in entries if each.direction is Direction.IN
    ]


def register_scans(service: Service, session: Session, person: Person, arrival: Arrival) -> Entry:
    """Registers the scans of an emergency arrival as an internal entry; the register stays locked until the commit.

    Returns the entry that the arrival itself has. Raises ``ScanMissing``, ``EmergencyEntryAnnulled``, ``RegisterNotReady``.
    """
    if not arrival.documents:
        raise ScanMissing
    own = entry_of(session.connection(), *_place(arrival))
    _require_standing(session, own)
    main, *others = documents_of(arrival)
    scans = NewEntry(
        direction=Direction.INTERNAL,
        channel=Channel.COUNTER,
        subject=f"Scansioni del documento registrato in emergenza con il n. {own.emergency_number}, "
        f"protocollo n. {own.shown_number}/{own.year}",
        operator=operator_of(person),
        document=main,
        attachments=tuple(others),
    )
    entry = registered(service, session, own.register, scans)
    _require_standing(session, own)  # it may have been annulled while this waited for the register's lock
    move_arrival(
        session,
        arrival,
        "scans_registered",
        person=person,
        at=entry.instant,
        number=entry.shown_number,
        year=entry.year,
    )
    return own


def _require_standing(session: Session, own: Entry) -> None:
    if annulment_of(session.connection(), own.register, own.year, own.number):
        raise EmergencyEntryAnnulled(number=f"{own.shown_number}/{own.year}")


def _bring(session: Session, edition: NoticeEdition, entry: Entry, *, operator: str, at: datetime) -> Arrival:
    arrival = Arrival(
        id=uuid.uuid4(),
        edition_id=edition.id,
        channel=ArrivalChannel.EMERGENCY,
        state=ArrivalState.REGISTERED,
        arrived_at=entry.arrival_instant,
        sender=asdict(entry.sender) if entry.sender else None,
        subject=entry.subject,
        entered_at=at,
        recognition=Recognition.DONE,
        register_code=entry.register,
        year=entry.year,
        number=entry.number,
        registered_at=entry.instant,
        emergency_number=entry.emergency_number,
    )
    session.add(arrival)
    session.flush()
    number = entry.shown_number
    move_arrival(session, arrival, "imported", person=None, at=at, number=number, year=entry.year, operator=operator)
    return arrival


def _place(arrival: Arrival) -> tuple[str, int, int]:
    if arrival.register_code is None or arrival.year is None or arrival.number is None:
        raise LookupError(f"arrival {arrival.id} has no number")
    return arrival.register_code, arrival.year, arrival.number
