"""Is an agreement signed: strokes of a pen where the signatures belong, or a signature from afar that the text states."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.agreement.parts import Parts
from ocr.agreement.text import Found, RunningText
from ocr.form_map import Box
from ocr.ink import ink_of
from ocr.pages import Page
from ocr.text_words import PageText, TextLine, around

_STATED = (
    (
        "digitally_signed",
        0.95,
        r"(?:firm\w+|sottoscri\w+)\s+(?:\w+\s+){0,3}digital\w+|firma\s+(?:elettronica|digitale)",
    ),
    (
        "signed_from_afar",
        0.93,
        (
            r"(?:firm\w+|sottoscri\w+)[^.;]{0,60}(?:telematic\w+|da\s+remoto|a\s+distanza)|"
            r"telematic\w+[^.;]{0,30}(?:firm|sottoscri)\w+"
        ),
    ),
    (
        "exchange_of_mail",
        0.92,
        (
            r"scambio\s+(?:di|tra|a\s+mezzo)[^.;]{0,30}(?:\bpec\b|p\.e\.c|posta\s+elettronica|e-?mail|"
            r"corrispondenza)|(?:accettazione|adesione|conferma)[^.;]{0,40}(?:\bpec\b|"
            r"posta\s+elettronica|e-?mail)|(?:\bpec\b|"
            r"posta\s+elettronica\s+certificata)[^.;]{0,50}(?:accettazione|adesione)"
        ),
    ),
)
_STATED_RULES = tuple((name, weight, re.compile(wording)) for name, weight, wording in _STATED)
_REMOTE_MEETING = re.compile(r"videoconferenza|video\s+conferenza|da\s+remoto|modalita\s+telematica|teleconferenza")
_ROOM = re.compile(
    r"\bfirm[ae]\b|\bper\s+(?:la\s+|l'\s?|le\s+)?(?:azienda|societa|impresa|ditta|"
    r"r\.?s\.?[ua]\b|[a-z]+\s+(?:cgil|cisl|uil)\b|oo)|"
    r"\bil\s+(?:datore|titolare|legale|presidente|rappresentante|amministratore)|l'impresa|l'azienda"
)
_ROOM_REACH = 900

_INK_DPI = 100.0
_LEAST_DARK, _SHARE_OF_DARKEST = 45.0, 0.45
_SURE_WORD = 0.5
_WORD_MARGIN_PT = 1.5
_LEAST_WIDE_MM, _LEAST_TALL_MM = 10.0, 4.2
_LEAST_INK_MM2 = 2.2
_MOST_WIDE, _MOST_TALL_MM = 0.7, 45.0
_EDGE_MM = 14.0
_RULE_LONG_MM, _RULE_TALL_MM = 18.0, 1.3
_PROSE_WIDE, _ROOM_WIDE_PT = 0.55, 16.0
_MM = _INK_DPI / 25.4


@dataclass(frozen=True, slots=True)
class InkStroke:
    """Strokes of a pen near the end of the agreement; ``box`` is on the page as received."""

    source: str
    page: int
    sheet: int
    box: Box


@dataclass(frozen=True, slots=True)
class PenInk:
    """The strokes found; ``seen``: whether there was room for signatures to look into, from ``start`` in the text."""

    strokes: tuple[InkStroke, ...]
    seen: bool
    start: int = 0

    @classmethod
    def looked_for(cls, read: Sequence[tuple[Page, PageText]], text: RunningText, parts: Parts) -> PenInk:
        """Looks below the text's last sentence and on the pages that follow it. Raises ``UnreadablePages``."""
        closed = parts.end < len(text.plain)
        room = _ROOM.search(text.plain, parts.end if closed else max(0, len(text.plain) - _ROOM_REACH))
        if not text.words or not (closed or room):
            return cls((), seen=False)
        sheet, top = _end_of_text(text, parts, read)
        strokes: list[InkStroke] = []
        for number in range(sheet, len(read)):
            page, page_text = read[number]
            gray = _upright(page, page_text)
            strokes += _strokes(page_text, number, gray, top if number == sheet else 0.0)
        return cls(tuple(strokes), seen=True, start=parts.end if closed else room.start() if room else 0)


def find_signing(text: RunningText, ink: PenInk) -> Found | None:
    """``telematic`` where the text states it, ``by_hand`` where a pen left strokes, ``absent`` where its room is empty."""
    for rule, weight, wording in _STATED_RULES:
        if match := wording.search(text.plain):
            return Found("telematic", match.start(), match.end(), weight, (rule,))
    if ink.strokes:
        sheet = ink.strokes[0].sheet
        here = [word for word in text.words if word.sheet == sheet]
        start = max(ink.start, here[0].start) if here else ink.start
        box = around([stroke.box for stroke in ink.strokes if stroke.sheet == sheet])
        return Found("by_hand", start, len(text.plain), 0.9, ("strokes_of_a_pen",), box, sheet)
    if match := _REMOTE_MEETING.search(text.plain):
        return Found("telematic", match.start(), match.end(), 0.6, ("remote_meeting",))
    if not ink.seen:
        return None
    return Found("absent", min(ink.start, len(text.plain) - 1), len(text.plain), 0.75, ("no_strokes",))


