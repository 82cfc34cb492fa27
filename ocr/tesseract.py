"""The one place that calls Tesseract."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

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


def read_line(picture: NDArray[np.uint8], *, letters: str | None, seconds: float = 5.0) -> LineRead:
    """Reads the one line in ``picture`` (dark on white, about 40 pixels tall letters). Raises ``TesseractUnavailable``.

    A whitelist of letters makes Tesseract report no confidence at all, so that the line is read without
    one, and what is not of ``letters`` is taken out afterwards, each at a cost to the confidence.
    """
    tesseract_version()
    try:
        found = pytesseract.image_to_data(
            Image.fromarray(picture),
            lang=_LANGUAGE,
            config="--psm 7 --oem 1 -c load_system_dawg=0 -c load_freq_dawg=0",
            timeout=seconds,
            output_type=pytesseract.Output.DICT,
        )
    except (pytesseract.TesseractError, RuntimeError, OSError) as error:
        raise TesseractUnavailable(
            "Tesseract non ha risposto.", "Riprovi; se si ripete, guardi il carico della macchina."
        ) from error
    words = [
        (text.strip(), float(confidence))
        for text, confidence in zip(found["text"], found["conf"], strict=True)
        if text.strip()
    ]
    if not words:
        return LineRead("", 0.0)
    text = " ".join(word for word, _ in words)
    confidence = min(confidence for _, confidence in words) / 100
    if letters is None:
        return LineRead(text, max(0.0, confidence))
    kept = "".join(letter for letter in text.upper() if letter in letters)
    return LineRead(kept, max(0.0, confidence) * len(kept) / max(1, len(text.replace(" ", ""))))
