"""Telling letters apart: each printed letter is compared with every letter the same form prints in the same font.

The letters' pictures are taken from the issued form itself, at twice the resolution so that they can be laid at half
pixels. A letter is in doubt when another letter explains the ink better than the one that was issued.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.form_map import FormField
from ocr.ink import Ink, softened
from ocr.pages import Character, Page

FontKey = tuple[str, int]

_EM_PARTS = 1.2
_AS_WIDE = 1.05
_ABOVE = 0.1
_RULE_INK = 40
_PHASES = 2


@dataclass(frozen=True, slots=True)
class LetterCheck:
    """How well the ink at one letter's place looks like the issued letter and like the best other one, -1 to 1."""

    issued: str
    likeness: float
    other: str
    other_likeness: float

    @property
    def margin(self) -> float:
        return self.likeness - self.other_likeness


@dataclass(frozen=True, eq=False)
class Glyph:
    """The ink of a letter at twice the sheet's resolution, from its origin on, and its advance in points."""

    ink: Ink
    advance: float


@dataclass(frozen=True, eq=False)
class GlyphSheet:
    """One picture of each letter by font, for pages of ``size`` points drawn at ``dpi``."""

    dpi: float
    size: tuple[float, float]
    pictures: dict[FontKey, dict[str, Glyph]] = field(default_factory=dict)

    def soft(self, sigma: float) -> SoftGlyphs:
        """The letters as soft as a scan whose pages were softened by ``sigma``."""
        return SoftGlyphs(self, sigma)


def glyph_sheet(pages: Iterable[tuple[Page, Sequence[FormField]]], dpi: float) -> GlyphSheet:
    """Takes one picture of each letter printed in the fields of ``pages``."""
    shown = list(pages)
    size = (shown[0][0].width_pt, shown[0][0].height_pt) if shown else (1.0, 1.0)
    sheet = GlyphSheet(dpi, size)
    for page, fields in shown:
        ink = np.asarray(255 - page.image(dpi * _PHASES), dtype=np.uint8)
        scale = _scale(ink, (page.width_pt, page.height_pt))
        characters = page.characters()
        for one in fields:
            for letter in letters_of(one, characters):
                known = sheet.pictures.setdefault(_font_key(one, letter), {})
                if letter.text not in known:
                    known[letter.text] = _picture(ink, letter, one, scale)
    return sheet


def letters_of(one: FormField, characters: Sequence[Character]) -> list[Character]:
    """The visible letters of a field in text order."""
    box = one.box
    return [
        letter
        for letter in characters
        if not letter.text.isspace()
        and box.left <= (letter.left + letter.right) / 2 <= box.right
        and box.top <= (letter.top + letter.bottom) / 2 <= box.bottom
    ]


