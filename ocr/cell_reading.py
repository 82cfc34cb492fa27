"""Reading the text in one cell of a page that has been laid over the issued one."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.form_map import FieldKind, FormField
from ocr.tesseract import LineRead
from ocr.tesseract_engine import line_by_tesseract
from ocr.verification import is_tight, pixels

_INSIDE_MM = -0.25
_AROUND_MM = 0.35
_LETTERS: dict[FieldKind, str] = {
    "code": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "date": "0123456789/.-",
    "number": "0123456789.,",
}
_LETTER_PIXELS = 40
_MARGIN_PIXELS = 24
_DARK = 140


def read_cell(laid: NDArray[np.uint8], field: FormField, dpi: float) -> LineRead:
    """Reads the cell line by line; an empty cell reads as an empty text, surely. Raises ``TesseractUnavailable``."""
    margin = _AROUND_MM if is_tight(field) else _INSIDE_MM
    crop = without_rules(laid[pixels(field.box, dpi, laid.shape, margin_mm=margin)])
    lines = _lines(crop, least=max(2, round(field.size * 0.3 * dpi / 72)))
    if not lines:
        return LineRead("", 1.0)
    scale = _LETTER_PIXELS / (field.size * dpi / 72)
    letters = _letters(field)
    read = [_of_letters(*line_by_tesseract(_prepared(line, scale)), letters) for line in lines]
    return LineRead(" ".join(line.text for line in read).strip(), min(line.confidence for line in read))


def _of_letters(text: str, confidence: float, letters: str | None) -> LineRead:
    """What is not of ``letters`` is taken out, each at a cost: a whitelist would leave Tesseract without confidence."""
    if not text or letters is None:
        return LineRead(text, confidence)
    kept = "".join(letter for letter in text.upper() if letter in letters)
    return LineRead(kept, confidence * len(kept) / max(1, len(text.replace(" ", ""))))


def _letters(field: FormField) -> str | None:
    """The letters that values of this kind are written with, None where the issued value has others too."""
    letters = _LETTERS.get(field.kind)
    return letters if letters is not None and set(field.value) <= {*letters, " "} else None


def without_rules(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The crop without strokes that touch its edge and run along it: the table's rules, cut by the box."""
    dark = (crop < _DARK).astype(np.uint8)
    count, labels, facts, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    clean = crop.copy()
    height, width = crop.shape
    for number in range(1, count):
        left, top, wide, high, _ = (int(value) for value in facts[number])
        at_edge = left == 0 or top == 0 or left + wide == width or top + high == height
        if at_edge and (wide > 0.8 * width or high > 0.8 * height):
            clean[labels == number] = 255
    return clean


def _lines(crop: NDArray[np.uint8], *, least: int) -> list[NDArray[np.uint8]]:
    if crop.size == 0:
        return []
    inked = np.flatnonzero((crop < _DARK).sum(axis=1) >= 2)
    if inked.size == 0:
        return []
    breaks = np.flatnonzero(np.diff(inked) > max(1, least // 3))
    starts = [inked[0], *inked[breaks + 1]]
    ends = [*inked[breaks], inked[-1]]
    return [
        crop[max(0, start - 2) : end + 3] for start, end in zip(starts, ends, strict=True) if end - start + 1 >= least
    ]


def _prepared(line: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    larger = cv2.resize(line, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    edge = _MARGIN_PIXELS
    framed = cv2.copyMakeBorder(larger, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=255)
    return np.asarray(framed, dtype=np.uint8)
