"""What a draft is asked about the applications already registered for the same unit. None of it keeps the form back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from intake.applications.draft_check import DraftProblem, draft_problem_of
from intake.applications.models import Application
from intake.checks.readiness import earlier_filings, repeated_periods
from intake.service import Service


def earlier_questions(
    service: Service, session: Session, application: Application, *, at: datetime
) -> tuple[DraftProblem, ...]:
    """Days and weeks that an earlier application of the unit asked for too; the same is asked at transmission (S9).

    ``at``: the real instant.
    """
    earlier = earlier_filings(session, [application], with_periods=True)[application.id]
    return tuple(map(draft_problem_of, repeated_periods(service, application, earlier, at=at)))
