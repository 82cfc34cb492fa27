"""The marks on a page that say where it lies: corner marks and page codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.form_map import Box, FormMap
from ocr.printed_codes import Points, PrintedCode, find_page_codes

cv2.setNumThreads(1)

CORNER_MARKS = 4

_ENOUGH_PIXELS = 1800
_ENOUGH_LANDMARKS = 3
_CORNER = 0.22
_LEAST_PERIMETER = 0.03
_FINE_REACH = 6
_FINE_STEPS = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.02)


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Corner marks by number (0 top left, clockwise) and page codes; corners are ``(4, 2)`` in pixels."""

    marks: Mapping[int, Points] = field(default_factory=dict)
    codes: tuple[PrintedCode, ...] = ()

    def at_scale(self, factor: float) -> Landmarks:
        """The landmarks of the same picture ``factor`` times as large."""
        marks = {number: _scaled(points, factor) for number, points in self.marks.items()}
        return Landmarks(marks, tuple(PrintedCode(code.text, _scaled(code.corners, factor)) for code in self.codes))


def find_landmarks(gray: NDArray[np.uint8]) -> Landmarks:
    """The landmarks of a page picture; of marks found twice the largest counts.

    Corner marks are eight millimetres wide: they are looked for on a smaller picture, first near its corners, and on the
    whole one only where too few landmarks are found.
    """
    codes = find_page_codes(gray)
    factor = min(1.0, _ENOUGH_PIXELS / max(gray.shape))
    marks = _marks_near_corners(gray, factor)
    if len(marks) >= _ENOUGH_LANDMARKS:
        return Landmarks(marks, codes)
    if factor == 1.0:
        return Landmarks(_corner_marks(gray), codes)
    marks = {number: _finely(gray, points, factor) for number, points in _corner_marks(_smaller(gray, factor)).items()}
    return Landmarks(marks if len(marks) + len(codes) >= _ENOUGH_LANDMARKS else _corner_marks(gray), codes)


def _marks_near_corners(gray: NDArray[np.uint8], factor: float) -> dict[int, Points]:
    """The marks where no corner of the picture shows two of them and no two corners the same, none otherwise."""
    height, width = gray.shape
    high, wide = round(height * _CORNER), round(width * _CORNER)
    marks: dict[int, Points] = {}
    for top, left in ((0, 0), (0, width - wide), (height - high, 0), (height - high, width - wide)):
        corner = np.ascontiguousarray(gray[top : top + high, left : left + wide])
        found = _corner_marks(_smaller(corner, factor), share=_CORNER)
        if len(found) > 1 or marks.keys() & found.keys():
            return {}
        marks |= {number: _finely(corner, points, factor) + np.array([left, top]) for number, points in found.items()}
    return marks


def landmarks_of_map(form_map: FormMap, page: int, dpi: float) -> Landmarks:
    """Where the map says the landmarks stand, in pixels of a picture at ``dpi``; the codes carry no text."""
    marks = {int(zone.name): _corners(zone.box, dpi) for zone in form_map.zones_on_page(page, "marker")}
    codes = tuple(PrintedCode("", _corners(zone.box, dpi)) for zone in form_map.zones_on_page(page, "page_code"))
    return Landmarks(marks, codes)


def _corner_marks(gray: NDArray[np.uint8], *, share: float = 1.0) -> dict[int, Points]:
    """``gray`` is ``share`` of a page's height."""
    options = cv2.aruco.DetectorParameters()
    options.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    options.minMarkerPerimeterRate = _LEAST_PERIMETER / share
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_6X6_50), options)
    found, numbers, _ = detector.detectMarkers(gray)
    marks: dict[int, Points] = {}
    for corners, number in zip(found, [] if numbers is None else numbers.ravel(), strict=True):
        points = corners.reshape(4, 2).astype(np.float64)
        if number >= CORNER_MARKS:
            continue
        if int(number) not in marks or _area(points) > _area(marks[int(number)]):
            marks[int(number)] = points
    return marks


def _finely(gray: NDArray[np.uint8], points: Points, factor: float) -> Points:
    """Corners seen on a picture ``factor`` as large, found again on ``gray`` between its pixels."""
    if factor == 1.0:
        return points
    near = _scaled(points, 1 / factor).astype(np.float32).reshape(-1, 1, 2)
    fine = cv2.cornerSubPix(gray, near, (_FINE_REACH, _FINE_REACH), (-1, -1), _FINE_STEPS)
    return np.asarray(fine, dtype=np.float64).reshape(4, 2)


def _smaller(gray: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    if factor == 1.0:
        return gray
    return np.asarray(cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _scaled(points: Points, factor: float) -> Points:
    return np.asarray((points + 0.5) * factor - 0.5)


def _area(points: Points) -> float:
    return float(cv2.contourArea(points.astype(np.float32)))


def _corners(box: Box, dpi: float) -> Points:
    corners = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
    return np.array(corners, dtype=np.float64) * dpi / 72 - 0.5
