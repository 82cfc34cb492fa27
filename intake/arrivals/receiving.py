"""A letter or a delivery at the counter: its scan kept as it is, the instant of its arrival, the codes looked for at once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus

from sqlalchemy.orm import Session

from intake.applications.returns import FileTooLarge, NothingReceived, TooManyFiles
from intake.arrivals.models import CHANNEL_KEYS, Arrival, ArrivalChannel, ArrivalDocument, ArrivalState, Recognition
from intake.arrivals.moves import arrival_of, move_arrival, require_move
from intake.arrivals.receipt import owe_arrival_receipt
from intake.checks.media_type import media_type_of
from intake.clock import ROME, instant_in_words
from intake.errors import Refusal
from intake.notices.filing import channel_of
from intake.notices.models import NoticeEdition
from intake.people.models import Person
from intake.queue import RECOGNISE_ARRIVAL, enqueue
from intake.service import Service
from intake.settings import MEGABYTE
from intake.typed_text import visible


class ArrivesLater(Refusal):
    code = "arrival_in_the_future"
    message = "L'istante di arrivo ({instant}) deve ancora venire."
    remedy = "Scriva il giorno e l'ora in cui la busta è arrivata allo sportello."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class PostedAfterArrival(Refusal):
    code = "posted_after_arrival"
    message = "La data di spedizione è successiva all'arrivo."
    remedy = "La legga sul timbro postale della busta."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class PostingDayNeeded(Refusal):
    code = "posting_day_needed"
    message = "Per questo avviso la raccomandata vale dal giorno in cui è stata spedita: la data di spedizione manca."
    remedy = (
        "La legga sul timbro postale della busta. Se non si legge, chieda a Poste con il numero della raccomandata."
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True)
class PaperArrival:
    """What the operator reads on the envelope. ``arrived_at``: at the counter; ``posted_on``: the postmark's day."""

    channel: ArrivalChannel
    arrived_at: datetime
    posted_on: date | None = None
    letter_number: str | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """A file on its way in."""

    name: str
    data: bytes


def receive_paper(
    service: Service,
    session: Session,
    person: Person,
    edition: NoticeEdition,
    paper: PaperArrival,
    scans: Sequence[Scan],
    *,
    at: datetime,
) -> Arrival:
    """Keeps the scans, then the arrival that names them, and asks for the codes of its pages.

    Raises ``NothingReceived``, ``FileTooLarge``, ``TooManyFiles``, ``ArrivesLater``, ``PostedAfterArrival``,
    ``PostingDayNeeded``.
    """
    _check_instants(service, edition, paper, at)
    arrival = Arrival(
        id=uuid.uuid4(),
        edition_id=edition.id,
        channel=paper.channel,
        state=ArrivalState.RECEIVED,
        arrived_at=paper.arrived_at,
        posted_on=paper.posted_on,
        letter_number=visible(paper.letter_number or "") or None,
        entered_at=at,
        entered_by=person.id,
        recognition=Recognition.WAITING,
    )
    kept = _kept(service, arrival, scans, held=0, at=at)
    session.add(arrival)
    session.flush()
    session.add_all(kept)
    move_arrival(session, arrival, "received", person=person, at=at, files=len(kept))
    owe_arrival_receipt(session, arrival, kept, at=at)
    enqueue(session, RECOGNISE_ARRIVAL, arrival_id=str(arrival.id))
    return arrival


def add_scans(
    service: Service,
    session: Session,
    person: Person,
    edition: NoticeEdition,
    arrival_id: uuid.UUID,
    scans: Sequence[Scan],
    *,
    at: datetime,
) -> Arrival:
    """More pages of the same envelope, as long as it has no number; of a line of the emergency register, also after.

    Raises as ``receive_paper``, and ``ArrivalMovedOn``.
    """
    arrival = arrival_of(session, edition, arrival_id, lock=True)
    event = "scanned" if arrival.emergency_number else "document_added"
    require_move(arrival, event)
    kept = _kept(service, arrival, scans, held=len(arrival.documents), at=at)
    session.add_all(kept)
    arrival.recognition = Recognition.WAITING
    move_arrival(session, arrival, event, person=person, at=at, files=len(kept))
    if arrival.emergency_number is None:
        owe_arrival_receipt(session, arrival, kept, at=at)
    enqueue(session, RECOGNISE_ARRIVAL, arrival_id=str(arrival.id))
    return arrival


def _check_instants(service: Service, edition: NoticeEdition, paper: PaperArrival, at: datetime) -> None:
    if paper.arrived_at > at:
        raise ArrivesLater(instant=instant_in_words(paper.arrived_at))
    if paper.posted_on and paper.posted_on > paper.arrived_at.astimezone(ROME).date():
        raise PostedAfterArrival
    rule = channel_of(service.pack_of(edition), CHANNEL_KEYS[paper.channel])
    if rule is not None and rule.legal_instant == "posting_day_end" and paper.posted_on is None:
        raise PostingDayNeeded


def _kept(
    service: Service, arrival: Arrival, scans: Sequence[Scan], *, held: int, at: datetime
) -> list[ArrivalDocument]:
    if not scans:
        raise NothingReceived
    largest = service.settings.largest_upload
    for scan in scans:
        if len(scan.data) > largest:
            raise FileTooLarge(name=scan.name, most=largest // MEGABYTE)
    if held + len(scans) > service.settings.most_files:
        raise TooManyFiles(count=held, most=service.settings.most_files)
    return [document_of(service, arrival.id, held + place, scan, at=at) for place, scan in enumerate(scans, 1)]


def document_of(service: Service, arrival_id: uuid.UUID, position: int, scan: Scan, *, at: datetime) -> ArrivalDocument:
    """The row of a file whose bytes are in the store when this returns."""
    return ArrivalDocument(
        arrival_id=arrival_id,
        position=position,
        name=visible(scan.name.replace("\\", "/").rpartition("/")[2])[-200:] or "senza nome",
        sha256=service.store.put(scan.data),
        size=len(scan.data),
        media_type=media_type_of(scan.data),
        received_at=at,
    )
