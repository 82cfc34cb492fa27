"""The cases of an officer who may examine no more: they go back to the queue, each at the place it had."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications.lifecycle import Actor, locked, move
from intake.applications.models import Application, State, Submission
from intake.cases.models import Holding
from intake.people.models import Person


def give_back_all(session: Session, officer: Person, *, operator: str, at: datetime) -> list[Submission]:
    """Gives back every case that ``officer`` examines, whatever the notice; those given back, in the order of their numbers.

    ``operator``: who ends it, kept with each event, which no account made. A case whose registration is annulled
    stays as it is: where it goes is the director general's word.
    """
    in_force = (Holding.officer_id == officer.id, Holding.released_at.is_(None))
    held = select(Holding.application_id).where(*in_force)
    examined = select(Application).where(Application.id.in_(held), Application.state == State.EXAMINED)
    given_back = []
    for application in session.scalars(locked(examined.order_by(Application.id))).all():
        # The officer may have ended this examination while we waited for its row.
        holding = session.scalar(select(Holding).where(Holding.application_id == application.id, *in_force))
        if holding is None or application.submission is None:
            continue
        holding.released_at = at
        move(session, application, "released", actor=Actor.OFFICER, person=None, at=at, operator=operator)
        given_back.append(application.submission)
    return sorted(given_back, key=lambda each: (each.register_code, each.year, each.number))
