"""Numbers and days as people write them."""

from __future__ import annotations

import random
from datetime import date

MONTHS = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
    "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
)  # fmt: skip
_SMALL = (
    "zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci", "undici", "dodici",
    "tredici", "quattordici", "quindici", "sedici", "diciassette", "diciotto", "diciannove",
)  # fmt: skip
_TENS = {
    20: "venti",
    30: "trenta",
    40: "quaranta",
    50: "cinquanta",
    60: "sessanta",
    70: "settanta",
    80: "ottanta",
    90: "novanta",
}


def in_letters(number: int) -> str:
    """``21`` as ``ventuno``, up to 99."""
    if number < 20:
        return _SMALL[number]
    tens, unit = _TENS[number - number % 10], number % 10
    stem = tens[:-1] if unit in {1, 8} else tens
    return stem + (("tré" if unit == 3 else _SMALL[unit]) if unit else "")


def count(rng: random.Random, number: int) -> str:
    """A number of people or weeks: ``n. 12 (dodici)``, ``12``, ``dodici`` …"""
    return rng.choice(
        (
            f"n. {number} ({in_letters(number)})",
            f"n. {number}",
            f"{number}",
            f"n° {number}",
            f"nr. {number}",
            in_letters(number),
        )
    )


def day(rng: random.Random, on: date) -> str:
    """A day in one of the usual forms."""
    month = MONTHS[on.month - 1]
    first = "1°" if on.day == 1 else str(on.day)
    return rng.choice(
        (
            f"{first} {month} {on.year}",
            f"{on:%d/%m/%Y}",
            f"{on:%d.%m.%Y}",
            f"{on:%d-%m-%Y}",
            f"{on.day}/{on.month}/{on.year}",
        )
    )


def solemn_day(rng: random.Random, on: date) -> str:
    """A day as the opening of minutes writes it."""
    month, number = MONTHS[on.month - 1], "primo" if on.day == 1 else in_letters(on.day)
    return rng.choice(
        (
            f"il giorno {on.day} del mese di {month} dell'anno {on.year}",
            f"il giorno {number} del mese di {month} dell'anno duemilaventi",
            f"addì {on.day} {month} {on.year}",
            f"in data {on:%d/%m/%Y}",
            f"oggi {on.day} {month} {on.year}",
            f"il giorno {on:%d.%m.%Y}",
        )
    )
