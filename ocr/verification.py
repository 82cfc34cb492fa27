"""Is each value on the paper the value that was issued: the page is compared with its own rendering, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.form_map import Box, FormField
from ocr.ink import Ink
from ocr.letter_check import LaidPage, LetterCheck, LetterComparison, LetterPlace, room_after
from ocr.letter_rivals import rivals_at
from ocr.overdrawn import overdrawn_mm2, overinked
from ocr.pages import Character
from ocr.parts import parts_of
from ocr.peaks import peak_between
from ocr.written_values import looks_like

_SEARCH_MM = 0.35
_TOLERANCE_MM = 0.17
_STROKE_MM2 = 0.05
_LEAST_MARK_MM2 = 0.02
_SPECK_MM = 0.55
_SPECK_PIXELS = 4.3
_SPECK_AREA = 0.65
_POINT_MM2 = 0.05
_FLAT_INK = 6.0
_OUTLYING = 7.0
_SURELY_ALIKE = 0.86
_SURELY_OTHER = 0.45
_LETTER_SURELY_OTHER = 0.6
_MAY_HOLD = 0.6
_HELD_BY_WINDOWS = 0.58
_OTHER_LETTER = -0.3
_CLEARLY_OTHER = -0.5
_OTHER_LETTER_IN_PROSE = -0.6
_STANDS_CLEARLY = 0.2
_PROSE_LETTERS = 60
_CLEAR_LETTER = 0.75
_CLOSE_CALL = 0.05
_CLOSE_CALL_IN_WORDS = -0.1
_UNCLEAR = 0.95
_STANDS_BY_ITSELF = 0.85
_ANY_INK = 80
_MAYBE_STRAY = 70.0
_SURELY_STRAY = 125.0
_COLOURED_MM2 = 0.1
_HALO_STEPS = 3
_PRINTED_DARKER = 2.5
_ONE_AROUND = np.ones((3, 3), np.uint8)

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CellCheck:
    """How one cell compares: correlations 0..1 (1 for an empty cell), stray and lacking ink in square millimetres.

    ``point_mm2`` is a speck that stands where a decimal point could have been added to a number, ``overdrawn_mm2`` ink that
    widens a letter beyond the page's other ones, ``overinked`` by what share a letter has more ink than those,
    ``coloured_mm2`` ink of a colour that the form does not print in cells.
    """

    field: FormField
    likeness: float
    weakest: float
    stray_mm2: float
    lacking_mm2: float
    letters: tuple[LetterCheck, ...]
    point_mm2: float = 0.0
    overdrawn_mm2: float = 0.0
    overinked: float = 0.0
    coloured_mm2: float = 0.0

    @property
    def inked(self) -> bool:
        """Whether strokes were added, beside the print or over it."""
        over_print = self.overdrawn_mm2 > 0 or self.overinked > 0 or self.coloured_mm2 > _COLOURED_MM2
        return over_print or self.stray_mm2 > _STROKE_MM2

    @property
    def faded(self) -> bool:
        """Whether strokes are not there that were issued: taken away, or lost by the scanner."""
        return self.lacking_mm2 > _STROKE_MM2

    @property
    def other_letters(self) -> bool:
        """Whether another letter explains the ink of some place better than the issued one."""
        return any(_is_other(self.field, letter) for letter in self.letters)

    @property
    def clearly_other(self) -> bool:
        """Whether it does so beyond what a second reader could outweigh."""
        return any(_is_other(self.field, letter) and letter.evidence < _CLEARLY_OTHER for letter in self.letters)

    @property
    def close_call(self) -> bool:
        """Whether another letter explains the ink of some unclear place about as well as the issued one, or what would tell
        the two apart was not seen.
        """
        return not is_prose(self.field) and any(
            letter.untold or (letter.evidence < _least_evidence(self.field, letter) and letter.likeness < _UNCLEAR)
            for letter in self.letters
        )

    def letters_stand(self, least: float) -> bool:
        """Whether every letter was compared, is at least so clear, and is clearly the issued one: the more clearly where a pen
        stroke could make another digit of it.
        """
        compared = len(self.letters) == sum(not letter.isspace() for letter in self.field.value)
        return compared and all(letter.likeness > least and _stands(self.field, letter) for letter in self.letters)


def may_hold(check: CellCheck, limits: PageLimits) -> bool:
    """Whether a second reader may confirm the cell: no stroke was added, and no other letter is clearly the better."""
    return not check.inked and not check.clearly_other and check.weakest >= min(limits.window, _MAY_HOLD)


def holds(check: CellCheck, limits: PageLimits) -> bool:
    """Whether the cell shows its issued value, by the page's own limits."""
    if check.inked or check.other_letters:
        return False
    windows_hold = check.weakest >= max(limits.window, _HELD_BY_WINDOWS) and not check.faded
    return check.letters_stand(limits.letter) or windows_hold


