"""Ink on paper, the same scale for the issued page and the scan: 0 bare paper, 255 full black."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.printed_codes import flattened

Ink = NDArray[np.uint8]

_FULL_INK = 200
_NEAR_INK = 128
_LEAST_PIXELS = 500
_RULE_INK = 40
_LEAST_RULE_MM = 6.0
_TILE = 192
_TILES = 12
_SOFTNESSES = (0.0, 0.5, 0.7, 0.9, 1.1, 1.3, 1.6, 2.0, 2.5)


def ink_of(gray: NDArray[np.uint8]) -> Ink:
    """Ink of a picture after its lighting has been evened out."""
    return np.asarray(255 - flattened(gray), dtype=np.uint8)


def levelled(scanned: Ink, issued: Ink) -> Ink:
    """``scanned`` stretched so that what is fully black on the issued page is as black here.

    ``issued`` is as soft as the scan. Where that leaves no stroke fully black, as on a pale and soft scan, what is left of
    its darker strokes tells how black they would be.
    """
    rows = slice(issued.shape[0] // 5, issued.shape[0] - issued.shape[0] // 5, 1)
    printed, seen = issued[rows], scanned[rows]
    cores = cv2.erode(printed, np.ones((3, 3), np.uint8)) > _FULL_INK
    strokes = printed > _NEAR_INK
    if cores.sum() >= _LEAST_PIXELS:
        black = float(np.median(seen[cores]))
    elif strokes.sum() >= _LEAST_PIXELS:
        black = 255 * float(np.median(seen[strokes] / printed[strokes].astype(np.float32)))
    else:
        return scanned
    return np.asarray(cv2.convertScaleAbs(scanned, alpha=min(4.0, 250 / max(black, 30.0))), dtype=np.uint8)


def softness(issued: Ink, scanned: Ink) -> float:
    """How soft the scan is: of some blurs (sigma in pixels) the one that makes the issued page most like it, each more so
    than the one before.

    Judged on the squares of the page's middle that have most print, and nowhere else.
    """
    tiles = _printed_tiles(issued)
    drawn = np.concatenate([issued[tile] for tile in tiles], axis=1)
    seen = np.concatenate([scanned[tile] for tile in tiles], axis=1)
    near = cv2.dilate(drawn, np.ones((9, 9), np.uint8)) > _NEAR_INK
    if near.sum() < _LEAST_PIXELS:
        return 0.0
    there = seen[near].astype(np.float32)
    best, likeness = 0.0, -1.0
    for sigma in _SOFTNESSES:
        alike = float(np.corrcoef(softened(drawn, sigma)[near], there)[0, 1])
        if not alike > likeness:
            break
        best, likeness = sigma, alike
    return best


def softened(ink: Ink, sigma: float) -> Ink:
    """``ink`` blurred by ``sigma`` pixels; 0 leaves it as it is."""
    return ink if sigma == 0 else np.asarray(cv2.GaussianBlur(ink, (0, 0), sigma), dtype=np.uint8)


def rules_in(issued: Ink, dpi: float) -> NDArray[np.bool_]:
    """Where the form's rules are: ink in straight runs of at least 6 mm along the rows or columns, which no letter has."""
    dark = np.asarray(cv2.threshold(issued, _RULE_INK, 1, cv2.THRESH_BINARY)[1], dtype=np.uint8)
    run = round(_LEAST_RULE_MM * dpi / 25.4)
    across, down = (cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(shape, np.uint8)) for shape in ((1, run), (run, 1)))
    return np.asarray(cv2.bitwise_or(across, down) > 0)


def _printed_tiles(issued: Ink) -> list[tuple[slice, slice]]:
    """The squares with most ink of the page without its outer fifth, the whole of a small page."""
    height, width = issued.shape
    places = [
        (slice(top, top + _TILE), slice(left, left + _TILE))
        for top in range(height // 5, height - height // 5 - _TILE, _TILE)
        for left in range(width // 5, width - width // 5 - _TILE, _TILE)
    ]
    if not places:
        return [(slice(0, height), slice(0, width))]
    return sorted(places, key=lambda place: -int(issued[place][::4, ::4].sum(dtype=np.int64)))[:_TILES]
