"""Telling letters apart: each printed letter is compared with every letter the same form prints in the same font.

The letters' pictures are taken from the issued form itself, at twice the resolution so that they can be laid at half
pixels. A letter is in doubt when another letter explains the ink better than the one that was issued.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.form_map import FormField
from ocr.ink import Ink, softened
from ocr.letter_rivals import read_alike
from ocr.pages import Character, Gray, Page
from ocr.parts import parts_of
from ocr.picture_file import resized
from ocr.print_reading import Letterset

FontKey = tuple[str, int]

_EM_PARTS = 1.2
_AS_WIDE = 1.05
_ABOVE = 0.1
_RULE_INK = 40
_PHASES = 2
_MOST_EMS_HIGH = 2
_FINE_PHASES = 4
_SURELY_THIS = 0.4
_NEIGHBOUR_EDGE = 0.2
_INKED = 60
_SAME_SHAPE = 0.985
_ONE_AROUND = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class LetterCheck:
    """How well the ink at one letter's place looks like the issued letter and like its strongest rival, -1 to 1.

    ``evidence`` is the difference in shares of what it would be without noise: about 1 where the issued letter stands,
    about -1 where the rival does, whether the two are much alike or not. ``excess_mm2`` is ink beside the issued letter,
    ``ink_share`` all ink in its columns, but for a watermark's, in shares of what the issued letter has there.
    """

    issued: str
    likeness: float
    other: str
    other_likeness: float
    evidence: float
    excess_mm2: float = 0.0
    ink_share: float = 1.0


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
    _softened: dict[float, SoftGlyphs] = field(default_factory=dict, repr=False)

    def soft(self, sigma: float) -> SoftGlyphs:
        """The letters as soft as a scan whose pages were softened by ``sigma``; kept for the next page that is as soft."""
        if sigma not in self._softened:
            self._softened.clear()
            self._softened[sigma] = SoftGlyphs(self, sigma)
        return self._softened[sigma]


def glyph_sheet(
    pages: Iterable[tuple[Page, Sequence[FormField], Mapping[str, Sequence[Character]]]],
    dpi: float,
    drawn: Callable[[Page, float], Gray],
) -> GlyphSheet:
    """Takes one picture of each letter printed in the fields of ``pages``; only pages that bring a new letter are ``drawn``, a
    page in grey at twice the resolution it is asked for.
    """
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
        grey = drawn(page, dpi)
        scale = _scale(grey, (page.width_pt, page.height_pt))
        for (key, text), (one, letter) in new.items():
            sheet.pictures[key][text] = _picture(grey, letter, one, scale)
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


@dataclass(frozen=True, slots=True)
class _Alike:
    """Letters of one font (columns) at some places (rows), half a pixel apart each from the first: the best counts."""

    likenesses: NDArray[np.float32]
    issued: NDArray[np.intp]
    excess_mm2: NDArray[np.float64]
    ink_share: NDArray[np.float64]


CutKey = tuple[FontKey, int, int, int]


class SoftGlyphs:
    """A glyph sheet softened for one scan, its normalised pictures kept by font, place within the pixel and width.

    Letters are laid at ``phases`` places within each pixel.
    """

    def __init__(self, sheet: GlyphSheet, sigma: float, phases: int = _PHASES) -> None:
        self._sheet = sheet
        self._sigma = sigma
        self._phases = phases
        self._sharp: dict[FontKey, NDArray[np.uint8]] = {}
        self._laid: dict[tuple[FontKey, int, int], NDArray[np.uint8]] = {}
        self._normal: dict[CutKey, NDArray[np.float32]] = {}
        self._widened: dict[tuple[FontKey, int, int], NDArray[np.uint8]] = {}
        self._among: dict[tuple[FontKey, int], NDArray[np.float32]] = {}
        self._known: dict[FontKey, tuple[dict[str, int], NDArray[np.float64]]] = {}
        self._fine: SoftGlyphs | None = None
        self._same: dict[FontKey, NDArray[np.bool_]] = {}
        self._standing: dict[tuple[FontKey, frozenset[str] | None], NDArray[np.bool_]] = {}

    def check(self, scanned: Ink, issued_page: Ink, places: Sequence[LetterPlace]) -> list[LetterCheck | None]:
        """Compares the ink at each letter with all letters of its font; None where it leaves the picture or stands alone.

        Rows that a rule crosses are blank. Letters wider than the room are no candidates: their left part may well look
        like the narrow one, and what follows them would stand elsewhere, which the letters that follow show. What another
        letter explains almost as well is compared again at quarters of a pixel: a soft O and D differ by no more.
        """
        checks = self.compared_once(scanned, issued_page, places)
        unsure = [number for number, each in enumerate(checks) if each is not None and each.evidence < _SURELY_THIS]
        finely = self._finer().compared_once(scanned, issued_page, [places[number] for number in unsure])
        for number, fine in zip(unsure, finely, strict=True):
            coarse = checks[number]
            if coarse is not None and fine is not None:
                checks[number] = replace(fine, excess_mm2=coarse.excess_mm2, ink_share=coarse.ink_share)
        return checks

    def _finer(self) -> SoftGlyphs:
        if self._fine is None:
            self._fine = SoftGlyphs(self._sheet, self._sigma, _FINE_PHASES)
        return self._fine

    def compared_once(self, scanned: Ink, issued_page: Ink, places: Sequence[LetterPlace]) -> list[LetterCheck | None]:
        """The best of some places within a pixel to the left and right counts: drawn pages set letters at whole pixels."""
        checks: list[LetterCheck | None] = [None] * len(places)
        for (key, y_phase, x_phase, width), cuts in self._cuts(scanned, issued_page, places).items():
            height = self._templates(key, (y_phase, x_phase), width).shape[1] // width
            inside = [
                cut
                for cut in cuts
                if 0 <= cut.top <= scanned.shape[0] - height and 1 <= cut.left <= scanned.shape[1] - width - 1
            ]
            if not inside:
                continue
            seen, printed = (_cut_out(page, inside, height, width) for page in (scanned, issued_page))
            letters = [places[cut.number].letter.text for cut in inside]
            alike = self._compared(key, (y_phase, x_phase), inside, letters, seen, printed)
            found = self._checks(key, width, alike, [places[cut.number] for cut in inside])
            for cut, check in zip(inside, found, strict=True):
                checks[cut.number] = check
        return checks

    def letterset(self, field: FormField, letter: Character) -> tuple[Letterset, int]:
        """The letters of the font that ``letter`` of ``field`` is printed with, and the row of the page where the pictures of
        its line begin.
        """
        key, scale = _font_key(field, letter), self._sheet.dpi / 72
        row, y_phase = _place((letter.top - _ABOVE * field.size) * scale)
        symbols, advances = self._symbols(key)
        width = math.ceil(float(advances.max(initial=0.0)) * scale) + 1
        laid = np.stack([_as_wide(self._pictures(key, (y_phase, phase)), width) for phase in range(_PHASES)], axis=1)
        return Letterset(tuple(symbols), np.asarray(laid / 255, dtype=np.float32), advances * scale), row

    def _compared(
        self,
        key: FontKey,
        phase: tuple[int, int],
        cuts: Sequence[_Cut],
        letters: Sequence[str],
        seen: NDArray[np.uint8],
        printed: NDArray[np.uint8],
    ) -> _Alike:
        """``seen`` and ``printed`` reach one pixel beyond each cut on both sides."""
        width = seen.shape[2] - 2
        symbols, _ = self._symbols(key)
        issued = np.array([symbols[letter] for letter in letters])
        each = np.arange(len(cuts))
        windows = np.stack([seen[:, :, left : left + width] for left in range(3)]).reshape(3 * len(cuts), -1)
        shown = _normalised(windows.astype(np.float32))
        moves = [divmod(phase[1] + move, self._phases) for move in range(-self._phases, self._phases + 1)]
        found = {
            x_phase: (shown @ self._templates(key, (phase[0], x_phase), width).T).reshape(3, len(cuts), -1)
            for x_phase in range(self._phases)
        }
        likenesses = np.stack([found[x_phase][x + 1] for x, x_phase in moves])
        best = likenesses[:, each, issued].argmax(axis=0)
        own = np.arange(width) < np.array([cut.own for cut in cuts])[:, None]
        excess = np.zeros(len(cuts))
        for number, (x, x_phase) in enumerate(moves):
            here = np.flatnonzero(best == number)
            if not here.size:
                continue
            columns = slice(x + 1, x + 1 + width)
            widened = self._wide(key, (phase[0], x_phase), width)[issued[here]]
            # a watermark lies beside the letters of the issued page too
            inks = [_ink_in(cv2.subtract(page[here][:, :, columns], widened), own[here]) for page in (seen, printed)]
            excess[here] = np.maximum(inks[0] - inks[1], 0.0) / 255 * (25.4 / self._sheet.dpi) ** 2
        letter_ink = np.maximum(_ink_in(_as_wide(self._pictures(key, phase), width)[issued], own), 1.0)
        seen_ink, printed_ink = (_ink_in(page[:, :, 1 : 1 + width], own) for page in (seen, printed))
        share = (seen_ink - np.maximum(printed_ink - letter_ink, 0.0)) / letter_ink
        return _Alike(likenesses.max(axis=0), issued, excess, share)

    def _checks(self, key: FontKey, width: int, alike: _Alike, places: Sequence[LetterPlace]) -> Iterator[LetterCheck]:
        symbols, widths = self._symbols(key)
        names = list(symbols)
        among = self._alike(key, width)[alike.issued]
        room = np.array([place.room for place in places])
        rival = (widths <= np.maximum(widths[alike.issued], room)[:, None] * _AS_WIDE) & (among < _SAME_SHAPE)
        rival &= np.stack([self._may_stand(key, place.rivals) for place in places])
        own = np.take_along_axis(alike.likenesses, alike.issued[:, None], axis=1)
        evidence = np.where(rival, (own - alike.likenesses) / (1 - np.minimum(among, _SAME_SHAPE)), 9.0)
        strongest = evidence.argmin(axis=1)
        for number, (place, other) in enumerate(zip(places, strongest, strict=True)):
            likeness = float(own[number, 0])
            inks = float(alike.excess_mm2[number]), float(alike.ink_share[number])
            if not rival[number, other]:
                yield LetterCheck(place.letter.text, likeness, place.letter.text, -1.0, 1.0, *inks)
                continue
            rivals_likeness = float(alike.likenesses[number, other])
            yield LetterCheck(
                place.letter.text, likeness, names[other], rivals_likeness, float(evidence[number, other]), *inks
            )

    def _may_stand(self, key: FontKey, rivals: frozenset[str] | None) -> NDArray[np.bool_]:
        if (key, rivals) not in self._standing:
            symbols, _ = self._symbols(key)
            self._standing[key, rivals] = np.array([rivals is None or symbol in rivals for symbol in symbols])
        return self._standing[key, rivals]

    def _symbols(self, key: FontKey) -> tuple[dict[str, int], NDArray[np.float64]]:
        if key not in self._known:
            glyphs = self._sheet.pictures.get(key, {})
            numbers = {symbol: number for number, symbol in enumerate(glyphs)}
            self._known[key] = numbers, np.array([glyph.advance for glyph in glyphs.values()])
        return self._known[key]

    def _cuts(self, scanned: Ink, issued_page: Ink, places: Sequence[LetterPlace]) -> dict[CutKey, list[_Cut]]:
        """The cuts by font, place within the pixel and width: all of one group are compared at once."""
        across, down = _scale(scanned, self._sheet.size)
        cuts: dict[CutKey, list[_Cut]] = {}
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
            y, y_phase = _place((letter.top - _ABOVE * one.size) * down + place.shift[1], self._phases)
            x, x_phase = _place(letter.left * across + place.shift[0], self._phases)
            ruled = _ruled(crossed, y - first, math.ceil(_MOST_EMS_HIGH * one.size * down))
            own = math.ceil((letter.right - letter.left) * across)
            group = cuts.setdefault((key, y_phase, x_phase, math.ceil(advance * across)), [])
            group.append(_Cut(number, y, x, own, ruled))
        return cuts

    def _alike(self, key: FontKey, width: int) -> NDArray[np.float32]:
        """How alike the letters of a font are among themselves, seen ``width`` pixels wide; 1 where it does not matter."""
        if (key, width) not in self._among:
            templates = self._templates(key, (0, 0), width)
            alike = templates @ templates.T
            alike[self._said_alike(key)] = 1.0
            self._among[key, width] = alike
        return self._among[key, width]

    def _said_alike(self, key: FontKey) -> NDArray[np.bool_]:
        if key not in self._same:
            symbols, _ = self._symbols(key)
            self._same[key] = np.array([[read_alike(one, other, key[0]) for other in symbols] for one in symbols])
        return self._same[key]

    def _templates(self, key: FontKey, phase: tuple[int, int], width: int) -> NDArray[np.float32]:
        full = (key, *phase, width)
        if full not in self._normal:
            cut = _as_wide(self._pictures(key, phase), width).astype(np.float32)
            self._normal[full] = _normalised(cut.reshape(len(cut), -1))
        return self._normal[full]

    def _wide(self, key: FontKey, phase: tuple[int, int], width: int) -> NDArray[np.uint8]:
        """The letters' strokes a pixel wider on all sides."""
        if (key, *phase) not in self._widened:
            self._widened[key, phase[0], phase[1]] = _each(
                self._pictures(key, phase), lambda letters: cv2.dilate(letters, _ONE_AROUND)
            )
        return _as_wide(self._widened[key, phase[0], phase[1]], width)

    def _pictures(self, key: FontKey, phase: tuple[int, int]) -> NDArray[np.uint8]:
        if (key, *phase) not in self._laid:
            self._laid[key, phase[0], phase[1]] = self._lay(self._drawn(key), phase)
        return self._laid[key, phase[0], phase[1]]

    def _drawn(self, key: FontKey) -> NDArray[np.uint8]:
        """The letters' pictures with as many pixels for each pixel of the sheet as there are phases."""
        if key not in self._sharp:
            inks = [glyph.ink for glyph in self._sheet.pictures[key].values()]
            height, width = (min(ink.shape[axis] for ink in inks) for axis in (0, 1))
            self._sharp[key] = np.stack([resized(ink[:height, :width], self._phases / _PHASES) for ink in inks])
        return self._sharp[key]

    def _lay(self, drawn: NDArray[np.uint8], phase: tuple[int, int]) -> NDArray[np.uint8]:
        number, height, width = drawn.shape
        moved = np.zeros((number, height + self._phases, width + self._phases), dtype=np.uint8)
        moved[:, phase[0] : phase[0] + height, phase[1] : phase[1] + width] = drawn
        one_below_another = moved.reshape(-1, moved.shape[2])
        size = (moved.shape[2] // self._phases, len(one_below_another) // self._phases)
        small = cv2.resize(one_below_another, size, interpolation=cv2.INTER_AREA)
        return _each(
            np.asarray(small, dtype=np.uint8).reshape(number, -1, size[0]),
            lambda letters: softened(letters, self._sigma),
        )


def _each(pictures: NDArray[np.uint8], change: Callable[[Any], Any]) -> NDArray[np.uint8]:
    """What ``change`` makes of each picture, done at once with the pictures as the channels of one."""
    changed = change(np.ascontiguousarray(np.moveaxis(pictures, 0, -1)))
    return np.ascontiguousarray(np.moveaxis(changed, -1, 0))


def _as_wide(pictures: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """The left ``width`` columns of each picture, blank where it has no more."""
    cut = pictures[:, :, :width]
    if cut.shape[2] == width:
        return cut
    return np.pad(cut, ((0, 0), (0, 0), (0, max(0, width - cut.shape[2]))))


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
    """The ink of ``page`` at each cut and one pixel beyond on both sides, rows with a rule blank."""
    every = np.lib.stride_tricks.sliding_window_view(page, (height, width + 2))
    cut_out = every[[cut.top for cut in cuts], [cut.left - 1 for cut in cuts]]
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


def _picture(grey: Gray, letter: Character, one: FormField, scale: tuple[float, float]) -> Glyph:
    above = _ABOVE * one.size
    top, left = round((letter.top - above) * scale[1]), round(letter.left * scale[0])
    height = 2 * math.ceil((letter.bottom - letter.top + above) * scale[1] / 2)
    width = 2 * math.ceil(one.size * _EM_PARTS * scale[0] / 2)
    picture = np.zeros((height, width), dtype=np.uint8)
    own = min(width, math.ceil((letter.right - letter.left) * scale[0]))
    cut = 255 - grey[top : top + height, left : left + own]
    picture[: cut.shape[0], : cut.shape[1]] = cut
    columns = slice(math.ceil(one.box.left * scale[0]) + 2, max(1, math.floor(one.box.right * scale[0]) - 2))
    inside_box = np.asarray(255 - grey[max(0, top) : max(0, top + height), columns], dtype=np.uint8)
    picture[ruled_rows(inside_box, min(0, top), height)] = 0
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


def _place(edge: float, phases: int = _PHASES) -> tuple[int, int]:
    return divmod(round(edge * phases), phases)


def _normalised(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = rows - rows.mean(axis=1, keepdims=True)
    sizes = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(sizes, 1e-3), dtype=np.float32)
