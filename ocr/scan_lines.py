"""Lines that a scanner or fax draws over a page, or leaves out of it: taken out before anything is judged.

They run exactly along the rows or columns of the picture, to its edge, which neither the form's rules nor anybody's pen does.
What a transmission loses of a line it loses from some place to the line's end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.ink import Ink

_DARK = 100
_EDGE_TO_EDGE = 0.95
_MOST_LINE_SHARE = 1 / 500
_LEAST_CROSSINGS = 25
_LOST_CROSSINGS = 0.8
_FADED = 0.12
_MOST_LINES = 60
_PARTS = 8

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Mended:
    """A picture without such lines; ``unseen`` is where they stood, None where there were none."""

    ink: Ink
    unseen: Flags | None


@dataclass(frozen=True, slots=True)
class _Line:
    """A line along the rows: its first row and the one after its last, the same of its columns."""

    first: int
    last: int
    start: int
    end: int


def without_scan_lines(ink: Ink) -> Mended:
    """The picture with lines to the edge replaced by what stands on both of their sides, black and white ones."""
    dark = np.asarray(cv2.threshold(ink, _DARK, 1, cv2.THRESH_BINARY)[1], dtype=np.uint8)
    across = _lines(dark, _ends(ink.shape[1]))
    down = _lines(np.ascontiguousarray(dark.T), [(0, ink.shape[0])])
    if not 0 < len(across) + len(down) <= _MOST_LINES:
        return Mended(ink, None)
    mended, unseen = ink.copy(), np.zeros(ink.shape, dtype=bool)
    for lines, picture, flags in ((across, mended, unseen), (down, mended.T, unseen.T)):
        for line in lines:
            columns = slice(line.start, line.end)
            both_sides = np.minimum(picture[line.first - 1, columns], picture[line.last, columns])
            picture[line.first : line.last, columns] = both_sides
            flags[line.first : line.last, columns] = True
    return Mended(mended, unseen)


def _ends(width: int) -> list[tuple[int, int]]:
    """First and last column (exclusive) of the whole line, and of its ends, longer ones first."""
    edges = [width * part // _PARTS for part in range(1, _PARTS)]
    return [(0, width), *((edge, width) for edge in edges), *((0, edge) for edge in reversed(edges))]


def _lines(dark: NDArray[np.uint8], parts: Sequence[tuple[int, int]]) -> list[_Line]:
    """The lines along the rows, drawn ones over all of the width, lost ones over any of ``parts``."""
    most = max(2, round(dark.shape[0] * _MOST_LINE_SHARE))
    sums = _sums_to(dark, sorted({edge for part in parts for edge in part}))
    width = dark.shape[1]
    lines = [_Line(*rows, 0, width) for rows in _short_runs(sums[width] > _EDGE_TO_EDGE * width, most)]
    taken = np.zeros(len(dark), dtype=bool)
    for start, end in parts:
        for line in _lost(dark, sums[end] - sums[start], most, slice(start, end)):
            if not taken[line.first : line.last].any():
                taken[line.first : line.last] = True
                lines.append(line)
    return sorted(lines, key=lambda line: line.first)


def _sums_to(dark: NDArray[np.uint8], edges: Sequence[int]) -> dict[int, NDArray[Any]]:
    """How much of each row is dark from its first column to each of ``edges``, which begin with 0."""
    sums: dict[int, NDArray[Any]] = {0: np.zeros(len(dark), dtype=np.int32)}
    for before, edge in pairwise(edges):
        part = cv2.reduce(dark[:, before:edge], 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
        sums[edge] = sums[before] + part.ravel()
    return sums


def _lost(dark: NDArray[np.uint8], inked: NDArray[Any], most: int, columns: slice) -> Iterator[_Line]:
    """Lines that most strokes across them break off at, between ``columns``, of whose rows ``inked`` points are dark."""
    around = np.ones((2 * most + 3, 1), np.uint8)
    usual = cv2.dilate(inked.astype(np.float32).reshape(-1, 1), around).ravel()
    for first, last in _short_runs((inked < _FADED * usual) & (usual > _LEAST_CROSSINGS), most):
        if min(inked[first - 1], inked[last]) < _LEAST_CROSSINGS:
            continue
        crossing = (dark[first - 1, columns] > 0) & (dark[last, columns] > 0)
        lost = crossing & ~dark[first:last, columns].any(axis=0)
        if crossing.sum() >= _LEAST_CROSSINGS and lost.sum() >= _LOST_CROSSINGS * crossing.sum():
            yield _Line(first, last, *_bare_around(dark[first:last], columns))


def _bare_around(rows: NDArray[np.uint8], columns: slice) -> tuple[int, int]:
    """``columns`` and what is bare of ``rows`` beside them."""
    inked = np.flatnonzero(rows.any(axis=0))
    before, after = inked[inked < columns.start], inked[inked >= columns.stop]
    start = int(before[-1]) + 1 if before.size else 0
    return start, int(after[0]) if after.size else rows.shape[1]


def _short_runs(flags: Flags, most: int) -> list[tuple[int, int]]:
    """Runs of true of at most ``most``, none at the picture's edge."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    runs = zip(steps[::2], steps[1::2], strict=True)
    return [(int(first), int(last)) for first, last in runs if last - first <= most and first > 0 and last < len(flags)]
