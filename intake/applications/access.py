"""Who sees which application: the one place that scopes the desk's queries."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import ARRAY, Select, Uuid, and_, bindparam, column, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from intake.applications.lifecycle import locked
from intake.applications.models import Application, State
from intake.errors import NotFound
from intake.people.mandates import mandated_employers
from intake.people.models import Mandate, Person


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


def locked_applications(
    session: Session, asked: Collection[tuple[uuid.UUID, uuid.UUID]]
) -> dict[tuple[uuid.UUID, uuid.UUID], Application]:
    """Of the pairs of person and application, those where the person may act, each application locked and read whole.

    Locked in one order, so that two transactions never wait for each other in a ring.
    """
    people, applications = zip(*asked, strict=True) if asked else ((), ())
    pairs = {"people": list(people), "applications": list(applications)}
    rows = session.execute(_LOCKED, pairs).unique()
    return {(person_id, application.id): application for person_id, application in rows}


_ASKED = (
    func.unnest(bindparam("people", type_=ARRAY(Uuid)), bindparam("applications", type_=ARRAY(Uuid)))
    .table_valued(column("person_id", Uuid), column("application_id", Uuid), name="asked")
    .render_derived()
)
_LOCKED = (
    select(Mandate.person_id, Application)
    .join(Mandate, Mandate.employer_id == Application.employer_id)
    .join(_ASKED, and_(_ASKED.c.person_id == Mandate.person_id, _ASKED.c.application_id == Application.id))
    .where(Mandate.revoked_at.is_(None))
    .order_by(Application.id)
    .with_for_update(of=Application)
    .options(selectinload(Application.forms), selectinload(Application.documents), joinedload(Application.submission))
    .execution_options(populate_existing=True)
)
"""Put together once, with arrays: whatever the number of those who wait, PostgreSQL has planned it already."""


def _only(session: Session, wanted: Select[Application]) -> Application:
    found = session.scalars(wanted).unique().one_or_none()
    if found is None:
        raise NotFound
    return found
