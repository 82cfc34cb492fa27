"""The period or periods of suspension that an agreement states."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from ocr.agreement.dates import DateFound
from ocr.agreement.text import Found, RunningText

_STARTS = re.compile(
    r"(?:\bdal(?:l')?(?:\s+giorno|\s+di)?|\bda(?:\s+giorno)?|"
    r"decorrenza(?:\s+dal?(?:l')?)?(?:\s+giorno)?|decorrere\s+dal(?:l')?"
    r"(?:\s+giorno)?|inizi\w*(?:\s+(?:il|dal))?|periodo|partire\s+dal(?:l')?(?:\s+giorno)?)[\s:,(]*$"
)
_ENDS = re.compile(
    r"^[\s,;)]*(?:e\s+|ed\s+)?(?:fino|sino|con)?\s*(?:e\s+)?"
    r"(?:[-/]\s*)?(?:al(?:l')?|a|termin\w*|scadenza|fine|conclusione|[-/]|ultimo\s+giorno|(?<=[-/]\s)|(?<=[-/]))"
    r"(?:\s*(?:giorno|il|al|prevista|alla\s+data\s+del))*[\s:,(]*$"
)
_MOST_BETWEEN = 45
_ABOUT = re.compile(
    r"sospension|riduzion|cassa|\bcig|integrazion|periodo|trattament|richiest|chiest|ammortizz|settiman|decorr|durata|"
    r"interess|coinvol|lavorator|dipendent|propone"
)
_NOT_IT = re.compile(
    r"(?:gia'?\s+(?:\w+\s+){0,2}(?:frui|usufrui|godut|utilizz)|precedent|ferie|malattia|"
    r"assunt|in\s+carica|contratto\s+a\s+termine|vigore)\w*[^.;]{0,80}$"
)


@dataclass(frozen=True, slots=True)
class Period:
    """A first and a last day, each with its passage."""

    first: DateFound
    last: DateFound
    weight: float
    rules: tuple[str, ...]


def find_periods(text: RunningText, dates: tuple[DateFound, ...], core: int) -> tuple[Period, ...]:
    """All periods stated, in the order of the text; those of the agreed part where it states any. A first day alone is none."""
    found = []
    for first, last in pairwise(dates):
        between = text.plain[first.end : last.start]
        before = text.before(first.start, 200)
        if len(between) > _MOST_BETWEEN or not _ENDS.match(between) or _NOT_IT.search(before) or last.day < first.day:
            continue
        started = bool(_STARTS.search(before))
        if not started and not _ABOUT.search(before[-80:]):
            continue
        weight = (0.97 if _ABOUT.search(before) else 0.8) * (1.0 if started else 0.85)
        found.append(Period(first, last, weight * min(first.weight, last.weight), ("period_from_to",)))
    agreed = [each for each in found if each.first.start >= core]
    return _once(agreed or found)


def find_first_day(text: RunningText, dates: tuple[DateFound, ...], core: int) -> Found | None:
    """The day from which the suspension runs, where no last day is said."""
    for each in sorted(dates, key=lambda one: one.start < core):
        before = text.before(each.start, 200)
        if _STARTS.search(before) and _ABOUT.search(before) and not _NOT_IT.search(before):
            return Found(
                each.day.isoformat(), each.start, each.end, 0.85 * each.weight, ("period_from_only", *each.rules)
            )
    return None


def found_first(period: Period, *rules: str) -> Found:
    """The first day of a period."""
    return _found(period.first, period, rules)


def found_last(period: Period, *rules: str) -> Found:
    """The last day of a period."""
    return _found(period.last, period, rules)


def first_of(periods: tuple[Period, ...]) -> Found | None:
    """The earliest first day."""
    rules = ("earliest_of_several",) if len(periods) > 1 else ()
    return found_first(min(periods, key=lambda each: each.first.day), *rules) if periods else None


def last_of(periods: tuple[Period, ...]) -> Found | None:
    """The latest last day."""
    rules = ("latest_of_several",) if len(periods) > 1 else ()
    return found_last(max(periods, key=lambda each: each.last.day), *rules) if periods else None


def _found(which: DateFound, period: Period, rules: tuple[str, ...]) -> Found:
    return Found(which.day.isoformat(), which.start, which.end, period.weight, (*period.rules, *which.rules, *rules))


def _once(periods: list[Period]) -> tuple[Period, ...]:
    seen: dict[tuple[date, date], Period] = {}
    for each in periods:
        seen.setdefault((each.first.day, each.last.day), each)
    return tuple(seen.values())
