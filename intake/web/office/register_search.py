"""What somebody looks for in the register, from the address of the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from intake.clock import ROME
from intake.typed_text import typed_day
from protocol_register.entries import Direction
from protocol_register.entry_search import EntryQuery, Place

ROWS_PER_PAGE = 25
_HASH = re.compile(r"[0-9a-fA-F]{64}")
_NUMBER = re.compile(r"\s*(\d{1,12})\s*(?:/\s*(\d{4}))?\s*")
_EMERGENCY = re.compile(r"E\d{4}-\d{1,4}-\d{4}")
KEYS = ("numero", "dal", "al", "mittente", "oggetto", "impronta", "verso")


@dataclass(frozen=True, slots=True)
class RegisterSearch:
    """``typed`` as it came, ``errors`` by field, ``query`` with whatever could be understood."""

    typed: dict[str, str]
    errors: dict[str, str]
    query: EntryQuery

    @property
    def asked(self) -> bool:
        return any(self.typed.values())

    @property
    def address(self) -> dict[str, str]:
        """The parts of the address that repeat this search on another page."""
        return {key: value for key, value in self.typed.items() if value}


def read_search(given: MultiDict[str, str]) -> RegisterSearch:
    """The search that the address asks for. What cannot be understood is an error beside its field, never ignored."""
    typed = {key: given.get(key, "").strip() for key in KEYS}
    errors: dict[str, str] = {}
    emergency_number = typed["numero"].upper() if _EMERGENCY.fullmatch(typed["numero"].upper()) else None
    year, number = (None, None) if emergency_number else _number(typed["numero"], errors)
    since, until = _day(typed["dal"], "dal", errors), _day(typed["al"], "al", errors)
    sha256 = typed["impronta"].lower()
    if sha256 and not _HASH.fullmatch(sha256):
        errors["impronta"] = gettext("L'impronta SHA-256 ha 64 cifre esadecimali: la copi per intero.")
    query = EntryQuery(
        year=year,
        number=number,
        emergency_number=emergency_number,
        since=datetime.combine(since, time.min, ROME) if since else None,
        until=datetime.combine(until + timedelta(days=1), time.min, ROME) if until else None,
        party=typed["mittente"] or None,
        subject=typed["oggetto"] or None,
        sha256=sha256 or None,
        direction=Direction(typed["verso"]) if typed["verso"] in set(Direction) else None,
        before=_beside(given.get("prima")),
        after=_beside(given.get("dopo")),
        per_page=ROWS_PER_PAGE,
    )
    return RegisterSearch(typed, errors, query)


def _number(text: str, errors: dict[str, str]) -> tuple[int | None, int | None]:
    if not text:
        return None, None
    found = _NUMBER.fullmatch(text)
    if not found or int(found[1]) >= 2**31:
        errors["numero"] = gettext("Scriva il numero, per esempio 127, 0000127/2020 oppure E2020-1-0001.")
        return None, None
    return (int(found[2]) if found[2] else None), int(found[1])


def _beside(text: str | None) -> Place | None:
    """The entry next to which the page begins; the first page when it is none of ours."""
    found = _NUMBER.fullmatch(text or "")
    return (int(found[2]), int(found[1])) if found and found[2] and int(found[1]) < 2**31 else None


def _day(text: str, key: str, errors: dict[str, str]) -> date | None:
    if not text:
        return None
    try:
        return typed_day(text)
    except ValueError:
        errors[key] = gettext("Scriva la data come 2020-04-08, oppure la scelga dal calendario.")
        return None
