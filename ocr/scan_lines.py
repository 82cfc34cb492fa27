"""Lines that a scanner or fax draws over a whole page, or leaves out of it: taken out before anything is judged.

They run exactly along the rows or columns of the picture and from edge to edge, which neither the form's rules nor
anybody's pen does.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.ink import Ink

_DARK = 100
_EDGE_TO_EDGE = 0.88
_MOST_LINE_SHARE = 1 / 500
_LEAST_CROSSINGS = 25
_LOST_CROSSINGS = 0.8
_FADED = 0.12
_MOST_LINES = 60


def without_scan_lines(ink: Ink) -> Ink:
    """The picture with lines from edge to edge replaced by what stands on both of their sides, black and white ones."""
    lines = [(rows, False) for rows in _lines(ink)] + [(columns, True) for columns in _lines(ink.T)]
    if not lines or len(lines) > _MOST_LINES:
        return ink
    mended = ink.copy()
    for (first, last), along_columns in lines:
        turned = mended.T if along_columns else mended
        turned[first:last] = np.minimum(turned[first - 1], turned[last])
    return mended


def _lines(ink: Ink) -> list[tuple[int, int]]:
    """First and last row (exclusive) of each line along the rows, top to bottom."""
    most = max(2, round(ink.shape[0] * _MOST_LINE_SHARE))
    dark = np.asarray(cv2.threshold(np.ascontiguousarray(ink), _DARK, 1, cv2.THRESH_BINARY)[1], dtype=np.uint8)
    share = dark.mean(axis=1, dtype=np.float32)
    drawn = _short_runs(share > _EDGE_TO_EDGE, most)
    return sorted([*drawn, *_dropped(dark, share, most)])


def _dropped(dark: NDArray[np.uint8], share: NDArray[np.float32], most: int) -> list[tuple[int, int]]:
    around = np.ones((2 * most + 3, 1), np.uint8)
    usual = cv2.dilate(share.reshape(-1, 1), around).ravel()
    faded = (share < _FADED * usual) & (usual * dark.shape[1] > _LEAST_CROSSINGS)
    lines = []
    for first, last in _short_runs(faded, most):
        crossing = (dark[first - 1] > 0) & (dark[last] > 0)
        lost = crossing & ~dark[first:last].any(axis=0)
        if crossing.sum() >= _LEAST_CROSSINGS and lost.sum() >= _LOST_CROSSINGS * crossing.sum():
            lines.append((first, last))
    return lines


def _short_runs(flags: NDArray[np.bool_], most: int) -> list[tuple[int, int]]:
    """Runs of true of at most ``most``, none at the picture's edge."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    runs = zip(steps[::2], steps[1::2], strict=True)
    return [(int(first), int(last)) for first, last in runs if last - first <= most and first > 0 and last < len(flags)]
