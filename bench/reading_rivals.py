"""What reads whole pages without knowing the form: plain Tesseract, and OCRmyPDF. Both are told where each word stands.

A cell is right when the words whose middle lies in it, in reading order, are its value. The place of each word on the issued
page is taken from the generator's own truth: neither has to align anything. What they read of the table's rules is left out.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
import pytesseract

from bench.forms import BenchForm, ScannedPage, pdf_file
from bench.reading_counts import same_text
from ocr.form_map import Box

OCRMYPDF = "ocrmypdf"
_SECONDS = 180
_LINE_SHARE = 0.5
_RULES = "|[]{}_—=¦ "


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its middle and height in pixels of the scan."""

    text: str
    x: float
    y: float
    height: float


def plain_tesseract(page: ScannedPage) -> list[Word]:
    """``pytesseract`` with its defaults (page segmentation 3) in Italian."""
    found = pytesseract.image_to_data(page.picture, lang="ita", output_type=pytesseract.Output.DICT, timeout=_SECONDS)
    places = zip(found["text"], found["left"], found["top"], found["width"], found["height"], strict=True)
    return [
        Word(text.strip(), left + width / 2, top + height / 2, height)
        for text, left, top, width, height in places
        if text.strip()
    ]


def ocrmypdf_missing() -> str | None:
    """Why OCRmyPDF cannot take part, None when it can."""
    return None if _ocrmypdf() else "not installed (uv sync --group bench)"


def _ocrmypdf() -> str | None:
    return shutil.which(OCRMYPDF) or shutil.which(OCRMYPDF, path=str(Path(sys.executable).parent))


def by_ocrmypdf(page: ScannedPage) -> list[Word] | None:
    """The words of the text layer that OCRmyPDF adds, None when it refuses the page."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "in.pdf", Path(folder) / "out.pdf"
        source.write_bytes(pdf_file([page]))
        program = _ocrmypdf()
        assert program is not None
        call = [program, "-l", "ita", "--output-type", "pdf", "--jobs", "1", "-q", str(source), str(made)]
        done = subprocess.run(call, capture_output=True, check=False, timeout=_SECONDS)
        return _words_of(made, page.true_dpi) if done.returncode == 0 else None


def _words_of(pdf: Path, dpi: int) -> list[Word]:
    page = pypdfium2.PdfDocument(pdf)[0]
    text, height = page.get_textpage(), page.get_height()
    words, letters = [], ""
    boxes: list[tuple[float, float, float, float]] = []
    for index in range(text.count_chars() + 1):
        letter = text.get_text_range(index, 1) if index < text.count_chars() else " "
        if letter.strip():
            letters += letter
            boxes.append(text.get_charbox(index, loose=True))
            continue
        if letters:
            lefts, bottoms, rights, tops = zip(*boxes, strict=True)
            left, bottom, right, top = min(lefts), min(bottoms), max(rights), max(tops)
            x, y, tall = (left + right) / 2, height - (top + bottom) / 2, top - bottom
            words.append(Word(letters, x * dpi / 72, y * dpi / 72, tall * dpi / 72))
        letters, boxes = "", []
    return words


def cells_exact(words: Sequence[Word], page: ScannedPage, form: BenchForm, values: dict[str, str]) -> tuple[int, int]:
    """How many values of the page the words give exactly, and how many there are."""
    fields = form.form_map.on_page(page.sheet.page)
    pixels = np.array([(word.x, word.y) for word in words]).reshape(-1, 2)
    places = page.geometry.on_issued(pixels) if words else np.zeros((0, 2))
    exact = 0
    for field in fields:
        inside = [(word, place) for word, place in zip(words, places, strict=True) if _within(field.box, place)]
        exact += same_text(_in_order(inside, page.true_dpi), values[field.name])
    return exact, len(fields)


def _within(box: Box, place: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bool:
    return bool(box.left <= place[0] <= box.right and box.top <= place[1] <= box.bottom)


def _in_order(inside: Sequence[tuple[Word, np.ndarray[tuple[int], np.dtype[np.float64]]]], dpi: int) -> str:
    """The words line by line; a new line begins where a word stands lower than half the height of the one before."""
    lines: list[list[tuple[float, str]]] = []
    last = -np.inf
    for word, (x, y) in sorted(inside, key=lambda each: each[1][1]):
        if y - last > _LINE_SHARE * word.height * 72 / dpi:
            lines.append([])
            last = y
        lines[-1].append((float(x), word.text.strip(_RULES)))
    return " ".join(text for line in lines for _, text in sorted(line) if text)
