"""Who may call a screen. Every screen says so where it is declared; one that does not say it answers nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, Flask, request
from flask.typing import ResponseReturnValue

from intake.errors import NotAllowed, SignInNeeded
from intake.people.models import Role
from intake.web.frame.signed_in import held_sign_in

SMALL_BODY = 4 * 1024 * 1024
"""Bytes of a form without files: a worker table of some thousand rows fits."""

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a screen: anyone, whoever is signed in (``roles`` empty), or whoever has one of ``roles``."""

    anyone: bool
    roles: frozenset[Role] = frozenset()


Public = Access(anyone=True)
SignedIn = Access(anyone=False)


def Roles(*roles: Role) -> Access:  # noqa: N802  (reads as one of the three answers)
    """Signed in, with at least one of ``roles``."""
    if not roles:
        raise ValueError("name at least one role")
    return Access(anyone=False, roles=frozenset(roles))


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a screen declared: who may call it, and how many files of the largest size one request may bring."""

    allow: Access
    files: int = 0


class UndeclaredAccess(Exception):
    """A screen does not say who may call it; the message names it. A defect of ours, found at start."""


def route(
    screens: Blueprint, rule: str, *, allow: Access, methods: Sequence[str] = ("GET",), files: int = 0
) -> Callable[[View], View]:
    """Adds a screen to a blueprint. ``files``: how many uploaded files one request may carry (0: a plain form)."""

    def declare(view: View) -> View:
        view.declaration = Declaration(allow, files)  # type: ignore[attr-defined]
        return screens.route(rule, methods=list(methods))(view)

    return declare


def declaration_of(app: Flask, endpoint: str) -> Declaration | None:
    """What the screen behind ``endpoint`` declared, or None."""
    return getattr(app.view_functions[endpoint], "declaration", None)


def check_declarations(app: Flask) -> None:
    """Raises ``UndeclaredAccess`` for the first screen of ``app`` that declares nothing."""
    for rule in app.url_map.iter_rules():
        if declaration_of(app, rule.endpoint) is None:
            raise UndeclaredAccess(f"{rule.rule} ({rule.endpoint}) does not declare who may call it")


def guard(app: Flask, largest_upload: int) -> None:
    """Before anything of a request is read: its size, then its person. Register it before every other hook."""

    @app.before_request
    def refuse_whoever_may_not() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None  # no such page: the router's own answer follows
        declared = declaration_of(app, request.endpoint)
        if declared is None:
            raise NotAllowed
        request.max_content_length = SMALL_BODY + declared.files * largest_upload
        check(declared.allow)
        return None


def check(allow: Access) -> None:
    """Raises ``SignInNeeded`` or ``NotAllowed`` when the person of this request is not among those allowed."""
    if allow.anyone:
        return
    held = held_sign_in()
    if held is None:
        raise SignInNeeded
    if allow.roles and not held.has_role(*allow.roles):
        raise NotAllowed
