"""How many people and weeks an agreement speaks of: each number judged by the words that lead up to it and follow it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ocr.agreement.numbers import NumberFound, numbers_in
from ocr.agreement.text import Found, RunningText

_PEOPLE = r"(?:dipendent|lavorator|addett|unita|person|occupat|risors|collaborator|opera)\w*"
_REACH = 150


@dataclass(frozen=True, slots=True)
class Cue:
    """The words around a number that tell what it counts: ``before`` ends where it begins, ``after`` begins at its end."""

    name: str
    weight: float
    before: str = ""
    after: str = ""

    def fits(self, before: str, after: str) -> bool:
        same_line = after.split("\n", maxsplit=1)[0]
        return bool(re.search(f"(?:{self.before})$", before)) and bool(re.match(self.after, same_line))


_STAFF = (
    Cue("staff_label", 0.97, r"(?:organico|forza\s+lavoro)\b[^.;\d]{0,80}"),
    Cue(
        "staff_total_employees",
        0.95,
        r"(?:totale|complessiv\w+|numero)\s+(?:complessivo\s+|totale\s+)?(?:de[il]\s+|"
        r"di\s+)?(?:dipendenti|addetti|occupati)\b(?!\s+(?:interess|coinvolt|sospes|"
        r"benefici))[^.;\d]{0,40}",
    ),
    Cue(
        "staff_occupies",
        0.95,
        r"\b(?:occup[ai]|occupano|occupava|impiega|impiegano|conta|annovera)\b[^.;\d]{0,70}",
        rf"\s*(?:\w+\s+){{0,2}}{_PEOPLE}",
    ),
    Cue(
        "staff_on_the_books",
        0.95,
        r"\b(?:alle\s+(?:proprie\s+|sue\s+)?dipendenze|in\s+forza|in\s+servizio)\b[^.;\d]{0,40}",
        rf"\s*(?:\w+\s+)?{_PEOPLE}",
    ),
    Cue(
        "staff_employees_occupied",
        0.9,
        r"(?:dipendenti|lavoratori|addetti)\s+(?:\w+\s+)?(?:occupati|in\s+forza|in\s+organico|"
        r"alle\s+dipendenze)\b[^.;\d]{0,40}",
    ),
    Cue(
        "staff_then_total",
        0.9,
        "",
        rf"\s*{_PEOPLE}\s*,?\s*(?:\w+\s+){{0,2}}(?:complessiv\w+|in\s+totale|totali|in\s+organico|"
        rf"in\s+forza|alle\s+(?:proprie\s+|sue\s+)?dipendenze)",
    ),
    Cue("staff_with_employees", 0.7, r"\bcon\s+(?:un\s+totale\s+di\s+)?", rf"\s*{_PEOPLE}"),
)

_INVOLVED = (
    Cue("involved_verb", 0.96, r"\b(?:interess|coinvol|riguard)\w*\b[^.;:\d]{0,70}", rf"\s*(?:\w+\s+){{0,1}}{_PEOPLE}"),
    Cue(
        "involved_label",
        0.96,
        r"(?:lavoratori|dipendenti|unita|personale|beneficiari|addetti)\s+(?:interessat|coinvolt|"
        r"beneficiar|sospes|da\s+sospendere|da\s+porre)\w*[^.;\d]{0,70}",
    ),
    Cue(
        "involved_then_said",
        0.95,
        "",
        rf"\s*(?:\w+\s+)?{_PEOPLE}\s+(?:\w+\s+){{0,3}}(?:interessat|coinvolt|sospes|beneficiar|"
        rf"da\s+sospendere|posti\s+in|di\s+cui\s+all)",
    ),
    Cue(
        "involved_treatment_for",
        0.93,
        r"(?:sospension|riduzion|cassa\s+integrazione|\bcigd?\b|trattament|"
        r"integrazione\s+salariale|ammortizzator|ricorso|richiest|chiest)\w*[^.;\d]{0,90}\b(?:per|"
        r"di|a|in\s+favore\s+di)\s+(?:[^.;\d]{0,30})",
        rf"\s*{_PEOPLE}",
    ),
    Cue("involved_beneficiaries", 0.9, r"\bbeneficiar\w*\b[^.;\d]{0,50}"),
    Cue(
        "involved_suspend",
        0.9,
        r"\b(?:sospendere|sospesi|porre\s+in|posti\s+in|collocare|collocati)\b[^.;\d]{0,50}",
        rf"\s*{_PEOPLE}",
    ),
    Cue("involved_at_most", 0.75, r"\b(?:massimo|complessiv\w+|totale)\s+(?:di\s+)?", rf"\s*{_PEOPLE}"),
)

_WEEKS = (
    Cue("weeks_after", 0.95, "", r"[\s,)]*(?:\w+\s+)?settiman"),
    Cue("weeks_label", 0.96, r"\bsettimane\b(?:\s+\w+){0,2}[\s:=.]*"),
)

_OF_THE_LAW = re.compile(
    r"(?:art\.?\s*\d+|decreto|d\.\s?l\.|legge|le\s+regioni|"
    r"accordo\s+quadro)[^;]*(?:non\s+superior|nel\s+limite|riconosc|previst|"
    r"durata\s+massima)[^;]*$"
)
_ALREADY_HAD = re.compile(
    r"(?:gia'?\s+(?:\w+\s+){0,2}(?:frui|usufrui|richiest|utilizz|godut)|precedent)\w*[^.;]{0,60}$"
)
_OF_ONE_UNIT = re.compile(r"\b(?:di\s+cui|unita\s+(?:di|produttiva)|sede\s+di|reparto|stabilimento)\b[^.;]{0,60}$")
_IN_ALL = re.compile(r"(?:complessiv|massimo|totale|in\s+tutto)\w*[^.;\d]{0,30}$")
_ALL_THE_STAFF = re.compile(
    r"(?:sospe|ridu|cassa|\bcigd?\b|interess|riguard|coinvol|trattament)\w*[^.;]{0,80}?"
    r"(tutt[oi]\s+(?:i\s+|il\s+)?(?:dipendenti|lavoratori|personale)(?!\s+(?:interess|coinvolt))|"
    r"(?:l'\s?)?intero\s+organico|totalita\s+de[il]\s+\w+)"
)


def find_total_staff(text: RunningText) -> Found | None:
    """The employer's whole staff."""
    return _best(_counted(text, _STAFF, least=0, lowered=(_OF_ONE_UNIT,)))


