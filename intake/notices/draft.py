"""Reads a draft's data, where any part may be missing or not yet well written. Blank counts as missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from intake.typed_text import typed_day

Data = Mapping[str, Any]
_MAPPING = (dict, Mapping)
"""A draft is nearly always plain: the class is seen at once, the protocol asked only of what is not."""


def value_at(data: Data, *path: str) -> object | None:
    """The value at a path, or None where any step is missing or the value is blank."""
    value: object = data
    for step in path:
        if not isinstance(value, _MAPPING):
            return None
        value = value.get(step)
    return None if isinstance(value, str) and not value.strip() else value


def text_at(data: Data, *path: str) -> str | None:
    """The text at a path, stripped, or None."""
    value = value_at(data, *path)
    return value.strip() if isinstance(value, str) else None


def number_at(data: Data, *path: str) -> Decimal | None:
    """The number at a path (a comma is a decimal mark), or None where it is missing, not finite or no number."""
    value = value_at(data, *path)
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        number = Decimal(str(value).strip().replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def whole_number_at(data: Data, *path: str) -> int | None:
    """The whole number at a path, or None."""
    number = number_at(data, *path)
    return int(number) if number is not None and number == number.to_integral_value() else None


def day_at(data: Data, *path: str) -> date | None:
    """The day at a path, from a date or ISO 8601 text, or None; a text of a year that nobody means is not well written."""
    value = value_at(data, *path)
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    try:
        return typed_day(value.strip())
    except ValueError:
        return None


def rows_at(data: Data, name: str) -> tuple[Data, ...]:
    """The rows of a table, whatever is not a row left out as an empty one, so that numbers stay."""
    rows = value_at(data, name)
    if isinstance(rows, str) or not isinstance(rows, (list, Sequence)):
        return ()
    return tuple(row if isinstance(row, _MAPPING) else {} for row in rows)