@dataclass(frozen=True, slots=True)
class PageLimits:
    """Least likeness of a window and of a letter that still show the issued value, on one page."""

    window: float
    letter: float


@dataclass(frozen=True, eq=False)
class ComparedPage:
    """A scan laid over the issued page: both as ink of the same shape, and where they differ.

    ``stray`` is ink that was not issued, ``lacking`` issued ink that is not there, ``specks`` dirt; ``clean`` is the
    scan without the specks. Thin grey rules come out of a printer as black as letters. ``unseen`` is what the scan does
    not show, None where it shows all: there nothing lacks, and no letter is judged by it.
    """

    clean: Ink
    issued: Ink
    stray: Flags
    specks: Flags
    lacking: Flags
    dpi: float
    unseen: Flags | None = None

    @classmethod
    def of(cls, scanned: Ink, issued: Ink, dpi: float, *, scan_dpi: float, unseen: Flags | None = None) -> ComparedPage:
        """Both pictures lie over each other within 0.3 mm; the scan had ``scan_dpi`` before it was laid there."""
        near = _near(issued, dpi)
        speck_mm = max(_SPECK_MM, _SPECK_PIXELS * 25.4 / scan_dpi)
        specks = specks_beside(scanned, near, dpi, speck_mm)
        around = cv2.dilate(specks.astype(np.uint8), _ONE_AROUND)
        clean = np.asarray(cv2.bitwise_and(scanned, scanned, mask=np.asarray(1 - around)), dtype=np.uint8)
        explained = np.asarray(cv2.convertScaleAbs(near, alpha=_PRINTED_DARKER), dtype=np.uint8)
        stray = unexplained(scanned, explained, dpi, speck_mm)
        lacking = unexplained(issued, _near(scanned, dpi), dpi, speck_mm)
        if unseen is not None:
            lacking &= ~unseen
        return cls(clean, issued, stray, specks, lacking, dpi, unseen)

    @property
    def laid(self) -> LaidPage:
        """What letters are compared by."""
        return LaidPage(self.clean, self.issued, self.unseen)


def check_cells(
    page: ComparedPage,
    fields: Sequence[FormField],
    letters: Mapping[str, Sequence[Character]],
    glyphs: LetterComparison,
) -> tuple[CellCheck, ...]:
    """Compares each cell: its ink, its value's picture, and each letter with all letters of the form's own print.

    ``letters`` are the issued page's, by the field's name.
    """
    checks = [_cell_check(page, field) for field in fields]
    places = [_letter_places(check, letters[check.field.name], shift) for check, shift in checks]
    compared = iter(glyphs.check(page.laid, [place for each in places for place in each]))
    seen = [tuple(letter for letter in islice(compared, len(each)) if letter is not None) for each in places]
    by_font = [(check.field.font, each) for (check, _), each in zip(checks, seen, strict=True)]
    return tuple(
        replace(check, letters=each, overdrawn_mm2=ink, overinked=share)
        for (check, _), each, ink, share in zip(checks, seen, overdrawn_mm2(by_font), overinked(by_font), strict=True)
    )


