"""The days that Italian sentences name, put in English: what ``intake.notices.wording`` writes, read back."""

from __future__ import annotations

import re

_MONTHS = {
    "gennaio": "January",
    "febbraio": "February",
    "marzo": "March",
    "aprile": "April",
    "maggio": "May",
    "giugno": "June",
    "luglio": "July",
    "agosto": "August",
    "settembre": "September",
    "ottobre": "October",
    "novembre": "November",
    "dicembre": "December",
}
_WEEKDAYS = {
    "lunedì": "Monday",
    "martedì": "Tuesday",
    "mercoledì": "Wednesday",
    "giovedì": "Thursday",
    "venerdì": "Friday",
    "sabato": "Saturday",
    "domenica": "Sunday",
}
_DAY = re.compile(
    r"(?:dall'|all'|dell'|l'|dal |al |del |il )?"
    rf"(?:(?P<weekday>{'|'.join(_WEEKDAYS)}) )?(?P<day>\d{{1,2}})°? (?P<month>{'|'.join(_MONTHS)}) (?P<year>\d{{4}})"
    r"(?:, ore (?P<hour>\d{1,2}:\d{2}))?",
    re.IGNORECASE,
)


def day_in_english(italian: str) -> str | None:
    """``dal 1° giugno 2025`` as ``1 June 2025``, the article left to the sentence around it; None of what is no day."""
    found = _DAY.fullmatch(italian)
    if found is None:
        return None
    words = f"{found['day']} {_MONTHS[found['month'].lower()]} {found['year']}"
    weekday = f"{_WEEKDAYS[found['weekday'].lower()]} " if found["weekday"] else ""
    return f"{weekday}{words}{', ' + found['hour'] + ' (Rome time)' if found['hour'] else ''}"
