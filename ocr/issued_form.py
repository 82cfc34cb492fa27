"""The issued form as a reader needs it: its map, and where the issued bytes are at hand, its pages as they were drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ocr.form_map import FormMap
from ocr.glyphs import GlyphSheet, glyph_sheet
from ocr.ink import Ink
from ocr.landmarks import Landmarks, find_landmarks, landmarks_of_map
from ocr.pages import Page, open_pages

_GLYPH_PAGES = 4


@dataclass(frozen=True)
class IssuedForm:
    """``pages`` is empty when only the map is known."""

    form_map: FormMap
    pages: tuple[Page, ...] = ()

    @classmethod
    def of(cls, form_map: FormMap, issued_pdf: bytes | None) -> IssuedForm:
        """Raises ``UnreadablePages`` for unreadable issued bytes, ``ValueError`` when map and bytes disagree on pages."""
        if issued_pdf is None:
            return cls(form_map)
        pages = open_pages(issued_pdf, name=f"{form_map.form}.pdf", most_pages=max(200, form_map.pages))
        if len(pages) != form_map.pages:
            raise ValueError(f"the map has {form_map.pages} pages, the issued form {len(pages)}")
        return cls(form_map, pages)

    def picture(self, number: int, dpi: float) -> NDArray[np.uint8] | None:
        """The issued page in grey, None when only the map is known."""
        return self.pages[number - 1].image(dpi) if self.pages else None

    def ink(self, number: int, dpi: float) -> Ink | None:
        """The issued page as ink, None when only the map is known."""
        picture = self.picture(number, dpi)
        return None if picture is None else np.asarray(255 - picture, dtype=np.uint8)

    def landmarks(self, number: int, dpi: float) -> Landmarks:
        """Landmarks as the same detector sees them on the issued page, else as the map places them."""
        picture = self.picture(number, dpi)
        return landmarks_of_map(self.form_map, number, dpi) if picture is None else find_landmarks(picture)

    @cache  # noqa: B019
    def glyphs(self, dpi: float) -> GlyphSheet:
        """The letters that the form's values are printed with, from its first pages."""
        shown = self.pages[:_GLYPH_PAGES]
        return glyph_sheet(((page, self.form_map.on_page(page.index)) for page in shown), dpi)

    def size(self, dpi: float) -> tuple[int, int]:
        """Width and height of a page in pixels, as the issued page is drawn."""
        if self.pages:
            height, width = self.pages[0].image(dpi).shape
            return width, height
        return round(self.form_map.width * dpi / 72), round(self.form_map.height * dpi / 72)
