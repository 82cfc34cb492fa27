"""Numbers in a text, in figures, in letters, or both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SMALL = (
    "zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci", "undici", "dodici",
    "tredici", "quattordici", "quindici", "sedici", "diciassette", "diciotto", "diciannove",
)  # fmt: skip
_TENS = ("venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta")
_MOST_IN_LETTERS = 199


def _in_letters(number: int) -> str:
    if number >= 100:
        return "cento" + (_in_letters(number - 100) if number > 100 else "")
    if number < 20:
        return _SMALL[number]
    stem, unit = _TENS[number // 10 - 2], number % 10
    if unit == 0:
        return stem
    return (stem[:-1] if unit in {1, 8} else stem) + _SMALL[unit]


VALUES = {_in_letters(number): number for number in range(_MOST_IN_LETTERS + 1)} | {"un": 1, "una": 1}
"""Numbers in letters, without accents."""

IN_LETTERS = "|".join(sorted((word for word in VALUES if word not in {"un", "una"}), key=len, reverse=True))
YEARS = {f"duemila{word}": 2000 + number for word, number in VALUES.items() if 0 < number < 100}

_NUMBER = re.compile(
    r"(?P<sign>\bn(?:umero|um|ro|"
    r"r)?\s?[.°*'o]{0,2}\s?)?(?<![\d/.,-])(?:(?P<figures>\d{1,4})(?![\d/%]|"
    r"[.,-]\d)(?:\s?[(/-]\s?(?P<letters>[a-z]{3,24})\s?\)?)?"
    rf"|(?<![a-z])(?P<word>{IN_LETTERS})(?![a-z])(?:\s?\(\s?(?P<repeated>\d{{1,4}})\s?\))?)"
)


@dataclass(frozen=True, slots=True)
class NumberFound:
    """A whole number between two offsets. ``agrees``: None unless it is written both ways."""

    value: int
    start: int
    end: int
    agrees: bool | None
    rule: str


def numbers_in(plain: str) -> Iterator[NumberFound]:
    """Every whole number that is no part of a date, a decimal or the number of an act with its year."""
    for match in _NUMBER.finditer(plain):
        if match["figures"]:
            value = int(match["figures"])
            letters = VALUES.get(match["letters"] or "")
            end = match.end() if letters is not None else match.end("figures")
            agrees = None if letters is None else letters == value
            yield NumberFound(value, match.start(), end, agrees, "number_in_figures")
        else:
            value = VALUES[match["word"]]
            agrees = int(match["repeated"]) == value if match["repeated"] else None
            yield NumberFound(value, match.start(), match.end(), agrees, "number_in_letters")
