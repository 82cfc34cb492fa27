"""Who sees which application: the one place that scopes the desk's queries."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import ARRAY, Select, Uuid, and_, any_, bindparam, column, func, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from intake.applications.lifecycle import locked
from intake.applications.models import Application, IssuedForm, ReturnedDocument, State
from intake.errors import NotFound
from intake.orm import Base
from intake.people.mandates import mandated_employers
from intake.people.models import Mandate, Person


def visible_applications(person: Person) -> Select[Application]:
    """Applications of the firms that ``person`` acts for now."""
    return select(Application).where(Application.employer_id.in_(mandated_employers(person)))


def applications_of(session: Session, person: Person, *, employer_id: uuid.UUID | None = None) -> list[Application]:
    """Those not discarded, the last changed first; ``employer_id``: of one firm alone, where ``person`` acts for it."""
    wanted = visible_applications(person).where(Application.state != State.DISCARDED)
    if employer_id is not None:
        wanted = wanted.where(Application.employer_id == employer_id)
    return list(session.scalars(wanted.order_by(Application.updated_at.desc())).unique())


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
    found = {
        (person_id, application.id): application for person_id, application in session.execute(_LOCKED, pairs).unique()
    }
    _read_whole(session, {application.id: application for application in found.values()})
    return found


def _read_whole(session: Session, applications: dict[uuid.UUID, Application]) -> None:
    """Forms and documents of all of them, in two statements that PostgreSQL has planned already, however many they are."""
    wanted = {"applications": list(applications)}
    for name, statement in (("forms", _FORMS), ("documents", _DOCUMENTS)):
        rows: dict[uuid.UUID, list[Base]] = {each: [] for each in applications}
        for row in session.scalars(statement, wanted):
            rows[row.application_id].append(row)
        for application_id, own in rows.items():
            set_committed_value(applications[application_id], name, own)


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
    .options(joinedload(Application.submission))
    .execution_options(populate_existing=True)
)
"""Put together once, with arrays: whatever the number of those who wait, PostgreSQL has planned it already."""
_OF_THESE = bindparam("applications", type_=ARRAY(Uuid))
_FORMS = (
    select(IssuedForm)
    .where(IssuedForm.application_id == any_(_OF_THESE))
    .order_by(IssuedForm.issued_at)
    .execution_options(populate_existing=True)
)
_DOCUMENTS = (
    select(ReturnedDocument)
    .where(ReturnedDocument.application_id == any_(_OF_THESE))
    .order_by(ReturnedDocument.received_at)
    .execution_options(populate_existing=True)
)


def _only(session: Session, wanted: Select[Application]) -> Application:
    found = session.scalars(wanted).unique().one_or_none()
    if found is None:
        raise NotFound
    return found
