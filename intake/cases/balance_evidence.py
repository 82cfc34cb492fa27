"""What the balance of a day is held against: the rows of the files, the receipts given for them, the register's entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, cast, exists, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from intake.applications.models import (
    Application,
    Origin,
    Receipt,
    ReceiptKind,
    ReturnedDocument,
    State,
    Submission,
)
from intake.arrivals.models import Arrival, ArrivalDocument
from intake.notices.models import NoticeEdition
from protocol_register import tables

ONLINE = ReturnedDocument.origin != Origin.PAPER
"""What the office brought is counted where it arrived, with its letter or message."""
_REGISTERED = and_(
    Submission.application_id.is_not(None),
    or_(ReturnedDocument.replaced_at.is_(None), ReturnedDocument.replaced_at > Submission.registered_at),
)
_TAKEN_BACK = and_(
    ReturnedDocument.replaced_at.is_not(None),
    or_(Submission.application_id.is_(None), ReturnedDocument.replaced_at <= Submission.registered_at),
)
_OPEN = and_(ReturnedDocument.replaced_at.is_(None), Submission.application_id.is_(None))
_ABANDONED = and_(_OPEN, Application.state == State.DISCARDED)
WAITING = and_(_OPEN, Application.state != State.DISCARDED)


@dataclass(frozen=True, slots=True)
class DayOfRome:
    """The instants of one day of Rome, the last one excluded."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class FilesOfTheDay:
    """How many files came online, and where they are: each place is counted by itself, so that a gap shows.

    ``not_in_register``: registered, online or on paper, and the register's entry is missing or does not carry them.
    ``kept``: hash and size of every one, from paper too.
    """

    received: int
    registered: int
    taken_back: int
    abandoned: int
    waiting: int
    not_in_register: int
    kept: frozenset[tuple[str, int]]


def files_of_the_day(session: Session, edition: NoticeEdition, day: DayOfRome) -> FilesOfTheDay:
    """The files that came for applications on the day, in one reading: on opening day they are thousands."""
    wanted = (
        select(
            func.count().filter(ONLINE).label("received"),
            func.count().filter(ONLINE, _REGISTERED).label("registered"),
            func.count().filter(ONLINE, _TAKEN_BACK).label("taken_back"),
            func.count().filter(ONLINE, _ABANDONED).label("abandoned"),
            func.count().filter(ONLINE, WAITING).label("waiting"),
            func.count().filter(_not_in_register()).label("not_in_register"),
            func.array_agg(ReturnedDocument.sha256).label("hashes"),
            func.array_agg(ReturnedDocument.size).label("sizes"),
        )
        .select_from(ReturnedDocument)
        .join(Application, Application.id == ReturnedDocument.application_id)
        .outerjoin(Submission, Submission.application_id == Application.id)
        .outerjoin(tables.entry, _entry_numbered(Submission))
        .where(
            Application.edition_id == edition.id,
            ReturnedDocument.received_at >= day.since,
            ReturnedDocument.received_at < day.until,
        )
    )
    found = dict(session.execute(wanted).mappings().one())
    hashes, sizes = found.pop("hashes") or (), found.pop("sizes") or ()
    return FilesOfTheDay(**found, kept=frozenset(zip(hashes, sizes, strict=True)))


def _not_in_register() -> ColumnElement[bool]:
    """Whether a file registered with its application is lacking there; what was attached later has its own entry.

    What an emergency's entry does not carry, a scan registered afterwards does.
    """
    entry, scan = tables.entry.c, tables.entry.alias().c
    named = func.jsonb_build_array(func.jsonb_build_object("sha256", ReturnedDocument.sha256))
    carried = or_(entry.document_sha256 == ReturnedDocument.sha256, entry.attachments.contains(named))
    scanned = exists().where(
        scan.register == Submission.register_code,
        or_(scan.document_sha256 == ReturnedDocument.sha256, scan.attachments.contains(named)),
    )
    return and_(
        _REGISTERED,
        ReturnedDocument.received_at <= Submission.registered_at,
        func.coalesce(carried, false()).is_(False),
        or_(entry.emergency_number.is_(None), ~scanned),
    )


def _entry_numbered(owner: type[Submission | Arrival]) -> ColumnElement[bool]:
    """The register's entry that a row says is its own."""
    entry = tables.entry.c
    return and_(entry.register == owner.register_code, entry.year == owner.year, entry.number == owner.number)


def promised_and_gone(session: Session, edition: NoticeEdition, day: DayOfRome) -> int:
    """Files that a receipt of the day names and its application does not have."""
    file = func.jsonb_array_elements(Receipt.facts["files"]).table_valued("value", name="file").render_derived()
    sha256 = cast(file.c.value, JSONB)["sha256"].astext
    kept = exists().where(ReturnedDocument.application_id == Receipt.application_id, ReturnedDocument.sha256 == sha256)
    missing = (
        select(Receipt.application_id, sha256)
        .select_from(Receipt)
        .join(Application, Application.id == Receipt.application_id)
        .join(file, true())
        .where(
            Application.edition_id == edition.id,
            Receipt.kind == ReceiptKind.RECEIVED,
            Receipt.created_at >= day.since,
            Receipt.created_at < day.until,
            ~kept,
        )
        .distinct()
    )
    return session.scalar(select(func.count()).select_from(missing.subquery())) or 0


def arrivals_not_in_register(session: Session, edition: NoticeEdition, day: DayOfRome) -> int:
    """Arrivals with a number whose entry is missing, or does not carry their first file (an emergency's carries none)."""
    entry = tables.entry.c
    rows = session.execute(
        select(Arrival.id, ArrivalDocument.sha256, entry.document_sha256, entry.attachments)
        .join(ArrivalDocument, ArrivalDocument.arrival_id == Arrival.id)
        .outerjoin(tables.entry, _entry_numbered(Arrival))
        .where(
            Arrival.edition_id == edition.id,
            Arrival.number.is_not(None),
            or_(Arrival.emergency_number.is_(None), entry.number.is_(None)),
            Arrival.entered_at >= day.since,
            Arrival.entered_at < day.until,
        )
    )
    carried: dict[object, bool] = {}
    for row in rows:
        carried[row.id] = carried.get(row.id, False) or _carries(row.document_sha256, row.attachments, row.sha256)
    return sum(not each for each in carried.values())


def _carries(main: str | None, attachments: Iterable[dict[str, str]] | None, sha256: str) -> bool:
    return sha256 in {main, *(each["sha256"] for each in attachments or ())}
