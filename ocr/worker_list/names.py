"""Surname and given name out of one cell, with the codice fiscale as witness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ocr.tax_codes import fits_name, is_tax_code
from ocr.worker_list.values import tidy_name

_PARTICLES = frozenset(
    [
        "de",
        "di",
        "da",
        "del",
        "della",
        "dello",
        "dei",
        "degli",
        "dal",
        "dalla",
        "la",
        "lo",
        "li",
        "le",
        "san",
        "santa",
        "van",
        "von",
        "el",
        "al",
    ]
)


@dataclass(frozen=True, slots=True)
class SplitName:
    """A name in two parts; ``proved``: the codice fiscale says that they part here."""

    surname: str
    given_name: str
    proved: bool


def ways_to_split(text: str, *, surname_first: bool = True) -> Iterator[SplitName]:
    """Every way to part a full name, the likeliest first."""
    if "," in text:
        surname, _, given_name = text.partition(",")
        yield SplitName(tidy_name(surname), tidy_name(given_name), proved=False)
        return
    parts = tidy_name(text).split()
    usual = _usual_place(parts, surname_first=surname_first)
    places = sorted(range(1, len(parts)), key=lambda place: abs(place - usual))
    for first in (surname_first, not surname_first):
        for place in places:
            one, other = " ".join(parts[:place]), " ".join(parts[place:])
            yield SplitName(one, other, proved=False) if first else SplitName(other, one, proved=False)


def glued_ways(text: str) -> Iterator[SplitName]:
    """Every way to part a name whose two parts were read as one word; only the codice fiscale can tell which is right."""
    word = tidy_name(text)
    if " " in word:
        return
    for place in range(2, len(word) - 1):
        yield SplitName(word[:place], word[place:], proved=False)
        yield SplitName(word[place:], word[:place], proved=False)


def split_name(text: str, tax_code: str | None, *, surname_first: bool = True) -> SplitName:
    """The way to part ``text`` that the codice fiscale proves, else the likeliest; one word is a surname."""
    ways = list(ways_to_split(text, surname_first=surname_first))
    if not ways:
        return SplitName(tidy_name(text), "", proved=False)
    if tax_code and is_tax_code(tax_code):
        for way in ways:
            if fits_name(tax_code, way.surname, way.given_name):
                return SplitName(way.surname, way.given_name, proved=True)
    return ways[0]


def _usual_place(parts: list[str], *, surname_first: bool) -> int:
    """After the first word that is no particle; before the last such word's particles where the surname comes last."""
    if surname_first:
        return next((number for number, part in enumerate(parts, 1) if part.casefold() not in _PARTICLES), 1)
    place = len(parts) - 1
    while place > 1 and parts[place - 1].casefold() in _PARTICLES:
        place -= 1
    return place
