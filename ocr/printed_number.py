"""Which page of the form is this, by the number printed on it: for pages whose codes are both spoilt.

Nobody signed the printed number, so that a page known by it alone is known with less certainty than by its code.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from ocr.alignment import STRAIGHT, align, laid_over
from ocr.form_map import Box
from ocr.identification import LookedAt
from ocr.ink import ink_of
from ocr.issued_form import IssuedForm
from ocr.landmarks import Landmarks
from ocr.pages import Character
from ocr.tesseract_engine import line_by_tesseract
from ocr.verification import pixels

_DPI = 300.0
_LEAST_MARKS = 2
_MARGIN_MM = 1.5
_PAGE_OF = re.compile(r"pag\w*\D{0,3}(\d+)\s*di\s*(\d+)", re.IGNORECASE)
_LOOKALIKES = str.maketrans("OQDISBZG", "00015826")


def page_by_printed_number(look: LookedAt, issued: IssuedForm) -> int | None:
    """The page's number from 1, None where corner marks, issued pages or a number of this very form are missing.

    Raises ``TesseractUnavailable``.
    """
    if not issued.pages or len(look.landmarks.marks) < _LEAST_MARKS:
        return None
    size = issued.size(1, _DPI)
    line = _line_with(issued.form_map.form, issued.pages[0].characters())
    alignment = align(Landmarks(look.landmarks.marks), issued.landmarks(1, _DPI), size)
    if line is None or alignment is None:
        return None
    rows, columns = pixels(line, _DPI, (size[1], size[0]), margin_mm=_MARGIN_MM)
    onto_line = np.array([[1, 0, -columns.start], [0, 1, -rows.start], [0, 0, 1]]) @ alignment.matrix
    strip = (columns.stop - columns.start, rows.stop - rows.start)
    ink = laid_over(ink_of(look.picture), replace(alignment, matrix=onto_line), STRAIGHT, strip)
    text, _ = line_by_tesseract(np.asarray(255 - ink, dtype=np.uint8))
    told = _PAGE_OF.search(text)
    if told is None or _bare(issued.form_map.form) not in _bare(text):
        return None
    number, pages = int(told[1]), int(told[2])
    return number if pages == issued.form_map.pages and 1 <= number <= pages else None


def _line_with(form: str, characters: tuple[Character, ...]) -> Box | None:
    """The line of the issued page that the form's number is printed in, a page number's width longer."""
    visible = [each for each in characters if not each.text.isspace()]
    start = "".join(each.text for each in visible).find(form)
    if start < 0 or any(len(each.text) != 1 for each in visible):
        return None
    first = visible[start]
    middle = (first.top + first.bottom) / 2
    line = [each for each in visible if each.top < middle < each.bottom and each.left >= first.left]
    return Box(
        min(each.left for each in line),
        min(each.top for each in line),
        max(each.right for each in line) + 2 * (first.right - first.left),
        max(each.bottom for each in line),
    )


def _bare(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum()).translate(_LOOKALIKES)
