"""Cases taken from the queue as an officer takes them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from intake.applications.models import Application
from intake.cases.queue import first_ready, take_shown
from intake.notices.models import NoticeEdition
from intake.people.models import Person


def take_next(
    session: Session, officer: Person, edition: NoticeEdition, *, at: datetime, patience: float
) -> Application:
    """The first ready case, which the page of the queue shows with its button."""
    first = first_ready(session, edition, at=at, patience=patience)
    assert first is not None, "no case is ready"
    return take_shown(session, officer, edition, first.application.id, at=at, patience=patience)
