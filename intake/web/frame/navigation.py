"""What the layout asks of every page: who is here, where they may go, whose service this is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask
from flask_babel.speaklater import LazyString

from intake.people.models import Person, Role, Surface
from intake.web.frame.context import service, surface
from intake.web.frame.signed_in import current_person


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the main navigation: shown to ``roles``, or to everybody when empty."""

    endpoint: str
    label: LazyString
    roles: frozenset[Role] = frozenset()


def entry(endpoint: str, label: LazyString, *roles: Role) -> Entry:
    return Entry(endpoint, label, frozenset(roles))


def attach(app: Flask, entries: Sequence[Entry]) -> None:
    """Gives the layout its facts."""

    @app.context_processor
    def facts() -> dict[str, object]:
        person = current_person()
        return {
            "person": person,
            "navigation": [each for each in entries if _may_see(person, each)],
            "administration": _administration(),
            "is_office": surface() is Surface.OFFICE,
        }


def _may_see(person: Person | None, each: Entry) -> bool:
    return not each.roles or (person is not None and person.has_role(*each.roles))


def _administration() -> object | None:
    """The administration of an installation with one; with several, each notice's page names its own."""
    found = {pack.administration.code: pack.administration for pack in service().packs.values()}
    return next(iter(found.values())) if len(found) == 1 else None
