"""Days in a text, in the forms in which Italian papers write them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from rapidfuzz.distance import Levenshtein

from ocr.agreement.numbers import IN_LETTERS, VALUES, YEARS

MONTHS = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
    "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
)  # fmt: skip
_SHORT = {month[:3]: number for number, month in enumerate(MONTHS, start=1)}

_NUMERIC = re.compile(r"(?<![\d/])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(20\d{2}|\d{2})(?![\d/])")
_LOST_DOTS = re.compile(r"(?<!\d)(\d{2})[./ -]?(\d{2})[./ -]?(20\d{2})(?!\d)")
_WORDED = re.compile(
    rf"(?<![\d/.,])(?:(?P<figures>\d{{1,2}})|(?<![a-z])(?P<letters>primo|{IN_LETTERS}))\s?[°*^'\".-]?\s?(?:o\s)?"
    r"(?:del\s+mese\s+di\s+|"
    r"di\s+)?(?P<month>[a-z]{3,10})(?![a-z])\.?(?:\s*,?\s*(?:dell'\s?anno\s+|del\s+|"
    r"anno\s+)?(?P<year>20\d{2}(?!\d)|duemila[a-z]{3,16}))?"
)
_DAY_ALONE = re.compile(r"\bdal(?:l')?\s?(?:giorno\s)?(\d{1,2})\s+al(?:l')?\s?(?:giorno\s)?$")
_YEAR_BEFORE = re.compile(r"anno\s+(20\d{2}|duemila[a-z]{3,16})\D{0,40}$")


@dataclass(frozen=True, slots=True)
class DateFound:
    """A day between two offsets; ``weight`` is lower where something of it had to be made out."""

    day: date
    start: int
    end: int
    weight: float
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Written:
    day: int
    month: int
    year: int | None
    start: int
    end: int
    weight: float
    rules: tuple[str, ...]


def dates_in(plain: str) -> tuple[DateFound, ...]:
    """Every day of the years 2000 to 2099, in the order of the text; a missing year is taken from what stands around it."""
    written = sorted(_apart([*_numeric(plain), *_worded(plain), *_lost_dots(plain)]), key=lambda each: each.start)
    usual = Counter(each.year for each in written if each.year).most_common(1)
    found = []
    for place, each in enumerate(written):
        whole = each if each.year else _with_year(plain, each, written[place + 1 :], usual[0][0] if usual else None)
        if whole.year is not None and (day := _real_day(whole)):
            found.append(DateFound(day, whole.start, whole.end, whole.weight, whole.rules))
    return tuple(sorted([*found, *_days_alone(plain, found)], key=lambda each: each.start))


def _days_alone(plain: str, found: list[DateFound]) -> Iterator[DateFound]:
    """Of ``dal 9 al 31 marzo 2020`` the first day, whose month and year are those of the second."""
    for last in found:
        match = _DAY_ALONE.search(plain, max(0, last.start - 20), last.start)
        if match and 0 < int(match[1]) < last.day.day:
            first = last.day.replace(day=int(match[1]))
            yield DateFound(first, match.start(1), match.end(1), last.weight * 0.95, ("day_alone", *last.rules))


def _numeric(plain: str) -> Iterator[_Written]:
    for match in _NUMERIC.finditer(plain):
        day, month, year = int(match[1]), int(match[3]), int(match[4])
        whole = year if year > 99 else 2000 + year
        yield _Written(day, month, whole, match.start(), match.end(), 1.0 if year > 99 else 0.95, ("date_in_figures",))


def _lost_dots(plain: str) -> Iterator[_Written]:
    for match in _LOST_DOTS.finditer(plain):
        day, month, year = (int(part) for part in match.groups())
        yield _Written(day, month, year, match.start(), match.end(), 0.8, ("date_in_figures", "separators_lost"))


def _worded(plain: str) -> Iterator[_Written]:
    for match in _WORDED.finditer(plain):
        month, sure = _month(match["month"])
        if month is None:
            continue
        letters = match["letters"]
        day = int(match["figures"]) if match["figures"] else 1 if letters == "primo" else VALUES[letters]
        rules = ("date_in_words", *(() if sure == 1 else ("month_almost",)))
        yield _Written(day, month, _year(match["year"]), match.start(), match.end(), sure, rules)


def _month(word: str) -> tuple[int | None, float]:
    """The month's number, and how sure: a letter or two may have been read wrong in a long name."""
    if word in MONTHS:
        return MONTHS.index(word) + 1, 1.0
    if word in _SHORT:
        return _SHORT[word], 0.95
    most = 2 if len(word) >= 7 else 1
    near = [number for number, month in enumerate(MONTHS, start=1) if Levenshtein.distance(word, month) <= most]
    return (near[0], 0.85) if len(near) == 1 and len(word) >= 5 else (None, 0.0)


def _year(written: str | None) -> int | None:
    if not written:
        return None
    return int(written) if written.isdecimal() else YEARS.get(written)


def _with_year(plain: str, each: _Written, later: list[_Written], usual: int | None) -> _Written:
    said = _YEAR_BEFORE.search(plain[max(0, each.start - 80) : each.start])
    if said and (year := _year(said[1])):
        return replace(each, year=year, rules=(*each.rules, "year_before"))
    following = next((other for other in later if other.year and other.start - each.end < 60), None)
    if following:
        return replace(each, year=following.year, weight=each.weight * 0.95, rules=(*each.rules, "year_of_next_date"))
    return replace(each, year=usual, weight=each.weight * 0.75, rules=(*each.rules, "usual_year"))


def _apart(written: list[_Written]) -> list[_Written]:
    """Without those that overlap a surer one."""
    kept: list[_Written] = []
    for each in sorted(written, key=lambda one: (-one.weight, one.start)):
        if all(each.end <= other.start or each.start >= other.end for other in kept):
            kept.append(each)
    return kept


def _real_day(each: _Written) -> date | None:
    try:
        return date(each.year or 1, each.month, each.day)
    except ValueError:
        return None
