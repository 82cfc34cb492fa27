"""Lists printed and scanned, with the printer and scanners of the forms' bench; landscape pages lie sideways on the glass."""

from __future__ import annotations

import cv2
import numpy as np

from bench.forms.files import pdf_file
from bench.forms.printing import drawn_page
from bench.forms.scanning import Level, ScannedPage, scanned
from bench.forms.sheets import Sheet
from ocr.pages import open_pages

_SCALES = (0.96, 1.0)
_PAPER = 248


def as_scan(pdf: bytes, *, level: Level, dpi: int, seed: int) -> bytes:
    """The pages of ``pdf`` as one scanned PDF."""
    return pdf_file(scanned_pages(pdf, level=level, dpi=dpi, seed=seed))


def scanned_pages(pdf: bytes, *, level: Level, dpi: int, seed: int) -> list[ScannedPage]:
    """The pages of ``pdf``, each printed and scanned."""
    pages = open_pages(pdf, name="list")
    scale = float(np.random.default_rng([seed, 5]).uniform(*_SCALES))
    made = []
    for page in pages:
        drawn = drawn_page(pdf, page.index, "pdfium")
        if drawn.shape[1] > drawn.shape[0]:
            drawn = np.ascontiguousarray(np.rot90(drawn, -1))
        soft = cv2.GaussianBlur(drawn, (0, 0), 0.7)
        paper = np.asarray(cv2.multiply(soft, (_PAPER / 255,) * 3), dtype=np.uint8)
        sheet = Sheet(page.index, len(pages), paper, (scale, scale))
        made.append(scanned(sheet, level=level, dpi=dpi, seed=seed))
    return made
