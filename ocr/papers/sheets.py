"""Sheets of paper and the pages on them: two pages printed or copied side by side on one sheet are two pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocr.form_map import Box
from ocr.identification import LookedAt
from ocr.landmarks import Landmarks
from ocr.page_codes import PageCode, read_page_code
from ocr.pages import Character, Page
from ocr.text_words import PageText, Word, around

_SMALL_CODE = 0.065
"""Side of a page code against the long side of its sheet: 0.069 or more on a sheet of its own, 0.049 beside another page."""
_MARKS_OF_ONE_PAGE = 3
_LANDSCAPE = 1.25
_GUTTER_WITHIN = (0.42, 0.58)
_LEAST_GUTTER_PT = 28.0
_LEAST_WORDS = 15
_LEAST_HEIGHT = 0.3


@dataclass(frozen=True)
class SheetPart:
    """The source of a page that is a part of a sheet: ``box`` in PDF points from the top left corner of the sheet."""

    sheet: Page
    box: Box

    def sizes(self) -> tuple[tuple[float, float], ...]:
        return ((self.box.right - self.box.left, self.box.bottom - self.box.top),)

    def picture(self, index: int, dpi: float) -> NDArray[np.uint8]:  # noqa: ARG002
        return self._cut(self.sheet.image(dpi), dpi)

    def colours(self, index: int, dpi: float) -> NDArray[np.uint8] | None:  # noqa: ARG002
        coloured = self.sheet.colours(dpi)
        return None if coloured is None else self._cut(coloured, dpi)

    def native_dpi(self, index: int) -> float | None:  # noqa: ARG002
        return self.sheet.native_dpi

    def has_text(self, index: int) -> bool:
        return self.sheet.has_text and bool(self.characters(index))

    def characters(self, index: int) -> tuple[Character, ...]:  # noqa: ARG002
        left, top = self.box.left, self.box.top
        return tuple(
            replace(
                each,
                left=each.left - left,
                right=each.right - left,
                top=each.top - top,
                bottom=each.bottom - top,
            )
            for each in self.sheet.characters()
            if _inside(self.box, (each.left, each.top, each.right, each.bottom))
        )

    def annotations(self, index: int) -> tuple[tuple[str, tuple[float, float, float, float]], ...]:  # noqa: ARG002
        left, top = self.box.left, self.box.top
        return tuple(
            (kind, (edges[0] - left, edges[1] - top, edges[2] - left, edges[3] - top))
            for kind, edges in self.sheet.annotations()
            if _inside(self.box, edges)
        )

    def _cut(self, picture: NDArray[np.uint8], dpi: float) -> NDArray[np.uint8]:
        left, top, right, bottom = (round(edge * dpi / 72) for edge in self.box.as_list())
        return np.ascontiguousarray(picture[top:bottom, left:right])


def part_of(sheet: Page, box: Box) -> Page:
    """The page in ``box`` of ``sheet``; it keeps the sheet's file name and number."""
    source = SheetPart(sheet, box)
    ((width, height),) = source.sizes()
    return Page(sheet.source_name, sheet.index, width, height, sheet.file_kind, source)


def halves(sheet: Page) -> tuple[Page, Page]:
    """The sheet cut across its long side: left and right, or top and bottom."""
    width, height = sheet.width_pt, sheet.height_pt
    if width >= height:
        return part_of(sheet, Box(0, 0, width / 2, height)), part_of(sheet, Box(width / 2, 0, width, height))
    return part_of(sheet, Box(0, 0, width, height / 2)), part_of(sheet, Box(0, height / 2, width, height))


def box_of(page: Page) -> Box | None:
    """Where a page lies on its sheet, None for a page that has the sheet for itself."""
    return page.source.box if isinstance(page.source, SheetPart) else None


def shows_two_pages(look: LookedAt) -> bool:
    """Whether the codes or the corner marks of a sheet say that it holds two pages.

    Codes that are too small for their sheet say it where they differ in the two halves, or where the corner marks of a
    page stand in one half. The same code in both halves is one page, and so is a page of its own size on which another
    code was pasted.
    """
    first, second = _codes_by_half(look)
    small = any(_side(printed.corners) < _SMALL_CODE * max(look.picture.shape) for printed in look.landmarks.codes)
    if not small or first & second:
        return False
    return bool(first and second) or (bool(first | second) and _marks_in_one_half(look))


def _codes_by_half(look: LookedAt) -> tuple[set[PageCode], set[PageCode]]:
    found: tuple[set[PageCode], set[PageCode]] = (set(), set())
    for printed in look.landmarks.codes:
        read = read_page_code(printed.text, ())
        if read is not None:
            found[_half_of(printed.corners, look.picture.shape)].add(read.code)
    return found


def _marks_in_one_half(look: LookedAt) -> bool:
    landmarks: Landmarks = look.landmarks
    halves_seen = [_half_of(corners, look.picture.shape) for corners in landmarks.marks.values()]
    return max(halves_seen.count(0), halves_seen.count(1)) >= _MARKS_OF_ONE_PAGE


def _half_of(corners: NDArray[np.float64], shape: tuple[int, ...]) -> int:
    height, width = shape[:2]
    x, y = corners.mean(axis=0)
    return int(x >= width / 2) if width >= height else int(y >= height / 2)


def _side(corners: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1).mean())


def _inside(box: Box, edges: tuple[float, float, float, float]) -> bool:
    x, y = (edges[0] + edges[2]) / 2, (edges[1] + edges[3]) / 2
    return box.left <= x < box.right and box.top <= y < box.bottom


def pages_in_text(text: PageText) -> tuple[PageText, ...]:
    """The text of a sheet without codes, parted where it holds two pages side by side: both with enough words, and
    between them, near the middle, a gutter of at least a centimetre that no word crosses. Boxes stay those of the sheet.
    """
    gutter = _gutter(text)
    if gutter is None:
        return (text,)
    left = tuple(word for word in text.words if word.box.right <= gutter)
    right = tuple(word for word in text.words if word.box.left >= gutter)
    if not (_fills_a_page(left, text) and _fills_a_page(right, text)):
        return (text,)
    return replace(text, words=left), replace(text, words=right)


def _gutter(text: PageText) -> float | None:
    if text.width < _LANDSCAPE * text.height or not text.words:
        return None
    low, high = (share * text.width for share in _GUTTER_WITHIN)
    reached = 0.0
    gutters = []
    for word in sorted(text.words, key=lambda each: each.box.left):
        middle = (reached + word.box.left) / 2
        if word.box.left - reached >= _LEAST_GUTTER_PT and low <= middle <= high:
            gutters.append(middle)
        reached = max(reached, word.box.right)
    return gutters[0] if len(gutters) == 1 else None


def _fills_a_page(words: Iterable[Word], text: PageText) -> bool:
    kept = list(words)
    if len(kept) < _LEAST_WORDS:
        return False
    box = around([word.box for word in kept])
    return box.bottom - box.top >= _LEAST_HEIGHT * text.height
