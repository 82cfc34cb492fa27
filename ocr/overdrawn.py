"""Pen over print: a letter that carries more ink beside its strokes than the same letter elsewhere on the page.

A hand that follows a printed digit to make another one of it leaves hardly a stroke that stands apart; but its line is wider
than the print, and no two of its strokes lie where the print's do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocr.glyphs import LetterCheck

_LEAST_EXCESS_MM2 = 0.17
_OUTLYING = 9.0
_LEAST_SPREAD_MM2 = 0.006
_ENOUGH_TO_COMPARE = 4

Font = str


def overdrawn_mm2(cells: Sequence[tuple[Font, Sequence[LetterCheck]]]) -> tuple[float, ...]:
    """For each cell (its font, its letters) the ink beside its most overdrawn letter in square millimetres, 0 for none.

    Each letter is compared with the same letter of the same font on the page, with all letters of the font where there are
    fewer than four of it: paper, toner and scanner widen all of them alike.
    """
    by_letter: dict[tuple[Font, str], list[float]] = {}
    by_font: dict[Font, list[float]] = {}
    for font, letters in cells:
        for letter in letters:
            by_letter.setdefault((font, letter.issued), []).append(letter.excess_mm2)
            by_font.setdefault(font, []).append(letter.excess_mm2)
    usual = {font: _usual(excesses) for font, excesses in by_font.items()}
    compared = {
        key: _usual(excesses) if len(excesses) >= _ENOUGH_TO_COMPARE else usual[key[0]]
        for key, excesses in by_letter.items()
    }
    return tuple(
        max(
            (_beyond(letter.excess_mm2, *compared[font, letter.issued], usual[font][1]) for letter in letters),
            default=0.0,
        )
        for font, letters in cells
    )


def _usual(excesses: Sequence[float]) -> tuple[float, float]:
    middle = float(np.median(excesses))
    spread = 1.4826 * float(np.median(np.abs(np.array(excesses) - middle)))
    return middle, max(spread, _LEAST_SPREAD_MM2)


def _beyond(excess: float, middle: float, spread: float, spread_of_font: float) -> float:
    beyond = excess - middle
    limit = max(_LEAST_EXCESS_MM2, _OUTLYING * max(spread, spread_of_font))
    return beyond if beyond > limit else 0.0
