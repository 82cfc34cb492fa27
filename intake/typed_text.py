"""Text as people type it, made fit to be kept and compared."""

from __future__ import annotations

from datetime import date
from uuid import UUID

_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


def visible(typed: str) -> str:
    """What was typed without control characters, which the database cannot keep, and with single spaces."""
    return " ".join("".join(each if each.isprintable() else " " for each in typed).split())


def typed_identifier(typed: str) -> UUID | None:
    """The identifier written so; None for anything else."""
    try:
        return UUID(typed)
    except ValueError:
        return None


def typed_day(typed: str) -> date:
    """The day written as 2020-04-08. Raises ValueError for anything else, and for a year that nobody means: at the ends of the
    calendar the day after, or the same instant in another zone, does not exist."""
    day = date.fromisoformat(typed)
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise ValueError(typed)
    return day
