"""Opening what comes back: one sequence of pages, whatever kind of file it came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ocr.pdf_file import Character, PdfFile
from ocr.picture_file import PictureFile
from ocr.unreadable import UnreadablePages

__all__ = ["Character", "FileKind", "Gray", "Page", "UnreadablePages", "open_pages"]

FileKind = Literal["pdf", "image"]
Gray = NDArray[np.uint8]

_PDF_HEADER_WITHIN = 1024
_LEAST_PIXELS = 24


class PageSource(Protocol):
    """What a file must be able to say of its pages; ``index`` counts from 0."""

    def sizes(self) -> tuple[tuple[float, float], ...]: ...
    def picture(self, index: int, dpi: float) -> Gray: ...
    def colours(self, index: int, dpi: float) -> Gray | None: ...
    def native_dpi(self, index: int) -> float | None: ...
    def has_text(self, index: int) -> bool: ...
    def characters(self, index: int) -> tuple[Character, ...]: ...
    def annotations(self, index: int) -> tuple[tuple[str, tuple[float, float, float, float]], ...]: ...


@dataclass(frozen=True)
class Page:
    """One page of a received file; ``index`` counts from 1 in its file, sizes are PDF points."""

    source_name: str
    index: int
    width_pt: float
    height_pt: float
    file_kind: FileKind
    source: PageSource = field(repr=False, compare=False)

    def image(self, dpi: float) -> Gray:
        """The page in grey, ``(height, width)``, 0 black to 255 white. Raises ``UnreadablePages``."""
        picture = self.source.picture(self.index - 1, dpi)
        if min(picture.shape) < _LEAST_PIXELS:
            raise UnreadablePages("page_too_small", name=self.source_name)
        return picture

    def colours(self, dpi: float) -> NDArray[np.uint8] | None:
        """A scanned page as ``(height, width, 3)`` red, green, blue; None without colours and for a page that is drawn.

        Raises ``UnreadablePages``.
        """
        return self.source.colours(self.index - 1, dpi)

    @cached_property
    def native_dpi(self) -> float | None:
        """Resolution of the one picture that is the whole page, None for a page that is drawn."""
        return self.source.native_dpi(self.index - 1)

    @cached_property
    def has_text(self) -> bool:
        """Whether the page is drawn with text, not a picture with at most a recognised text hidden behind it."""
        return self.source.has_text(self.index - 1)

    def characters(self) -> tuple[Character, ...]:
        """Visible characters of the text layer in text order, boxes from the top left corner in points."""
        return self.source.characters(self.index - 1)

    def annotations(self) -> tuple[tuple[str, tuple[float, float, float, float]], ...]:
        """Subtype and box of each annotation, boxes from the top left corner in points."""
        return self.source.annotations(self.index - 1)


def open_pages(data: bytes, *, name: str, most_pages: int = 200) -> tuple[Page, ...]:
    """The pages of a PDF, JPEG, PNG or TIFF, told apart by content. Nothing is decoded yet.

    Raises ``UnreadablePages``: ``empty_file``, ``not_a_document``, ``encrypted_pdf``, ``too_many_pages``,
    ``damaged_pdf``, ``damaged_image``, ``image_too_large`` (by declared size, before decoding). A page that turns out to be
    damaged, too large or too small raises it when it is drawn.
    """
    if not data:
        raise UnreadablePages("empty_file", name=name)
    is_pdf = b"%PDF-" in data[:_PDF_HEADER_WITHIN]
    source: PageSource = (
        PdfFile.open(data, name=name, most_pages=most_pages)
        if is_pdf
        else PictureFile.open(data, name=name, most_pages=most_pages)
    )
    kind: FileKind = "pdf" if is_pdf else "image"
    return tuple(
        Page(name, number, width, height, kind, source)
        for number, (width, height) in enumerate(source.sizes(), start=1)
    )
