"""Telling letters apart: each printed letter is compared with every letter the same form prints in the same font.

The letters' pictures are taken from the issued form itself, at twice the resolution so that they can be laid at half
pixels. A letter is in doubt when another letter explains the ink better than the one that was issued.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.form_map import FormField
from ocr.ink import Ink, softened
from ocr.letter_rivals import read_alike
from ocr.pages import Character, Page
from ocr.parts import parts_of

FontKey = tuple[str, int]

_EM_PARTS = 1.2
_AS_WIDE = 1.05
_ABOVE = 0.1
_RULE_INK = 40
_PHASES = 2
_MOST_EMS_HIGH = 2
_STEPS = (-1.0, -0.5, 0.0, 0.5, 1.0)
_NEIGHBOUR_EDGE = 0.2
_INKED = 60
_SAME_SHAPE = 0.94
_ONE_AROUND = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class LetterCheck:
    """How well the ink at one letter's place looks like the issued letter and like its strongest rival, -1 to 1.

    ``evidence`` is the difference in shares of what it would be without noise: about 1 where the issued letter stands,
    about -1 where the rival does, whether the two are much alike or not. ``excess_mm2`` is ink beside the issued letter.
    """

    issued: str
    likeness: float
    other: str
    other_likeness: float
    evidence: float
    excess_mm2: float = 0.0


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


def glyph_sheet(
    pages: Iterable[tuple[Page, Sequence[FormField], Mapping[str, Sequence[Character]]]], dpi: float
) -> GlyphSheet:
    """Takes one picture of each letter printed in the fields of ``pages``; only pages that bring a new letter are drawn."""
    sheet: GlyphSheet | None = None
    for page, fields, letters in pages:
        sheet = sheet or GlyphSheet(dpi, (page.width_pt, page.height_pt))
        new: dict[tuple[FontKey, str], tuple[FormField, Character]] = {}
        for one in fields:
            for letter in letters[one.name]:
                key = _font_key(one, letter)
                if letter.text not in sheet.pictures.setdefault(key, {}):
                    new.setdefault((key, letter.text), (one, letter))
        if not new:
            continue
        ink = np.asarray(255 - page.image(dpi * _PHASES), dtype=np.uint8)
        scale = _scale(ink, (page.width_pt, page.height_pt))
        for (key, text), (one, letter) in new.items():
            sheet.pictures[key][text] = _picture(ink, letter, one, scale)
    return sheet or GlyphSheet(dpi, (1.0, 1.0))


def letters_by_field(fields: Sequence[FormField], characters: Sequence[Character]) -> dict[str, tuple[Character, ...]]:
    """The visible letters whose middle lies in each field, by the field's name, in text order."""
    visible = [letter for letter in characters if not letter.text.isspace()]
    edges = np.array([(each.left, each.top, each.right, each.bottom) for each in visible]).reshape(-1, 4)
    across, down = (edges[:, 0] + edges[:, 2]) / 2, (edges[:, 1] + edges[:, 3]) / 2
    found = {}
    for one in fields:
        box = one.box
        inside = (across >= box.left) & (across <= box.right) & (down >= box.top) & (down <= box.bottom)
        found[one.name] = tuple(visible[place] for place in np.flatnonzero(inside))
    return found


@dataclass(frozen=True, slots=True)
class LetterPlace:
    """A letter to compare: its field, the ``shift`` in pixels of what is seen there, the points to the next letter.

    ``rivals`` are the letters that could stand there instead, None for any.
    """

    field: FormField
    letter: Character
    shift: tuple[float, float]
    room: float
    rivals: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class _Cut:
    """One letter's picture in the scan: ``number`` of the place, corner and own width in pixels, rows a rule crosses."""

    number: int
    top: int
    left: int
    own: int
    ruled: NDArray[np.bool_]


