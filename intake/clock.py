"""Civil time. Instants are aware and stored in UTC; the law's days and hours are those of Rome."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")

Clock = Callable[[], datetime]
_MONTHS = (
    *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno"),
    *("luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"),
)


def system_clock() -> datetime:
    """The machine's instant. Only the outermost layer calls it; everything else is given an instant."""
    return datetime.now(UTC)


def day_in_words(instant: datetime) -> str:
    """``8 aprile 2020``, in Rome."""
    local = instant.astimezone(ROME)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def instant_in_words(instant: datetime) -> str:
    """``8 aprile 2020, ore 09:00:03,412``, in Rome: milliseconds, because the order depends on them."""
    local = instant.astimezone(ROME)
    return f"{day_in_words(instant)}, ore {local:%H:%M:%S},{local.microsecond // 1000:03d}"
