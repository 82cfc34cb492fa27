"""Accounts: added by an administrator, imported from an existing CO system, or synthetic for a demonstration."""

from __future__ import annotations

import csv
import hashlib
import io
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from stdnum.it import codicefiscale, iva

from intake.errors import Refusal
from intake.people.models import Capacity, Employer, Mandate, PasswordLink, Person, Role, RoleGrant
from intake.people.passwords import hash_password
from intake.people.sign_in import account_name, end_all_sign_ins
from intake.typed_text import visible

LINK_LIFE = timedelta(days=7)
IMPORT_COLUMNS = (
    "username",
    "tax_code",
    "given_name",
    "surname",
    "email",
    "role",
    "firm_tax_code",
    "firm_name",
    "capacity",
)


class UnusableLink(Refusal):
    code = "unusable_link"
    message = "Il link per la password è scaduto o è già stato usato, oppure dopo ne è stato dato un altro."
    remedy = "Chieda un nuovo link all'assistenza."


class DisabledPerson(Refusal):
    code = "disabled_person"
    message = "«{username}» è un accesso disattivato: un link per la password non servirebbe."
    remedy = "Lo riattivi prima con «sportello people enable {username}»."


class UsernameTaken(Refusal):
    code = "username_taken"
    message = "Il nome utente «{username}» è già di un'altra persona."
    remedy = "Ne scelga un altro, oppure controlli con «sportello people list» se la persona c'è già."


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """One wrong cell of an import; ``line`` as a text editor counts it, the heading being line 1."""

    line: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or why it did nothing: with problems, no account is made."""

    people: int
    firms: int
    links: tuple[tuple[str, str], ...]
    problems: tuple[ImportProblem, ...]


def add_person(
    session: Session,
    *,
    username: str,
    tax_code: str,
    given_name: str,
    surname: str,
    email: str,
    roles: tuple[Role, ...],
    at: datetime,
    password_hash: str | None = None,
    accredited: bool = True,
    demo: bool = False,
) -> Person:
    """Makes an account; without a password it is entered by a link.

    Raises ``UsernameTaken``, and ``stdnum`` errors for a wrong codice fiscale."""
    name = account_name(username)
    if session.scalar(select(Person.id).where(Person.username == name)):
        raise UsernameTaken(username=name)
    person = Person(
        username=name,
        tax_code=str(codicefiscale.validate(tax_code)),
        given_name=given_name.strip(),
        surname=surname.strip(),
        email=email.strip(),
        password_hash=password_hash,
        created_at=at,
        accredited_at=at if accredited else None,
        demo=demo,
    )
    session.add(person)
    session.flush()
    session.add_all(RoleGrant(person_id=person.id, role=role, granted_at=at) for role in roles)
    session.flush()
    session.refresh(person, ["roles"])
    return person


def ensure_employer(session: Session, *, tax_code: str, name: str, at: datetime) -> Employer:
    """The firm of this tax code, made if it is new."""
    compact = tax_code.strip().upper()
    found = session.scalar(select(Employer).where(Employer.tax_code == compact))
    if found:
        return found
    made = Employer(
        tax_code=compact, vat_number=compact if iva.is_valid(compact) else None, name=name.strip(), created_at=at
    )
    session.add(made)
    session.flush()
    return made


def give_mandate(session: Session, person: Person, employer: Employer, capacity: Capacity, *, at: datetime) -> None:
    """Records an act of the existing CO system or of an administrator; giving it twice changes nothing."""
    known = session.scalar(
        select(Mandate).where(
            Mandate.person_id == person.id,
            Mandate.employer_id == employer.id,
            Mandate.capacity == capacity,
            Mandate.revoked_at.is_(None),
        )
    )
    if known is None:
        session.add(Mandate(person_id=person.id, employer_id=employer.id, capacity=capacity, granted_at=at))
        session.flush()


def make_password_link(session: Session, person: Person, *, at: datetime) -> str:
    """A token by which ``person`` sets a password once, within seven days; earlier ones no longer serve.

    Raises ``DisabledPerson``."""
    if person.disabled_at:
        raise DisabledPerson(username=person.username)
    spend_password_links(session, person, at=at)
    token = secrets.token_urlsafe(32)
    session.add(
        PasswordLink(
            token_sha256=hashlib.sha256(token.encode()).digest(),
            person_id=person.id,
            created_at=at,
            expires_at=at + LINK_LIFE,
        )
    )
    return token


def spend_password_links(session: Session, person: Person, *, at: datetime) -> None:
    """No link given to ``person`` until now sets a password any more."""
    session.execute(
        update(PasswordLink)
        .where(PasswordLink.person_id == person.id, PasswordLink.used_at.is_(None))
        .values(used_at=at)
    )


def set_password_by_link(session: Session, token: str, password: str, *, at: datetime) -> Person:
    """Uses up a link, and with it the others of its person; every older sign-in of the person ends.

    Raises ``UnusableLink``, ``PasswordTooShort``."""
    given = PasswordLink.token_sha256 == hashlib.sha256(token.encode()).digest()
    # The person's row is locked before the link is read: two links used at once are used one after the other.
    person = session.scalar(
        select(Person)
        .where(Person.id == select(PasswordLink.person_id).where(given).scalar_subquery())
        .with_for_update(key_share=True, of=Person)
        .execution_options(populate_existing=True)
    )
    link = session.scalar(select(PasswordLink).where(given).execution_options(populate_existing=True))
    if person is None or link is None or link.used_at or at >= link.expires_at or person.disabled_at:
        raise UnusableLink
    person.password_hash = hash_password(password)
    spend_password_links(session, person, at=at)
    end_all_sign_ins(session, person, at=at)
    return person


def import_people(session: Session, text: str, *, at: datetime) -> Imported:
    """Brings the accounts of an existing CO system from CSV with the columns ``IMPORT_COLUMNS``, one firm a line.

    All or nothing: with a wrong cell nothing is made and every problem is named. Known accounts only gain what is new.
    """
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), dialect=_dialect(text))
    missing = [column for column in IMPORT_COLUMNS if column not in (reader.fieldnames or [])]
    if missing:
        problems = tuple(ImportProblem(1, column, f"Manca la colonna «{column}».") for column in missing)
        return Imported(0, 0, (), problems)
    rows = [(reader.line_num, {column: visible(row[column] or "") for column in IMPORT_COLUMNS}) for row in reader]
    found = tuple(problem for line, row in rows for problem in _row_problems(line, row)) or _clashes(session, rows)
    if found:
        return Imported(0, 0, (), found)
    links: list[tuple[str, str]] = []
    firms = set()
    for _, row in rows:
        person = session.scalar(select(Person).where(Person.tax_code == codicefiscale.compact(row["tax_code"])))
        if person is None:
            person = add_person(
                session,
                username=row["username"],
                tax_code=row["tax_code"],
                given_name=row["given_name"],
                surname=row["surname"],
                email=row["email"],
                roles=(Role(row["role"]),),
                at=at,
            )
            links.append((person.username, make_password_link(session, person, at=at)))
        elif not person.has_role(Role(row["role"])):
            session.add(RoleGrant(person_id=person.id, role=Role(row["role"]), granted_at=at))
            session.flush()
            session.refresh(person, ["roles"])
        if row["firm_tax_code"]:
            firm = ensure_employer(session, tax_code=row["firm_tax_code"], name=row["firm_name"], at=at)
            firms.add(firm.id)
            give_mandate(session, person, firm, Capacity(row["capacity"]), at=at)
    return Imported(len(links), len(firms), tuple(links), ())


def _clashes(session: Session, rows: list[tuple[int, dict[str, str]]]) -> tuple[ImportProblem, ...]:
    """User names that belong to another person, of this list or already known."""
    owners = {row.username: row.tax_code for row in session.execute(select(Person.username, Person.tax_code))}
    problems = []
    for line, row in rows:
        username, tax_code = row["username"].lower(), codicefiscale.compact(row["tax_code"])
        if owners.setdefault(username, tax_code) != tax_code:
            problems.append(ImportProblem(line, "username", f"«{username}» è già il nome utente di un'altra persona."))
    return tuple(problems)


def _dialect(text: str) -> type[csv.Dialect] | str:
    first = text.split("\n", 1)[0]
    return "excel-tab" if "\t" in first else _Semicolon if first.count(";") > first.count(",") else "excel"


class _Semicolon(csv.excel):
    delimiter = ";"


def _row_problems(line: int, row: dict[str, str]) -> list[ImportProblem]:
    needed = ("username", "given_name", "surname", "email")
    problems = [ImportProblem(line, column, "La cella è vuota.") for column in needed if not row[column]]
    if not codicefiscale.is_valid(row["tax_code"]):
        problems.append(ImportProblem(line, "tax_code", f"«{row['tax_code']}» non è un codice fiscale."))
    if row["role"] not in set(Role):
        problems.append(ImportProblem(line, "role", f"«{row['role']}» non è un ruolo: {', '.join(Role)}."))
    if row["firm_tax_code"]:
        if not codicefiscale.is_valid(row["firm_tax_code"]):
            problems.append(ImportProblem(line, "firm_tax_code", f"«{row['firm_tax_code']}» non è un codice fiscale."))
        if not row["firm_name"]:
            problems.append(ImportProblem(line, "firm_name", "Manca il nome dell'azienda."))
        if row["capacity"] not in set(Capacity):
            problems.append(ImportProblem(line, "capacity", f"Si ammette solo: {', '.join(Capacity)}."))
    return problems