def find_workers_involved(text: RunningText, staff: Found | None, core: int) -> Found | None:
    """The workers for whom the treatment is asked; where that is said of the whole staff, its number.

    ``core``: where what was agreed begins.
    """
    found = _best(_counted(text, _INVOLVED, least=1, lowered=(_OF_ONE_UNIT,)), core=core)
    if found is not None or staff is None:
        return found
    everybody = _ALL_THE_STAFF.search(text.plain, core)
    if everybody is None:
        return None
    return Found(staff.value, everybody.start(1), everybody.end(1), staff.weight * 0.8, ("all_the_staff", *staff.rules))


def find_weeks(text: RunningText, core: int) -> Found | None:
    """The weeks asked for; those that a law allows, or that were had before, are not them."""
    found = list(_counted(text, _WEEKS, least=1, lowered=(_OF_THE_LAW, _ALREADY_HAD)))
    return _best((each for each in found if each.weight > 0.5), core=core)


def _counted(
    text: RunningText, cues: Iterable[Cue], *, least: int, lowered: tuple[re.Pattern[str], ...]
) -> Iterator[Found]:
    numbers = [number for number in numbers_in(text.plain) if number.value >= max(least, 1)]
    for number in numbers:
        before, after = text.before(number.start, _REACH), text.after(number.end, _REACH)
        fitting = [cue for cue in cues if cue.fits(before, after)]
        if not fitting:
            continue
        cue = max(fitting, key=lambda each: each.weight)
        weight = cue.weight * (0.5 if any(each.search(text.before(number.start, 260)) for each in lowered) else 1.0)
        weight += 0.02 if _IN_ALL.search(before) else 0.0
        yield Found(str(number.value), number.start, number.end, _sureness(number, weight), (cue.name, *_rules(number)))


def _sureness(number: NumberFound, weight: float) -> float:
    if number.agrees is None:
        return weight
    return min(1.0, weight + 0.03) if number.agrees else weight * 0.6


def _rules(number: NumberFound) -> tuple[str, ...]:
    match number.agrees:
        case None:
            return (number.rule,)
        case True:
            return (number.rule, "letters_agree")
        case _:
            return (number.rule, "letters_differ")


def _best(found: Iterable[Found], *, core: int = 0) -> Found | None:
    """The surest, what stands in the agreed part before what leads up to it, the first of equals."""
    return max(
        found, key=lambda each: (each.weight + (0.05 if each.start >= core > 0 else 0.0), -each.start), default=None
    )
