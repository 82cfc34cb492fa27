"""The words of a page nobody issued, with the place of each: from its text layer, or recognised on its picture."""

from __future__ import annotations

from ocr.pages import Page
from ocr.text_layer import layer_text
from ocr.text_picture import picture_text
from ocr.text_words import PageText, TextEngine, TextLine, Word

__all__ = ["PageText", "TextEngine", "TextLine", "Word", "read_page_text"]

READING_SECONDS = 30.0


def read_page_text(page: Page, *, table: bool = False, seconds: float = READING_SECONDS) -> PageText:
    """All words of ``page``, standing upright.

    A page drawn with text answers by its text layer, unless its letters have no meaning that a program can read; any
    other is recognised. ``table``: the page is strewn with codes and numbers instead of prose. ``seconds``: how long
    recognising may take; what is not read by then is missing. Raises ``UnreadablePages``, and ``TesseractUnavailable``
    for a page that must be recognised where Tesseract is missing.
    """
    if page.has_text and (drawn := layer_text(page, table=table)) is not None:
        return drawn
    return picture_text(page, table=table, seconds=seconds)
