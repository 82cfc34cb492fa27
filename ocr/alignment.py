"""Laying a scanned page over the issued one: perspective from the landmarks, then the paper's own bends."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.landmarks import Landmarks
from ocr.peaks import peak_between
from ocr.printed_codes import Points

Gray = NDArray[np.uint8]
Floats = NDArray[Any]

_PATCH_MM = 14.0
_REACH_MM = 1.6
_LEAST_LIKENESS = 0.55
_LEAST_PATCHES = 12
_LEAST_POINTS = 4


@dataclass(frozen=True, eq=False)
class Alignment:
    """``matrix`` (3x3) takes pixels of the scan to pixels of the issued page; ``residual`` is in those, root mean square."""

    matrix: Floats
    points: int
    residual: float

    @property
    def turn_deg(self) -> float:
        """How far the page lies turned clockwise in the scan, -180 to 180."""
        inverse = np.linalg.inv(self.matrix)
        start, end = _moved(inverse, np.array([[0.0, 0.0], [1000.0, 0.0]]))
        return math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))


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


def warped(gray: Gray, alignment: Alignment, size: tuple[int, int]) -> Gray:
    """The scan laid over a canvas of ``size`` (width, height); what lies outside the scan is white."""
    laid = cv2.warpPerspective(
        gray, alignment.matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=255
    )
    return np.asarray(laid, dtype=np.uint8)


def straightened(laid: Gray, issued: Gray, dpi: float) -> Gray:
    """``laid`` with the bends taken out that perspective does not explain: curled paper, uneven feed.

    Patches of the issued page are searched in the laid scan; a polynomial of the third order through their shifts,
    without outliers, is the correction. Both pictures show ink white on black and have the same shape.
    """
    places, shifts = _patch_shifts(laid, issued, dpi)
    if len(places) < _LEAST_PATCHES:
        return laid
    height, width = issued.shape
    scale = np.array([width, height], dtype=np.float64)
    kept = np.ones(len(places), dtype=bool)
    for _ in range(3):
        terms = _terms(places[kept] / scale)
        weights, *_ = np.linalg.lstsq(terms, shifts[kept], rcond=None)
        errors = np.linalg.norm(_terms(places / scale) @ weights - shifts, axis=1)
        kept = errors <= max(0.7, 3 * float(np.median(errors)))
        if kept.sum() < _LEAST_PATCHES:
            return laid
    grid_x, grid_y = np.meshgrid(np.linspace(0, 1, 64), np.linspace(0, 1, 64))
    coarse = (_terms(np.column_stack([grid_x.ravel(), grid_y.ravel()])) @ weights).reshape(64, 64, 2)
    field: Floats = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    field[..., 0] += np.arange(width, dtype=np.float32)
    field[..., 1] += np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(
        cv2.remap(laid, field[..., 0], field[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )


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


def _patch_shifts(laid: Gray, issued: Gray, dpi: float) -> tuple[Floats, Floats]:
    side, reach = round(_PATCH_MM * dpi / 25.4), round(_REACH_MM * dpi / 25.4)
    height, width = issued.shape
    places, shifts = [], []
    for top in range(reach, height - side - reach, side):
        for left in range(reach, width - side - reach, side):
            patch = issued[top : top + side, left : left + side]
            if _too_plain(patch):
                continue
            around = laid[top - reach : top + side + reach, left - reach : left + side + reach]
            likeness = cv2.matchTemplate(around, patch, cv2.TM_CCOEFF_NORMED)
            _, best, _, (x, y) = cv2.minMaxLoc(likeness)
            if best < _LEAST_LIKENESS or not (0 < x < 2 * reach and 0 < y < 2 * reach):
                continue
            places.append((left + side / 2, top + side / 2))
            fine_x, fine_y = peak_between(likeness, x, y)
            shifts.append((x + fine_x - reach, y + fine_y - reach))
    return np.array(places, dtype=np.float64).reshape(-1, 2), np.array(shifts, dtype=np.float64).reshape(-1, 2)


def _too_plain(patch: Gray) -> bool:
    across, down = patch.mean(axis=0), patch.mean(axis=1)
    return bool(min(across.std(), down.std()) < 3)


def _terms(points: Floats) -> Floats:
    x, y = points[:, 0] * 2 - 1, points[:, 1] * 2 - 1
    return np.column_stack([x**i * y**j for i in range(4) for j in range(4 - i)])
