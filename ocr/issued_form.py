"""The issued form as a reader needs it: its map, and where the issued bytes are at hand, its pages as they were drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ocr.form_map import FormMap
from ocr.glyphs import GlyphSheet, glyph_sheet, letters_by_field
from ocr.ink import Ink
from ocr.landmarks import Landmarks, find_landmarks, landmarks_of_map
from ocr.letter_check import LetterComparison
from ocr.pages import Character, Gray, Page, open_pages
from ocr.picture_file import resized

_GLYPH_PAGES = 4
_LANDMARKS_DPI = 300.0
_WHOLE_PIXELS_FROM_DPI = 300.0


@dataclass(frozen=True, eq=False)
class IssuedForm:
    """``pages`` is empty when only the map is known. What was drawn last stays at hand for the next copy of those pages."""

    form_map: FormMap
    pages: tuple[Page, ...] = ()
    _drawn: dict[tuple[int, float, bool], Ink] = field(default_factory=dict, repr=False)
    _landmarks: dict[tuple[object, ...], Landmarks] = field(default_factory=dict, repr=False)
    _glyphs: dict[float, GlyphSheet] = field(default_factory=dict, repr=False)
    _soft: dict[float, LetterComparison] = field(default_factory=dict, repr=False)
    _letters: dict[int, Mapping[str, tuple[Character, ...]]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, form_map: FormMap, issued_pdf: bytes | None) -> IssuedForm:
        """Raises ``UnreadablePages`` for unreadable issued bytes, ``ValueError`` when map and bytes disagree on pages."""
        if issued_pdf is None:
            return cls(form_map)
        pages = open_pages(issued_pdf, name=f"{form_map.form}.pdf", most_pages=max(200, form_map.pages))
        if len(pages) != form_map.pages:
            raise ValueError(f"the map has {form_map.pages} pages, the issued form {len(pages)}")
        return cls(form_map, pages)

    def ink(self, number: int, dpi: float, *, as_printed: bool = False) -> Ink | None:
        """The issued page as ink, None when only the map is known.

        ``as_printed``: letters stand between pixels as on paper, where a coarse picture of the page would move each of them to
        the next whole pixel.
        """
        if not self.pages:
            return None
        finely = as_printed and dpi < _WHOLE_PIXELS_FROM_DPI
        if (number, dpi, finely) not in self._drawn:
            self._keep(number, dpi, finely, self.pages[number - 1].image(dpi * (2 if finely else 1)))
        return self._drawn[number, dpi, finely]

    def _keep(self, number: int, dpi: float, finely: bool, picture: Gray) -> None:
        while len(self._drawn) > _GLYPH_PAGES:
            del self._drawn[next(iter(self._drawn))]
        drawn = resized(picture, 0.5) if finely else picture
        self._drawn[number, dpi, finely] = np.asarray(255 - drawn, dtype=np.uint8)

    def landmarks(self, number: int, dpi: float) -> Landmarks:
        """As the same detector sees them on an issued page with landmarks in the same places, else as the map has them."""
        if not self.pages:
            return landmarks_of_map(self.form_map, number, dpi)
        places = tuple((zone.kind, zone.box) for zone in self.form_map.zones_on_page(number, "marker", "page_code"))
        if places not in self._landmarks:
            self._landmarks[places] = find_landmarks(self.pages[number - 1].image(_LANDMARKS_DPI))
        return self._landmarks[places].at_scale(dpi / _LANDMARKS_DPI)

    def glyphs(self, dpi: float) -> GlyphSheet:
        """The letters that the form's values are printed with, from its first pages."""
        if dpi not in self._glyphs:
            shown = range(1, min(_GLYPH_PAGES, len(self.pages)) + 1)
            fields = ((self.pages[number - 1], self.form_map.on_page(number), self.letters(number)) for number in shown)
            self._glyphs[dpi] = glyph_sheet(fields, dpi, self._twice_as_fine)
        return self._glyphs[dpi]

    def letter_comparison(self, dpi: float, sigma: float) -> LetterComparison:
        """Compares letters of scans whose pages were softened by ``sigma``; kept for the next page that is as soft."""
        kept = self._soft.get(dpi)
        if kept is None or kept.letters.sigma != sigma:
            self._soft[dpi] = kept = LetterComparison(self.glyphs(dpi), sigma)
        return kept

    def _twice_as_fine(self, page: Page, dpi: float) -> Gray:
        """The page at twice ``dpi``; of a coarse one its ink is kept, which is made of the same picture."""
        picture = page.image(2 * dpi)
        if dpi < _WHOLE_PIXELS_FROM_DPI:
            self._keep(page.index, dpi, True, picture)
        return picture

    def letters(self, number: int) -> Mapping[str, tuple[Character, ...]]:
        """The visible letters of each field of a page, by the field's name, in text order."""
        if number not in self._letters:
            characters = self.pages[number - 1].characters()
            self._letters[number] = letters_by_field(self.form_map.on_page(number), characters)
        return self._letters[number]

    def size(self, number: int, dpi: float) -> tuple[int, int]:
        """Width and height of a page in pixels, as the issued page is drawn."""
        drawn = self.ink(number, dpi)
        if drawn is not None:
            return drawn.shape[1], drawn.shape[0]
        return round(self.form_map.width * dpi / 72), round(self.form_map.height * dpi / 72)
