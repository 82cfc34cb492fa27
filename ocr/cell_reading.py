"""Reading the text in one cell of a page that has been laid over the issued one."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.form_map import FieldKind, FormField
from ocr.parts import parts_of
from ocr.print_reading import PrintRead
from ocr.tax_codes import LENGTH, by_position, compact
from ocr.tesseract import LineRead
from ocr.tesseract_engine import line_by_tesseract
from ocr.verification import pixels
from ocr.written_values import same_value, without_accents

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
_TWO_AGREE = 0.9
_NONE_AGREE = 0.4
_CLEAR_PRINT = 0.8
_RULE_STRIP_MM = 0.7
_PALE_INK = 40


def read_cell(laid: NDArray[np.uint8], field: FormField, dpi: float) -> LineRead:
    """Reads the cell line by line; an empty cell reads as an empty text, surely. Raises ``TesseractUnavailable``."""
    return _read(laid, field, dpi, line_by_tesseract)


def read_cell_again(laid: NDArray[np.uint8], field: FormField, dpi: float) -> LineRead:
    """The cell read by the second engine, which is loaded for it."""
    from ocr.rapid_engine import line_by_rapidocr

    return _read(laid, field, dpi, line_by_rapidocr)


def agreed(
    field: FormField, printed: PrintRead | None, line: LineRead, again: Callable[[FormField], LineRead | None]
) -> LineRead:
    """What two of three readers say: the form's own print, Tesseract, and where these two differ the second engine.

    Of accents the print alone is asked: both engines are weak on them. Where no two agree, nothing is sure.
    """
    if printed is not None and _alike(field, printed.text, line.text):
        return LineRead(printed.text, max(line.confidence, _TWO_AGREE))
    other = again(field)
    if other is None or not other.text:
        return line
    if printed is not None and _alike(field, printed.text, other.text):
        return LineRead(printed.text, _TWO_AGREE)
    if _alike(field, line.text, other.text):
        return LineRead(line.text, max(line.confidence, _TWO_AGREE))
    if printed is not None and printed.likeness > _CLEAR_PRINT:
        return LineRead(printed.text, _NONE_AGREE)
    return LineRead(line.text, min(line.confidence, _NONE_AGREE))


def _alike(field: FormField, one: str, other: str) -> bool:
    if field.kind == "code" and len(compact(one)) == len(compact(other)) == LENGTH:
        return by_position(compact(one)) == by_position(compact(other))
    return bool(one) and same_value(without_accents(one), without_accents(other))


def _read(
    laid: NDArray[np.uint8], field: FormField, dpi: float, engine: Callable[[NDArray[np.uint8]], tuple[str, float]]
) -> LineRead:
    tight = field.is_tight
    crop = laid[pixels(field.box, dpi, laid.shape, margin_mm=_AROUND_MM if tight else _INSIDE_MM)]
    crop = without_rules(crop) if tight else np.asarray(255 - without_edge_strokes(255 - without_rules(crop), dpi))
    lines = _lines(crop, least=max(2, round(field.size * 0.3 * dpi / 72)))
    if not lines:
        return LineRead("", 1.0)
    scale = _LETTER_PIXELS / (field.size * dpi / 72)
    letters = _letters(field)
    read = [_of_letters(*engine(_prepared(line, scale)), letters) for line in lines]
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


def without_edge_strokes(ink: NDArray[np.uint8], dpi: float) -> NDArray[np.uint8]:
    """The ink of a cell's inside without what lies wholly beside its left or right edge: what is left there of a rule."""
    strip = max(1, round(_RULE_STRIP_MM * dpi / 25.4))
    clean = ink.copy()
    width = ink.shape[1]
    for (rows, columns), part in parts_of((ink > _PALE_INK).astype(np.uint8)):
        if columns.stop <= strip or columns.start >= width - strip:
            clean[rows, columns][part] = 0
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
