"""A picture of a page made upright, straight, evenly lit and free of rules, with the way back to the page as received."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.printed_codes import flattened
from ocr.text_words import Nine

cv2.setNumThreads(1)

Gray = NDArray[np.uint8]
Matrix = NDArray[Any]

_DARK = 160
_JUDGED_DPI = 100.0
_MOST_SKEW = 8.0
_COARSE_STEP = 0.5
_FINE_STEP = 0.05
_STRAIGHT_ENOUGH = 0.04
_SIDEWAYS_BY = 1.5
_INKED = 200
_WORD_LENGTH_PX = 12
_WORD_HEIGHT_PX = 26
_LEAST_STANDING_PX = 100
_LEAST_INK = 200
_MOST_GAIN = 3.0
_RULE_MM = 9.0
_RULE_WIDTH_MM = 1.1
_BEND_PX = 3
_SPECK_MM2 = 0.018
_MOST_SPECKS = 60_000
_LEAST_SHEET = 0.45


@dataclass(frozen=True, eq=False)
class Straightened:
    """A page lying upright at ``dpi``; ``picture`` is grey, ``(height, width)``. ``matrix`` takes its pixels to pixels of
    the picture it was made of."""

    picture: Gray
    dpi: float
    rotation: int
    skew_deg: float
    matrix: Matrix

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in PDF points."""
        height, width = self.picture.shape
        return width * 72 / self.dpi, height * 72 / self.dpi

    @property
    def to_sheet(self) -> Nine:
        """The perspective from PDF points of this page to PDF points of the page as received."""
        scale = np.diag([self.dpi / 72, self.dpi / 72, 1.0])
        matrix = np.linalg.inv(scale) @ self.matrix @ scale
        return tuple(float(value) for value in (matrix / matrix[2, 2]).ravel())

    @cached_property
    def without_rules(self) -> Gray:
        """The picture without the ruling lines of tables and without specks."""
        return _without_specks(_without_rules(self.picture, self.dpi), self.dpi)


def straightened(gray: Gray, dpi: float) -> Straightened:
    """Finds the sheet if it lies on a darker desk, evens out its lighting, turns and straightens it.

    Whether it stands on its head is not told here: that takes reading (``turned``).
    """
    sheet, matrix = _sheet_on_desk(gray)
    page = Straightened(_inked(flattened(sheet)), dpi, 0, 0.0, matrix)
    if _lies_sideways(page.picture, dpi):
        page = turned(page, 1)
    skew = _skew(page.picture, dpi)
    if abs(skew) <= _STRAIGHT_ENOUGH:
        return page
    picture, back = _rotated(page.picture, skew)
    return replace(page, picture=picture, skew_deg=skew, matrix=page.matrix @ back)


