"""Where a revenue stamp's label may stand on a page: by its barcode, read or only seen as stripes.

The label (contrassegno telematico) is 55 x 40 mm with a Code 128 of 14 digits along its lower edge; it may be pasted at any
turn. A code that zxing reads gives the place; what looks like bars and cannot be read is a candidate too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from ocr.pages import Gray
from ocr.printed_codes import flattened

# Pages are looked at by several processes at once, some of them forked: a pool of threads in each would only be in the way.
cv2.setNumThreads(1)

LABEL_MM = (55.0, 40.0)
PICTURE_DPI = 300.0
_BELOW_BARS_MM = 4.0
_AROUND_MM = 2.0
_BARS_MM = (18.0, 58.0)
_USUAL_BARS_MM = 40.0
_MM = 25.4
_STRIPES_DPI = 150.0
_STRIPES_MM = ((22.0, 58.0), (3.0, 22.0))
_STRIPED = 90
_EDGES = (34, 90)
_ALIKE = 0.6
_MARGIN_MM = 6.0
_IDENTIFIER = re.compile(r"[0-9]{14}")


@dataclass(frozen=True, slots=True)
class LabelPlace:
    """Bars on a page picture: their middle, extent along and across in pixels, and the turn in degrees clockwise.

    ``code``: what the bars say, None where they cannot be read; the turn of unread bars is known but for half a turn.
    """

    x: float
    y: float
    length: float
    height: float
    turn: float
    code: str | None


def label_places(gray: Gray, dpi: float) -> tuple[LabelPlace, ...]:
    """Every place on the picture that can be a label, read ones first."""
    places: list[LabelPlace] = []
    for stripes in _stripes(gray, dpi):
        code = _read_around(gray, stripes, dpi)
        if code:
            places.append(LabelPlace(stripes.x, stripes.y, stripes.length, stripes.height, code.turn, code.code))
        elif _has_bars(gray, stripes):
            places.append(stripes)
    for read in _codes(gray):
        if not any(_same_place(read, known) for known in places):
            places.append(read)
    return tuple(sorted(places, key=lambda place: place.code is None))


def label_picture(gray: Gray, place: LabelPlace, dpi: float, *, half_turned: bool = False) -> Gray:
    """The label upright with a margin around it, at ``PICTURE_DPI``."""
    size = tuple(round((side + 2 * _AROUND_MM) * PICTURE_DPI / _MM) for side in LABEL_MM)
    corners = _corners(place, dpi, half_turned=half_turned, around=_AROUND_MM)
    there = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), there)
    cut = cv2.warpPerspective(gray, matrix, size, flags=cv2.INTER_CUBIC, borderValue=255)
    return np.asarray(cut, dtype=np.uint8)


def label_corners(place: LabelPlace, dpi: float, *, half_turned: bool = False) -> NDArray[np.float64]:
    """The label's corners (top left, top right, bottom right, bottom left) in pixels, from where its bars stand."""
    return _corners(place, dpi, half_turned=half_turned, around=0.0)


def _corners(place: LabelPlace, dpi: float, *, half_turned: bool, around: float) -> NDArray[np.float64]:
    angle = np.radians(place.turn + (180 if half_turned else 0))
    along, down = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    pixels = _pixels_per_mm(place, dpi)
    margin = around * pixels
    width, height = (side * pixels for side in LABEL_MM)
    bottom = np.array([place.x, place.y]) + down * (place.height / 2 + _BELOW_BARS_MM * pixels + margin)
    top = bottom - down * (height + 2 * margin)
    left, right = -along * (width / 2 + margin), along * (width / 2 + margin)
    return np.array([top + left, top + right, bottom + right, bottom + left])


def _pixels_per_mm(place: LabelPlace, dpi: float) -> float:
    """The page's own scale; the bars' where they cannot be a label's at that scale, as in a picture of the label alone."""
    told = dpi / _MM
    likely = _BARS_MM[0] * told <= place.length <= _BARS_MM[1] * told
    return told if likely else place.length / _USUAL_BARS_MM


