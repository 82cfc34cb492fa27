"""The person of a request, and the beginning and end of a sign-in at one door."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from flask import g, request
from flask import session as cookie

from intake.people.models import Person
from intake.people.sign_in import person_signed_in, sign_in, sign_out
from intake.web.frame.context import now, service, session, surface

_HELD = "sign_in"


def current_person() -> Person | None:
    """Who holds this request's sign-in, or None."""
    if "person" not in g:
        token = cookie.get(_HELD)
        g.person = (
            person_signed_in(session(), surface(), token, at=now(), settings=service().settings) if token else None
        )
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
    token = sign_in(session(), surface(), username, password, at=now(), settings=service().settings)
    _start_afresh()
    cookie[_HELD] = token


def end() -> None:
    """Ends the sign-in of this browser, in the database too."""
    token = cookie.get(_HELD)
    if token:
        sign_out(session(), token, at=now())
    _start_afresh()


def _start_afresh() -> None:
    language = cookie.get("lingua")
    cookie.clear()
    g.pop("person", None)
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