def _end_of_text(text: RunningText, parts: Parts, read: Sequence[tuple[Page, PageText]]) -> tuple[int, float]:
    """Index of the page on which the signatures begin, and how far down it they do, in points of the upright page."""
    closing = next((word for word in text.words if word.start >= parts.end), None)
    if closing is not None:
        return closing.sheet, closing.bottom
    last = text.words[-1].sheet
    page = read[last][1]
    prose = [line.box.bottom for line in page.lines() if _is_prose(line, page.width)]
    return last, max(prose, default=0.0)


def _is_prose(line: TextLine, page_width: float) -> bool:
    """A wide line without wide room in it: names above places for signatures are no prose."""
    gaps = [word.box.left - before.box.right for before, word in pairwise(line.words)]
    return line.box.right - line.box.left > _PROSE_WIDE * page_width and max(gaps, default=0.0) < _ROOM_WIDE_PT


def _upright(page: Page, text: PageText) -> NDArray[np.uint8]:
    """The page as it lies upright, in grey at 100 dpi."""
    scale = np.diag([_INK_DPI / 72, _INK_DPI / 72, 1.0])
    to_sheet = scale @ np.array(text.to_sheet, dtype=np.float64).reshape(3, 3) @ np.linalg.inv(scale)
    size = (max(1, round(text.width * _INK_DPI / 72)), max(1, round(text.height * _INK_DPI / 72)))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpPerspective(page.image(_INK_DPI), to_sheet, size, flags=flags, borderValue=255), dtype=np.uint8
    )


def _strokes(page: PageText, sheet: int, gray: NDArray[np.uint8], top: float) -> list[InkStroke]:
    """Strokes below ``top`` that are no print: at least 10 mm wide, 4.2 mm tall and 2.2 square mm of ink."""
    shades = ink_of(gray)
    ink = (shades > max(_LEAST_DARK, _SHARE_OF_DARKEST * float(np.percentile(shades, 99.5)))).astype(np.uint8)
    scale = _INK_DPI / 72
    ink[: max(0, round(top * scale))] = 0
    _blank_edges(ink)
    for word in page.words:
        if word.confidence >= _SURE_WORD and any(letter.isalnum() for letter in word.text):
            _blank(ink, word.box, scale)
    ink = _without_rules(ink)
    count, labels, facts, _ = cv2.connectedComponentsWithStats(
        cv2.dilate(ink, np.ones((5, 5), np.uint8)), connectivity=8
    )
    strokes = []
    for number in range(1, count):
        left, upper, width, height = (int(fact) for fact in facts[number][:4])
        there = labels[upper : upper + height, left : left + width] == number
        covered = int(ink[upper : upper + height, left : left + width][there].sum())
        if _is_stroke(width, height, covered, ink.shape[1]):
            box = Box(left / scale, upper / scale, (left + width) / scale, (upper + height) / scale)
            strokes.append(InkStroke(page.source, page.page, sheet, page.on_sheet(box)))
    return strokes


def _is_stroke(width: int, height: int, covered: int, page_width: int) -> bool:
    large = width >= _LEAST_WIDE_MM * _MM and height >= _LEAST_TALL_MM * _MM
    small = width <= _MOST_WIDE * page_width and height <= _MOST_TALL_MM * _MM
    return large and small and covered >= _LEAST_INK_MM2 * _MM**2


def _blank_edges(ink: NDArray[np.uint8]) -> None:
    """A scan shows the edges of the sheet, and what lies beside it."""
    edge = round(_EDGE_MM * _MM)
    for side in (ink[:edge], ink[-edge:], ink[:, :edge], ink[:, -edge:]):
        side[:] = 0


def _blank(ink: NDArray[np.uint8], box: Box, scale: float) -> None:
    top, bottom = max(0, round((box.top - _WORD_MARGIN_PT) * scale)), round((box.bottom + _WORD_MARGIN_PT) * scale)
    left, right = max(0, round((box.left - _WORD_MARGIN_PT) * scale)), round((box.right + _WORD_MARGIN_PT) * scale)
    ink[top : max(0, bottom), left : max(0, right)] = 0


def _without_rules(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Without ruled lines: long, thin, level runs."""
    level = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, round(_RULE_LONG_MM * _MM)), np.uint8))
    tall = cv2.morphologyEx(level, cv2.MORPH_OPEN, np.ones((max(2, round(_RULE_TALL_MM * _MM)), 1), np.uint8))
    return np.asarray(np.where((level > 0) & (tall == 0), 0, ink), dtype=np.uint8)
