"""Who sees which application: the one place that scopes the desk's queries."""

from __future__ import annotations

import uuid

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from intake.applications.lifecycle import locked
from intake.applications.models import Application, State
from intake.errors import NotFound
from intake.people.mandates import mandated_employers
from intake.people.models import Person


def visible_applications(person: Person) -> Select[Application]:
    """Applications of the firms that ``person`` acts for now."""
    return select(Application).where(Application.employer_id.in_(mandated_employers(person)))


def applications_of(session: Session, person: Person) -> list[Application]:
    """Those not discarded, the newest first."""
    return list(
        session.scalars(
            visible_applications(person)
            .where(Application.state != State.DISCARDED)
            .order_by(Application.updated_at.desc())
        ).unique()
    )


def application_for(session: Session, person: Person, application_id: uuid.UUID) -> Application:
    """One of them. Raises ``NotFound`` for any other, existing or not."""
    return _only(session, visible_applications(person).where(Application.id == application_id))


def locked_application_for(session: Session, person: Person, application_id: uuid.UUID) -> Application:
    """The same, with its row locked for the rest of the transaction."""
    return _only(session, locked(visible_applications(person).where(Application.id == application_id)))


def _only(session: Session, wanted: Select[Application]) -> Application:
    found = session.scalars(wanted).unique().one_or_none()
    if found is None:
        raise NotFound
    return found
