"""The letters that a form is printed with: one picture of each, taken from the issued form itself.

They are taken at twice the resolution of the comparison, so that they can be laid at half pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.form_map import FormField
from ocr.ink import Ink
from ocr.pages import Character, Gray, Page
from ocr.parts import parts_of

FontKey = tuple[str, int]

EMS_WIDE = 1.2
ABOVE = 0.1
FINER = 2
"""How many pixels a letter's picture has for one of the page."""

_RULE_INK = 40
_NEIGHBOUR_EDGE = 0.2
_INKED = 60


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
                key = font_key(one, letter)
                if letter.text not in sheet.pictures.setdefault(key, {}):
                    new.setdefault((key, letter.text), (one, letter))
        if not new:
            continue
        grey = drawn(page, dpi)
        scale = page_scale(grey, (page.width_pt, page.height_pt))
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


def font_key(one: FormField, letter: Character) -> FontKey:
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


def page_scale(ink: Ink, size: tuple[float, float]) -> tuple[float, float]:
    """Pixels a point across and down: drawn pages are stretched to whole pixels."""
    return ink.shape[1] / size[0], ink.shape[0] / size[1]


def _picture(grey: Gray, letter: Character, one: FormField, scale: tuple[float, float]) -> Glyph:
    above = ABOVE * one.size
    top, left = round((letter.top - above) * scale[1]), round(letter.left * scale[0])
    height = 2 * math.ceil((letter.bottom - letter.top + above) * scale[1] / 2)
    width = 2 * math.ceil(one.size * EMS_WIDE * scale[0] / 2)
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
            grown = cv2.dilate(np.pad(part.astype(np.uint8), FINER), np.ones((2 * FINER + 1,) * 2, np.uint8)) > 0
            top, left = max(0, rows.start - FINER), max(0, columns.start - FINER)
            place = alone[top : rows.stop + FINER, left : columns.stop + FINER]
            offset = top - rows.start + FINER, left - columns.start + FINER
            place[grown[offset[0] : offset[0] + place.shape[0], offset[1] : offset[1] + place.shape[1]]] = 0
    return alone
