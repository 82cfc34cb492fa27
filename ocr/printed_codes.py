"""Finding the printed page codes of a page picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from ocr.page_codes import PREFIX

Points = NDArray[np.float64]

_BACKGROUND_STEP = 8


@dataclass(frozen=True, eq=False)
class PrintedCode:
    """A QR code read from a picture: ``corners`` are its top left, top right, bottom right, bottom left in pixels."""

    text: str
    corners: Points


def find_page_codes(gray: NDArray[np.uint8]) -> tuple[PrintedCode, ...]:
    """All page codes in sight; poor pictures are flattened, softened and rescaled until at least one is read."""
    for picture, scale in _attempts(gray):
        found = tuple(
            PrintedCode(code.text, _corners(code.position) / scale)
            for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
            if code.text.startswith(PREFIX)
        )
        if found:
            return found
    return ()


def flattened(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture with even lighting: each pixel divided by the paper around it (maximum filter, blurred)."""
    small = cv2.resize(gray, None, fx=1 / _BACKGROUND_STEP, fy=1 / _BACKGROUND_STEP, interpolation=cv2.INTER_AREA)
    paper = cv2.GaussianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), (0, 0), 6)
    paper = cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(gray, np.maximum(paper, 1), scale=255), dtype=np.uint8)


def _attempts(gray: NDArray[np.uint8]) -> Iterator[tuple[NDArray[np.uint8], float]]:
    yield gray, 1.0
    even = flattened(gray)
    yield even, 1.0
    yield np.asarray(cv2.GaussianBlur(even, (0, 0), 1.2), dtype=np.uint8), 1.0
    for scale in (0.6, 1.5):
        yield np.asarray(cv2.resize(even, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8), scale


def _corners(position: zxingcpp.Position) -> Points:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return np.array([(corner.x, corner.y) for corner in corners], dtype=np.float64)
