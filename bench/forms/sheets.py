"""A printed sheet, what was done to it, and what it truly says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ocr.form_map import Box

SHEET_DPI = 400
Rgb = NDArray[np.uint8]
Ink = Literal["printed", "blue", "black"]
PrintPath = Literal["pdfium", "poppler"]
AlterationKind = Literal[
    "digit_replaced",
    "letter_replaced",
    "surname_replaced",
    "digit_appended",
    "struck_rewritten",
    "row_struck",
    "row_added",
    "pen_over_digit",
]
MarkKind = Literal["signature", "company_stamp", "office_stamp", "revenue_stamp"]


@dataclass(frozen=True, slots=True)
class Altered:
    """One alteration. ``fields`` are the values it changes (none for an added row), ``box`` where on the issued page its ink
    is, in points; ``issued`` and ``written`` what the first field said and says now.
    """

    kind: AlterationKind
    page: int
    fields: tuple[str, ...]
    box: Box
    issued: str
    written: str
    ink: Ink


@dataclass(frozen=True, slots=True)
class Marked:
    """A lawful mark: ``name`` is the zone it belongs to, ``says`` a revenue stamp's identifier."""

    kind: MarkKind
    page: int
    name: str
    box: Box
    says: str = ""


@dataclass(frozen=True, eq=False)
class Sheet:
    """One printed page. ``picture`` is the paper at ``SHEET_DPI``, the issued page's size; ``scale`` is what the printer
    made of widths and heights, applied when it is scanned.
    """

    page: int
    pages: int
    picture: Rgb = field(repr=False)
    scale: tuple[float, float]
    altered: tuple[Altered, ...] = ()
    marks: tuple[Marked, ...] = ()

    @property
    def signed(self) -> tuple[str, ...]:
        """Names of the signature boxes that are signed."""
        return tuple(mark.name for mark in self.marks if mark.kind == "signature")


def to_pixels(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of the issued page as pixels of a sheet."""
    return points * SHEET_DPI / 72


def pixel_box(box: Box) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in pixels of a sheet."""
    left, top, right, bottom = (round(edge * SHEET_DPI / 72) for edge in box.as_list())
    return left, top, right, bottom
