"""Pen over print: a letter that carries more ink beside its strokes than the same letter elsewhere on the page.

A hand that follows a printed digit to make another one of it leaves hardly a stroke that stands apart; but its line is wider
than the print, and no two of its strokes lie where the print's do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ocr.letter_check import LetterCheck

_ENOUGH_TO_COMPARE = 4

Font = str


@dataclass(frozen=True, slots=True)
class _Limits:
    """By how much a letter lies beyond its like at least, in itself and in its like's own spread."""

    least: float
    outlying: float
    least_spread: float


_EXCESS = _Limits(0.17, 9.0, 0.006)
_SHARE = _Limits(0.28, 7.0, 0.01)


def overdrawn_mm2(cells: Sequence[tuple[Font, Sequence[LetterCheck]]]) -> tuple[float, ...]:
    """For each cell (its font, its letters) the ink beside its most overdrawn letter in square millimetres, 0 for none.

    Each letter is compared with the same letter of the same font on the page, with all letters of the font where there are
    fewer than four of it: paper, toner and scanner widen all of them alike.
    """
    return _most_beyond(cells, lambda letter: letter.excess_mm2, _EXCESS)


def overinked(cells: Sequence[tuple[Font, Sequence[LetterCheck]]]) -> tuple[float, ...]:
    """For each cell by how much its most inked letter has more ink than its like, in shares of the letter's ink, 0 for none.

    Told of monospaced letters and digits, none of which reaches into another's columns: a pen that follows a printed digit
    all along leaves a third of the digit's ink at least. A comma has so little that a shadow doubles it.
    """
    spaced = [
        (font, [letter for letter in letters if font == "mono" and letter.issued.isalnum()]) for font, letters in cells
    ]
    return _most_beyond(spaced, lambda letter: letter.ink_share, _SHARE)


def _most_beyond(
    cells: Sequence[tuple[Font, Sequence[LetterCheck]]], measure: Callable[[LetterCheck], float], limits: _Limits
) -> tuple[float, ...]:
    by_letter: dict[tuple[Font, str], list[float]] = {}
    by_font: dict[Font, list[float]] = {}
    for font, letters in cells:
        for letter in letters:
            by_letter.setdefault((font, letter.issued), []).append(measure(letter))
            by_font.setdefault(font, []).append(measure(letter))
    usual = {font: _usual(found, limits) for font, found in by_font.items()}
    compared = {
        key: _usual(found, limits) if len(found) >= _ENOUGH_TO_COMPARE else usual[key[0]]
        for key, found in by_letter.items()
    }
    return tuple(
        max(
            (_beyond(measure(letter), *compared[font, letter.issued], usual[font][1], limits) for letter in letters),
            default=0.0,
        )
        for font, letters in cells
    )


def _usual(found: Sequence[float], limits: _Limits) -> tuple[float, float]:
    middle = float(np.median(found))
    spread = 1.4826 * float(np.median(np.abs(np.array(found) - middle)))
    return middle, max(spread, limits.least_spread)


def _beyond(found: float, middle: float, spread: float, spread_of_font: float, limits: _Limits) -> float:
    beyond = found - middle
    limit = max(limits.least, limits.outlying * max(spread, spread_of_font))
    return beyond if beyond > limit else 0.0
