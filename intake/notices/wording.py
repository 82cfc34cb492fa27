"""Days, hours and amounts as an Italian office writes them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_currency

from intake.notices.sourced import ROME


def in_rome(at: datetime) -> datetime:
    """The instant on Italian clocks. Raises ValueError for an instant without a time zone."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(ROME)


@lru_cache(maxsize=4096)
def day(on: date, *, weekday: bool = False) -> str:
    """``8 aprile 2020``, or ``mercoledì 8 aprile 2020``; the first of the month is ``1° aprile 2020``."""
    words = format_date(on, "d MMMM y", locale="it")
    words = f"1°{words[1:]}" if on.day == 1 else words
    return f"{format_date(on, 'EEEE', locale='it')} {words}" if weekday else words


def the(on: date) -> str:
    """``l'8 aprile 2020``, ``il 9 aprile 2020``."""
    return f"l'{day(on)}" if on.day in (8, 11) else f"il {day(on)}"


def of(on: date) -> str:
    """``dell'8 aprile 2020``, ``del 9 aprile 2020``."""
    return f"dell'{day(on)}" if on.day in (8, 11) else f"del {day(on)}"


def since(on: date) -> str:
    """``dall'8 aprile 2020``, ``dal 9 aprile 2020``."""
    return f"dall'{day(on)}" if on.day in (8, 11) else f"dal {day(on)}"


def to(on: date) -> str:
    """``all'8 aprile 2020``, ``al 9 aprile 2020``."""
    return f"all'{day(on)}" if on.day in (8, 11) else f"al {day(on)}"


def moment(at: datetime) -> str:
    """``mercoledì 8 aprile 2020, ore 9:00``, on Italian clocks."""
    local = in_rome(at)
    return f"{day(local.date(), weekday=True)}, ore {local.hour}:{local:%M}"


def euros(amount: Decimal) -> str:
    """``16,00 €``."""
    return format_currency(amount, "EUR", locale="it")


def number(value: Decimal) -> str:
    """A number without useless zeros and with the Italian comma: ``40``, ``37,5``."""
    return format(value.normalize(), "f").replace(".", ",")


def counted(count: int, one: str, many: str) -> str:
    """``1 giorno``, ``3 giorni``."""
    return f"{count} {one if count == 1 else many}"
