"""Laying a scanned page over the issued one: perspective from the landmarks, then the paper's own bends."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.landmarks import Landmarks
from ocr.peaks import peak_between
from ocr.printed_codes import Points

Gray = NDArray[np.uint8]
Floats = NDArray[Any]

_BENDS_DPI = 100.0
_PATCH_MM = 14.0
_REACH_MM = 1.6
_LEAST_LIKENESS = 0.55
_LEAST_PATCHES = 12
_LEAST_POINTS = 4
_PLAIN = 3.0
_GRID_PX = 16
_STRIP_PX = 256
_GENTLE = 3
_HIGHEST = 5
_EVEN = 0.3
_MOST_FOUND = 0.9
_POWERS = [(across, down) for across in range(_HIGHEST + 1) for down in range(_HIGHEST + 1 - across)]
_ORDERS = [across + down for across, down in _POWERS]
_BENT = 2
_PULL = 1.0


@dataclass(frozen=True, eq=False)
class Alignment:
    """``matrix`` (3x3) takes pixels of the scan to pixels of the issued page; ``residual`` is in those, root mean square."""

    matrix: Floats
    points: int
    residual: float

    @property
    def pixels_of_issued(self) -> float:
        """Pixels of the issued page for each pixel of the scan."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:2, :2] / self.matrix[2, 2]))))

    @property
    def turn_deg(self) -> float:
        """How far the page lies turned clockwise in the scan, -180 to 180."""
        inverse = np.linalg.inv(self.matrix)
        start, end = _moved(inverse, np.array([[0.0, 0.0], [1000.0, 0.0]]))
        return math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))


@dataclass(frozen=True, eq=False)
class Bends:
    """``weights`` of the polynomial's terms in shares of the page's width and height, None where nothing is bent."""

    weights: Floats | None


STRAIGHT = Bends(None)


def align(seen: Landmarks, expected: Landmarks, size: tuple[int, int]) -> Alignment | None:
    """The perspective from the scan to the issued page of ``size`` (width, height), None where landmarks do not suffice.

    Both page codes say the same words, so that each way of pairing them is tried; the corner marks, where there are
    any, or the page's edges choose.
    """
    candidates = [
        alignment
        for pairing in _pairings(seen, expected)
        if (alignment := _fitted(seen, expected, pairing)) is not None and _plausible(alignment, size)
    ]
    return min(candidates, key=lambda each: (-each.points, each.residual), default=None)


def at_dpi(alignment: Alignment, dpi: float, other_dpi: float) -> Alignment:
    """The alignment to the issued page at ``other_dpi`` of an alignment to it at ``dpi``."""
    return replace(
        alignment, matrix=_rescaling(other_dpi / dpi) @ alignment.matrix, residual=alignment.residual * other_dpi / dpi
    )


def bends(scanned: Gray, issued: Gray, alignment: Alignment, dpi: float) -> Bends:
    """What perspective does not explain, curled paper and uneven feed, as a polynomial of the fifth order.

    Patches of the issued page are searched in the laid scan, both at 100 dpi; the polynomial goes through their shifts,
    without outliers. Where it does not explain them they are searched again from there. Both pictures show ink white on
    black, ``issued`` is at ``dpi``.
    """
    factor = min(1.0, _BENDS_DPI / dpi)
    drawn = _smaller(issued, factor)
    near = _smaller(scanned, min(1.0, factor * alignment.pixels_of_issued))
    to_near = _rescaling(near.shape[1] / scanned.shape[1], near.shape[0] / scanned.shape[0])
    matrix = _rescaling(drawn.shape[1] / issued.shape[1], drawn.shape[0] / issued.shape[0]) @ alignment.matrix
    onto_drawn = replace(alignment, matrix=matrix @ np.linalg.inv(to_near))
    bent = STRAIGHT
    for highest in (_GENTLE, _HIGHEST):
        laid = laid_over(near, onto_drawn, bent, (drawn.shape[1], drawn.shape[0]))
        patches = _patch_shifts(laid, drawn, dpi * factor)
        further = _further_bent(bent, patches, np.array(drawn.shape[::-1], dtype=np.float64), highest, factor)
        if further is None:
            return bent
        bent = further.bends
        if further.error < _EVEN and patches.found > _MOST_FOUND * patches.printed:
            return bent
    return bent


