"""The one place that calls Tesseract."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytesseract
from numpy.typing import NDArray
from PIL import Image

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

_OLDEST = (5, 0)
_LANGUAGE = "ita"


class TesseractUnavailable(Exception):
    """Tesseract is missing, too old, without Italian, or took too long; ``remedy`` says what the operator does."""

    def __init__(self, message: str, remedy: str) -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message} {remedy}")


@dataclass(frozen=True, slots=True)
class LineRead:
    """One line of text as read, with a confidence from 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line on a larger picture: its text, the confidence of its worst word, its box in pixels (left, top, right, bottom)."""

    text: str
    confidence: float
    box: tuple[float, float, float, float]


@cache
def tesseract_version() -> str:
    """The version in use. Raises ``TesseractUnavailable``."""
    remedy = "Installi i pacchetti tesseract-ocr e tesseract-ocr-ita."
    try:
        version = pytesseract.get_tesseract_version()
        languages = pytesseract.get_languages()
    except (pytesseract.TesseractNotFoundError, pytesseract.TesseractError, SystemExit) as error:
        raise TesseractUnavailable("Tesseract non è installato.", remedy) from error
    if version.release[:2] < _OLDEST:
        raise TesseractUnavailable(f"Tesseract {version} è troppo vecchio: serve la versione 5.", remedy)
    if _LANGUAGE not in languages:
        raise TesseractUnavailable("Tesseract non ha la lingua italiana.", remedy)
    return str(version)


def read_lines(
    picture: NDArray[np.uint8], *, scale: float = 1.0, seconds: float = 10.0, sparse: bool = False
) -> tuple[TextLine, ...]:
    """The lines of text on a picture, top to bottom, boxes in its own pixels. Raises ``TesseractUnavailable``.

    ``scale``: how much larger to read it; ``sparse``: text strewn over a page instead of one block.
    """
    tesseract_version()
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    enlarged = Image.fromarray(picture) if scale == 1.0 else Image.fromarray(picture).resize(size)
    try:
        found = pytesseract.image_to_data(
            enlarged,
            lang=_LANGUAGE,
            config=f"--psm {11 if sparse else 6} --oem 1",
            timeout=seconds,
            output_type=pytesseract.Output.DICT,
        )
    except (pytesseract.TesseractError, RuntimeError, OSError) as error:
        raise TesseractUnavailable(
            "Tesseract non ha risposto.", "Riprovi; se si ripete, guardi il carico della macchina."
        ) from error
    lines: dict[tuple[int, int, int], list[int]] = {}
    for place, text in enumerate(found["text"]):
        if text.strip():
            key = (found["block_num"][place], found["par_num"][place], found["line_num"][place])
            lines.setdefault(key, []).append(place)
    return tuple(_text_line(found, words, scale) for words in lines.values())


def _text_line(found: dict[str, list[Any]], words: list[int], scale: float) -> TextLine:
    left, top = min(found["left"][each] for each in words), min(found["top"][each] for each in words)
    right = max(found["left"][each] + found["width"][each] for each in words)
    bottom = max(found["top"][each] + found["height"][each] for each in words)
    return TextLine(
        " ".join(found["text"][each].strip() for each in words),
        max(0.0, min(float(found["conf"][each]) for each in words) / 100),
        (left / scale, top / scale, right / scale, bottom / scale),
    )
