"""Signing in and out. The browser holds a random token; the server can end a sign-in at any time."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from http import HTTPStatus

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session, joinedload

from intake.errors import Refusal
from intake.people.models import OFFICE_ROLES, Person, Role, SignIn, Surface
from intake.people.passwords import hash_password, needs_rehash, password_matches
from intake.settings import Settings
from intake.typed_text import visible

_HELD = (
    select(SignIn)
    .where(SignIn.token_sha256 == bindparam("token_sha256"), SignIn.surface == bindparam("surface"))
    .options(joinedload(SignIn.person).joinedload(Person.roles))
)
"""Put together once: it is asked at every request."""
_SEEN_AGAIN_AFTER = timedelta(minutes=1)
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


def person_signed_in(
    session: Session, surface: Surface, token: str, *, at: datetime, settings: Settings
) -> Person | None:
    """Who holds ``token``, or None when the sign-in is unknown, ended, expired, idle too long, or its person disabled."""
    held = {"token_sha256": _digest(token), "surface": surface}
    found = session.scalars(_HELD, held).unique().one_or_none()
    if found is None or found.ended_at or at >= found.expires_at or found.person.disabled_at:
        return None
    if at - found.last_seen_at > timedelta(minutes=settings.session_idle_minutes):
        return None
    if not found.person.has_role(*ADMITTED[surface]):
        return None
    if at - found.last_seen_at > _SEEN_AGAIN_AFTER:
        found.last_seen_at = at
    return found.person


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
