"""The worker table, row by row, from the cells that were read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ocr.results import ReadCell
from ocr.written_values import standard_value

COLUMNS = (
    "surname",
    "given_name",
    "tax_code",
    "qualification",
    "contract",
    "weekly_hours",
    "hired_on",
    "requested_hours",
)
_WORKER = re.compile(r"workers\.(\d+)\.(\w+)")


def rows_of(cells: Iterable[ReadCell]) -> list[dict[str, Any]]:
    """Rows in order: ``row``, ``page`` and each column as ``value`` (None where unread), ``confidence``, ``box``.

    The eight columns of the public format are always there, ``None`` where the form has no such cell.
    """
    rows: dict[int, dict[str, Any]] = {}
    for cell in cells:
        if (name := _WORKER.fullmatch(cell.name)) is None:
            continue
        number, column = int(name[1]), name[2]
        row = rows.setdefault(number, {"row": number, "page": cell.page, **dict.fromkeys(COLUMNS)})
        value = None if cell.read is None else standard_value(column, cell.read)
        row[column] = {"value": value, "confidence": round(cell.confidence, 3), "box": cell.box.as_list()}
    return [rows[number] for number in sorted(rows)]
