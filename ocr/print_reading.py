"""Reading a line in the form's own print: which letters of the form, laid one after the other, explain its ink best.

Whoever prints another value with the form's own template sets it in the same letters. Where each of them stands is not known
beforehand, so that all lines that the letters can make are compared at once (the Viterbi algorithm, places from left to
right).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ocr.ink import Ink

_FULL_INK = 255.0
_LETTER_COST = 3.0
_ACCENT_SHARE = 0.25
_LEAST_ACCENT = 3.0
_AROUND = ((0, 0), (0, 1), (0, -1), (0, 2), (0, -2), (1, 0), (-1, 0))


@dataclass(frozen=True, eq=False)
class Letterset:
    """Letters of one font, 0 bare to 1 full ink: ``pictures`` is ``(letters, places, height, width)``, one picture for each
    of the places within a pixel across; ``advances`` says in pixels how far each letter's next one stands.
    """

    symbols: tuple[str, ...]
    pictures: NDArray[np.float32]
    advances: NDArray[np.float64]

    def only(self, allowed: frozenset[str]) -> Letterset:
        """Without the letters that are not ``allowed``."""
        kept = [number for number, symbol in enumerate(self.symbols) if symbol in allowed]
        return Letterset(tuple(self.symbols[each] for each in kept), self.pictures[kept], self.advances[kept])


@dataclass(frozen=True, slots=True)
class PrintedLetter:
    """A letter and the place of its left edge, in pixels of the picture that was read."""

    text: str
    left: float


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """The letters of a line, left to right, and the row of the picture that its letters' pictures begin at."""

    letters: tuple[PrintedLetter, ...]
    top: int


@dataclass(frozen=True, slots=True)
class PrintRead:
    """A value read in the form's own letters; ``likeness`` of its least clear letter, -1 to 1.

    ``surely``: each letter stands out against all others that could stand there, and no ink is left over.
    """

    text: str
    likeness: float
    surely: bool


def printed_line(cell: Ink, letterset: Letterset, tops: Sequence[int]) -> PrintedLine:
    """The line of letters that explains the ink of ``cell`` best, its upper edge at one of the rows ``tops``.

    What a line leaves unexplained is the sum of squared differences between the ink and its letters. A letter costs a little
    of its own, so that noise is none.
    """
    _, places, height, width = letterset.pictures.shape
    ink = np.pad(cell.astype(np.float32) / _FULL_INK, ((0, height), (0, width)))
    costs = _costs(ink, letterset, tops, cell.shape[1])
    steps = np.stack([np.floor(letterset.advances * places), np.ceil(letterset.advances * places)]).astype(int)
    least, came_by = _cheapest_lines(costs, steps)
    row = int(least[:, -1].argmin())
    return PrintedLine(_letters_of(came_by[row], steps, letterset, places), tops[row])


def accented(cell: Ink, line: PrintedLine, letterset: Letterset) -> PrintedLine:
    """``line`` with each letter plain or with the accent that its ink shows: one that shows too little is none."""
    by_base: dict[str, list[int]] = {}
    for number, symbol in enumerate(letterset.symbols):
        by_base.setdefault(_base(symbol), []).append(number)
    ink = np.pad(cell.astype(np.float32) / _FULL_INK, letterset.pictures.shape[3])
    return PrintedLine(
        tuple(
            PrintedLetter(_with_accent(ink, each, line.top, letterset, by_base[_base(each.text)]), each.left)
            for each in line.letters
        ),
        line.top,
    )


def _with_accent(
    ink: NDArray[np.float32], letter: PrintedLetter, top: int, letterset: Letterset, variants: Sequence[int]
) -> str:
    symbols = [letterset.symbols[each] for each in variants]
    plain = _base(letter.text)
    if len(variants) < 2 or plain not in symbols:
        return letter.text
    _, places, height, width = letterset.pictures.shape
    left = round(letter.left * places)
    unlike = np.full((len(_AROUND), len(variants)), np.inf)
    for row, (down, right) in enumerate(_AROUND):
        x, phase = divmod(left + right, places)
        seen = ink[width + top + down : width + top + down + height, width + x : 2 * width + x]
        pictures = letterset.pictures[list(variants), phase, : seen.shape[0]]
        own = np.arange(width) < letterset.advances[variants[0]]
        unlike[row] = (((seen - pictures) ** 2) * own).sum(axis=(1, 2))
    least = unlike.min(axis=0)
    base = symbols.index(plain)
    accents = ((letterset.pictures[list(variants), 0] - letterset.pictures[variants[base], 0]) ** 2).sum(axis=(1, 2))
    gains = least[base] - least
    shown = (accents > _LEAST_ACCENT) & (gains > _ACCENT_SHARE * accents)
    return symbols[int(np.where(shown, least, np.inf).argmin())] if shown.any() else plain


def _base(symbol: str) -> str:
    return unicodedata.normalize("NFD", symbol)[:1]


def _costs(ink: NDArray[np.float32], letterset: Letterset, tops: Sequence[int], across: int) -> NDArray[np.float32]:
    """``(tops, places, letters)``: by how much each letter at each place changes what is unexplained."""
    symbols, places, height, width = letterset.pictures.shape
    bands = np.stack([ink[top : top + height] for top in tops])
    windows = sliding_window_view(bands, (height, width), axis=(1, 2))[:, 0, :across]
    flat = np.ascontiguousarray(windows).reshape(len(tops) * across, height * width)
    pictures = letterset.pictures.reshape(symbols * places, height * width)
    gained = (flat @ pictures.T).reshape(len(tops), across, symbols, places)
    own = (letterset.pictures**2).sum(axis=(2, 3))
    costs = own - 2 * gained + _LETTER_COST
    return np.ascontiguousarray(costs.transpose(0, 1, 3, 2)).reshape(len(tops), across * places, symbols)


def _cheapest_lines(
    costs: NDArray[np.float32], steps: NDArray[np.int_]
) -> tuple[NDArray[np.float64], NDArray[np.int_]]:
    """For each top and place the least cost of a line that ends there and the letter (with its step) that ends it, -1 for
    none. ``steps``: each letter's advance in places, rounded down and up.
    """
    tops, places, symbols = costs.shape
    flat_steps, which = steps.ravel(), np.tile(np.arange(symbols), len(steps))
    least = np.zeros((tops, places + 1))
    came_by = np.full((tops, places + 1), -1)
    rows = np.arange(tops)
    for place in range(1, places + 1):
        begun = place - flat_steps
        can = begun >= 0
        least[:, place] = least[:, place - 1]
        if not can.any():
            continue
        through = least[:, begun[can]] + costs[:, begun[can], which[can]]
        best = through.argmin(axis=1)
        better = through[rows, best] < least[:, place]
        least[better, place] = through[rows, best][better]
        came_by[better, place] = np.flatnonzero(can)[best[better]]
    return least, came_by


def _letters_of(
    came_by: NDArray[np.int_], steps: NDArray[np.int_], letterset: Letterset, places: int
) -> tuple[PrintedLetter, ...]:
    letters: list[PrintedLetter] = []
    flat_steps, place = steps.ravel(), len(came_by) - 1
    while place > 0:
        choice = int(came_by[place])
        if choice < 0:
            place -= 1
            continue
        place -= int(flat_steps[choice])
        letters.append(PrintedLetter(letterset.symbols[choice % len(letterset.symbols)], place / places))
    return tuple(reversed(letters))
