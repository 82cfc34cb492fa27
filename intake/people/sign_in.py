"""Signing in and out. The browser holds a random token; the server can end a sign-in at any time."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

import psycopg
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from intake.errors import Refusal
from intake.people.models import OFFICE_ROLES, Person, Role, SignIn, Surface
from intake.people.passwords import hash_password, needs_rehash, password_matches
from intake.settings import Settings
from intake.typed_text import visible

_HELD = """
SELECT held.id, held.person_id, held.last_seen_at,
       ARRAY(SELECT given.role FROM role_grant given WHERE given.person_id = held.person_id AND given.revoked_at IS NULL)
  FROM sign_in held JOIN person ON person.id = held.person_id
 WHERE held.token_sha256 = %(token_sha256)s AND held.surface = %(surface)s AND held.ended_at IS NULL
   AND held.expires_at > %(at)s AND held.last_seen_at >= %(idle_since)s AND person.disabled_at IS NULL
"""
_SEEN = "UPDATE sign_in SET last_seen_at = %(at)s WHERE id = %(id)s"
_SEEN_AGAIN_AFTER = timedelta(minutes=1)
WAYS_IN = frozenset({"co_account"})
"""Of the ways to sign in that a notice names, those that this service has."""
ADMITTED = {Surface.DESK: frozenset({Role.FILER, Role.CPI_OPERATOR}), Surface.OFFICE: OFFICE_ROLES}


class WrongCredentials(Refusal):
    code = "wrong_credentials"
    message = "Nome utente o password non corrispondono."
    remedy = "Controlli maiuscole e tastiera e riprovi. Se ha perso la password, chieda un nuovo link all'assistenza."
    status = HTTPStatus.UNAUTHORIZED


class WrongDoor(Refusal):
    code = "wrong_door"
    message = "Il suo profilo non usa questo ingresso."
    remedy = "Aziende e consulenti accedono dalla pagina iniziale; gli uffici da /ufficio."
    status = HTTPStatus.FORBIDDEN


@dataclass(frozen=True, slots=True)
class HeldSignIn:
    """An open sign-in: whose it is, and what that person may do at this instant."""

    person_id: uuid.UUID
    roles: frozenset[Role]

    def has_role(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


def account_name(typed: str) -> str:
    """The user name that ``typed`` stands for: one for the account, for its attempts and for who adds it."""
    return visible(typed).lower()


def sign_in(
    session: Session, surface: Surface, username: str, password: str, *, at: datetime, settings: Settings
) -> str:
    """Opens a sign-in and returns its token. Raises ``WrongCredentials`` or ``WrongDoor``."""
    person = session.scalar(select(Person).where(Person.username == account_name(username)))
    if not password_matches(person.password_hash if person else None, password) or person is None or person.disabled_at:
        raise WrongCredentials
    if not person.has_role(*ADMITTED[surface]):
        raise WrongDoor
    if person.password_hash and needs_rehash(person.password_hash):
        person.password_hash = hash_password(password)
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            token_sha256=_digest(token),
            surface=surface,
            person_id=person.id,
            created_at=at,
            last_seen_at=at,
            expires_at=at + timedelta(hours=settings.session_hours),
        )
    )
    return token


def held_sign_in(
    connection: psycopg.Connection, surface: Surface, token: str, *, at: datetime, settings: Settings
) -> HeldSignIn | None:
    """Whose ``token`` is, or None when the sign-in is unknown, ended, expired, idle too long, or its person disabled.

    Asked at every request, so in one statement; another, once a minute, writes that its holder was seen."""
    idle_since = at - timedelta(minutes=settings.session_idle_minutes)
    asked = {"token_sha256": _digest(token), "surface": surface.value, "at": at, "idle_since": idle_since}
    found = connection.execute(_HELD, asked).fetchone()
    if found is None:
        return None
    identifier, person_id, last_seen_at, roles = found
    held = HeldSignIn(person_id, frozenset(map(Role, roles)))
    if not held.has_role(*ADMITTED[surface]):
        return None
    if at - last_seen_at > _SEEN_AGAIN_AFTER:
        connection.execute(_SEEN, {"id": identifier, "at": at})
    return held


def sign_out(session: Session, token: str, *, at: datetime) -> None:
    """Ends one sign-in; an unknown token is no error."""
    session.execute(
        update(SignIn).where(SignIn.token_sha256 == _digest(token), SignIn.ended_at.is_(None)).values(ended_at=at)
    )


def end_all_sign_ins(session: Session, person: Person, *, at: datetime) -> None:
    """Revokes every open sign-in of a person, at both doors."""
    session.execute(update(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None)).values(ended_at=at))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