def _cell_check(page: ComparedPage, field: FormField) -> tuple[CellCheck, tuple[float, float] | None]:
    """The check of a cell but for its letters, and by how many pixels its value lies off, None without a value."""
    place = pixels(field.box, page.dpi, page.issued.shape, margin_mm=0.0 if field.is_tight else -_TOLERANCE_MM)
    per_mm2 = (25.4 / page.dpi) ** 2
    stray = float(page.stray[place].sum()) * per_mm2
    lacking = float(page.lacking[place].sum()) * per_mm2
    ink = _ink_box(page.issued, place) if field.value.strip() else None
    if ink is None:
        return CellCheck(field, 1.0, 1.0, stray, lacking, ()), None
    point = _added_point(page, ink, field) if field.kind == "number" else 0.0
    likeness, weakest, shift = _likeness(page, ink, field)
    if stray or lacking:
        stray, lacking = (per_mm2 * pixels_left for pixels_left in _left_where_it_stands(page, place, shift))
    return CellCheck(field, likeness, weakest, stray, lacking, (), point), shift


def _left_where_it_stands(
    page: ComparedPage, place: tuple[slice, slice], shift: tuple[float, float]
) -> tuple[float, float]:
    """Stray and lacking pixels of a cell that stay so when its value is laid where it was found, a little off its place."""
    seen, issued = page.clean[place], page.issued[place]
    there, back = (
        cv2.warpAffine(picture, np.array([[1, 0, way * shift[0]], [0, 1, way * shift[1]]]), picture.shape[::-1])
        for picture, way in ((issued, 1.0), (seen, -1.0))
    )
    printed = cv2.convertScaleAbs(_near(np.asarray(there, dtype=np.uint8), page.dpi), alpha=_PRINTED_DARKER)
    found = _near(np.asarray(back, dtype=np.uint8), page.dpi)
    added, lost = cv2.subtract(seen, printed) > _MAYBE_STRAY, cv2.subtract(issued, found) > _MAYBE_STRAY
    return float((page.stray[place] & added).sum()), float((page.lacking[place] & lost).sum())


def page_limits(checks: Sequence[CellCheck]) -> PageLimits:
    """From the page's own medians and median deviations: a poor scan is judged as one."""
    windows = np.array([check.weakest for check in checks if check.field.value])
    letters = np.array([letter.likeness for check in checks for letter in check.letters])
    return PageLimits(
        _outlying(windows, _SURELY_OTHER, _SURELY_ALIKE), _outlying(letters, _LETTER_SURELY_OTHER, _STANDS_BY_ITSELF)
    )


def _outlying(likenesses: NDArray[np.float64], least: float, most: float) -> float:
    if likenesses.size == 0:
        return least
    middle = float(np.median(likenesses))
    spread = 1.4826 * float(np.median(np.abs(likenesses - middle)))
    return max(least, min(most, middle - _OUTLYING * max(spread, 0.012)))


def specks_beside(scanned: Ink, near_issued: Ink, dpi: float, speck_mm: float) -> Flags:
    """Dirt: dots that stand apart from all issued ink. What touches a letter is part of what is written there.

    ``near_issued`` is the issued ink widened by 0.17 mm, ``speck_mm`` how far dots reach at the scan's resolution.
    """
    dark, near = _above(scanned, _ANY_INK), _above(near_issued, _ANY_INK)
    apart = cv2.bitwise_and(dark, cv2.bitwise_not(near))
    joined = cv2.bitwise_and(dark, near)
    for _ in range(_HALO_STEPS):
        joined = cv2.bitwise_or(joined, cv2.bitwise_and(apart, cv2.dilate(joined, _ONE_AROUND)))
    beside = cv2.dilate(joined, _ONE_AROUND)
    specks = np.zeros(apart.shape, dtype=bool)
    for place, part in parts_of(np.asarray(cv2.bitwise_and(apart, cv2.bitwise_not(joined)), dtype=np.uint8)):
        if not _is_stroke(part, dpi, speck_mm) and not (beside[place] > 0)[part].any():
            specks[place] |= part
    return specks


