"""Telling letters apart: each printed letter is compared with every letter the same form prints in the same font.

A letter is in doubt when another letter explains the ink better than the one that was issued.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ocr.form_map import FormField
from ocr.glyphs import ABOVE, EMS_WIDE, FontKey, GlyphSheet, font_key, page_scale, ruled_rows
from ocr.ink import Ink
from ocr.pages import Character
from ocr.soft_letters import SAME_SHAPE, Phase, Rows, SoftLetters, as_wide, normalised

_AS_WIDE = 1.05
_MOST_EMS_HIGH = 2
_LAST_EMS = 2
_RULE_PT = 1.0
_FINE_PHASES = 4
_SURELY_THIS = 0.3
_HARDLY_THIS = 0.2
_OTHER_HEIGHTS = (-0.5, 0.5)
_LEAST_SPREAD = 1e-4
_HARDLY_TOLD = 0.97
_MOST_LOST = 0.5

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LetterCheck:
    """How well the ink at one letter's place looks like the issued letter and like its strongest rival, -1 to 1.

    ``evidence`` is the difference in shares of what it would be without noise: about 1 where the issued letter stands,
    about -1 where the rival does, whether the two are much alike or not. ``excess_mm2`` is ink beside the issued letter,
    ``ink_share`` all ink in its columns, but for a watermark's, in shares of what the issued letter has there. ``untold``:
    most of what tells the letter from some other one was not seen.
    """

    issued: str
    likeness: float
    other: str
    other_likeness: float
    evidence: float
    excess_mm2: float = 0.0
    ink_share: float = 1.0
    untold: bool = False


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


def room_after(field: FormField, letter: Character, following: Character | None) -> float:
    """Points from a letter to the next one of its line; from the last one two ems, but not to the rule around its cell."""
    if following is not None and following.left > letter.left:
        return following.left - letter.left
    room = _LAST_EMS * field.size
    return room if field.is_tight else min(room, field.box.right - _RULE_PT - letter.left)


@dataclass(frozen=True, eq=False)
class LaidPage:
    """A scan laid over its issued page, both as ink, and which pixels of it nobody saw, None where all were seen."""

    scanned: Ink
    issued: Ink
    unseen: Flags | None = None


@dataclass(frozen=True, slots=True)
class _Cut:
    """One letter's picture in the scan: ``number`` of the place, corner and own width in pixels, rows a rule crosses."""

    number: int
    top: int
    left: int
    own: int
    ruled: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Windows:
    """The cuts with a pixel more on both sides: their ink on both pages, where unseen; numbers of the issued letters."""

    seen: NDArray[np.uint8]
    printed: NDArray[np.uint8]
    hidden: NDArray[np.bool_] | None
    issued: NDArray[np.intp]

    @property
    def width(self) -> int:
        return int(self.seen.shape[2]) - 2

    def moved(self, pictures: NDArray[Any]) -> NDArray[np.float32]:
        """What lies a pixel to the left, in place and a pixel to the right, each cut a row."""
        moved = np.stack([pictures[:, :, left : left + self.width] for left in range(3)])
        return moved.reshape(3 * len(pictures), -1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Alike:
    """Letters of one font (columns) at some places (rows), half a pixel apart each from the first: the best counts.

    ``among`` is how alike the issued letter and each other one are in themselves, by what of them can be seen there.
    """

    likenesses: NDArray[np.float32]
    among: NDArray[np.float32]
    excess_mm2: NDArray[np.float64]
    ink_share: NDArray[np.float64]


CutKey = tuple[FontKey, int, int, int]


class LetterComparison:
    """Compares the letters of one scan, as soft as ``sigma`` says, with those of the form's own print."""

    def __init__(self, sheet: GlyphSheet, sigma: float) -> None:
        self.letters = SoftLetters(sheet, sigma)
        self._finer: SoftLetters | None = None

    def check(self, page: LaidPage, places: Sequence[LetterPlace]) -> list[LetterCheck | None]:
        """Compares the ink at each letter with all letters of its font; None where it leaves the picture or stands alone.

        Rows that a rule crosses are blank. Letters wider than the room are no candidates: their left part may well look
        like the narrow one, and what follows them would stand elsewhere, which the letters that follow show. What another
        letter explains almost as well is compared again at quarters of a pixel, and half a pixel higher and lower: a soft O
        and D differ by no more. Of what nobody saw nothing is held for or against any letter.
        """
        checks = compared_once(self.letters, page, places)
        unsure = _numbers_below(_SURELY_THIS, checks)
        if not unsure:
            return checks
        self._finer = self._finer or SoftLetters(self.letters.sheet, self.letters.sigma, _FINE_PHASES)
        finely = compared_once(self._finer, page, [places[number] for number in unsure])
        _take(checks, zip(unsure, finely, strict=True))
        hardly = _numbers_below(_HARDLY_THIS, checks)
        for down in _OTHER_HEIGHTS:
            moved = compared_once(self._finer, page, [_lower(places[number], down) for number in hardly])
            _take(
                checks, ((each, found) for each, found in zip(hardly, moved, strict=True) if _fits(found, checks[each]))
            )
        return checks


def _numbers_below(evidence: float, checks: Sequence[LetterCheck | None]) -> list[int]:
    return [number for number, each in enumerate(checks) if each is not None and each.evidence < evidence]


def _take(checks: list[LetterCheck | None], found: Iterable[tuple[int, LetterCheck | None]]) -> None:
    """Puts what was found into ``checks``, but for the ink, which the first comparison measured."""
    for number, again in found:
        before = checks[number]
        if before is not None and again is not None:
            checks[number] = replace(again, excess_mm2=before.excess_mm2, ink_share=before.ink_share)


def _lower(place: LetterPlace, down: float) -> LetterPlace:
    return replace(place, shift=(place.shift[0], place.shift[1] + down))


def _fits(found: LetterCheck | None, before: LetterCheck | None) -> bool:
    """Whether the issued letter or its rival fits better than before, whichever it is."""
    if found is None or before is None:
        return False
    return max(found.likeness, found.other_likeness) > max(before.likeness, before.other_likeness)


def compared_once(letters: SoftLetters, page: LaidPage, places: Sequence[LetterPlace]) -> list[LetterCheck | None]:
    """The best of some places within a pixel to the left and right counts: drawn pages set letters at whole pixels."""
    checks: list[LetterCheck | None] = [None] * len(places)
    rows, columns = page.scanned.shape
    for (key, y_phase, x_phase, width), cuts in _cuts(letters, page, places).items():
        phase = y_phase, x_phase
        height = letters.templates(key, phase, width).shape[1] // width
        inside = [cut for cut in cuts if 0 <= cut.top <= rows - height and 1 <= cut.left <= columns - width - 1]
        if not inside:
            continue
        windows = _windows(letters, key, page, inside, places, (height, width))
        alike = _compared(letters, key, phase, inside, windows)
        found = _checks(letters, key, windows, alike, [places[cut.number] for cut in inside])
        for cut, check in zip(inside, found, strict=True):
            checks[cut.number] = check
    return checks


def _cuts(letters: SoftLetters, page: LaidPage, places: Sequence[LetterPlace]) -> dict[CutKey, list[_Cut]]:
    """The cuts by font, place within the pixel and width: all of one group are compared at once."""
    across, down = page_scale(page.scanned, letters.sheet.size)
    cuts: dict[CutKey, list[_Cut]] = {}
    rules: dict[str, tuple[int, NDArray[np.bool_]]] = {}
    for number, place in enumerate(places):
        one, letter = place.field, place.letter
        key = font_key(one, letter)
        symbols, _ = letters.symbols(key)
        if letter.text not in symbols or len(symbols) < 2:
            continue
        if one.name not in rules:
            rules[one.name] = _rules_of(one, page.issued, across, down)
        first, crossed = rules[one.name]
        advance = max(letter.right - letter.left, min(one.size * EMS_WIDE, place.room))
        y, y_phase = letters.place((letter.top - ABOVE * one.size) * down + place.shift[1])
        x, x_phase = letters.place(letter.left * across + place.shift[0])
        ruled = _ruled(crossed, y - first, math.ceil(_MOST_EMS_HIGH * one.size * down))
        own = math.ceil((letter.right - letter.left) * across)
        group = cuts.setdefault((key, y_phase, x_phase, math.ceil(advance * across)), [])
        group.append(_Cut(number, y, x, own, ruled))
    return cuts


def _windows(
    letters: SoftLetters,
    key: FontKey,
    page: LaidPage,
    cuts: Sequence[_Cut],
    places: Sequence[LetterPlace],
    size: tuple[int, int],
) -> _Windows:
    seen, printed = (_cut_out(ink, cuts, size) for ink in (page.scanned, page.issued))
    hidden = None if page.unseen is None else _cut_out(page.unseen, cuts, size)
    symbols, _ = letters.symbols(key)
    issued = np.array([symbols[places[cut.number].letter.text] for cut in cuts])
    return _Windows(seen, printed, hidden if hidden is not None and hidden.any() else None, issued)


def _compared(letters: SoftLetters, key: FontKey, phase: Phase, cuts: Sequence[_Cut], windows: _Windows) -> _Alike:
    width, issued = windows.width, windows.issued
    moves = _moves(letters, phase)
    likenesses = _likenesses(letters, key, phase, windows.width, windows.moved(windows.seen))
    best = likenesses[:, np.arange(len(cuts)), issued].argmax(axis=0)
    own = np.arange(width) < np.array([cut.own for cut in cuts])[:, None]
    excess = np.zeros(len(cuts))
    for number, (x, x_phase) in enumerate(moves):
        here = np.flatnonzero(best == number)
        if not here.size:
            continue
        columns = slice(x + 1, x + 1 + width)
        widened = letters.widened(key, (phase[0], x_phase), width)[issued[here]]
        # a watermark lies beside the letters of the issued page too
        pages = (ink[here][:, :, columns] for ink in (windows.seen, windows.printed))
        inks = [_ink_in(cv2.subtract(ink, widened), own[here]) for ink in pages]
        excess[here] = np.maximum(inks[0] - inks[1], 0.0) / 255 * (25.4 / letters.sheet.dpi) ** 2
    letter_ink = np.maximum(_ink_in(as_wide(letters.pictures(key, phase), width)[issued], own), 1.0)
    seen_ink, printed_ink = (_ink_in(ink[:, :, 1 : 1 + width], own) for ink in (windows.seen, windows.printed))
    share = (seen_ink - np.maximum(printed_ink - letter_ink, 0.0)) / letter_ink
    alike = _Alike(likenesses.max(axis=0), letters.alike(key, width)[issued], excess, share)
    return alike if windows.hidden is None else _by_what_is_seen(letters, key, phase, windows, alike)


def _by_what_is_seen(letters: SoftLetters, key: FontKey, phase: Phase, windows: _Windows, whole: _Alike) -> _Alike:
    """``whole`` with the letters of which a part was not seen compared by the rest of them alone."""
    hidden = np.zeros(windows.seen.shape, dtype=bool) if windows.hidden is None else windows.hidden
    partly = np.flatnonzero(hidden.any(axis=(1, 2)))
    visible = windows.moved(~hidden[partly])
    templates = letters.templates(key, phase, windows.width)
    issued = windows.issued[partly]
    alike = _likeness_where(templates[issued], visible[len(partly) : 2 * len(partly)], templates)
    alike[letters.said_alike(key)[issued]] = 1.0
    likenesses, among = whole.likenesses.copy(), whole.among.copy()
    seen = _likenesses(letters, key, phase, windows.width, windows.moved(windows.seen[partly]), visible)
    likenesses[partly], among[partly] = seen.max(axis=0), alike
    return replace(whole, likenesses=likenesses, among=among)


def _moves(letters: SoftLetters, phase: Phase) -> list[tuple[int, int]]:
    """The places up to a pixel to the left and right: whole pixels, and the place within the pixel."""
    return [divmod(phase[1] + move, letters.phases) for move in range(-letters.phases, letters.phases + 1)]


def _likenesses(
    letters: SoftLetters, key: FontKey, phase: Phase, width: int, moved: Rows, visible: Rows | None = None
) -> NDArray[np.float32]:
    """For each of the places to the left and right how alike each cut and each letter are: ``(places, cuts, letters)``."""
    shown = normalised(moved) if visible is None else moved
    found = []
    for x_phase in range(letters.phases):
        templates = letters.templates(key, (phase[0], x_phase), width)
        alike = shown @ templates.T if visible is None else _likeness_where(shown, visible, templates)
        found.append(alike.reshape(3, len(moved) // 3, -1))
    return np.stack([found[x_phase][x + 1] for x, x_phase in _moves(letters, phase)])


def _likeness_where(shown: Rows, visible: Rows, templates: Rows) -> Rows:
    """The correlation of each row of ``shown`` with each of ``templates`` over the pixels that are 1 in ``visible``."""
    number = np.maximum(visible.sum(axis=1, keepdims=True), 1.0)
    part = shown * visible
    part = part - visible * (part.sum(axis=1, keepdims=True) / number)
    sizes = np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-3)
    means = visible @ templates.T / number
    spread = visible @ (templates**2).T - means**2 * number
    together = part @ templates.T
    return np.asarray(together / sizes / np.sqrt(np.maximum(spread, _LEAST_SPREAD)), dtype=np.float32)


def _checks(
    letters: SoftLetters, key: FontKey, windows: _Windows, alike: _Alike, places: Sequence[LetterPlace]
) -> Iterator[LetterCheck]:
    symbols, widths = letters.symbols(key)
    names = list(symbols)
    issued = windows.issued
    room = np.array([place.room for place in places])
    whole = letters.alike(key, windows.width)[issued]
    rival = whole < SAME_SHAPE
    rival &= widths <= np.maximum(widths[issued], room)[:, None] * _AS_WIDE
    rival &= np.stack([letters.may_stand(key, place.rivals) for place in places])
    own = np.take_along_axis(alike.likenesses, issued[:, None], axis=1)
    evidence = (own - alike.likenesses) / (1 - np.minimum(alike.among, SAME_SHAPE))
    evidence = np.where(rival, evidence, 9.0)
    most_lost = (alike.among > _HARDLY_TOLD) & (1 - alike.among < _MOST_LOST * (1 - whole))
    untold = np.asarray((rival & most_lost).any(axis=1))
    strongest = evidence.argmin(axis=1)
    for number, (place, other) in enumerate(zip(places, strongest, strict=True)):
        likeness = float(own[number, 0])
        more = float(alike.excess_mm2[number]), float(alike.ink_share[number]), bool(untold[number])
        if not rival[number, other]:
            yield LetterCheck(place.letter.text, likeness, place.letter.text, -1.0, 1.0, *more)
            continue
        rivals_likeness = float(alike.likenesses[number, other])
        yield LetterCheck(
            place.letter.text, likeness, names[other], rivals_likeness, float(evidence[number, other]), *more
        )


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


def _cut_out(page: NDArray[Any], cuts: Sequence[_Cut], size: tuple[int, int]) -> NDArray[Any]:
    """What ``page`` shows at each cut of ``size`` and one pixel beyond on both sides, rows with a rule blank."""
    height, width = size
    every = sliding_window_view(page, (height, width + 2))
    cut_out = every[[cut.top for cut in cuts], [cut.left - 1 for cut in cuts]]
    cut_out[np.stack([cut.ruled[:height] for cut in cuts])] = 0
    return cut_out


def _ink_in(pictures: NDArray[Any], columns: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The ink of each picture in its own ``columns``."""
    return np.asarray((pictures.sum(axis=1, dtype=np.uint32) * columns).sum(axis=1), dtype=np.float64)
