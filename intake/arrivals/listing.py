"""The protocol desk's lists: what waits, oldest first; a search over everything that came; where a file came with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, func, or_, select
from sqlalchemy.orm import Session

from intake.arrivals.models import Arrival, ArrivalChannel, ArrivalDocument, ArrivalState
from intake.certified_mail.models import MailBox, MailMessage, MailState
from intake.notices.models import NoticeEdition
from intake.typed_text import visible

ROWS = 25
RECEIPT_ROWS = 20
OPEN_STATES = (ArrivalState.RECEIVED, ArrivalState.REGISTERED)


@dataclass(frozen=True, slots=True)
class ArrivalQuery:
    """What to look for; what is None is not asked. ``words``: sender, subject, registered letter or protocol number.

    ``since`` (included) and ``until`` (excluded) bound the arrival. Without a state: those still to be dealt with, unless
    something else is asked.
    """

    words: str | None = None
    state: ArrivalState | None = None
    since: datetime | None = None
    until: datetime | None = None
    page: int = 1

    @property
    def asks(self) -> bool:
        return any((self.words, self.state, self.since, self.until))


@dataclass(frozen=True, slots=True)
class ArrivalPage:
    """One page of a list, and how many there are in all."""

    arrivals: tuple[Arrival, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """One page of the providers' receipts, and how many there are in all."""

    receipts: tuple[MailMessage, ...]
    total: int
    page: int
    pages: int


def list_arrivals(session: Session, edition: NoticeEdition, query: ArrivalQuery) -> ArrivalPage:
    """What waits, the oldest first; the answers to a search, the newest first."""
    conditions = [Arrival.edition_id == edition.id, *_conditions(query)]
    total = session.scalar(select(func.count()).select_from(Arrival).where(*conditions)) or 0
    pages = max(1, -(-total // ROWS))
    page = min(max(query.page, 1), pages)
    order = (Arrival.arrived_at.desc(), Arrival.id) if query.asks else (Arrival.arrived_at, Arrival.id)
    rows = session.scalars(select(Arrival).where(*conditions).order_by(*order).limit(ROWS).offset((page - 1) * ROWS))
    return ArrivalPage(tuple(rows), total, page, pages)


def arrival_with_file(session: Session, edition: NoticeEdition, sha256: str) -> Arrival | None:
    """The newest arrival that brought these bytes."""
    return session.scalar(
        select(Arrival)
        .join(ArrivalDocument, ArrivalDocument.arrival_id == Arrival.id)
        .where(Arrival.edition_id == edition.id, ArrivalDocument.sha256 == sha256)
        .order_by(Arrival.arrived_at.desc())
        .limit(1)
    )


def arrivals_of_same_scans(session: Session, arrival: Arrival) -> list[Arrival]:
    """Other arrivals on paper of the same edition that brought a file of this one, the oldest first; none put aside."""
    hashes = [each.sha256 for each in arrival.documents]
    bringing = select(ArrivalDocument.arrival_id).where(ArrivalDocument.sha256.in_(hashes))
    return list(
        session.scalars(
            select(Arrival)
            .where(
                Arrival.id.in_(bringing),
                Arrival.id != arrival.id,
                Arrival.edition_id == arrival.edition_id,
                Arrival.channel != ArrivalChannel.PEC,
                Arrival.state != ArrivalState.REJECTED,
            )
            .order_by(Arrival.entered_at, Arrival.id)
        )
    )


def mail_of(session: Session, arrival: Arrival) -> MailMessage | None:
    """The certified message that an arrival was made of."""
    return session.scalar(select(MailMessage).where(MailMessage.arrival_id == arrival.id))


def mail_waiting(session: Session, edition: NoticeEdition) -> int:
    """Messages kept and not read yet."""
    wanted = select(func.count()).where(MailMessage.edition_id == edition.id, MailMessage.state == MailState.KEPT)
    return session.scalar(wanted) or 0


def list_receipts(session: Session, edition: NoticeEdition, page: int) -> ReceiptPage:
    """The receipts that providers sent, newest first; of a page that is not there, the nearest one."""
    conditions = (MailMessage.edition_id == edition.id, MailMessage.state == MailState.RECEIPT)
    total = session.scalar(select(func.count()).select_from(MailMessage).where(*conditions)) or 0
    pages = max(1, -(-total // RECEIPT_ROWS))
    page = min(max(page, 1), pages)
    rows = session.scalars(
        select(MailMessage)
        .where(*conditions)
        .order_by(MailMessage.received_at.desc(), MailMessage.id)
        .limit(RECEIPT_ROWS)
        .offset((page - 1) * RECEIPT_ROWS)
    )
    return ReceiptPage(tuple(rows), total, page, pages)


def mailboxes(session: Session, edition: NoticeEdition) -> list[MailBox]:
    """The boxes that are read for this edition, and how they were last found."""
    return list(session.scalars(select(MailBox).where(MailBox.edition_id == edition.id).order_by(MailBox.name)))


def _conditions(query: ArrivalQuery) -> list[ColumnElement[bool]]:
    if not query.asks:
        return [Arrival.state.in_(OPEN_STATES)]
    conditions: list[ColumnElement[bool]] = []
    if query.state is not None:
        conditions.append(Arrival.state == query.state)
    if query.since is not None:
        conditions.append(Arrival.arrived_at >= query.since)
    if query.until is not None:
        conditions.append(Arrival.arrived_at < query.until)
    return [*conditions, *map(_holds, visible(query.words or "").split())]


def _holds(word: str) -> ColumnElement[bool]:
    found = [
        Arrival.sender["name"].astext.icontains(word, autoescape=True),
        Arrival.sender["address"].astext.icontains(word, autoescape=True),
        Arrival.sender["tax_code"].astext.icontains(word, autoescape=True),
        Arrival.subject.icontains(word, autoescape=True),
        Arrival.letter_number.icontains(word, autoescape=True),
        cast(Arrival.number, String) == word.partition("/")[0].lstrip("0"),
    ]
    return or_(*found)
