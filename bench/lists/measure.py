"""How many rows and cells of made lists are read exactly, by layout and kind of file."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ocr.worker_list.reading import WorkerListReading, read_worker_list
from ocr.worker_list.rows import ListedWorker
from ocr.worker_list.values import folded


@dataclass(frozen=True, slots=True)
class Score:
    """Of one list: rows and cells in its truth, those read exactly, wrong cells that nobody was asked to look at, rows read
    that are none of its rows, codici fiscali wrong and unasked, codici fiscali right, cells asked about, CPU seconds."""

    rows: int
    rows_exact: int
    cells: int
    cells_exact: int
    wrong_unasked: int
    strangers: int
    wrong_codes: int
    codes_exact: int
    asked: int
    seconds: float


def score(truth: Sequence[dict[str, str]], files: Sequence[tuple[str, bytes]]) -> tuple[Score, list[dict[str, Any]]]:
    """Reads ``files`` and compares with ``truth`` row by row, matched by codice fiscale; also what was wrong."""
    began = time.process_time()
    reading = read_worker_list(files)
    seconds = time.process_time() - began
    return compared(truth, reading, seconds)


def compared(
    truth: Sequence[dict[str, str]], reading: WorkerListReading, seconds: float
) -> tuple[Score, list[dict[str, Any]]]:
    """Rows pair by their codes, else by their order where there are as many; names compare without accents."""
    rows = list(reading.rows)
    by_code = {_value(row, "tax_code"): row for row in rows}
    wrong: list[dict[str, Any]] = []
    exact_rows = exact_cells = cells = unasked = codes = right_codes = 0
    used = set()
    for number, expected in enumerate(truth):
        row = by_code.get(expected["tax_code"])
        if row is None and number < len(rows) and len(rows) == len(truth):
            row = rows[number]
        if row is not None:
            used.add(row.row)
        missed = [key for key, value in expected.items() if row is None or not _same(key, _value(row, key), value)]
        cells += len(expected)
        exact_cells += len(expected) - len(missed)
        exact_rows += not missed
        right_codes += "tax_code" not in missed
        for key in missed:
            asked = row is None or key in row.doubts
            unasked += not asked
            codes += key == "tax_code" and not asked
            raw = row.fields[key].raw if row is not None and key in row.fields else None
            wrong.append(
                {
                    "row": number,
                    "field": key,
                    "truth": expected[key],
                    "read": row and _value(row, key),
                    "raw": raw,
                    "asked": asked,
                }
            )
    strangers = sum(row.row not in used for row in rows)
    asked_cells = sum(len(row.doubts) for row in rows)
    return Score(
        len(truth), exact_rows, cells, exact_cells, unasked, strangers, codes, right_codes, asked_cells, seconds
    ), wrong


def _value(row: ListedWorker, key: str) -> str:
    field = row.fields.get(key)
    return field.value if field is not None and isinstance(field.value, str) else ""


def _same(key: str, read: str, expected: str) -> bool:
    if key in {"weekly_hours", "requested_hours"}:
        return bool(read) and float(read) == float(expected)
    return folded(read) == folded(expected) if key in {"surname", "given_name"} else read == expected