def _stripes(gray: Gray, dpi: float) -> Iterator[LabelPlace]:
    """Patches where the picture changes along one direction only, of a barcode's size."""
    scale = _STRIPES_DPI / dpi
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    across, down = (np.abs(cv2.Sobel(small, cv2.CV_32F, *way, ksize=3)) for way in ((1, 0), (0, 1)))
    for mostly, other, lying in ((across, down, True), (down, across, False)):
        even = cv2.blur(np.clip(mostly - 1.5 * other, 0, 255), (9, 5) if lying else (5, 9))
        joined = cv2.morphologyEx(
            (even > _STRIPED).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 25) if lying else (25, 5), np.uint8)
        )
        joined = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((11, 11), np.uint8))
        contours, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            if place := _as_place(np.asarray(contour, dtype=np.int32), scale):
                yield place


def _as_place(contour: NDArray[np.int32], scale: float) -> LabelPlace | None:
    (x, y), (one, other), turn = cv2.minAreaRect(contour)
    if one < other:
        one, other, turn = other, one, turn - 90
    long_mm, short_mm = one * _MM / _STRIPES_DPI, other * _MM / _STRIPES_DPI
    (least_long, most_long), (least_short, most_short) = _STRIPES_MM
    if not (least_long <= long_mm <= most_long and least_short <= short_mm <= most_short):
        return None
    return LabelPlace(x / scale, y / scale, one / scale, other / scale, turn % 360, None)


def _has_bars(gray: Gray, place: LabelPlace) -> bool:
    """Whether the patch has about as many edges as 14 digits in Code 128, the same from its top to its bottom."""
    turned = cv2.getRotationMatrix2D((place.x, place.y), place.turn, 1.0)
    turned[:, 2] += np.array([place.length / 2 - place.x, place.height / 2 - place.y])
    cut = cv2.warpAffine(gray, turned, (round(place.length), max(8, round(place.height))), borderValue=255)
    middle = cut[cut.shape[0] // 4 : -(cut.shape[0] // 4) or None].astype(np.float64)
    upper, lower = np.array_split(middle, 2)
    profiles = upper.mean(axis=0), lower.mean(axis=0)
    if min(profile.std() for profile in profiles) < 8:
        return False
    alike = float(np.corrcoef(*profiles)[0, 1])
    dark = middle.mean(axis=0) < middle.mean()
    return alike > _ALIKE and _EDGES[0] <= int(np.count_nonzero(dark[1:] != dark[:-1])) <= _EDGES[1]


def _read_around(gray: Gray, place: LabelPlace, dpi: float) -> LabelPlace | None:
    """The code of the bars at ``place``, tried harder than over a whole page."""
    margin = place.length / 2 + _MARGIN_MM * dpi / _MM
    left, top = max(0, int(place.x - margin)), max(0, int(place.y - margin))
    cut = gray[top : int(place.y + margin) + 1, left : int(place.x + margin) + 1]
    if min(cut.shape) < 16:
        return None
    for picture, scale in _attempts(cut):
        for found in _codes(picture):
            read = LabelPlace(
                left + found.x / scale, top + found.y / scale, found.length / scale, 0.0, found.turn, found.code
            )
            if _same_place(read, place):
                return read
    return None


def _attempts(cut: Gray) -> Iterator[tuple[Gray, float]]:
    yield cut, 1.0
    even = flattened(cut)
    yield even, 1.0
    yield np.asarray(cv2.GaussianBlur(even, (0, 0), 1.2), dtype=np.uint8), 1.0
    for scale in (2.0, 1.5, 0.6):
        yield np.asarray(cv2.resize(even, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8), scale


def _codes(gray: Gray) -> Iterator[LabelPlace]:
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.Code128)
    for code in zxingcpp.read_barcodes(gray, formats=formats):
        if not _IDENTIFIER.fullmatch(code.text):
            continue
        corners = np.array(
            [
                (each.x, each.y)
                for each in (
                    code.position.top_left,
                    code.position.top_right,
                    code.position.bottom_right,
                    code.position.bottom_left,
                )
            ],
            dtype=np.float64,
        )
        along = corners[1] - corners[0] + corners[2] - corners[3]
        x, y = corners.mean(axis=0)
        turn = float(np.degrees(np.arctan2(along[1], along[0]))) % 360
        height = float(np.linalg.norm(corners[3] - corners[0]))
        yield LabelPlace(float(x), float(y), float(np.linalg.norm(along)) / 2, height, turn, code.text)


def _same_place(one: LabelPlace, other: LabelPlace) -> bool:
    return bool(np.hypot(one.x - other.x, one.y - other.y) < max(one.length, other.length) / 2)
