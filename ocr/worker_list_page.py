"""The table of workers on one page; on a scan, what one engine is not sure of is read again by another."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocr.form_map import Box
from ocr.page_straightening import Straightened
from ocr.pages import Page
from ocr.rapid_engine import line_by_rapidocr
from ocr.text_layer import layer_text
from ocr.text_picture import read_picture
from ocr.text_rules import Rules, rules_of
from ocr.text_words import PageText
from ocr.worker_list_codes import compact, is_tax_code
from ocr.worker_list_columns import IGNORED, kinds_of
from ocr.worker_list_rows import ListCell, ListOther, ListRow, ListTable
from ocr.worker_list_table import Cell, PageTable, page_table
from ocr.worker_list_values import meaning

_RULES_DPI = 150.0
_READ_AGAIN_BELOW = 0.93
_AROUND_PT = 2.0
_LEAST_HEIGHT_PX = 12


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
    rows = tuple(
        ListRow(
            tuple(_cell(text, picture, kind, cell, until) for kind, cell in zip(kinds, row.cells, strict=True)),
            text.on_sheet(row.box),
        )
        for row in shape.rows
    )
    others = tuple(ListOther(other.kind, other.text, text.on_sheet(other.box)) for other in shape.others)
    return ReadPage(text, ListTable(text.source, text.page, kinds, shape.headings, rows, others), shape)


def _cell(text: PageText, picture: Straightened | None, kind: str, cell: Cell, until: float) -> ListCell:
    box = None if cell.box is None else text.on_sheet(cell.box)
    read = ListCell(cell.text, cell.confidence, box, text.engine)
    if picture is None or cell.box is None or kind == IGNORED or time.monotonic() > until or _is_sure(kind, cell):
        return read
    again = _read_again(picture, cell)
    return replace(read, again=(again,)) if again else read


def _is_sure(kind: str, cell: Cell) -> bool:
    if kind == "tax_code":
        return is_tax_code(compact(cell.text)) and cell.confidence >= _READ_AGAIN_BELOW
    said = meaning(kind, cell.text)
    return cell.confidence >= _READ_AGAIN_BELOW and said.exact and said.value is not None


def _read_again(picture: Straightened, cell: Cell) -> str:
    """The words of a cell as the other engine reads them, line by line."""
    lines: list[list[Box]] = []
    for word in cell.words:
        if (
            lines
            and word.box.top < lines[-1][-1].bottom - 0.5 * (word.box.bottom - word.box.top)
            and (word.box.left >= lines[-1][-1].left)
        ):
            lines[-1].append(word.box)
        else:
            lines.append([word.box])
    return " ".join(read for line in lines if (read := _line(picture, line)))


def _line(picture: Straightened, boxes: Sequence[Box]) -> str:
    scale = picture.dpi / 72
    height, width = picture.picture.shape
    left = max(0, round((min(box.left for box in boxes) - _AROUND_PT) * scale))
    top = max(0, round((min(box.top for box in boxes) - _AROUND_PT) * scale))
    right = min(width, round((max(box.right for box in boxes) + _AROUND_PT) * scale))
    bottom = min(height, round((max(box.bottom for box in boxes) + _AROUND_PT) * scale))
    crop = picture.picture[top:bottom, left:right]
    return line_by_rapidocr(crop)[0] if min(crop.shape) >= _LEAST_HEIGHT_PX else ""
