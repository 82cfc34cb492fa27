"""The calendar of the law: Sundays, national holidays and, where asked, the patron saint of the office's city.

National holidays follow L. 27 May 1949, n. 260 and its changes, as the ``holidays`` library keeps them year by year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays

_SATURDAY, _SUNDAY = 5, 6


@cache
def _named_holidays(year: int, province: str | None) -> dict[date, str]:
    return dict(holidays.country_holidays("IT", subdiv=province, years=year, language="it_IT"))


def load_calendars() -> None:
    """The library loads every country's calendar at its first question: 0.2 seconds that no sender should wait for."""
    holidays.country_holidays("IT")


@dataclass(frozen=True, slots=True)
class CivilCalendar:
    """Italian holidays. ``patron_saint_city`` is the province code of the city whose patron saint is kept, or None."""

    patron_saint_city: str | None = None

    def holiday_name(self, on: date) -> str | None:
        """Why the day is a holiday, in Italian, or None."""
        name = _named_holidays(on.year, self.patron_saint_city).get(on)
        return name or ("domenica" if on.weekday() == _SUNDAY else None)

    def is_saturday(self, on: date) -> bool:
        return on.weekday() == _SATURDAY

    def next_not_holiday(self, on: date) -> date:
        """The day itself, or the first following one that is no holiday (art. 2963 c.c.)."""
        while self.holiday_name(on):
            on += timedelta(days=1)
        return on
