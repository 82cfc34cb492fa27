"""The table of workers on one page; on a scan, what one engine is not sure of is read again by another."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ocr.page_straightening import Straightened
from ocr.pages import Page
from ocr.text_layer import layer_text
from ocr.text_picture import read_picture
from ocr.text_rules import Rules, rules_of
from ocr.text_words import PageText
from ocr.worker_list_again import SecondReader
from ocr.worker_list_columns import kinds_of
from ocr.worker_list_rows import ListCell, ListOther, ListRow, ListTable, SecondReading
from ocr.worker_list_table import Cell, PageTable, page_table

_RULES_DPI = 150.0


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page's text, and its table where it has one; ``shape`` carries the columns on to the next page."""

    text: PageText
    table: ListTable | None
    shape: PageTable | None


def read_list_page(page: Page, before: PageTable | None, *, seconds: float) -> ReadPage:
    """Reads one page of a list. Raises ``UnreadablePages`` and ``TesseractUnavailable``."""
    until = time.monotonic() + seconds
    picture: Straightened | None = None
    text = layer_text(page, table=True) if page.has_text else None
    if text is None:
        text, picture = read_picture(page, table=True, seconds=seconds)
        rules = rules_of(picture.picture, picture.dpi)
    else:
        rules = rules_of(page.image(_RULES_DPI), _RULES_DPI) if text.rotation == 0 else Rules()
    shape = page_table(text, rules, before)
    if shape is None:
        return ReadPage(text, None, None)
    kinds = kinds_of(shape.headings, list(zip(*([cell.text for cell in row.cells] for row in shape.rows), strict=True)))
    reread = None if picture is None else SecondReader(picture, shape, until=until)
    rows = tuple(
        ListRow(
            tuple(
                _cell(text, cell, reread.read(kind, number, row) if reread is not None else ())
                for number, (kind, cell) in enumerate(zip(kinds, row.cells, strict=True))
            ),
            text.on_sheet(row.box),
        )
        for row in shape.rows
    )
    others = tuple(ListOther(other.kind, other.text, text.on_sheet(other.box)) for other in shape.others)
    return ReadPage(text, ListTable(text.source, text.page, kinds, shape.headings, rows, others), shape)


def _cell(text: PageText, cell: Cell, again: tuple[SecondReading, ...]) -> ListCell:
    box = cell.box or (again[0].box if again else None)
    return ListCell(cell.text, cell.confidence, None if box is None else text.on_sheet(box), text.engine, again)
