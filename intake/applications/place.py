"""The place of a registered application among those that wait: true only at the instant it is asked."""

from __future__ import annotations

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from intake.applications.models import Application, State, Submission


def cases_before(session: Session, submission: Submission) -> int:
    """How many registered applications of the same register wait to be examined before this one.

    Rank: the legal instant, then the protocol number.
    """
    rank = tuple_(Submission.legal_instant, Submission.year, Submission.number)
    own = (submission.legal_instant, submission.year, submission.number)
    counted = session.scalar(
        select(func.count())
        .select_from(Submission)
        .join(Application, Application.id == Submission.application_id)
        .where(
            Submission.register_code == submission.register_code,
            Application.state == State.REGISTERED,
            rank < own,
        )
    )
    return counted or 0
