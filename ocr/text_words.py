"""Words on a page and the lines they make."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise
from typing import Literal

import cv2
import numpy as np

from ocr.form_map import Box

TextEngine = Literal["pdf", "tesseract", "rapidocr"]
Nine = tuple[float, ...]

IDENTITY: Nine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
_SAME_LINE = 0.5
_MIDDLES_APART = 0.4


@dataclass(frozen=True, slots=True)
class Word:
    """A word as read: ``box`` in PDF points from the top left corner of the page as it lies upright and straight,
    ``confidence`` from 0 to 1, ``line`` its line in reading order, from 0."""

    text: str
    box: Box
    confidence: float
    line: int = 0


@dataclass(frozen=True, slots=True)
class TextLine:
    """The words of one line from left to right."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        return around([word.box for word in self.words])

    @property
    def confidence(self) -> float:
        """That of its worst word."""
        return min(word.confidence for word in self.words)


@dataclass(frozen=True)
class PageText:
    """What stands on page ``page`` (from 1) of the file ``source``.

    ``width`` and ``height`` are those of the page as it lies upright, in PDF points. ``rotation`` is by how many degrees
    clockwise, in quarter turns, the page lies turned in the file, ``skew_deg`` what is left after them. ``quality`` from 0
    to 1 is the mean confidence of its letters, 0 for a page without words. ``to_sheet`` holds the nine numbers of the
    perspective that takes a point of the upright page to the point of the page as received.
    """

    source: str
    page: int
    width: float
    height: float
    words: tuple[Word, ...]
    engine: TextEngine
    rotation: int = 0
    skew_deg: float = 0.0
    quality: float = 1.0
    to_sheet: Nine = IDENTITY

    @cached_property
    def _lines(self) -> tuple[TextLine, ...]:
        ordered = sorted(self.words, key=lambda word: (word.line, word.box.left))
        return tuple(TextLine(tuple(words)) for _, words in groupby(ordered, key=lambda word: word.line))

    def lines(self) -> tuple[TextLine, ...]:
        """The lines in reading order."""
        return self._lines

    @cached_property
    def text(self) -> str:
        """The lines in reading order, one a row, words parted by one space."""
        return "\n".join(line.text for line in self.lines())

    def on_sheet(self, box: Box) -> Box:
        """Where ``box`` lies on the page as received: the smallest upright box around it, for cutting pictures out."""
        if self.to_sheet == IDENTITY:
            return Box(*(round(edge, 2) for edge in box.as_list()))
        corners = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
        matrix = np.array(self.to_sheet, dtype=np.float64).reshape(3, 3)
        there = cv2.perspectiveTransform(np.array([corners], dtype=np.float64), matrix)[0]
        left, top = (float(value) for value in there.min(axis=0))
        right, bottom = (float(value) for value in there.max(axis=0))
        return Box(round(left, 2), round(top, 2), round(right, 2), round(bottom, 2))


def around(boxes: Sequence[Box]) -> Box:
    """The smallest box around one or more boxes."""
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def mean_confidence(words: Iterable[Word]) -> float:
    """The mean confidence of the letters of some words, 0 for none."""
    weights = [(word.confidence, len(word.text)) for word in words]
    letters = sum(count for _, count in weights)
    return sum(confidence * count for confidence, count in weights) / letters if letters else 0.0


def in_lines(words: Iterable[Word], *, table: bool = False) -> tuple[Word, ...]:
    """The words with their lines: those that stand beside each other share one, from the top down, left to right.

    Prose set in two columns is read column by column, unless the page is a ``table``.
    """
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda each: each.box.left):
        fitting = [row for row in rows if _follows(row[-1], word)]
        if fitting:
            min(fitting, key=lambda row: abs(_middle_of_last(row) - _middle(word))).append(word)
        else:
            rows.append([word])
    lines = sorted(rows, key=lambda row: (statistics.median(map(_middle, row)), row[0].box.left))
    ordered = lines if table else _columns_apart(lines)
    return tuple(replace(word, line=number) for number, line in enumerate(ordered) for word in line)


def _follows(one: Word, other: Word) -> bool:
    """Whether ``other`` stands to the right of ``one`` at its height, wherever the line may bend to."""
    shared = min(one.box.bottom, other.box.bottom) - max(one.box.top, other.box.top)
    lower = min(one.box.bottom - one.box.top, other.box.bottom - other.box.top)
    apart = abs(_middle(one) - _middle(other))
    higher = max(one.box.bottom - one.box.top, other.box.bottom - other.box.top)
    narrower = min(one.box.right - one.box.left, other.box.right - other.box.left)
    level = shared >= _SAME_LINE * lower and apart <= _MIDDLES_APART * higher
    return level and one.box.right - other.box.left <= _SAME_LINE * narrower


def _middle_of_last(row: Sequence[Word]) -> float:
    return statistics.mean(_middle(word) for word in row[-3:])


def _middle(word: Word) -> float:
    return (word.box.top + word.box.bottom) / 2


_LEAST_COLUMN_LINES = 5
_GUTTER_PT = 10.0
_WORDS_OF_PROSE = 3.0
_GAPS_IN_PROSE = 0.2


def _columns_apart(lines: Sequence[list[Word]]) -> list[list[Word]]:
    """The lines with each run of two-column prose read down its left column, then down its right one."""
    ordered: list[list[Word]] = []
    start = 0
    while start < len(lines):
        end, gutter = _gutter_run(lines, start)
        if gutter is None:
            ordered.append(lines[start])
            start += 1
            continue
        left = [[word for word in line if word.box.left < gutter] for line in lines[start:end]]
        right = [[word for word in line if word.box.left >= gutter] for line in lines[start:end]]
        ordered += [line for line in [*left, *right] if line]
        start = end
    return ordered


def _gutter_run(lines: Sequence[list[Word]], start: int) -> tuple[int, float | None]:
    """How far from ``start`` the lines leave one gutter free in common, and its middle; None where it is no prose."""
    gaps = _gaps(lines[start])
    end = start
    while gaps and end < len(lines):
        narrowed = _narrowed(gaps, lines[end])
        if not narrowed:
            break
        gaps, end = narrowed, end + 1
    for left, right in gaps:
        if end - start >= _LEAST_COLUMN_LINES and _is_prose(lines[start:end], (left + right) / 2):
            return end, (left + right) / 2
    return start, None


def _gaps(line: Sequence[Word]) -> list[tuple[float, float]]:
    edges = [(one.box.right, other.box.left) for one, other in pairwise(line)]
    return [(left, right) for left, right in edges if right - left >= _GUTTER_PT]


def _narrowed(gaps: Sequence[tuple[float, float]], line: Sequence[Word]) -> list[tuple[float, float]]:
    free = [(float("-inf"), line[0].box.left), *_gaps(line), (line[-1].box.right, float("inf"))]
    shared = [
        (max(left, other_left), min(right, other_right)) for left, right in gaps for other_left, other_right in free
    ]
    return [(left, right) for left, right in shared if right - left >= _GUTTER_PT]


def _is_prose(lines: Sequence[Sequence[Word]], gutter: float) -> bool:
    """Whether both sides of a gutter are running text: several words a line, no gaps of their own."""
    left = [[word for word in line if word.box.left < gutter] for line in lines]
    right = [[word for word in line if word.box.left >= gutter] for line in lines]
    return all(
        sum(map(len, side)) >= _WORDS_OF_PROSE * len(lines)
        and sum(bool(line) for line in side) >= _LEAST_COLUMN_LINES
        and sum(bool(line and _gaps(line)) for line in side) <= _GAPS_IN_PROSE * len(lines)
        for side in (left, right)
    )
