"""The table of workers on one page; on a scan, what one engine is not sure of is read again by another."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ocr.pages import Page
from ocr.rapid_engine import line_by_rapidocr
from ocr.tax_codes import looks_like_tax_code
from ocr.tesseract_engine import line_by_tesseract
from ocr.text_layer import layer_text
from ocr.text_picture import read_picture, read_picture_again
from ocr.text_rules import Rules, rules_of
from ocr.text_words import PageText
from ocr.worker_list.again import SecondReader
from ocr.worker_list.columns import kinds_of
from ocr.worker_list.rows import ListCell, ListOther, ListRow, ListTable, SecondReading
from ocr.worker_list.table import Cell, PageTable, page_table

_RULES_DPI = 150.0
_WORDS_OF_LIST = 8
_SPOILT_ONE_IN = 10


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page's text, and its table where it has one; ``shape`` carries the columns on to the next page."""

    text: PageText
    table: ListTable | None
    shape: PageTable | None


def read_list_page(page: Page, before: PageTable | None, *, seconds: float) -> ReadPage:
    """Reads one page of a list. Raises ``UnreadablePages`` and ``TesseractUnavailable``."""
    if page.has_text and (drawn := layer_text(page, table=True)) is not None:
        rules = rules_of(page.image(_RULES_DPI), _RULES_DPI) if drawn.rotation == 0 else Rules()
        return _read_page(drawn, page_table(drawn, rules, before), None)
    until = time.monotonic() + seconds
    text, picture = read_picture(page, table=True, seconds=seconds)
    rules = rules_of(picture.picture, picture.dpi)
    shape = page_table(text, rules, before)
    if text.engine == "tesseract" and not _understood(shape, text) and time.monotonic() < until:
        other = read_picture_again(page, picture, table=True)
        other_shape = page_table(other, rules, before)
        if _rows_proved(other_shape) > _rows_proved(shape):
            text, shape = other, other_shape
    if shape is None:
        return ReadPage(text, None, None)
    line = line_by_tesseract if text.engine == "rapidocr" else line_by_rapidocr
    return _read_page(text, shape, SecondReader(picture, shape, line, until=until))


def _understood(shape: PageTable | None, text: PageText) -> bool:
    """Whether no line among the rows is left over and hardly a row lacks what can be meant as a codice fiscale: single
    cells are read again anyway."""
    if shape is None:
        return len(text.words) < _WORDS_OF_LIST
    stray = any(other.kind == "not_understood" and len(other.text.split()) > 1 for other in shape.others)
    return not stray and len(shape.rows) - _rows_proved(shape) <= max(1, len(shape.rows) // _SPOILT_ONE_IN)


def _rows_proved(shape: PageTable | None) -> int:
    rows = () if shape is None else shape.rows
    return sum(any(looks_like_tax_code(cell.text) for cell in row.cells) for row in rows)


def _read_page(text: PageText, shape: PageTable | None, reader: SecondReader | None) -> ReadPage:
    if shape is None:
        return ReadPage(text, None, None)
    kinds = kinds_of(shape.headings, list(zip(*([cell.text for cell in row.cells] for row in shape.rows), strict=True)))
    rows = tuple(
        ListRow(
            tuple(
                _cell(text, cell, reader.read(kind, number, row) if reader is not None else ())
                for number, (kind, cell) in enumerate(zip(kinds, row.cells, strict=True))
            ),
            text.on_sheet(row.box),
        )
        for row in shape.rows
    )
    others = tuple(ListOther(other.kind, other.text, text.on_sheet(other.box)) for other in shape.others)
    table = ListTable(text.source, text.page, kinds, shape.headings, rows, others, text.rotation)
    return ReadPage(text, table, shape)


def _cell(text: PageText, cell: Cell, again: tuple[SecondReading, ...]) -> ListCell:
    box = cell.box or (again[0].box if again else None)
    return ListCell(cell.text, cell.confidence, None if box is None else text.on_sheet(box), text.engine, again)
