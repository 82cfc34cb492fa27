"""Reading the doubtful cells of a scanned list a second time, by the other engine, at the place where each must stand."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ocr.form_map import Box
from ocr.page_straightening import Straightened
from ocr.tax_codes import compact, is_tax_code
from ocr.tesseract_engine import line_by_tesseract
from ocr.text_words import Word, around
from ocr.worker_list.columns import IGNORED, NAMES
from ocr.worker_list.rows import SecondReading
from ocr.worker_list.table import Cell, CellRow, PageTable
from ocr.worker_list.values import meaning

LineReader = Callable[[NDArray[np.uint8]], tuple[str, float]]

_READ_AGAIN_BELOW = 0.93
_AROUND_PT = 2.0
_LEAST_HEIGHT_PX = 12
_ONE_LINE = frozenset(("tax_code", "weekly_hours", "requested_hours"))
_INKED = 128
_LEAST_INK_PX = 25
_TALLEST = 1.5


class SecondReader:
    """Reads cells of one page again while its time lasts."""

    def __init__(self, picture: Straightened, table: PageTable, line: LineReader, *, until: float) -> None:
        self._picture = picture
        self._line_of = line
        self._until = until
        self._columns = [_extent([row.cells[place] for row in table.rows]) for place in range(len(table.headings))]
        heights = [word.box.bottom - word.box.top for row in table.rows for cell in row.cells for word in cell.words]
        self._height = statistics.median(heights) if heights else 8.0

    def read(self, kind: str, place: int, row: CellRow) -> tuple[SecondReading, ...]:
        """The second reading of the cell at ``place``; none where the first is sure or there is no ink."""
        cell, extent = row.cells[place], self._columns[place]
        if kind == IGNORED or extent is None or self._is_sure(kind, cell) or time.monotonic() > self._until:
            return ()
        lines = self._lines(kind, cell, row, extent)
        read = [(line, *self._line_of(crop)) for line in lines if (crop := self._crop(line)) is not None]
        found = [(line, text, sure) for line, text, sure in read if text]
        if not found:
            return ()
        text = " ".join(text for _, text, _ in found)
        return (SecondReading(text, min(sure for _, _, sure in found), around([line for line, _, _ in found])),)

    def _is_sure(self, kind: str, cell: Cell) -> bool:
        """RapidOCR sets few spaces and few accents: of a name Tesseract is always asked too."""
        return is_sure(kind, cell) and not (kind in NAMES and self._line_of is line_by_tesseract)

    def _lines(self, kind: str, cell: Cell, row: CellRow, extent: tuple[float, float]) -> list[Box]:
        """Where the lines of the cell stand, as wide as its column; that of the row where nothing was seen or the cell
        seems to have several lines and should not."""
        crowded = kind in _ONE_LINE and len(cell.words) > 1
        if not cell.words or crowded:
            middle = _middle_beside(row, extent)
            half = 0.5 * _TALLEST * self._height
            return [Box(extent[0], middle - half, extent[1], middle + half)]
        lines: list[list[Word]] = []
        for word in cell.words:
            beside = [line for line in lines if abs(_middle(line[0].box) - _middle(word.box)) < 0.8 * self._height]
            if beside:
                beside[0].append(word)
            else:
                lines.append([word])
        return [self._line(line, extent) for line in lines]

    def _line(self, words: Sequence[Word], extent: tuple[float, float]) -> Box:
        box = around([word.box for word in words])
        middle, half = _middle(box), 0.5 * min(box.bottom - box.top, _TALLEST * self._height)
        return Box(min(extent[0], box.left), middle - half, max(extent[1], box.right), middle + half)

    def _crop(self, box: Box) -> NDArray[np.uint8] | None:
        scale, page = self._picture.dpi / 72, self._picture.without_rules
        left, top = (max(0, round((edge - _AROUND_PT) * scale)) for edge in (box.left, box.top))
        right, bottom = (round((edge + _AROUND_PT) * scale) for edge in (box.right, box.bottom))
        crop = page[top:bottom, left:right]
        inked = min(crop.shape) >= _LEAST_HEIGHT_PX and int((crop < _INKED).sum()) >= _LEAST_INK_PX
        return crop if inked else None


def is_sure(kind: str, cell: Cell) -> bool:
    """Whether the first reading of a cell needs no second."""
    if kind == "tax_code":
        return is_tax_code(compact(cell.text)) and cell.confidence >= _READ_AGAIN_BELOW
    said = meaning(kind, cell.text)
    return cell.confidence >= _READ_AGAIN_BELOW and said.exact and said.value is not None


def _extent(cells: Sequence[Cell]) -> tuple[float, float] | None:
    """From where to where a column's values reach, without the tenth that reaches farthest."""
    boxes = [cell.box for cell in cells if cell.box is not None]
    if not boxes:
        return None
    lefts, rights = sorted(box.left for box in boxes), sorted(box.right for box in boxes)
    return lefts[len(lefts) // 10], rights[-1 - len(rights) // 10]


def _middle(box: Box) -> float:
    return (box.top + box.bottom) / 2


def _middle_beside(row: CellRow, extent: tuple[float, float]) -> float:
    """The height of the row where the empty cell is: that of the nearest cell of one line."""
    middle = sum(extent) / 2
    boxes = [cell.box for cell in row.cells if cell.box is not None and len(cell.words) == 1]
    nearest = min(boxes, key=lambda box: abs((box.left + box.right) / 2 - middle), default=row.box)
    return _middle(nearest)
