"""Marks on a page that nobody issued, outside the form's values and outside the places left for signing and stamping."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.form_map import Box, FormMap, ZoneKind
from ocr.parts import parts_of
from ocr.verification import ComparedPage, pixels

_FREE_ZONES: tuple[ZoneKind, ...] = ("signature", "office_stamp", "revenue_stamp", "page_code", "marker")
_TOGETHER_MM = 2.0
_LEAST_INK_MM2 = 0.8
_LEAST_EXTENT_MM = 2.5
_PRINT_EDGE_MM = 6.0
_LOWER_EDGE_MM = 4.0
_RULE_MM = 0.5
_AROUND_MM = 1.5
_DISPLACED_MM = 1.2
_FLAT_INK = 8.0
_SAME_PRINT = 0.8


@dataclass(frozen=True, slots=True)
class Mark:
    """A group of strokes less than 2 mm apart, its box in points and its ink in square millimetres."""

    box: Box
    ink_mm2: float


def marks_outside(changed: NDArray[np.bool_], form_map: FormMap, page: int, dpi: float) -> tuple[Mark, ...]:
    """Groups of ``changed`` pixels outside fields and free zones that are too large for dirt."""
    judged = changed & _judged_area(changed.shape, form_map, page, dpi)
    return groups(judged, dpi)


def groups(changed: NDArray[np.bool_], dpi: float) -> tuple[Mark, ...]:
    """Groups of ``changed`` pixels with at least 0.8 square mm of ink and 2.5 mm of extent."""
    if not changed.any():
        return ()
    step = max(1, round(_TOGETHER_MM * dpi / 25.4))
    joined = np.asarray(cv2.dilate(changed.astype(np.uint8), np.ones((step, step), np.uint8)), dtype=np.uint8)
    marks = []
    for place, part in parts_of(joined):
        ink = float((changed[place] & part).sum()) * (25.4 / dpi) ** 2
        rows, columns = place
        width, height = columns.stop - columns.start, rows.stop - rows.start
        if ink < _LEAST_INK_MM2 or (max(width, height) - step) * 25.4 / dpi < _LEAST_EXTENT_MM:
            continue
        edges = np.array([columns.start, rows.start, columns.start + width, rows.start + height], dtype=np.float64)
        edges = (edges + np.array([0.5, 0.5, -0.5, -0.5]) * step) * 72 / dpi
        marks.append(Mark(Box(*(round(float(edge), 2) for edge in edges)), ink))
    return tuple(marks)


def is_rule(mark: Mark) -> bool:
    """Whether the mark is as thin as a rule of the form."""
    width, height = mark.box.right - mark.box.left, mark.box.bottom - mark.box.top
    return min(width, height) * 25.4 / 72 < _RULE_MM


def is_displaced(page: ComparedPage, mark: Mark) -> bool:
    """Whether what was issued there is there, up to 1.2 mm off: paper bends more at its edges than a page can tell."""
    around = pixels(mark.box, page.dpi, page.issued.shape, margin_mm=_AROUND_MM + _DISPLACED_MM)
    reach = round(_DISPLACED_MM * page.dpi / 25.4)
    seen, issued = page.clean[around], page.issued[around][reach:-reach, reach:-reach]
    if issued.size == 0 or issued.std() < _FLAT_INK:
        return False
    return float(cv2.matchTemplate(seen, issued, cv2.TM_CCOEFF_NORMED).max()) > _SAME_PRINT


def _judged_area(shape: tuple[int, ...], form_map: FormMap, page: int, dpi: float) -> NDArray[np.bool_]:
    """Where a mark counts: inside the corner marks, and below them, where there is room to write one more row.

    The margins beside and above them belong to holes, staples and the line that a fax machine prints.
    """
    area = np.zeros(shape, dtype=bool)
    marks = form_map.zones_on_page(page, "marker")
    edge = _PRINT_EDGE_MM * 72 / 25.4
    printed = Box(
        min((zone.box.left for zone in marks), default=edge),
        min((zone.box.top for zone in marks), default=edge),
        max((zone.box.right for zone in marks), default=form_map.width - edge),
        form_map.height - _LOWER_EDGE_MM * 72 / 25.4,
    )
    area[pixels(printed, dpi, shape)] = True
    for field in form_map.on_page(page):
        area[pixels(field.box, dpi, shape, margin_mm=0.3)] = False
    for zone in form_map.zones_on_page(page, *_FREE_ZONES):
        area[pixels(zone.box, dpi, shape, margin_mm=1.0)] = False
    return area
