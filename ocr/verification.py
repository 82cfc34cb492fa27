"""Is each value on the paper the value that was issued: the page is compared with its own rendering, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.form_map import Box, FormField
from ocr.ink import Ink

_SEARCH_MM = 0.35
_TOLERANCE_MM = 0.17
_STRAY_MM2 = 0.10
_FLAT_INK = 6.0
_OUTLYING = 7.0
_SURELY_ALIKE = 0.86
_SURELY_OTHER = 0.45


@dataclass(frozen=True, slots=True)
class CellCheck:
    """How one cell compares: correlations 0..1 (1 for an empty cell), stray and lacking ink in square millimetres."""

    field: FormField
    likeness: float
    weakest: float
    stray_mm2: float
    lacking_mm2: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What is usual on this page; ``weakest`` is the likeness below which a window is no longer explained by the scan."""

    weakest: float
    stray_mm2: float

    def hold(self, check: CellCheck) -> bool:
        return (
            check.weakest >= self.weakest and check.stray_mm2 <= self.stray_mm2 and check.lacking_mm2 <= self.stray_mm2
        )


def check_cells(scanned: Ink, issued: Ink, fields: Sequence[FormField], dpi: float) -> tuple[CellCheck, ...]:
    """Compares every cell of a page; both pictures have the same shape and lie over each other within 0.3 mm."""
    stray, lacking = unexplained(scanned, issued, dpi), unexplained(issued, scanned, dpi)
    return tuple(_check_cell(scanned, issued, stray, lacking, field, dpi) for field in fields)


def page_limits(checks: Sequence[CellCheck]) -> Limits:
    """Limits from the page's own median and median deviation, so that a poor scan is judged as a poor scan."""
    weakest = np.array([check.weakest for check in checks if check.field.value])
    if weakest.size == 0:
        return Limits(_SURELY_OTHER, _STRAY_MM2)
    middle = float(np.median(weakest))
    spread = 1.4826 * float(np.median(np.abs(weakest - middle)))
    return Limits(max(_SURELY_OTHER, min(_SURELY_ALIKE, middle - _OUTLYING * max(spread, 0.012))), _STRAY_MM2)


def unexplained(seen: Ink, explained_by: Ink, dpi: float) -> NDArray[np.bool_]:
    """Where ``seen`` has ink with none of ``explained_by`` within 0.17 mm; specks of up to 0.02 square mm are left out."""
    reach = max(1, round(_TOLERANCE_MM * dpi / 25.4))
    near = cv2.dilate(explained_by, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    over = cv2.subtract(seen, near)
    noise = float(np.percentile(over[::4, ::4], 99.5))
    dark = (over > max(70.0, 1.5 * noise)).astype(np.uint8)
    return without_specks(dark, least=max(3, round(0.02 * (dpi / 25.4) ** 2)))


def without_specks(dark: NDArray[np.uint8], *, least: int) -> NDArray[np.bool_]:
    """``dark`` (0 or 1) without connected parts of fewer than ``least`` pixels."""
    count, labels, facts, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    large = facts[:, cv2.CC_STAT_AREA] >= least
    large[0] = False
    return np.asarray(large[labels] if count > 1 else np.zeros_like(dark, dtype=bool))


def pixels(box: Box, dpi: float, shape: tuple[int, ...], *, margin_mm: float = 0.0) -> tuple[slice, slice]:
    """Rows and columns of ``box`` in a picture at ``dpi``, grown by ``margin_mm`` (shrunk where negative)."""
    grown = margin_mm * dpi / 25.4
    top, bottom = round(box.top * dpi / 72 - grown), round(box.bottom * dpi / 72 + grown)
    left, right = round(box.left * dpi / 72 - grown), round(box.right * dpi / 72 + grown)
    return slice(max(0, top), max(0, min(shape[0], bottom))), slice(max(0, left), max(0, min(shape[1], right)))


def _check_cell(
    scanned: Ink, issued: Ink, stray: NDArray[np.bool_], lacking: NDArray[np.bool_], field: FormField, dpi: float
) -> CellCheck:
    rows, columns = pixels(field.box, dpi, issued.shape, margin_mm=-_TOLERANCE_MM)
    per_mm2 = (25.4 / dpi) ** 2
    stray_mm2 = float(stray[rows, columns].sum()) * per_mm2
    lacking_mm2 = float(lacking[rows, columns].sum()) * per_mm2
    likeness, weakest = _likeness(scanned, issued[rows, columns], (rows, columns), field, dpi)
    return CellCheck(field, likeness, weakest, stray_mm2, lacking_mm2)


def _likeness(
    scanned: Ink, expected: Ink, place: tuple[slice, slice], field: FormField, dpi: float
) -> tuple[float, float]:
    if not field.value.strip() or expected.size == 0 or expected.std() < _FLAT_INK:
        return 1.0, 1.0
    inked_rows, inked_columns = np.flatnonzero(expected.max(axis=1) > 80), np.flatnonzero(expected.max(axis=0) > 80)
    if inked_rows.size == 0 or inked_columns.size == 0:
        return 1.0, 1.0
    top, left = int(inked_rows[0]), int(inked_columns[0])
    value = expected[top : inked_rows[-1] + 1, left : inked_columns[-1] + 1]
    reach = max(1, round(_SEARCH_MM * dpi / 25.4))
    y, x = place[0].start + top - reach, place[1].start + left - reach
    around = scanned[max(0, y) : y + value.shape[0] + 2 * reach, max(0, x) : x + value.shape[1] + 2 * reach]
    if around.shape[0] < value.shape[0] or around.shape[1] < value.shape[1]:
        return 0.0, 0.0
    field_of_likeness = cv2.matchTemplate(around, value, cv2.TM_CCOEFF_NORMED)
    _, best, _, (best_x, best_y) = cv2.minMaxLoc(field_of_likeness)
    there = around[best_y : best_y + value.shape[0], best_x : best_x + value.shape[1]]
    window = max(4, round(field.size * 0.75 * dpi / 72))
    return max(0.0, float(best)), _weakest_window(there, value, window)


def _weakest_window(seen: Ink, value: Ink, window: int) -> float:
    """Lowest correlation of a window about one letter wide slid along the value, where the value has ink in it."""
    a, b = seen.astype(np.float64), value.astype(np.float64)
    if a.shape[1] <= window:
        return _correlation(a, b)
    sums = [_slid(part, window) for part in (a, b, a * a, b * b, a * b)]
    number = window * a.shape[0]
    mean_a, mean_b = sums[0] / number, sums[1] / number
    spread_a, spread_b = sums[2] / number - mean_a**2, sums[3] / number - mean_b**2
    together = sums[4] / number - mean_a * mean_b
    judged = np.sqrt(np.maximum(spread_b, 0)) > _FLAT_INK * 3
    if not judged.any():
        return _correlation(a, b)
    likeness = together / np.sqrt(np.maximum(spread_a, 25.0) * np.maximum(spread_b, 25.0))
    return float(np.clip(likeness[judged].min(), 0.0, 1.0))


def _slid(part: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    totals = np.concatenate([[0.0], np.cumsum(part.sum(axis=0))])
    return np.asarray(totals[window:] - totals[:-window], dtype=np.float64)


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    centred_a, centred_b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((centred_a**2).sum() * (centred_b**2).sum()))
    return max(0.0, float((centred_a * centred_b).sum()) / size) if size > 0 else 0.0