@dataclass(frozen=True, eq=False)
class _Patches:
    """Middles of the patches found and their shifts in pixels; how many of the ``printed`` ones were found."""

    places: Floats
    shifts: Floats
    printed: int

    @property
    def found(self) -> int:
        return len(self.places)


@dataclass(frozen=True)
class _Further:
    """Bends, and how many pixels the ninth of ten patches lies off them."""

    bends: Bends
    error: float


def _further_bent(bent: Bends, patches: _Patches, scale: Floats, highest: int, factor: float) -> _Further | None:
    """``bent`` and what the patches still lie off it, None with too little print to say."""
    if patches.found < _LEAST_PATCHES:
        return None
    used = [order <= highest for order in _ORDERS]
    terms = _terms(patches.places / scale)
    before = 0.0 if bent.weights is None else (terms @ bent.weights) * scale
    shifts = patches.shifts + before
    kept = np.ones(patches.found, dtype=bool)
    weights = np.zeros((len(_ORDERS), 2))
    errors = np.zeros(patches.found)
    for _ in range(3):
        weights[used] = _smooth_weights(terms[kept][:, used], shifts[kept], np.array(_ORDERS)[used])
        errors = np.linalg.norm(terms @ weights - shifts, axis=1)
        kept = errors <= max(0.7 * factor, 3 * float(np.median(errors)))
        if kept.sum() < _LEAST_PATCHES:
            return None
    return _Further(Bends(weights / scale), float(np.percentile(errors, 90)))


def laid_over(
    scanned: Gray,
    alignment: Alignment,
    bent: Bends,
    size: tuple[int, int],
    *,
    outside: int = 0,
    way: int = cv2.INTER_LINEAR,
) -> Gray:
    """The scan laid over a canvas of ``size`` (width, height); what lies outside the scan is ``outside``.

    ``way`` is how OpenCV finds what lies between pixels: ``INTER_CUBIC`` keeps strokes of a pixel equally sharp everywhere.
    """
    width, height = size
    across = np.arange(-_GRID_PX, width + 2 * _GRID_PX, _GRID_PX) + (_GRID_PX - 1) / 2
    down = np.arange(-_GRID_PX, height + _STRIP_PX + 2 * _GRID_PX, _GRID_PX) + (_GRID_PX - 1) / 2
    there = _sources(alignment, bent, np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2), size)
    grids = [np.ascontiguousarray(axis.reshape(len(down), len(across))) for axis in there.T.astype(np.float32)]
    laid = np.empty((height, width), dtype=np.uint8)
    for top in range(0, height, _STRIP_PX):
        high = min(_STRIP_PX, height - top)
        across_strip, down_strip = (_between_grid(grid, top, high, width) for grid in grids)
        laid[top : top + high] = cv2.remap(
            scanned, across_strip, down_strip, way, borderMode=cv2.BORDER_CONSTANT, borderValue=outside
        )
    return laid


def _sources(alignment: Alignment, bent: Bends, places: Points, size: tuple[int, int]) -> Floats:
    moved = places
    if bent.weights is not None:
        scale = np.array(size, dtype=np.float64)
        moved = places + (_terms((places + 0.5) / scale) @ bent.weights) * scale
    return _moved(np.linalg.inv(alignment.matrix), moved)