class SoftGlyphs:
    """A glyph sheet softened for one scan, its normalised pictures kept by font, place within the pixel and width."""

    def __init__(self, sheet: GlyphSheet, sigma: float) -> None:
        self._sheet = sheet
        self._sigma = sigma
        self._laid: dict[tuple[FontKey, int, int], NDArray[np.float32]] = {}
        self._normal: dict[tuple[FontKey, int, int, int], NDArray[np.float32]] = {}

    def check(
        self,
        scanned: Ink,
        issued_page: Ink,
        one: FormField,
        letter: Character,
        shift: tuple[float, float],
        *,
        room: float,
    ) -> LetterCheck | None:
        """Compares the ink at ``letter``, moved by ``shift`` pixels; None where it leaves the picture or stands alone.

        Letters wider than ``room`` (points to the next letter) are no candidates: their left part may well look like
        the narrow one, and what follows them would stand elsewhere, which the letters that follow show.
        """
        key = _font_key(one, letter)
        known = self._sheet.pictures.get(key, {})
        if letter.text not in known or len(known) < 2:
            return None
        across, down = _scale(scanned, self._sheet.size)
        advance = max(letter.right - letter.left, min(one.size * _EM_PARTS, room))
        origin = (letter.left * across + shift[0], (letter.top - _ABOVE * one.size) * down + shift[1])
        columns = slice(math.ceil(one.box.left * across) + 1, max(1, math.floor(one.box.right * across) - 1))
        ruled = ruled_rows(issued_page[:, columns], _place(origin[1])[0], math.ceil(2 * one.size * down))
        likenesses = self._likenesses(scanned, ruled, key, origin, math.ceil(advance * across))
        if likenesses is None:
            return None
        symbols = list(known)
        issued = symbols.index(letter.text)
        widths = np.array([glyph.advance for glyph in known.values()])
        others = np.where(widths <= max(widths[issued], room) * _AS_WIDE, likenesses, -1.0)
        others[issued] = -1.0
        best = int(others.argmax())
        return LetterCheck(letter.text, float(likenesses[issued]), symbols[best], float(others[best]))

    def _likenesses(
        self,
        scanned: Ink,
        ruled: NDArray[np.bool_],
        key: FontKey,
        origin: tuple[float, float],
        width: int,
    ) -> NDArray[np.float32] | None:
        """Correlation with each letter, the best of three places half a pixel apart; rows with a rule are blank."""
        y, y_phase = _place(origin[1])
        found = []
        for step in (-0.5, 0.0, 0.5):
            x, x_phase = _place(origin[0] + step)
            templates = self._templates(key, (y_phase, x_phase), width)
            height = templates.shape[1] // width
            seen = scanned[max(0, y) : y + height, max(0, x) : x + width]
            if seen.shape != (height, width):
                return None
            seen = seen.copy()
            seen[ruled[:height]] = 0
            found.append(templates @ _normalised(seen.reshape(1, -1).astype(np.float32))[0])
        return np.asarray(np.max(found, axis=0), dtype=np.float32)

    def _templates(self, key: FontKey, phase: tuple[int, int], width: int) -> NDArray[np.float32]:
        full = (key, *phase, width)
        if full not in self._normal:
            if (key, *phase) not in self._laid:
                pictures = [self._lay(glyph.ink, phase) for glyph in self._sheet.pictures[key].values()]
                shared = tuple(min(picture.shape[axis] for picture in pictures) for axis in (0, 1))
                pictures = [picture[: shared[0], : shared[1]] for picture in pictures]
                self._laid[key, phase[0], phase[1]] = np.stack(pictures)
            cut = self._laid[key, phase[0], phase[1]][:, :, :width]
            short = width - cut.shape[2]
            cut = np.pad(cut, ((0, 0), (0, 0), (0, max(0, short))))
            self._normal[full] = _normalised(cut.reshape(len(cut), -1))
        return self._normal[full]

    def _lay(self, ink: Ink, phase: tuple[int, int]) -> NDArray[np.float32]:
        moved = np.zeros((ink.shape[0] + _PHASES, ink.shape[1] + _PHASES), dtype=np.uint8)
        moved[phase[0] : phase[0] + ink.shape[0], phase[1] : phase[1] + ink.shape[1]] = ink
        size = (moved.shape[1] // _PHASES, moved.shape[0] // _PHASES)
        small = np.asarray(cv2.resize(moved, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        return softened(small, self._sigma).astype(np.float32)


def _font_key(one: FormField, letter: Character) -> FontKey:
    return one.font, round((letter.bottom - letter.top) * 4)


def ruled_rows(inside_box: Ink, top: int, height: int) -> NDArray[np.bool_]:
    """Which of the ``height`` rows from ``top`` a rule crosses from edge to edge of the box, with their neighbours."""
    ruled = np.zeros(height, dtype=bool)
    rows = inside_box[max(0, top) : top + height]
    ruled[: len(rows)] = rows.min(axis=1, initial=255) > _RULE_INK
    ruled[1:] |= ruled[:-1].copy()
    ruled[:-1] |= ruled[1:].copy()
    return np.asarray(ruled)


def _scale(ink: Ink, size: tuple[float, float]) -> tuple[float, float]:
    """Pixels a point across and down: drawn pages are stretched to whole pixels."""
    return ink.shape[1] / size[0], ink.shape[0] / size[1]


def _picture(ink: Ink, letter: Character, one: FormField, scale: tuple[float, float]) -> Glyph:
    above = _ABOVE * one.size
    top, left = round((letter.top - above) * scale[1]), round(letter.left * scale[0])
    height = 2 * math.ceil((letter.bottom - letter.top + above) * scale[1] / 2)
    width = 2 * math.ceil(one.size * _EM_PARTS * scale[0] / 2)
    picture = np.zeros((height, width), dtype=np.uint8)
    own = min(width, math.ceil((letter.right - letter.left) * scale[0]))
    cut = ink[top : top + height, left : left + own]
    picture[: cut.shape[0], : cut.shape[1]] = cut
    columns = slice(math.ceil(one.box.left * scale[0]) + 2, max(1, math.floor(one.box.right * scale[0]) - 2))
    picture[ruled_rows(ink[:, columns], top, height)] = 0
    return Glyph(picture, letter.right - letter.left)


def _place(edge: float) -> tuple[int, int]:
    halves = round(edge * _PHASES)
    return halves // _PHASES, halves % _PHASES


def _normalised(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = rows - rows.mean(axis=1, keepdims=True)
    sizes = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(sizes, 1e-3), dtype=np.float32)
