"""Ink on paper, the same scale for the issued page and the scan: 0 bare paper, 255 full black."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.printed_codes import flattened

Ink = NDArray[np.uint8]

_FULL_INK = 200
_SOFTNESSES = (0.0, 0.6, 0.9, 1.3, 1.8, 2.5)


def ink_of(gray: NDArray[np.uint8]) -> Ink:
    """Ink of a picture after its lighting has been evened out."""
    return np.asarray(255 - flattened(gray), dtype=np.uint8)


def levelled(scanned: Ink, issued: Ink) -> Ink:
    """``scanned`` stretched so that what is fully black on the issued page is as black here."""
    cores = cv2.erode(issued, np.ones((3, 3), np.uint8)) > _FULL_INK
    if cores.sum() < 500:
        return scanned
    black = float(np.median(scanned[cores]))
    return np.asarray(cv2.convertScaleAbs(scanned, alpha=min(4.0, 250 / max(black, 30.0))), dtype=np.uint8)


def softness(issued: Ink, scanned: Ink) -> float:
    """How soft the scan is: of a few blurs (sigma in pixels) the one that makes the issued page's edges as steep."""
    steepness = _steepness(scanned, issued)
    return min(_SOFTNESSES, key=lambda sigma: abs(_steepness(softened(issued, sigma), issued) - steepness))


def softened(ink: Ink, sigma: float) -> Ink:
    """``ink`` blurred by ``sigma`` pixels; 0 leaves it as it is."""
    return ink if sigma == 0 else np.asarray(cv2.GaussianBlur(ink, (0, 0), sigma), dtype=np.uint8)


def _steepness(ink: Ink, issued: Ink) -> float:
    near = cv2.dilate(issued, np.ones((5, 5), np.uint8)) > 128
    across = cv2.Sobel(ink, cv2.CV_32F, 1, 0, ksize=3)[near]
    return float(np.percentile(np.abs(across), 90)) if across.size else 0.0
