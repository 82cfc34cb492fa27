"""Declarations of availability that somebody else printed: whose they are, by their text, and whether there is ink to sign."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from ocr.form_map import Box
from ocr.pages import Page
from ocr.papers.stack_kinds import folded
from ocr.printed_codes import flattened
from ocr.text_words import PageText, TextLine

_LOOKALIKES = str.maketrans("OQDISBZGL", "000158261")
_SAME_NAME = 93.0
_CODE_CONFIDENCE = 0.95
_LIKE_CODE_CONFIDENCE = 0.8
_NAME_CONFIDENCE = 0.6
_SIGN_HERE = re.compile(r"\bFIRMA\b|\bIN FEDE\b|LAVORATOR[EI]|LAVORATRICE|DICHIARANTE|SOTTOSCRITT[OA]$")
_BELOW_MM, _ABOVE_MM = 38.0, 12.0
_LOOKED_AT_DPI = 150.0
_SURE_WORD = 0.6
_INK = 150
_LEAST_REACH_MM, _LEAST_HEIGHT_MM, _LEAST_INK_MM2 = 8.0, 2.0, 2.0
_MM = 72 / 25.4


@dataclass(frozen=True, slots=True)
class WorkerNamed:
    """A worker of the application, by row of its list (from 1)."""

    row: int
    surname: str
    given_name: str
    tax_code: str


@dataclass(frozen=True, slots=True)
class NamedInText:
    """A worker found in the text of a page: ``rule`` says by what, ``raw`` what was read, ``box`` is on the upright page."""

    worker: WorkerNamed
    rule: str
    raw: str
    confidence: float
    box: Box | None


def workers_in(text: PageText, workers: Sequence[WorkerNamed]) -> tuple[NamedInText, ...]:
    """The workers that the page names: by tax code, letter for letter or but for letters that readers mistake; else by
    surname and name, where no other worker has the same.
    """
    lines = text.lines()
    compact = [_compact(line.text) for line in lines]
    everything = "".join(compact)
    found = []
    for worker in workers:
        named = _by_code(worker, lines, compact, everything) or _by_name(worker, lines, workers)
        if named is not None:
            found.append(named)
    return tuple(found)


def _by_code(
    worker: WorkerNamed, lines: Sequence[TextLine], compact: Sequence[str], everything: str
) -> NamedInText | None:
    code = _compact(worker.tax_code)
    if len(code) < 11:
        return None
    for line, plain in zip(lines, compact, strict=True):
        if code in plain:
            return NamedInText(worker, "tax_code", line.text, _CODE_CONFIDENCE, line.box)
        if code.translate(_LOOKALIKES) in plain.translate(_LOOKALIKES):
            return NamedInText(worker, "tax_code_alike", line.text, _LIKE_CODE_CONFIDENCE, line.box)
    if code in everything:
        return NamedInText(worker, "tax_code_across_lines", worker.tax_code, _LIKE_CODE_CONFIDENCE, None)
    return None


def _by_name(worker: WorkerNamed, lines: Sequence[TextLine], workers: Sequence[WorkerNamed]) -> NamedInText | None:
    names = _name(worker)
    if sum(_name(other) == names for other in workers) > 1:
        return None
    for line in lines:
        plain = _without_marks(line.text)
        for written in (" ".join(names), " ".join(reversed(names))):
            if len(plain) >= len(written) and fuzz.partial_ratio(written, plain) >= _SAME_NAME:
                return NamedInText(worker, "name", line.text, _NAME_CONFIDENCE, line.box)
    return None


def ink_to_sign(page: Page, text: PageText) -> Box | None:
    """Where there is pen-like ink beside or below the last words that ask for a signature, in points of the page as
    received; None where there is none. Words that were surely read are no ink to sign. Raises ``UnreadablePages``.
    """
    place = _place_to_sign(text)
    if place is None:
        return None
    picture = flattened(page.image(_LOOKED_AT_DPI))
    dark = (picture < _INK).astype(np.uint8)
    for word in text.words:
        if word.confidence >= _SURE_WORD:
            left, top, right, bottom = _pixels(text.on_sheet(word.box), dark.shape, margin=0.8 * _MM)
            dark[top:bottom, left:right] = 0
    left, top, right, bottom = _pixels(text.on_sheet(place), dark.shape, margin=0.0)
    stroke = _largest_stroke(dark[top:bottom, left:right])
    if stroke is None:
        return None
    x, y, width, height = (float(edge) * 72 / _LOOKED_AT_DPI for edge in stroke)
    offset_x, offset_y = left * 72 / _LOOKED_AT_DPI, top * 72 / _LOOKED_AT_DPI
    return Box(offset_x + x, offset_y + y, offset_x + x + width, offset_y + y + height)


def _place_to_sign(text: PageText) -> Box | None:
    lines = text.lines()
    if not lines:
        return None
    asking = [line for line in lines if _SIGN_HERE.search(folded(line.text)) and line.box.top > text.height / 3]
    anchor = (asking or lines)[-1].box
    return Box(
        0.0, max(0.0, anchor.top - _ABOVE_MM * _MM), text.width, min(text.height, anchor.bottom + _BELOW_MM * _MM)
    )


def _largest_stroke(dark: NDArray[np.uint8]) -> tuple[int, int, int, int] | None:
    """Left, top, width and height of the piece of ink that reaches farthest, rules of forms and dirt left out."""
    if dark.size == 0:
        return None
    joined = cv2.dilate(dark, np.ones((5, 5), np.uint8))
    _, labels, facts, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    mm = _LOOKED_AT_DPI / 25.4
    strokes = []
    for label, (left, top, width, height, _) in enumerate(facts[1:], start=1):
        inked = float(dark[labels == label].sum()) / mm**2 if max(width, height) >= _LEAST_REACH_MM * mm else 0.0
        if inked >= _LEAST_INK_MM2 and min(width, height) >= _LEAST_HEIGHT_MM * mm:
            strokes.append((int(left), int(top), int(width), int(height)))
    return max(strokes, key=lambda stroke: max(stroke[2:]), default=None)


def _pixels(box: Box, shape: tuple[int, ...], *, margin: float) -> tuple[int, int, int, int]:
    scale = _LOOKED_AT_DPI / 72
    height, width = shape[:2]
    left, top = round((box.left - margin) * scale), round((box.top - margin) * scale)
    right, bottom = round((box.right + margin) * scale), round((box.bottom + margin) * scale)
    return min(max(0, left), width), min(max(0, top), height), min(max(0, right), width), min(max(0, bottom), height)


def _name(worker: WorkerNamed) -> tuple[str, str]:
    return _without_marks(worker.surname), _without_marks(worker.given_name)


def _without_marks(text: str) -> str:
    return " ".join("".join(letter if letter.isalnum() else " " for letter in folded(text).replace("'", "")).split())


def _compact(text: str) -> str:
    return "".join(letter for letter in folded(text) if letter.isalnum())