def _between_grid(grid: Floats, top: int, high: int, width: int) -> Floats:
    """The values of a grid that begins one step outside the canvas, for each pixel of a strip of the canvas."""
    rows = grid[top // _GRID_PX : (top + _STRIP_PX) // _GRID_PX + 2]
    fine = cv2.resize(rows, (rows.shape[1] * _GRID_PX, rows.shape[0] * _GRID_PX), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(fine[_GRID_PX : _GRID_PX + high, _GRID_PX : _GRID_PX + width])


def _rescaling(across: float, down: float | None = None) -> Floats:
    """From pixels of a picture to those of the same picture scaled: pixel centres lie half a pixel in."""
    high = across if down is None else down
    return np.array([[across, 0, across / 2 - 0.5], [0, high, high / 2 - 0.5], [0, 0, 1]])


def _smaller(picture: Gray, factor: float) -> Gray:
    if factor > 0.95:
        return picture
    size = round(picture.shape[1] * factor), round(picture.shape[0] * factor)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _pairings(seen: Landmarks, expected: Landmarks) -> Iterator[tuple[tuple[int, int], ...]]:
    count = min(len(seen.codes), len(expected.codes))
    for ours in itertools.permutations(range(len(seen.codes)), count):
        for theirs in itertools.combinations(range(len(expected.codes)), count):
            yield tuple(zip(ours, theirs, strict=True))


def _fitted(seen: Landmarks, expected: Landmarks, pairing: tuple[tuple[int, int], ...]) -> Alignment | None:
    shared = sorted(seen.marks.keys() & expected.marks.keys())
    source = [seen.marks[number] for number in shared] + [seen.codes[ours].corners for ours, _ in pairing]
    target = [expected.marks[number] for number in shared] + [expected.codes[theirs].corners for _, theirs in pairing]
    if not source:
        return None
    start, end = np.concatenate(source), np.concatenate(target)
    matrix, inside = cv2.findHomography(start, end, cv2.RANSAC, 6.0)
    if matrix is None or inside is None or inside.sum() < _LEAST_POINTS:
        return None
    good = inside.ravel().astype(bool)
    errors = _moved(matrix, start[good]) - end[good]
    return Alignment(matrix, int(good.sum()), float(np.sqrt((errors**2).sum(axis=1).mean())))


def _plausible(alignment: Alignment, size: tuple[int, int]) -> bool:
    if abs(np.linalg.det(alignment.matrix)) < 1e-9:
        return False
    width, height = size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    there = _moved(np.linalg.inv(alignment.matrix), corners).astype(np.float32)
    sides = np.linalg.norm(there - np.roll(there, -1, axis=0), axis=1)
    return bool(cv2.isContourConvex(there) and sides.min() * 2.2 > sides.max() and cv2.contourArea(there, True) > 0)


def _moved(matrix: Floats, points: Points) -> Floats:
    return np.asarray(cv2.perspectiveTransform(points.reshape(-1, 1, 2), matrix), dtype=np.float64).reshape(-1, 2)


def _patch_shifts(laid: Gray, issued: Gray, dpi: float) -> _Patches:
    side, reach = round(_PATCH_MM * dpi / 25.4), round(_REACH_MM * dpi / 25.4)
    places, shifts = [], []
    corners = _printed_patches(issued, side, reach)
    for top, left in corners:
        patch = issued[top : top + side, left : left + side]
        around = laid[top - reach : top + side + reach, left - reach : left + side + reach]
        likeness = cv2.matchTemplate(around, patch, cv2.TM_CCOEFF_NORMED)
        _, best, _, (x, y) = cv2.minMaxLoc(likeness)
        if best < _LEAST_LIKENESS or not (0 < x < 2 * reach and 0 < y < 2 * reach):
            continue
        places.append((left + side / 2, top + side / 2))
        fine_x, fine_y = peak_between(likeness, x, y)
        shifts.append((x + fine_x - reach, y + fine_y - reach))
    found = [np.array(each, dtype=np.float64).reshape(-1, 2) for each in (places, shifts)]
    return _Patches(found[0], found[1], len(corners))


def _printed_patches(issued: Gray, side: int, reach: int) -> list[tuple[int, int]]:
    """Row and column of the first pixel of each square of ``side`` that is not too plain, ``reach`` inside the page's edges."""
    down, across = ((length - 2 * reach - 1) // side for length in issued.shape)
    inside = issued[reach : reach + down * side, reach : reach + across * side]
    squares = inside.reshape(down, side, across, side)
    along_rows, along_columns = (
        squares.mean(axis=axis, dtype=np.float32).std(axis=other) for axis, other in ((3, 1), (1, 2))
    )
    printed = np.minimum(along_rows, along_columns) >= _PLAIN
    return [(reach + int(row) * side, reach + int(column) * side) for row, column in np.argwhere(printed)]


def _smooth_weights(terms: Floats, shifts: Floats, orders: Floats) -> Floats:
    """Least squares, with a pull to no bend where there is little print to say otherwise."""
    pull = np.diag(np.where(orders < _BENT, 0.0, _PULL))
    weights, *_ = np.linalg.lstsq(np.vstack([terms, pull]), np.vstack([shifts, np.zeros((len(pull), 2))]), rcond=None)
    return np.asarray(weights)


def _terms(points: Floats) -> Floats:
    x, y = points[:, 0] * 2 - 1, points[:, 1] * 2 - 1
    powers = [(np.ones_like(x), np.ones_like(y))]
    for _ in range(_HIGHEST):
        powers.append((powers[-1][0] * x, powers[-1][1] * y))
    return np.column_stack([powers[across][0] * powers[down][1] for across, down in _POWERS])
