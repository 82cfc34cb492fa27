"""The letters of a form's print as soft as one scan shows them, laid at some places within the pixel."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.form_map import FormField
from ocr.glyphs import ABOVE, FINER, FontKey, GlyphSheet, font_key
from ocr.ink import softened
from ocr.letter_rivals import read_alike
from ocr.pages import Character
from ocr.picture_file import resized
from ocr.print_reading import Letterset

HALF_PIXELS = 2
SAME_SHAPE = 0.985

_ONE_AROUND = np.ones((3, 3), np.uint8)

Phase = tuple[int, int]
Rows = NDArray[np.float32]


class SoftLetters:
    """A glyph sheet softened by ``sigma`` pixels, its pictures kept by font, place within the pixel and width.

    Letters are laid at ``phases`` places within each pixel, down and across.
    """

    def __init__(self, sheet: GlyphSheet, sigma: float, phases: int = HALF_PIXELS) -> None:
        self.sheet = sheet
        self.sigma = sigma
        self.phases = phases
        self._sharp: dict[FontKey, NDArray[np.uint8]] = {}
        self._laid: dict[tuple[FontKey, Phase], NDArray[np.uint8]] = {}
        self._widened: dict[tuple[FontKey, Phase], NDArray[np.uint8]] = {}
        self._normal: dict[tuple[FontKey, Phase, int], Rows] = {}
        self._among: dict[tuple[FontKey, int], Rows] = {}
        self._known: dict[FontKey, tuple[dict[str, int], NDArray[np.float64]]] = {}
        self._same: dict[FontKey, NDArray[np.bool_]] = {}
        self._standing: dict[tuple[FontKey, frozenset[str] | None], NDArray[np.bool_]] = {}

    def place(self, edge: float) -> tuple[int, int]:
        """The pixel that ``edge`` lies in and its place within that."""
        return divmod(round(edge * self.phases), self.phases)

    def symbols(self, key: FontKey) -> tuple[dict[str, int], NDArray[np.float64]]:
        """The letters of a font with their numbers, and their advances in points."""
        if key not in self._known:
            glyphs = self.sheet.pictures.get(key, {})
            numbers = {symbol: number for number, symbol in enumerate(glyphs)}
            self._known[key] = numbers, np.array([glyph.advance for glyph in glyphs.values()])
        return self._known[key]

    def pictures(self, key: FontKey, phase: Phase) -> NDArray[np.uint8]:
        """The letters' ink, ``(letters, height, width)``."""
        if (key, phase) not in self._laid:
            self._laid[key, phase] = self._lay(self._drawn(key), phase)
        return self._laid[key, phase]

    def widened(self, key: FontKey, phase: Phase, width: int) -> NDArray[np.uint8]:
        """The letters' strokes a pixel wider on all sides, cut to ``width``."""
        if (key, phase) not in self._widened:
            self._widened[key, phase] = _each(
                self.pictures(key, phase), lambda letters: cv2.dilate(letters, _ONE_AROUND)
            )
        return as_wide(self._widened[key, phase], width)

    def templates(self, key: FontKey, phase: Phase, width: int) -> Rows:
        """The letters cut to ``width``, one a row, each of mean 0 and length 1."""
        full = (key, phase, width)
        if full not in self._normal:
            cut = as_wide(self.pictures(key, phase), width).astype(np.float32)
            self._normal[full] = normalised(cut.reshape(len(cut), -1))
        return self._normal[full]

    def alike(self, key: FontKey, width: int) -> Rows:
        """How alike the letters of a font are among themselves, seen ``width`` pixels wide; 1 where it does not matter."""
        if (key, width) not in self._among:
            templates = self.templates(key, (0, 0), width)
            alike = templates @ templates.T
            alike[self.said_alike(key)] = 1.0
            self._among[key, width] = alike
        return self._among[key, width]

    def said_alike(self, key: FontKey) -> NDArray[np.bool_]:
        """Which letters of a font are told apart for nothing."""
        if key not in self._same:
            symbols, _ = self.symbols(key)
            self._same[key] = np.array([[read_alike(one, other, key[0]) for other in symbols] for one in symbols])
        return self._same[key]

    def may_stand(self, key: FontKey, rivals: frozenset[str] | None) -> NDArray[np.bool_]:
        """Which letters of a font are among ``rivals``, all for None."""
        if (key, rivals) not in self._standing:
            symbols, _ = self.symbols(key)
            self._standing[key, rivals] = np.array([rivals is None or symbol in rivals for symbol in symbols])
        return self._standing[key, rivals]

    def letterset(self, field: FormField, letter: Character) -> tuple[Letterset, int]:
        """The letters of the font that ``letter`` of ``field`` is printed with, and the row of the page where the pictures of
        its line begin.
        """
        key, scale = font_key(field, letter), self.sheet.dpi / 72
        row, y_phase = self.place((letter.top - ABOVE * field.size) * scale)
        symbols, advances = self.symbols(key)
        width = math.ceil(float(advances.max(initial=0.0)) * scale) + 1
        laid = np.stack([as_wide(self.pictures(key, (y_phase, phase)), width) for phase in range(self.phases)], axis=1)
        return Letterset(tuple(symbols), np.asarray(laid / 255, dtype=np.float32), advances * scale), row

    def _drawn(self, key: FontKey) -> NDArray[np.uint8]:
        """The letters' pictures with as many pixels for each pixel of the sheet as there are phases."""
        if key not in self._sharp:
            inks = [glyph.ink for glyph in self.sheet.pictures[key].values()]
            height, width = (min(ink.shape[axis] for ink in inks) for axis in (0, 1))
            self._sharp[key] = np.stack([resized(ink[:height, :width], self.phases / FINER) for ink in inks])
        return self._sharp[key]

    def _lay(self, drawn: NDArray[np.uint8], phase: Phase) -> NDArray[np.uint8]:
        number, height, width = drawn.shape
        moved = np.zeros((number, height + self.phases, width + self.phases), dtype=np.uint8)
        moved[:, phase[0] : phase[0] + height, phase[1] : phase[1] + width] = drawn
        one_below_another = moved.reshape(-1, moved.shape[2])
        size = (moved.shape[2] // self.phases, len(one_below_another) // self.phases)
        small = cv2.resize(one_below_another, size, interpolation=cv2.INTER_AREA)
        return _each(
            np.asarray(small, dtype=np.uint8).reshape(number, -1, size[0]),
            lambda letters: softened(letters, self.sigma),
        )


def as_wide(pictures: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """The left ``width`` columns of each picture, blank where it has no more."""
    cut = pictures[:, :, :width]
    if cut.shape[2] == width:
        return cut
    return np.pad(cut, ((0, 0), (0, 0), (0, max(0, width - cut.shape[2]))))


def normalised(rows: Rows) -> Rows:
    """Each row of mean 0 and length 1, a flat one as good as 0."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    sizes = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(sizes, 1e-3), dtype=np.float32)


def _each(pictures: NDArray[np.uint8], change: Callable[[Any], Any]) -> NDArray[np.uint8]:
    """What ``change`` makes of each picture, done at once with the pictures as the channels of one."""
    changed = change(np.ascontiguousarray(np.moveaxis(pictures, 0, -1)))
    return np.ascontiguousarray(np.moveaxis(changed, -1, 0))
