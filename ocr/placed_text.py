"""The text of a page with the place of each of its characters, for looking a mark up in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocr.form_map import Box
from ocr.pages import Page
from ocr.tesseract import TextLine, read_lines

RECOGNISED_AT_DPI = 200.0


@dataclass(frozen=True, slots=True)
class PlacedText:
    """Text of page ``page`` (from 1 in its file); ``boxes`` has one box for each character, None for what only separates."""

    page: int
    text: str
    boxes: tuple[Box | None, ...]
    lines: tuple[TextLine, ...] = ()

    def box_of(self, start: int, end: int) -> Box | None:
        """The smallest box around a part of the text, in points from the top left corner of the page."""
        return around([box for box in self.boxes[start:end] if box is not None])


def around(boxes: Sequence[Box]) -> Box | None:
    """The smallest box around some boxes, None for none."""
    if not boxes:
        return None
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def drawn_text(page: Page) -> PlacedText:
    """The text layer, a space wherever a line ends."""
    text, boxes = "", list[Box | None]()
    before = None
    for each in page.characters():
        if before is not None and (each.left < before.left or each.top > before.bottom):
            text += " "
            boxes.append(None)
        text += each.text
        boxes += [Box(each.left, each.top, each.right, each.bottom)] * len(each.text)
        before = each
    return PlacedText(page.index, text, tuple(boxes))


def recognised_text(page: Page, *, seconds: float) -> PlacedText:
    """The text that Tesseract sees, each character with the box of its line.

    Raises ``UnreadablePages`` and ``TesseractUnavailable``.
    """
    lines = read_lines(page.image(RECOGNISED_AT_DPI), seconds=seconds, sparse=True)
    text, boxes = "", list[Box | None]()
    for line in lines:
        left, top, right, bottom = (edge * 72 / RECOGNISED_AT_DPI for edge in line.box)
        text += f"{line.text} "
        boxes += [Box(left, top, right, bottom)] * len(line.text) + [None]
    return PlacedText(page.index, text, tuple(boxes), lines)