def unexplained(seen: Ink, near_other: Ink, dpi: float, speck_mm: float) -> Flags:
    """Strokes of ``seen`` darker than ``near_other``, other ink widened by 0.17 mm; dots of dirt are left out."""
    over = cv2.subtract(seen, near_other)
    noise = float(np.percentile(over[::4, ::4], 99.5))
    strokes = np.zeros(over.shape, dtype=bool)
    for place, part in parts_of(
        _above(np.asarray(over, dtype=np.uint8), min(_SURELY_STRAY, max(_MAYBE_STRAY, 1.5 * noise)))
    ):
        if _is_stroke(part, dpi, speck_mm):
            strokes[place] |= part
    return strokes


def _above(ink: Ink, level: float) -> NDArray[np.uint8]:
    return np.asarray(cv2.threshold(ink, level, 255, cv2.THRESH_BINARY)[1], dtype=np.uint8)


def _is_stroke(part: Flags, dpi: float, speck_mm: float) -> bool:
    area = float(part.sum()) * (25.4 / dpi) ** 2
    extent = max(part.shape) * 25.4 / dpi
    return area >= _LEAST_MARK_MM2 and (extent >= speck_mm or area >= _SPECK_AREA * speck_mm**2)


def _near(ink: Ink, dpi: float) -> Ink:
    reach = max(1, round(_TOLERANCE_MM * dpi / 25.4))
    shape = cv2.MORPH_ELLIPSE if reach > 1 else cv2.MORPH_RECT
    return np.asarray(cv2.dilate(ink, cv2.getStructuringElement(shape, (2 * reach + 1, 2 * reach + 1))), dtype=np.uint8)


def pixels(box: Box, dpi: float, shape: tuple[int, ...], *, margin_mm: float = 0.0) -> tuple[slice, slice]:
    """Rows and columns of ``box`` in a picture at ``dpi``, grown by ``margin_mm`` (shrunk where negative)."""
    grown = margin_mm * dpi / 25.4
    top, bottom = round(box.top * dpi / 72 - grown), round(box.bottom * dpi / 72 + grown)
    left, right = round(box.left * dpi / 72 - grown), round(box.right * dpi / 72 + grown)
    return slice(max(0, top), max(0, min(shape[0], bottom))), slice(max(0, left), max(0, min(shape[1], right)))