def _inked(even: Gray) -> Gray:
    """The picture stretched so that its ink is black: the tone of half of what Otsu's threshold takes for ink."""
    small = even[::4, ::4]
    level, _ = cv2.threshold(np.ascontiguousarray(small), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    ink = small[small <= level]
    if ink.size < _LEAST_INK:
        return even
    tone = float(np.median(ink))
    gain = min(_MOST_GAIN, 255 / max(1.0, 255 - tone))
    table = np.clip(255 - (255 - np.arange(256)) * gain, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(even, table), dtype=np.uint8)


def turned(page: Straightened, quarters: int) -> Straightened:
    """The same page turned anticlockwise by ``quarters`` quarter turns."""
    matrix = page.matrix
    picture = page.picture
    for _ in range(quarters % 4):
        back = np.array([[0.0, -1.0, picture.shape[1] - 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
        matrix, picture = matrix @ back, np.rot90(picture)
    return replace(
        page,
        picture=np.ascontiguousarray(picture),
        rotation=(page.rotation + 90 * quarters) % 360,
        matrix=matrix,
    )


def _sheet_on_desk(gray: Gray) -> tuple[Gray, Matrix]:
    """The sheet cut out of a photograph and made rectangular; the picture itself where no sheet stands out."""
    identity = np.eye(3)
    height, width = gray.shape
    factor = 600 / max(height, width)
    small = cv2.GaussianBlur(cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), (0, 0), 2)
    level, paper = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    border = np.concatenate([paper[:2].ravel(), paper[-2:].ravel(), paper[:, :2].ravel(), paper[:, -2:].ravel()])
    if level == 0 or (border == 0).mean() < 0.5:
        return gray, identity
    paper = cv2.morphologyEx(paper, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    outlines, _ = cv2.findContours(paper, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = max(outlines, key=cv2.contourArea, default=None)
    if largest is None or cv2.contourArea(largest) < _LEAST_SHEET * small.size:
        return gray, identity
    corners = cv2.approxPolyDP(cv2.convexHull(largest), 0.03 * cv2.arcLength(largest, True), True).reshape(-1, 2)
    if len(corners) != 4:
        return gray, identity
    found = _clockwise(corners.astype(np.float64) / factor)
    sides = np.linalg.norm(found - np.roll(found, -1, axis=0), axis=1)
    size = (round((sides[0] + sides[2]) / 2), round((sides[1] + sides[3]) / 2))
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(target, found.astype(np.float32))
    cut = cv2.warpPerspective(gray, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=255)
    return np.asarray(cut, dtype=np.uint8), np.asarray(matrix, dtype=np.float64)


def _clockwise(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """From the top left corner on."""
    middle = corners.mean(axis=0)
    ordered = corners[np.argsort(np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0]))]
    start = int((ordered.sum(axis=1)).argmin())
    return np.roll(ordered, -start, axis=0)


def _lies_sideways(even: Gray, dpi: float) -> bool:
    """Whether the text runs up or down: letters grown together into words make tall pieces instead of wide ones."""
    factor = _JUDGED_DPI / dpi
    small = cv2.resize(_without_rules(even, dpi), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    words = cv2.morphologyEx((small < _INKED).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, _, facts, _ = cv2.connectedComponentsWithStats(words, connectivity=8)
    sizes = facts[1:]
    wide, high = sizes[:, cv2.CC_STAT_WIDTH], sizes[:, cv2.CC_STAT_HEIGHT]
    apt = (np.maximum(wide, high) >= _WORD_LENGTH_PX) & (np.minimum(wide, high) <= _WORD_HEIGHT_PX)
    lying = (wide[apt & (wide > 2 * high)]).sum()
    standing = (high[apt & (high > 2 * wide)]).sum()
    return bool(standing > _SIDEWAYS_BY * lying and standing >= _LEAST_STANDING_PX)


def _skew(even: Gray, dpi: float) -> float:
    """By how many degrees clockwise the lines of an upright page run down."""
    across, down = _ink_points(even, dpi)
    if across.size < _LEAST_INK:
        return 0.0
    coarse = max(
        np.arange(-_MOST_SKEW, _MOST_SKEW + 0.1, _COARSE_STEP), key=lambda angle: _contrast(across, down, angle)
    )
    fine = np.arange(coarse - _COARSE_STEP, coarse + _COARSE_STEP + 0.01, _FINE_STEP)
    return float(max(fine, key=lambda angle: _contrast(across, down, angle)))


def _ink_points(picture: Gray, dpi: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    factor = _JUDGED_DPI / dpi
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    height, width = small.shape
    edge = (height // 40, width // 40)
    rows, columns = np.nonzero(small[edge[0] : height - edge[0], edge[1] : width - edge[1]] < _DARK)
    return columns.astype(np.float64), rows.astype(np.float64)


def _contrast(along: NDArray[np.float64], over: NDArray[np.float64], degrees: float) -> float:
    """How sharply ink gathers in lines that run at ``degrees``: the squared differences between neighbouring lines."""
    angle = np.radians(degrees)
    places = over * np.cos(angle) - along * np.sin(angle)
    lines = np.bincount((places - places.min()).astype(np.int64)).astype(np.float64)
    return float((np.diff(lines) ** 2).sum())


def _rotated(picture: Gray, degrees: float) -> tuple[Gray, Matrix]:
    """The picture turned anticlockwise by ``degrees``, and the way back."""
    height, width = picture.shape
    turn = np.vstack([cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0), [0, 0, 1]])
    straight = cv2.warpAffine(
        picture, turn[:2], (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=255
    )
    return np.asarray(straight, dtype=np.uint8), np.linalg.inv(turn)


def _without_rules(picture: Gray, dpi: float) -> Gray:
    """Long thin strokes, level or upright, even a little bent, painted white."""
    length, width = round(_RULE_MM * dpi / 25.4), round(_RULE_WIDTH_MM * dpi / 25.4)
    dark = (picture < _DARK).astype(np.uint8)
    clean = picture.copy()
    for long_way, across in (((1, length), (width, 1)), ((length, 1), (1, width))):
        swell = np.ones((_BEND_PX if long_way[0] == 1 else 1, _BEND_PX if long_way[1] == 1 else 1), np.uint8)
        long = cv2.morphologyEx(cv2.dilate(dark, swell), cv2.MORPH_OPEN, np.ones(long_way, np.uint8))
        thick = cv2.morphologyEx(long, cv2.MORPH_OPEN, np.ones(across, np.uint8))
        rules = cv2.subtract(long, cv2.dilate(thick, np.ones((3, 3), np.uint8)))
        clean[cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0] = 255
    return clean


def _without_specks(picture: Gray, dpi: float) -> Gray:
    """Without dots too small for a full stop. A page with so many pieces that looking at each would take long is smoothed."""
    most = _SPECK_MM2 * (dpi / 25.4) ** 2
    if most < 2:
        return picture
    dark = (picture < _DARK).astype(np.uint8)
    count, labels, facts, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    if count > _MOST_SPECKS:
        return np.asarray(cv2.medianBlur(picture, 3), dtype=np.uint8)
    small = facts[:, cv2.CC_STAT_AREA] <= most
    small[0] = False
    clean = picture.copy()
    clean[small[labels] & (picture < _DARK)] = 255
    return clean