class SoftGlyphs:
    """A glyph sheet softened for one scan, its normalised pictures kept by font, place within the pixel and width."""

    def __init__(self, sheet: GlyphSheet, sigma: float) -> None:
        self._sheet = sheet
        self._sigma = sigma
        self._laid: dict[tuple[FontKey, int, int], NDArray[np.float32]] = {}
        self._normal: dict[tuple[FontKey, int, int, int], NDArray[np.float32]] = {}
        self._widened: dict[tuple[FontKey, int, int, int], NDArray[np.uint8]] = {}
        self._among: dict[tuple[FontKey, int], NDArray[np.float32]] = {}
        self._known: dict[FontKey, tuple[dict[str, int], NDArray[np.float64]]] = {}

    def check(self, scanned: Ink, issued_page: Ink, places: Sequence[LetterPlace]) -> list[LetterCheck | None]:
        """Compares the ink at each letter with all letters of its font; None where it leaves the picture or stands alone.

        The best of five places half a pixel apart counts, for drawn pages set their letters at whole pixels; rows that a
        rule crosses are blank. Letters wider than the room are no candidates: their left part may well look like the
        narrow one, and what follows them would stand elsewhere, which the letters that follow show.
        """
        cuts = self._cuts(scanned, issued_page, places)
        likenesses: list[NDArray[np.float32] | None] = [None] * len(places)
        excess: dict[int, tuple[float, float]] = {}
        alike: dict[int, NDArray[np.float32]] = {}
        for (key, y_phase, x_phase, width), group in cuts.items():
            templates = self._templates(key, (y_phase, x_phase), width)
            height = templates.shape[1] // width
            inside = [
                cut
                for cut in group
                if 0 <= cut.top <= scanned.shape[0] - height and 0 <= cut.left <= scanned.shape[1] - width
            ]
            if not inside:
                continue
            seen, printed = _cut_out(scanned, inside, height, width), _cut_out(issued_page, inside, height, width)
            found = _normalised(seen.reshape(len(inside), -1).astype(np.float32)) @ templates.T
            symbols, _ = self._symbols(key)
            issued = np.array([symbols[places[cut.number].letter.text] for cut in inside])
            widened = self._widened[key, y_phase, x_phase, width][issued]
            own = np.arange(width) < np.array([cut.own for cut in inside])[:, None]
            # a watermark lies beside the letters of the issued page too
            issued_beside = _ink_in(cv2.subtract(printed, widened), own)
            inks = np.maximum(np.subtract(_ink_in(cv2.subtract(seen, widened), own), issued_beside), 0.0)
            for cut, row, ink, number in zip(inside, found, inks, issued, strict=True):
                excess[cut.number] = max(excess.get(cut.number, (-1.0, 0.0)), (float(row[number]), -ink))
                before = likenesses[cut.number]
                likenesses[cut.number] = row if before is None else np.maximum(before, row)
                alike[cut.number] = self._alike(key, width)
        return [
            None
            if likeness is None
            else self._check(place, likeness, alike[number], -excess[number][1] / 255 * (25.4 / self._sheet.dpi) ** 2)
            for number, (place, likeness) in enumerate(zip(places, likenesses, strict=True))
        ]

    def _check(
        self, place: LetterPlace, likenesses: NDArray[np.float32], alike: NDArray[np.float32], excess_mm2: float
    ) -> LetterCheck:
        key = _font_key(place.field, place.letter)
        symbols, widths = self._symbols(key)
        issued = symbols[place.letter.text]
        rival = (widths <= max(widths[issued], place.room) * _AS_WIDE) & (alike[issued] < _SAME_SHAPE)
        if place.rivals is not None:
            rival &= np.array([symbol in place.rivals for symbol in symbols])
        if not rival.any():
            return LetterCheck(place.letter.text, float(likenesses[issued]), place.letter.text, -1.0, 1.0, excess_mm2)
        evidence = np.where(
            rival, (likenesses[issued] - likenesses) / (1 - np.minimum(alike[issued], _SAME_SHAPE)), 9.0
        )
        strongest = int(evidence.argmin())
        return LetterCheck(
            place.letter.text,
            float(likenesses[issued]),
            list(symbols)[strongest],
            float(likenesses[strongest]),
            float(evidence[strongest]),
            excess_mm2,
        )

    def _symbols(self, key: FontKey) -> tuple[dict[str, int], NDArray[np.float64]]:
        if key not in self._known:
            glyphs = self._sheet.pictures.get(key, {})
            numbers = {symbol: number for number, symbol in enumerate(glyphs)}
            self._known[key] = numbers, np.array([glyph.advance for glyph in glyphs.values()])
        return self._known[key]

    def _cuts(
        self, scanned: Ink, issued_page: Ink, places: Sequence[LetterPlace]
    ) -> dict[tuple[FontKey, int, int, int], list[_Cut]]:
        across, down = _scale(scanned, self._sheet.size)
        cuts: dict[tuple[FontKey, int, int, int], list[_Cut]] = {}
        rules: dict[str, tuple[int, NDArray[np.bool_]]] = {}
        for number, place in enumerate(places):
            one, letter = place.field, place.letter
            key = _font_key(one, letter)
            symbols, _ = self._symbols(key)
            if letter.text not in symbols or len(symbols) < 2:
                continue
            if one.name not in rules:
                rules[one.name] = _rules_of(one, issued_page, across, down)
            first, crossed = rules[one.name]
            advance = max(letter.right - letter.left, min(one.size * _EM_PARTS, place.room))
            y, y_phase = _place((letter.top - _ABOVE * one.size) * down + place.shift[1])
            ruled = _ruled(crossed, y - first, math.ceil(_MOST_EMS_HIGH * one.size * down))
            own = math.ceil((letter.right - letter.left) * across)
            for step in _STEPS:
                x, x_phase = _place(letter.left * across + place.shift[0] + step)
                group = cuts.setdefault((key, y_phase, x_phase, math.ceil(advance * across)), [])
                group.append(_Cut(number, y, x, own, ruled))
        return cuts

    def _alike(self, key: FontKey, width: int) -> NDArray[np.float32]:
        """How alike the letters of a font are among themselves, seen ``width`` pixels wide; 1 where it does not matter."""
        if (key, width) not in self._among:
            templates = self._templates(key, (0, 0), width)
            symbols, _ = self._symbols(key)
            alike = templates @ templates.T
            alike[[[read_alike(one, other, key[0]) for other in symbols] for one in symbols]] = 1.0
            self._among[key, width] = alike
        return self._among[key, width]

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
            self._widened[full] = np.stack([cv2.dilate(each, _ONE_AROUND) for each in cut]).astype(np.uint8)
            self._normal[full] = _normalised(cut.reshape(len(cut), -1))
        return self._normal[full]

    def _lay(self, ink: Ink, phase: tuple[int, int]) -> NDArray[np.float32]:
        moved = np.zeros((ink.shape[0] + _PHASES, ink.shape[1] + _PHASES), dtype=np.uint8)
        moved[phase[0] : phase[0] + ink.shape[0], phase[1] : phase[1] + ink.shape[1]] = ink
        size = (moved.shape[1] // _PHASES, moved.shape[0] // _PHASES)
        small = np.asarray(cv2.resize(moved, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        return softened(small, self._sigma).astype(np.float32)


def _rules_of(one: FormField, issued_page: Ink, across: float, down: float) -> tuple[int, NDArray[np.bool_]]:
    """The first row looked at and which rows from there on a rule crosses from edge to edge of the field's box."""
    columns = slice(math.ceil(one.box.left * across) + 1, max(1, math.floor(one.box.right * across) - 1))
    beyond = _MOST_EMS_HIGH * one.size
    first = math.floor((one.box.top - beyond) * down)
    return first, ruled_rows(issued_page[:, columns], first, math.ceil((one.box.bottom + 2 * beyond) * down) - first)


def _ruled(crossed: NDArray[np.bool_], start: int, height: int) -> NDArray[np.bool_]:
    rows = np.zeros(height, dtype=bool)
    found = crossed[max(0, start) : max(0, start + height)]
    offset = max(0, -start)
    rows[offset : offset + len(found)] = found
    return rows


def _cut_out(page: Ink, cuts: Sequence[_Cut], height: int, width: int) -> NDArray[np.uint8]:
    """The ink of ``page`` at each cut, rows with a rule blank."""
    cut_out = np.stack([page[cut.top : cut.top + height, cut.left : cut.left + width] for cut in cuts])
    cut_out[np.stack([cut.ruled[:height] for cut in cuts])] = 0
    return cut_out


def _ink_in(pictures: NDArray[Any], columns: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The ink of each picture in its own ``columns``."""
    return np.asarray((pictures.sum(axis=1, dtype=np.float64) * columns).sum(axis=1))


def _font_key(one: FormField, letter: Character) -> FontKey:
    return one.font, round((letter.bottom - letter.top) * 4)


def ruled_rows(inside_box: Ink, top: int, height: int) -> NDArray[np.bool_]:
    """Which of the ``height`` rows from ``top`` a rule crosses from edge to edge of the box, with their neighbours."""
    ruled = np.zeros(height, dtype=bool)
    rows = inside_box[max(0, top) : max(0, top + height)]
    above = max(0, -top)
    ruled[above : above + len(rows)] = rows.min(axis=1, initial=255) > _RULE_INK
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
    return Glyph(_without_neighbours(picture), letter.right - letter.left)


def _without_neighbours(picture: Ink) -> Ink:
    """The letter without what reaches in from the lines above and below: parts that stay at the edge they touch."""
    height = picture.shape[0]
    edge = height * _NEIGHBOUR_EDGE
    alone = picture.copy()
    for (rows, columns), part in parts_of((picture > _INKED).astype(np.uint8)):
        if (rows.start == 0 and rows.stop <= edge) or (rows.stop == height and rows.start >= height - edge):
            grown = cv2.dilate(np.pad(part.astype(np.uint8), _PHASES), np.ones((2 * _PHASES + 1,) * 2, np.uint8)) > 0
            top, left = max(0, rows.start - _PHASES), max(0, columns.start - _PHASES)
            place = alone[top : rows.stop + _PHASES, left : columns.stop + _PHASES]
            offset = top - rows.start + _PHASES, left - columns.start + _PHASES
            place[grown[offset[0] : offset[0] + place.shape[0], offset[1] : offset[1] + place.shape[1]]] = 0
    return alone


def _place(edge: float) -> tuple[int, int]:
    halves = round(edge * _PHASES)
    return halves // _PHASES, halves % _PHASES


def _normalised(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = rows - rows.mean(axis=1, keepdims=True)
    sizes = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(sizes, 1e-3), dtype=np.float32)
