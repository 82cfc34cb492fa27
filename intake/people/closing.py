"""How an administrator ends what somebody may do, from the next request on: the account, a role, the mandates for a firm."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.errors import Refusal
from intake.people.accounts import spend_password_links
from intake.people.mandates import employers_of
from intake.people.models import Employer, Mandate, Person, Role
from intake.people.sign_in import account_name, end_all_sign_ins
from intake.typed_text import visible


class UnknownPerson(Refusal):
    code = "unknown_person"
    message = "Nessuna persona ha il nome utente «{username}»."
    remedy = "Cerchi il nome con «sportello people list» e riprovi."


class DemoPersonInService(Refusal):
    code = "demo_person_in_service"
    message = "«{username}» è una persona di prova, con una password nota, e il servizio è aperto ad altri."
    remedy = "Aggiunga una persona vera con «sportello people add»."


class RoleNotHeld(Refusal):
    code = "role_not_held"
    message = "«{username}» non ha il ruolo «{role}»: non è cambiato niente."
    remedy = "Controlli i ruoli con «sportello people list» e riprovi."


class MandateNotHeld(Refusal):
    code = "mandate_not_held"
    message = "«{username}» non agisce per l'azienda «{firm}»: non è cambiato niente."
    remedy = "Controlli il codice fiscale dell'azienda. Oggi la persona agisce per: {firms}."


def person_called(session: Session, username: str) -> Person:
    """Whose account ``username`` is, locked until the transaction ends. Raises ``UnknownPerson``."""
    name = account_name(username)
    found = session.scalar(select(Person).where(Person.username == name).with_for_update(key_share=True, of=Person))
    if found is None:
        raise UnknownPerson(username=name)
    return found


def disable(session: Session, person: Person, *, at: datetime) -> None:
    """Nobody enters with this account any more: its sign-ins end and its links for the password are spent."""
    person.disabled_at = person.disabled_at or at
    session.flush()
    spend_password_links(session, person, at=at)
    end_all_sign_ins(session, person, at=at)


def enable(session: Session, person: Person, *, open_to_others: bool, at: datetime) -> None:
    """The account serves again, with its password; what was open before stays ended. An enabled one stays as it is.

    ``open_to_others``: whether other machines reach the service. Raises ``DemoPersonInService``."""
    if person.demo and open_to_others:
        raise DemoPersonInService(username=person.username)
    if person.disabled_at is None:
        return
    # Somebody may have been signing in at the very instant of the disabling.
    end_all_sign_ins(session, person, at=at)
    person.disabled_at = None
    session.flush()


def revoke_role(session: Session, person: Person, role: Role, *, at: datetime) -> None:
    """Ends a role; what was done in it stays. Raises ``RoleNotHeld``."""
    held = [grant for grant in person.roles if grant.role is role and grant.revoked_at is None]
    if not held:
        raise RoleNotHeld(username=person.username, role=role.value)
    for grant in held:
        grant.revoked_at = at
    session.flush()


def end_mandates(session: Session, person: Person, firm_tax_code: str, *, at: datetime) -> Employer:
    """Ends every mandate of ``person`` for a firm, the legal representative's too; what was transmitted stays.

    The delegations given by a representative are the firm's and go on. Raises ``MandateNotHeld``."""
    tax_code = visible(firm_tax_code).replace(" ", "").upper()
    in_force = (Mandate.person_id == person.id, Mandate.revoked_at.is_(None), Employer.tax_code == tax_code)
    held = session.scalars(select(Mandate).join(Mandate.employer).where(*in_force)).all()
    if not held:
        firms = ", ".join(f"{firm.tax_code} {firm.name}" for firm in employers_of(session, person))
        raise MandateNotHeld(username=person.username, firm=tax_code, firms=firms or "nessuna azienda")
    for mandate in held:
        mandate.revoked_at = at
    session.flush()
    return held[0].employer
