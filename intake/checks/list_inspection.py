"""The workers of a list in somebody's own layout, for ``sportello inspect``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ocr.worker_list.reading import read_worker_list
from ocr.worker_list.rows import ListedWorker
from ocr.worker_rows import COLUMNS

READING_SECONDS = 30.0
_LEAST_SECONDS = 2.0
_LEAST_PROVED = 1


def inspect_worker_list(
    name: str,
    content: bytes,
    pages: Sequence[dict[str, Any]],
    *,
    seconds: float,
    only: frozenset[int] | None = None,
) -> list[dict[str, Any]]:
    """The rows of the public format; none for a form of ours, for what holds no codice fiscale, or without time left.

    ``pages``: what is known of the pages already; ``only``: those that are a list, all where None. Boxes are on the page as
    received, None in a spreadsheet.
    """
    if seconds < _LEAST_SECONDS or only == frozenset() or any(page["page_code"] for page in pages):
        return []
    reading = read_worker_list([(name, content)], only={name: only}, seconds=seconds)
    proved = sum(_has_code(row) for row in reading.rows)
    return [_row_json(row) for row in reading.rows] if proved >= _LEAST_PROVED else []


def _has_code(row: ListedWorker) -> bool:
    return "tax_code" in row.fields and "tax_code" not in row.doubts


def _row_json(row: ListedWorker) -> dict[str, Any]:
    cells = {
        column: {
            "value": field.value,
            "confidence": field.confidence,
            "box": field.box.as_list() if field.box else None,
        }
        for column, field in row.fields.items()
    }
    return {"row": row.row, "page": row.page, **dict.fromkeys(COLUMNS), **cells}
