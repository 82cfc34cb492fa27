"""The protocol desk's lists: what waits, oldest first; a search over everything that came; where a file came with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlalchemy.orm import Session

from intake.arrivals.models import ARRIVAL_WORDS, Arrival, ArrivalChannel, ArrivalDocument, ArrivalState
from intake.certified_mail.models import MailBox, MailMessage, MailState
from intake.notices.models import NoticeEdition
from intake.typed_text import visible

ROWS = 25
RECEIPT_ROWS = 20
MOST_COUNTED = 500
READ_FIRST = 2000
_OPEN: ColumnElement[bool] = literal_column("arrival.state IN ('received', 'registered')")
"""The condition of its index, word by word: with parameters the index would not be known to fit."""

_WORD = re.compile(r"[^\W_]+")
_NUMBER_OF_YEAR = re.compile(r"(?<=\d)/\d{4}$")
_LONG_NUMBER = 5


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
    """One page of a list, and how many there are in all: ``MOST_COUNTED`` + 1 where more, of which the first have pages."""

    arrivals: tuple[Arrival, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """One page of the providers' receipts, and how many there are in all, as of an ``ArrivalPage``."""

    receipts: tuple[MailMessage, ...]
    total: int
    page: int
    pages: int


def list_arrivals(session: Session, edition: NoticeEdition, query: ArrivalQuery) -> ArrivalPage:
    """What waits, the oldest first; the answers to a search, the newest first. What it costs does not grow with what came.

    How frequent a word is nobody knows beforehand: the nearest arrivals are read first, which a frequent one fills the pages
    from; a rarer one is asked of its index, which has few.
    """
    within = [Arrival.edition_id == edition.id, *_conditions(query)]
    order = (Arrival.arrived_at.desc(), Arrival.id) if query.asks else (Arrival.arrived_at, Arrival.id)
    words = _words(query.words)
    if words is None:
        matching = select(Arrival.id).where(*within)
    else:
        nearest = select(Arrival).where(*within).order_by(*order).limit(READ_FIRST).subquery("nearest")
        matching = select(nearest.c.id).where(_holding(words, "nearest"))
        if _counted(session, matching) <= MOST_COUNTED:
            matching = select(Arrival.id).where(*within, _holding(words)).offset(0)  # so that it is not walked
    total = _counted(session, matching)
    pages = max(1, -(-min(total, MOST_COUNTED) // ROWS))
    page = min(max(query.page, 1), pages)
    wanted = select(Arrival).where(*within) if words is None else select(Arrival).where(Arrival.id.in_(matching))
    rows = session.scalars(wanted.order_by(*order).limit(ROWS).offset((page - 1) * ROWS))
    return ArrivalPage(tuple(rows), total, page, pages)


def count_open(session: Session, edition: NoticeEdition) -> int:
    """How many arrivals wait to be registered or dealt with; ``MOST_COUNTED`` + 1 where there are more."""
    return _counted(session, select(Arrival.id).where(Arrival.edition_id == edition.id, _OPEN))


def arrival_with_file(session: Session, edition: NoticeEdition, sha256: str) -> Arrival | None:
    """The newest arrival that brought these bytes."""
    return session.scalar(
        select(Arrival)
        .join(ArrivalDocument, ArrivalDocument.arrival_id == Arrival.id)
        .where(Arrival.edition_id == edition.id, ArrivalDocument.sha256 == sha256)
        .order_by(Arrival.arrived_at.desc())
        .limit(1)
    )


def arrival_of_registration(session: Session, register_code: str, year: int, number: int) -> Arrival | None:
    """The arrival that a registration is of, as it stands: one registered anew has another number."""
    wanted = select(Arrival).where(
        Arrival.register_code == register_code, Arrival.year == year, Arrival.number == number
    )
    return session.scalar(wanted)


def arrivals_of_same_paper(session: Session, arrival: Arrival) -> list[Arrival]:
    """Other arrivals on paper of the same edition that brought a file of this one, or a registered letter with its number,
    the oldest first; none put aside."""
    hashes = [each.sha256 for each in arrival.documents]
    bringing = select(ArrivalDocument.arrival_id).where(ArrivalDocument.sha256.in_(hashes))
    same_paper: ColumnElement[bool] = Arrival.id.in_(bringing)
    if words := _words(arrival.letter_number):
        same_paper |= _holding(words) & (Arrival.letter_number == arrival.letter_number)
    return list(
        session.scalars(
            select(Arrival)
            .where(
                same_paper,
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
    conditions = (MailMessage.edition_id == edition.id, MailMessage.state == literal_column("'receipt'"))
    total = _counted(session, select(MailMessage.id).where(*conditions))
    pages = max(1, -(-min(total, MOST_COUNTED) // RECEIPT_ROWS))
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
        return [_OPEN]
    conditions: list[ColumnElement[bool]] = []
    if query.state is not None:
        conditions.append(Arrival.state == query.state)
    if query.since is not None:
        conditions.append(Arrival.arrived_at >= query.since)
    if query.until is not None:
        conditions.append(Arrival.arrived_at < query.until)
    return conditions


def _words(typed: str | None) -> str | None:
    """What was typed as a query of words, each by its beginning; None where nothing was typed. Without a word in it the query
    finds nothing.
    """
    if not typed:
        return None
    terms = [
        term for word in visible(typed).split() for term in map(_term, _WORD.findall(_NUMBER_OF_YEAR.sub("", word)))
    ]
    return " & ".join(terms)


def _term(word: str) -> str:
    """A short number is that number, with or without its zeros; anything longer, and any word, is a beginning."""
    if word.isdecimal() and len(word) < _LONG_NUMBER:
        return f"({word} | {word.lstrip('0') or '0'})"
    return f"({word}:* | {word.lstrip('0')})" if word.isdecimal() and word.strip("0") else f"{word}:*"


def _holding(words: str, table: str = "arrival") -> ColumnElement[bool]:
    return literal_column(ARRIVAL_WORDS.format(table=table)).op("@@")(func.to_tsquery("simple", words))


def _counted(session: Session, matching: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(matching.limit(MOST_COUNTED + 1).subquery())) or 0
