"""The table of workers on one sheet of a workbook."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.tax_codes import looks_like_tax_code
from ocr.worker_list.columns import is_heading, kinds_of
from ocr.worker_list.rows import ListCell, ListOther, ListRow, ListTable
from ocr.worker_list.spreadsheet import Sheet
from ocr.worker_list.table import line_kind

_HEADING_WITHIN = 30


def sheet_table(source: str, sheet: Sheet) -> ListTable | None:
    """The table of ``sheet``; None where no cell can be meant as a codice fiscale and no row names the columns.

    The rows begin below the headings, or with the first codice fiscale where there are none.
    """
    coded = [number for number, cells in enumerate(sheet.rows) if any(map(looks_like_tax_code, cells))]
    heading = _heading_row(sheet.rows, coded[0] if coded else len(sheet.rows))
    if not coded and heading is None:
        return None
    start = heading + 1 if heading is not None else coded[0]
    headings = sheet.rows[heading] if heading is not None else ("",) * len(sheet.rows[0])
    body = sheet.rows[start:]
    sample = [row for row in body if any(map(looks_like_tax_code, row))] or list(body)
    kinds = kinds_of(headings, list(zip(*sample, strict=True)))
    rows, others = [], []
    for cells in body:
        if (kind := _kind(cells, kinds)) is None:
            rows.append(ListRow(tuple(ListCell(cell, 1.0, None, "spreadsheet") for cell in cells), None))
        elif any(cells):
            others.append(ListOther(kind, " ".join(cell for cell in cells if cell), None))
    return ListTable(source, sheet.number, kinds, tuple(headings), tuple(rows), tuple(others)) if rows else None


def _heading_row(rows: Sequence[Sequence[str]], before: int) -> int | None:
    named = {
        number: sum(is_heading(cell) for cell in cells)
        for number, cells in enumerate(rows[: min(before, _HEADING_WITHIN)])
    }
    best = max(named, key=lambda number: named[number], default=None)
    return best if best is not None and named[best] >= 2 else None


def _kind(cells: Sequence[str], kinds: Sequence[str]) -> str | None:
    """What a row is, None for a worker's: one with a code, or with more than half of what the workers' rows tell."""
    if any(map(looks_like_tax_code, cells)):
        return None
    told = [cell for cell, kind in zip(cells, kinds, strict=True) if kind != "other"]
    kind = line_kind(" ".join(cell for cell in cells if cell), sum(is_heading(cell) for cell in cells) >= 2)
    if kind is not None:
        return kind
    return None if sum(bool(cell) for cell in told) * 2 > len(told) else "not_understood"
