"""The balance of a day: where each document received is, held against the receipts given and against the register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from intake.applications.models import (
    Application,
    DocumentKind,
    Receipt,
    ReceiptKind,
    ReturnedDocument,
    State,
    Submission,
)
from intake.clock import ROME
from intake.notices.models import NoticeEdition
from protocol_register import tables


@dataclass(frozen=True, slots=True)
class WaitingDocument:
    """A document that waits for its sender to transmit the application. The office learns no more of it before that."""

    kind: DocumentKind
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """Documents of applications received on ``day`` (Rome), as they stand now.

    ``taken_back``: the sender took the file out before transmitting. ``abandoned``: the sender discarded the application.
    ``oldest``: the one that waits longest, of any day. ``unaccounted``: files named in the day's receipts that are no
    document of their application, and documents counted as registered whose hash the register's entry does not carry.
    """

    day: date
    received: int
    registered: int
    taken_back: int
    abandoned: int
    waiting: int
    oldest: WaitingDocument | None
    unaccounted: int

    @property
    def holds(self) -> bool:
        """Each file that a receipt promised is counted here, and each one counted as registered is in the register."""
        return self.unaccounted == 0


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
_WAITING = and_(_OPEN, Application.state != State.DISCARDED)


def balance_of(session: Session, edition: NoticeEdition, day: date) -> Balance:
    """The balance of one edition for one day of Rome."""
    since = datetime.combine(day, time.min, ROME)
    until = datetime.combine(day + timedelta(days=1), time.min, ROME)
    counts = (
        session.execute(
            select(
                func.count().label("received"),
                func.count().filter(_REGISTERED).label("registered"),
                func.count().filter(_TAKEN_BACK).label("taken_back"),
                func.count().filter(_ABANDONED).label("abandoned"),
                func.count().filter(_WAITING).label("waiting"),
            )
            .select_from(ReturnedDocument)
            .join(Application, Application.id == ReturnedDocument.application_id)
            .outerjoin(Submission, Submission.application_id == Application.id)
            .where(
                Application.edition_id == edition.id,
                ReturnedDocument.received_at >= since,
                ReturnedDocument.received_at < until,
            )
        )
        .mappings()
        .one()
    )
    unaccounted = _lost_after_receipt(session, edition, since, until) + _not_in_register(session, edition, since, until)
    return Balance(day, oldest=_oldest(session, edition), unaccounted=unaccounted, **counts)


def _lost_after_receipt(session: Session, edition: NoticeEdition, since: datetime, until: datetime) -> int:
    promised = {
        (application_id, file["sha256"])
        for application_id, facts in session.execute(
            select(Receipt.application_id, Receipt.facts)
            .join(Application, Application.id == Receipt.application_id)
            .where(
                Application.edition_id == edition.id,
                Receipt.kind == ReceiptKind.RECEIVED,
                Receipt.created_at >= since,
                Receipt.created_at < until,
            )
        )
        for file in facts["files"]
    }
    kept = {
        (row.application_id, row.sha256)
        for row in session.execute(
            select(ReturnedDocument.application_id, ReturnedDocument.sha256).where(
                ReturnedDocument.application_id.in_({application_id for application_id, _ in promised})
            )
        )
    }
    return len(promised - kept)


def _not_in_register(session: Session, edition: NoticeEdition, since: datetime, until: datetime) -> int:
    entry = tables.entry.c
    rows = session.execute(
        select(ReturnedDocument.sha256, entry.document_sha256, entry.attachments)
        .join(Application, Application.id == ReturnedDocument.application_id)
        .join(Submission, Submission.application_id == Application.id)
        .outerjoin(
            tables.entry,
            and_(
                entry.register == Submission.register_code,
                entry.year == Submission.year,
                entry.number == Submission.number,
            ),
        )
        .where(
            Application.edition_id == edition.id,
            ReturnedDocument.received_at >= since,
            ReturnedDocument.received_at < until,
            _REGISTERED,
        )
    )
    return sum(
        row.sha256 not in {row.document_sha256, *(each["sha256"] for each in row.attachments or ())} for row in rows
    )


def _oldest(session: Session, edition: NoticeEdition) -> WaitingDocument | None:
    row = session.execute(
        select(ReturnedDocument.kind, ReturnedDocument.received_at)
        .join(Application, Application.id == ReturnedDocument.application_id)
        .outerjoin(Submission, Submission.application_id == Application.id)
        .where(Application.edition_id == edition.id, _WAITING)
        .order_by(ReturnedDocument.received_at)
        .limit(1)
    ).first()
    if row is None:
        return None
    return WaitingDocument(row.kind, row.received_at)
