"""The person of a request, and the beginning and end of a sign-in at one door."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

from flask import g, request
from flask import session as cookie
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from intake.people import sign_in
from intake.people.models import Person
from intake.people.sign_in import HeldSignIn
from intake.web.frame.context import now, service, session, surface

_HELD = "sign_in"
_PERSON = select(Person).where(Person.id == bindparam("id")).options(joinedload(Person.roles))


def held_sign_in() -> HeldSignIn | None:
    """Who this request's cookie stands for, with nothing read of the person: enough to let in, or not."""
    if "held_sign_in" not in g:
        token = cookie.get(_HELD)
        g.held_sign_in = _ask(token) if token else None
    return cast("HeldSignIn | None", g.held_sign_in)


def signed_in_id() -> UUID:
    """The person of a screen that is not public, by identifier: nothing is read. Raises as ``signed_in_person``."""
    held = held_sign_in()
    if held is None:
        raise LookupError("nobody is signed in: the screen must not be public")
    return held.person_id


def _ask(token: str) -> HeldSignIn | None:
    with service().database.each_alone() as connection:
        return sign_in.held_sign_in(connection, surface(), token, at=now(), settings=service().settings)


def current_person() -> Person | None:
    """The person behind this request's sign-in, or None."""
    if "person" not in g:
        held = held_sign_in()
        g.person = session().scalars(_PERSON, {"id": held.person_id}).unique().one() if held else None
    return cast("Person | None", g.person)


def signed_in_person() -> Person:
    """The person of a screen that is not public. Raises ``LookupError`` on a public one: a defect of ours."""
    person = current_person()
    if person is None:
        raise LookupError("nobody is signed in: the screen must not be public")
    return person


def begin(username: str, password: str) -> None:
    """Opens a sign-in. What the cookie held before is dropped, language aside: nobody can have prepared it.

    Raises ``WrongCredentials``, ``WrongDoor``.
    """
    token = sign_in.sign_in(session(), surface(), username, password, at=now(), settings=service().settings)
    _start_afresh()
    cookie[_HELD] = token


def end() -> None:
    """Ends the sign-in of this browser, in the database too."""
    token = cookie.get(_HELD)
    if token:
        sign_in.sign_out(session(), token, at=now())
    _start_afresh()


def take_for_nobody() -> None:
    """For the rest of this request nobody is signed in, and the database is not asked."""
    g.held_sign_in = g.person = None


def _start_afresh() -> None:
    language = cookie.get("lingua")
    cookie.clear()
    for known in ("held_sign_in", "person"):
        g.pop(known, None)
    if language:
        cookie["lingua"] = language


def safe_next(wanted: str | None) -> str | None:
    """A path of this same door to go back to, or None: never another site, never the other door."""
    if not wanted or not wanted.startswith("/") or "\\" in wanted or any(ord(c) < 32 for c in wanted):
        return None
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc or wanted.startswith("//"):
        return None
    root = request.root_path.rstrip("/")
    inside = parts.path == root or parts.path.startswith(f"{root}/")
    return wanted if inside else None
