"""The words of a page that is a picture: made upright, straight and clean, then recognised by one engine or another."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ocr.form_map import Box
from ocr.identification import is_blank
from ocr.page_straightening import Straightened, straightened, turned
from ocr.pages import Page
from ocr.rapid_engine import recognised_by_rapidocr
from ocr.tesseract_engine import recognised_by_tesseract
from ocr.text_words import PageText, Word, in_lines, mean_confidence

FINEST_DPI = 300.0
_MOST_PIXELS = 20_000_000
_MISREAD_BELOW = 0.6
_PLAINLY_BETTER = 2.0
_POOR = 0.8
_STRIP = 0.25
_LEAST_LETTERS = 12

Gray = NDArray[np.uint8]
Seen = tuple[tuple[str, tuple[float, float, float, float], float], ...]


@dataclass(frozen=True, slots=True)
class _Read:
    words: tuple[Word, ...]
    engine: Literal["tesseract", "rapidocr"]

    @property
    def quality(self) -> float:
        return mean_confidence(self.words)


def picture_text(page: Page, *, table: bool, seconds: float) -> PageText:
    """Recognises the words of ``page``. Raises ``UnreadablePages`` and ``TesseractUnavailable``."""
    return read_picture(page, table=table, seconds=seconds)[0]


def read_picture(page: Page, *, table: bool, seconds: float) -> tuple[PageText, Straightened]:
    """The words of ``page`` and the straightened picture that they stand on, for reading parts of it again.

    Raises ``UnreadablePages`` and ``TesseractUnavailable``.
    """
    until = time.monotonic() + seconds
    dpi = reading_dpi(page)
    upright = straightened(page.image(dpi), dpi)
    if is_blank(upright.picture):
        return _page_text(page, upright, _Read((), "tesseract"), table=table), upright
    read = _by_tesseract(upright, table=table, until=until)
    if read.quality < _MISREAD_BELOW and (quarters := _best_turn(upright, until)):
        upright = turned(upright, quarters)
        read = _by_tesseract(upright, table=table, until=until)
    if read.quality < _POOR and time.monotonic() < until:
        read = max(read, _by_rapidocr(upright), key=_worth)
    return _page_text(page, upright, read, table=table), upright


def read_picture_again(page: Page, upright: Straightened, *, table: bool) -> PageText:
    """The words on a straightened picture of ``page`` as RapidOCR reads them."""
    return _page_text(page, upright, _by_rapidocr(upright), table=table)


def _page_text(page: Page, upright: Straightened, read: _Read, *, table: bool) -> PageText:
    return PageText(
        page.source_name,
        page.index,
        upright.size[0],
        upright.size[1],
        in_lines(read.words, table=table),
        read.engine,
        upright.rotation,
        round(upright.skew_deg, 2),
        round(read.quality, 3),
        upright.to_sheet,
    )


def reading_dpi(page: Page) -> float:
    """The resolution at which a page is read: 300 dpi, less where the sheet is so large that memory would suffer."""
    area = page.width_pt * page.height_pt / 72**2
    return float(min(FINEST_DPI, (_MOST_PIXELS / area) ** 0.5))


def _by_tesseract(upright: Straightened, *, table: bool, until: float) -> _Read:
    seen = recognised_by_tesseract(upright.without_rules, sparse=table, seconds=until - time.monotonic())
    return _Read(_words(seen, upright.dpi), "tesseract")


def _by_rapidocr(upright: Straightened) -> _Read:
    return _Read(_words(recognised_by_rapidocr(upright.picture), upright.dpi), "rapidocr")


def _worth(read: _Read) -> float:
    """Letters surely read: a reading that is sure of the little it saw is worth less than one that saw the page."""
    return sum(len(word.text) * max(0.0, word.confidence - 0.3) for word in read.words)


def _best_turn(upright: Straightened, until: float) -> int:
    """By how many quarter turns the fullest part of the page reads best; upside down is tried before sideways."""
    strip = _fullest_strip(upright.without_rules)
    worth = {0: _letters_surely_read(strip, until)}
    for quarters in (2, 1, 3):
        worth[quarters] = _letters_surely_read(np.ascontiguousarray(np.rot90(strip, quarters)), until)
        if worth[quarters] >= _PLAINLY_BETTER * worth[0] + _LEAST_LETTERS:
            return quarters
    return 0


def _letters_surely_read(picture: Gray, until: float) -> float:
    seen = recognised_by_tesseract(picture, sparse=True, seconds=until - time.monotonic())
    return sum(len(text) * confidence**2 for text, _, confidence in seen if text.isalnum())


def _fullest_strip(picture: Gray) -> Gray:
    rows = (picture < 128).sum(axis=1).astype(np.float64)
    height = max(1, round(_STRIP * len(rows)))
    ink = np.convolve(rows, np.ones(height), mode="valid")
    start = int(ink.argmax())
    return picture[start : start + height]


def _words(seen: Seen, dpi: float) -> tuple[Word, ...]:
    scale = 72 / dpi
    return tuple(
        Word(text, Box(left * scale, top * scale, right * scale, bottom * scale), confidence)
        for text, (left, top, right, bottom), confidence in seen
    )
