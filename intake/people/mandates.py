"""For whom somebody acts: the legal representative for the own firm, delegates for whoever delegated them."""

from __future__ import annotations

import uuid
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from intake.errors import NotFound, Refusal
from intake.people.models import Capacity, Employer, Mandate, Person, Role
from intake.typed_text import visible


class NoMandate(Refusal):
    code = "no_mandate"
    message = "Non risulta una delega in vigore per questa azienda."
    remedy = "Chieda al legale rappresentante di delegarla dalla pagina «Le mie aziende», poi riprovi."
    law = "Avviso, art. 3: le domande sono presentate dal datore di lavoro o da un suo delegato"
    status = HTTPStatus.FORBIDDEN


class OnlyRepresentative(Refusal):
    code = "only_representative"
    message = "Solo il legale rappresentante può dare o togliere deleghe."
    remedy = "Chieda al legale rappresentante di farlo con le proprie credenziali."
    status = HTTPStatus.FORBIDDEN


def mandated_employers(person: Person) -> Select[uuid.UUID]:
    """Identifiers of the firms that ``person`` acts for: every query of the desk is limited by it."""
    return select(Mandate.employer_id).where(Mandate.person_id == person.id, Mandate.revoked_at.is_(None))


def employers_of(session: Session, person: Person) -> list[Employer]:
    """The firms that ``person`` acts for, by name."""
    return list(
        session.scalars(select(Employer).where(Employer.id.in_(mandated_employers(person))).order_by(Employer.name))
    )


def employer_of(session: Session, person: Person, employer_id: uuid.UUID) -> Employer:
    """One of them. Raises ``NotFound`` for any other, existing or not."""
    found = session.scalar(
        select(Employer).where(Employer.id == employer_id, Employer.id.in_(mandated_employers(person)))
    )
    if found is None:
        raise NotFound
    return found


def mandate_of(session: Session, person: Person, employer_id: uuid.UUID) -> Mandate:
    """The mandate in force, the representative's first. Raises ``NoMandate``."""
    found = session.scalar(
        select(Mandate)
        .where(Mandate.person_id == person.id, Mandate.employer_id == employer_id, Mandate.revoked_at.is_(None))
        .order_by((Mandate.capacity == Capacity.REPRESENTATIVE).desc())
    )
    if found is None:
        raise NoMandate
    return found


def active_mandates(session: Session, employer_id: uuid.UUID) -> list[Mandate]:
    """Everybody who may act for a firm, the representative first."""
    return list(
        session.scalars(
            select(Mandate)
            .where(Mandate.employer_id == employer_id, Mandate.revoked_at.is_(None))
            .order_by((Mandate.capacity == Capacity.REPRESENTATIVE).desc(), Mandate.granted_at)
        )
    )


def delegate(
    session: Session, grantor: Person, employer_id: uuid.UUID, delegate_tax_code: str, *, at: datetime
) -> Mandate:
    """The representative lets somebody with an account act for the firm. Giving it twice changes nothing."""
    _check_representative(session, grantor, employer_id)
    person = session.scalar(
        select(Person).where(
            Person.tax_code == visible(delegate_tax_code).replace(" ", "").upper(), Person.disabled_at.is_(None)
        )
    )
    if person is None or not person.has_role(Role.FILER):
        raise UnknownDelegate
    existing = session.scalar(
        select(Mandate).where(
            Mandate.employer_id == employer_id, Mandate.person_id == person.id, Mandate.revoked_at.is_(None)
        )
    )
    if existing:
        return existing
    given = Mandate(
        employer_id=employer_id,
        person_id=person.id,
        capacity=Capacity.DELEGATE,
        granted_by=grantor.id,
        granted_at=at,
    )
    session.add(given)
    return given


def revoke(session: Session, grantor: Person, mandate_id: uuid.UUID, *, at: datetime) -> None:
    """The representative ends a delegation; what the delegate already transmitted stays."""
    found = session.get(Mandate, mandate_id)
    if found is None or found.revoked_at or found.capacity is not Capacity.DELEGATE:
        raise NotFound
    _check_representative(session, grantor, found.employer_id)
    found.revoked_at = at


class UnknownDelegate(Refusal):
    code = "unknown_delegate"
    message = "Nessuna persona con questo codice fiscale ha le credenziali per presentare domande."
    remedy = "Controlli il codice fiscale. La persona delegata deve prima chiedere le proprie credenziali."


def _check_representative(session: Session, person: Person, employer_id: uuid.UUID) -> None:
    try:
        mandate = mandate_of(session, person, employer_id)
    except NoMandate as error:
        raise NotFound from error
    if mandate.capacity is not Capacity.REPRESENTATIVE:
        raise OnlyRepresentative
