"""Workbooks and separated text as plain grids of text."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

MOST_ROWS = 5000
MOST_COLUMNS = 100
MOST_SHEETS = 20
_WORKBOOK_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SEPARATORS = ";\t,|"
_LOOKED_AT = 40
_LEAST_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a file, ``number`` from 1; dates are ISO 8601, numbers have a point; as many cells in each row."""

    name: str
    number: int
    rows: tuple[tuple[str, ...], ...]


class SheetUnreadable(Exception):
    """What claims to be a workbook cannot be opened."""


def is_spreadsheet(data: bytes) -> bool:
    """Whether the content is a workbook (XLSX, XLS, ODS) or text parted into columns."""
    return data.startswith(_WORKBOOK_STARTS) or _separator(data) is not None


def read_sheets(data: bytes) -> tuple[Sheet, ...]:
    """The sheets that hold anything, at most 20 of at most 5000 rows. Raises ``SheetUnreadable``."""
    if data.startswith(_WORKBOOK_STARTS):
        return _workbook(data)
    separator, text = _separator(data), _decoded(data)
    if separator is None or text is None:
        raise SheetUnreadable
    try:
        rows = list(csv.reader(io.StringIO(text, newline=None), delimiter=separator))[:MOST_ROWS]
    except csv.Error as error:
        raise SheetUnreadable from error
    return (Sheet("", 1, _even(rows)),)


def _workbook(data: bytes) -> tuple[Sheet, ...]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = book.sheet_names[:MOST_SHEETS]
        grids = [book.get_sheet_by_name(name).to_python(skip_empty_area=True) for name in names]
    except (CalamineError, ValueError, OSError) as error:
        raise SheetUnreadable from error
    return tuple(
        Sheet(name, number, _even([[_text(cell) for cell in row] for row in grid[:MOST_ROWS]]))
        for number, (name, grid) in enumerate(zip(names, grids, strict=True), 1)
        if grid
    )


def _even(rows: list[list[str]]) -> tuple[tuple[str, ...], ...]:
    width = min(MOST_COLUMNS, max((len(row) for row in rows), default=0))
    return tuple(tuple([*row, *[""] * (width - len(row))][:width]) for row in rows)


def _text(cell: Any) -> str:
    match cell:
        case datetime() | date():
            return cell.isoformat()[:10]
        case clock_time():
            return cell.strftime("%H:%M")
        case timedelta():
            minutes = round(cell.total_seconds() / 60)
            return f"{minutes // 60}:{minutes % 60:02}"
        case float() if cell.is_integer():
            return str(int(cell))
        case float():
            return f"{cell:.4f}".rstrip("0")
        case _:
            return str(cell).strip()


def _separator(data: bytes) -> str | None:
    """What parts the columns of a text: the mark that stands equally often in most of its first lines."""
    text = _decoded(data[:100_000])
    if text is None:
        return None
    lines = [line for line in text.splitlines()[:_LOOKED_AT] if line.strip()]
    counts = {mark: sorted(line.count(mark) for line in lines) for mark in _SEPARATORS}
    best = max(_SEPARATORS, key=lambda mark: counts[mark][len(lines) // 2] if lines else 0)
    return best if lines and counts[best][len(lines) // 2] >= _LEAST_COLUMNS else None


def _decoded(data: bytes) -> str | None:
    if b"\x00" in data[:1000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
