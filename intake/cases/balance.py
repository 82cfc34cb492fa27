"""The balance of a day: documents received = registered + taken back + abandoned + waiting. Nothing stops in silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from intake.applications.models import Application, ReturnedDocument, State, Submission
from intake.clock import ROME
from intake.notices.models import NoticeEdition


@dataclass(frozen=True, slots=True)
class WaitingDocument:
    """A document that waits for its sender to transmit the application."""

    name: str
    firm: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """Documents of applications received on ``day`` (Rome), as they stand now.

    ``taken_back``: the sender took the file out before transmitting. ``abandoned``: the sender discarded the application.
    ``oldest``: the one that waits longest, of any day.
    """

    day: date
    received: int
    registered: int
    taken_back: int
    abandoned: int
    waiting: int
    oldest: WaitingDocument | None

    @property
    def holds(self) -> bool:
        """Every document received is in exactly one place."""
        return self.received == self.registered + self.taken_back + self.abandoned + self.waiting


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
    return Balance(day, oldest=_oldest(session, edition), **counts)


def _oldest(session: Session, edition: NoticeEdition) -> WaitingDocument | None:
    row = session.execute(
        select(ReturnedDocument, Application)
        .join(Application, Application.id == ReturnedDocument.application_id)
        .outerjoin(Submission, Submission.application_id == Application.id)
        .where(Application.edition_id == edition.id, _WAITING)
        .order_by(ReturnedDocument.received_at)
        .limit(1)
    ).first()
    if row is None:
        return None
    document, application = row
    return WaitingDocument(document.name, application.employer.name, document.received_at)