def _added_point(page: ComparedPage, ink: tuple[slice, slice], field: FormField) -> float:
    """A speck on the base line beside digits may be a decimal point that somebody added: its square millimetres."""
    rows, columns = ink
    letter = round(field.size * 0.6 * page.dpi / 72)
    height = rows.stop - rows.start
    beside = page.specks[rows.stop - height // 3 : rows.stop + height // 4, columns.start : columns.stop + letter]
    area = float(beside.sum()) * (25.4 / page.dpi) ** 2
    return area if area >= _POINT_MM2 else 0.0


def _likeness(
    page: ComparedPage, ink: tuple[slice, slice], field: FormField
) -> tuple[float, float, tuple[float, float]]:
    """Likeness of the whole value and of its weakest window, and by how many pixels it lies off."""
    value = page.issued[ink]
    reach = max(1, round(_SEARCH_MM * page.dpi / 25.4))
    y, x = max(0, ink[0].start - reach), max(0, ink[1].start - reach)
    around = page.clean[y : ink[0].stop + reach, x : ink[1].stop + reach]
    if around.shape[0] < value.shape[0] or around.shape[1] < value.shape[1]:
        return 0.0, 0.0, (0.0, 0.0)
    likeness = cv2.matchTemplate(around, value, cv2.TM_CCOEFF_NORMED)
    _, best, _, (best_x, best_y) = cv2.minMaxLoc(likeness)
    there = around[best_y : best_y + value.shape[0], best_x : best_x + value.shape[1]]
    unseen = None
    if page.unseen is not None:
        unseen = page.unseen[y + best_y :, x + best_x :][: value.shape[0], : value.shape[1]]
    window = max(4, round(field.size * 0.75 * page.dpi / 72))
    fine_x, fine_y = peak_between(likeness, best_x, best_y)
    shift = (x + best_x + fine_x - ink[1].start, y + best_y + fine_y - ink[0].start)
    return max(0.0, float(best)), _weakest_window(np.asarray(there, dtype=np.uint8), value, window, unseen), shift


def _letter_places(
    check: CellCheck, letters: Sequence[Character], shift: tuple[float, float] | None
) -> list[LetterPlace]:
    if shift is None:
        return []
    return [
        LetterPlace(
            check.field, letter, shift, room_after(check.field, letter, following), rivals_at(check.field, number)
        )
        for number, (letter, following) in enumerate(zip(letters, [*letters[1:], None], strict=True))
    ]


def is_prose(field: FormField) -> bool:
    """A text of several words, such as a declaration. Its strokes are compared as they stand; among hundreds of small
    letters some always look a little more like another one, so there a letter must be clearly another to count.
    """
    return field.kind == "text" and len(field.value) > _PROSE_LETTERS


def _is_other(field: FormField, letter: LetterCheck) -> bool:
    least = _OTHER_LETTER_IN_PROSE if is_prose(field) else _OTHER_LETTER
    return letter.evidence < least and letter.other_likeness > _CLEAR_LETTER


def _stands(field: FormField, letter: LetterCheck) -> bool:
    return letter.evidence > (_CLOSE_CALL_IN_WORDS if _is_for_eyes(field, letter) else _STANDS_CLEARLY)


def _least_evidence(field: FormField, letter: LetterCheck) -> float:
    """What a letter must have for itself to need no second reader."""
    return _CLOSE_CALL_IN_WORDS if _is_for_eyes(field, letter) else _CLOSE_CALL


def _is_for_eyes(field: FormField, letter: LetterCheck) -> bool:
    """Whether a second reader could not tell the letter from its rival either, an O from a D, in words an f from an I: there
    the comparison decides as long as it does not speak for the other one.
    """
    return field.kind == "text" or looks_like(letter.issued, letter.other)


def _ink_box(issued: Ink, place: tuple[slice, slice]) -> tuple[slice, slice] | None:
    cell = issued[place]
    if cell.size == 0 or cell.std() < _FLAT_INK:
        return None
    rows, columns = np.flatnonzero(cell.max(axis=1) > 80), np.flatnonzero(cell.max(axis=0) > 80)
    if rows.size == 0 or columns.size == 0:
        return None
    top, left = place[0].start, place[1].start
    return (
        slice(top + int(rows[0]), top + int(rows[-1]) + 1),
        slice(left + int(columns[0]), left + int(columns[-1]) + 1),
    )


def _weakest_window(seen: Ink, value: Ink, window: int, unseen: Flags | None = None) -> float:
    """Lowest correlation of a window about one letter wide slid along the value, where the value has ink in it.

    What is ``unseen`` counts for neither.
    """
    a, b = seen.astype(np.float64), value.astype(np.float64)
    width = min(window, a.shape[1])
    number: NDArray[np.float64] | float = float(width * a.shape[0])
    if unseen is not None and unseen.any():
        visible = np.asarray(~unseen, dtype=np.float64)
        a, b = a * visible, b * visible
        number = np.maximum(_slid(visible[None], width)[0], 1.0)
    sums = _slid(np.stack([a, b, a * a, b * b, a * b]), width)
    mean_a, mean_b = sums[0] / number, sums[1] / number
    spread_a, spread_b = sums[2] / number - mean_a**2, sums[3] / number - mean_b**2
    together = sums[4] / number - mean_a * mean_b
    likeness = together / np.sqrt(np.maximum(spread_a, 25.0) * np.maximum(spread_b, 25.0))
    judged = np.sqrt(np.maximum(spread_b, 0)) > _FLAT_INK * 3
    return float(np.clip((likeness[judged] if judged.any() else likeness).min(), 0.0, 1.0))


def _slid(parts: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """For each of ``parts`` its sum in each window of so many columns."""
    totals = np.zeros((len(parts), parts.shape[2] + 1))
    np.cumsum(parts.sum(axis=1), axis=1, out=totals[:, 1:])
    return np.asarray(totals[:, window:] - totals[:, :-window], dtype=np.float64)
