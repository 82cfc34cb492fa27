"""Agreements as they arrive: drawn with text, or printed, signed with a pen and scanned."""

from __future__ import annotations

import numpy as np

from bench.agreements.papers import WrittenAgreement
from bench.forms import LEVELS, Level, Sheet, pdf_file, scanned
from bench.forms.pen import draw, made_pen, signature
from bench.forms.printing import drawn_page
from ocr.form_map import Box
from ocr.pages import open_pages

Form = Level | str
DRAWN = "drawn"
"""The PDF as it was written, unsigned: there is no paper for a pen."""

FORMS: tuple[str, ...] = (DRAWN, *LEVELS)
_ROOM_PT = (150.0, 34.0)
_SCALES = (0.96, 1.0)


def returned(agreement: WrittenAgreement, level: str, dpi: int) -> bytes:
    """The file of one agreement; ``level`` is ``drawn`` or one of ``bench.forms.LEVELS``. Equal arguments, equal bytes."""
    if level == DRAWN:
        return agreement.paper.pdf
    wanted: Level = next(each for each in LEVELS if each == level)
    return pdf_file([scanned(sheet, level=wanted, dpi=dpi, seed=agreement.seed) for sheet in sheets(agreement)])


def sheets(agreement: WrittenAgreement) -> list[Sheet]:
    """The printed pages, with a stroke of a pen in each room for a signature where the agreement is signed by hand."""
    count = len(open_pages(agreement.paper.pdf, name=agreement.layout))
    rng = np.random.default_rng([agreement.seed, len(agreement.layout)])
    scale = float(rng.uniform(*_SCALES))
    made = []
    for page in range(1, count + 1):
        picture = drawn_page(agreement.paper.pdf, page, "pdfium").copy()
        if agreement.facts.signing == "by_hand":
            for number, left, top in agreement.paper.places:
                if number == page:
                    room = Box(left, top + 2, left + _ROOM_PT[0], top + _ROOM_PT[1])
                    draw(picture, signature(room, rng), made_pen(rng), rng)
        made.append(Sheet(page, count, picture, (scale, scale)))
    return made
