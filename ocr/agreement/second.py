"""A second opinion on scanned agreements: the same pages by the other engine, and what two readings make together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ocr.extracted import Extracted
from ocr.form_map import Box
from ocr.page_straightening import straightened, turned
from ocr.pages import Page
from ocr.rapid_engine import recognised_by_rapidocr
from ocr.text_picture import reading_dpi
from ocr.text_words import PageText, Word, in_lines, mean_confidence

_SURELY_RIGHT = 0.99
_DIFFERING = 0.75


def second_text(page: Page, first: PageText) -> PageText:
    """The words of a page that Tesseract read, as RapidOCR reads them, standing as ``first`` stands."""
    dpi = reading_dpi(page)
    upright = straightened(page.image(dpi), dpi)
    quarters = (first.rotation - upright.rotation) % 360 // 90
    upright = turned(upright, quarters) if quarters else upright
    scale = 72 / dpi
    words = tuple(
        Word(text, Box(left * scale, top * scale, right * scale, bottom * scale), confidence)
        for text, (left, top, right, bottom), confidence in recognised_by_rapidocr(upright.picture)
    )
    return replace(
        first,
        words=in_lines(words),
        engine="rapidocr",
        width=upright.size[0],
        height=upright.size[1],
        quality=round(mean_confidence(words), 3),
        to_sheet=upright.to_sheet,
    )


def together(first: Mapping[str, Extracted], second: Mapping[str, Extracted]) -> dict[str, Extracted]:
    """Each value as two readings say it: what both say is surer, what they say differently is less sure."""
    return {name: _together(value, second[name]) for name, value in first.items()}


def _together(one: Extracted, other: Extracted) -> Extracted:
    if other.value is None:
        return one
    if one.value is None:
        return replace(other, rules=(*other.rules, "second_engine_alone"))
    if _comparable(one) == _comparable(other):
        sure = min(_SURELY_RIGHT, 1 - (1 - one.confidence) * (1 - other.confidence))
        return replace(one, confidence=round(max(one.confidence, sure), 3), rules=(*one.rules, "engines_agree"))
    better = max(one, other, key=lambda each: each.confidence)
    return replace(better, confidence=round(better.confidence * _DIFFERING, 3), rules=(*better.rules, "engines_differ"))


def _comparable(each: Extracted) -> str | frozenset[str]:
    return frozenset(each.value) if isinstance(each.value, tuple) else str(each.value).casefold()
