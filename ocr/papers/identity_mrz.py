"""The machine readable zone of identity documents (ICAO Doc 9303, parts 4 to 6): TD1 cards, TD2, TD3 passports.

Only what tells whose document it is and how long it is valid is taken: names, day of birth, sex, day of expiry. Days are
believed by their check digits; names carry none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ocr.papers.stack_kinds import folded

_FILLER = str.maketrans(dict.fromkeys("«‹<({[€", "<"))
_AS_DIGIT = str.maketrans("OQDILZSBG", "000112586")
AS_LETTER = str.maketrans("0152689", "OISZGBG")
"""Digits that readers take for letters."""
_D = "[0-9OQDILZSBG]"
_CARD_DAYS = re.compile(rf"({_D}{{6}})({_D})([MFX<])({_D}{{6}})({_D})")
_CARD_NAMES = re.compile(r"^([A-Z0-9]+(?:<[A-Z0-9]+)*)<<([A-Z0-9]+(?:<[A-Z0-9]+)*)<")
_BOOK_NAMES = re.compile(r"^([PIAC])[A-Z<]([A-Z0]{3})([A-Z0-9]+(?:<[A-Z0-9]+)*)<<([A-Z0-9]+(?:<[A-Z0-9]+)*)<")
_TYPE = re.compile(r"^([PIAC])[A-Z<][A-Z0]{3}")
_MISREAD_FILLER = re.compile(r"(?<=<)[KCE4S]{1,3}(?=<)|(?<=<<)[KCES<]+$")
_LEAST_LENGTH = 24
_WEIGHTS = (7, 3, 1)
_YOUNGEST = 14


@dataclass(frozen=True, slots=True)
class MachineReadable:
    """``document``: P a passport, I, A or C a card, empty where that line was not read. ``born`` and ``expires`` are None
    where their check digit does not hold. ``lines`` are the places of the lines used."""

    document: str
    surname: str
    given_name: str
    sex: str
    born: date | None
    expires: date | None
    lines: tuple[int, ...]


def machine_readable(lines: Sequence[str]) -> MachineReadable | None:
    """What the zone among some lines of text says; None where no two of its lines are found that belong together."""
    zone = [(place, plain) for place, line in enumerate(lines) if len(plain := _plain(line)) >= _LEAST_LENGTH]
    days = next(((place, found) for place, line in zone for found in _days(line)), None)
    names = next(((place, found) for place, line in zone if (found := _names(line)) is not None), None)
    if days is None or names is None:
        return None
    kind = next((seen[1] for _, line in zone if (seen := _TYPE.match(line)) and "<" in line), "")
    (days_at, (sex, born, expires)), (names_at, (surname, given_name)) = days, names
    return MachineReadable(kind, surname, given_name, sex, born, expires, (days_at, names_at))


def check_digit(text: str) -> int:
    """The check digit over ``text`` (ICAO Doc 9303, part 3, 4.9): weights 7, 3, 1; letters from 10, the filler 0."""
    return sum(_value(letter) * _WEIGHTS[place % 3] for place, letter in enumerate(text)) % 10


def _value(letter: str) -> int:
    return 0 if letter == "<" else int(letter, 36)


def _plain(line: str) -> str:
    plain = "".join(letter for letter in folded(line.translate(_FILLER)) if letter.isalnum() or letter == "<")
    return _MISREAD_FILLER.sub(lambda seen: "<" * len(seen[0]), plain)


def _days(line: str) -> Iterator[tuple[str, date | None, date | None]]:
    """Sex, day of birth and day of expiry, each day only where its check digit holds; at least one does."""
    for seen in _CARD_DAYS.finditer(line):
        expires = _day(seen[4], seen[5])
        born = _day(seen[1], seen[2])
        until = _expiry(expires) if expires else None
        since = _birth(born, until) if born else None
        if since or until:
            yield ("" if seen[3] == "<" else seen[3]), since, until


def _day(digits: str, check: str) -> str | None:
    plain, said = digits.translate(_AS_DIGIT), check.translate(_AS_DIGIT)
    return plain if said.isdigit() and check_digit(plain) == int(said) else None


def _expiry(day: str) -> date | None:
    return _as_date(2000 + int(day[:2]), day)


def _birth(day: str, expires: date | None) -> date | None:
    """The century in which the holder is old enough to sign before the document expires."""
    year = 2000 + int(day[:2])
    last = expires.year if expires else 2000 + int(day[:2])
    return _as_date(year if year + _YOUNGEST <= last else year - 100, day)


def _as_date(year: int, day: str) -> date | None:
    try:
        return date(year, int(day[2:4]), int(day[4:6]))
    except ValueError:
        return None


def _names(line: str) -> tuple[str, str] | None:
    if book := _BOOK_NAMES.match(line):
        return _spaced(book[3]), _spaced(book[4])
    if _CARD_DAYS.search(line):
        return None
    card = _CARD_NAMES.match(line)
    return (_spaced(card[1]), _spaced(card[2])) if card else None


def _spaced(name: str) -> str:
    return name.translate(AS_LETTER).replace("<", " ").strip()
