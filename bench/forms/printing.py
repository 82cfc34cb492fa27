"""What a printer makes of a page: toner that spreads, mottles and thins, on paper that is not quite white."""

from __future__ import annotations

import io
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
from PIL import Image

from bench.forms.issuing import BenchForm
from bench.forms.sheets import SHEET_DPI, PrintPath, Rgb, Sheet

_POPPLER_SECONDS = 60
_SCALES = (0.955, 1.0)
_UNEVEN = 0.004
"""How much a printer's two directions differ at most."""


def printed(form: BenchForm, page: int, *, seed: int, path: PrintPath = "pdfium") -> Sheet:
    """One page (from 1) of ``form`` on paper. Of one ``seed`` all pages come from the same printer."""
    printer, rng = np.random.default_rng([seed, 11]), np.random.default_rng([seed, 12, page])
    scale = float(printer.uniform(*_SCALES))
    uneven = float(printer.uniform(-_UNEVEN, _UNEVEN))
    drawn = drawn_page(form.pdf, page, path)
    picture = _on_paper(_toner(255 - drawn, printer, rng), printer)
    return Sheet(page, form.form_map.pages, picture, (scale, scale * (1 + uneven)))


@lru_cache(maxsize=8)
def drawn_page(pdf: bytes, page: int, path: PrintPath) -> Rgb:
    """The page as one of two programs draws it, before any printer; the array must not be written to."""
    return _drawn_by_poppler(pdf, page) if path == "poppler" else _drawn_by_pdfium(pdf, page)


def _drawn_by_pdfium(pdf: bytes, page: int) -> Rgb:
    drawn = pypdfium2.PdfDocument(io.BytesIO(pdf))[page - 1].render(scale=SHEET_DPI / 72, rev_byteorder=True)
    return np.ascontiguousarray(drawn.to_numpy()[..., :3])


def _drawn_by_poppler(pdf: bytes, page: int) -> Rgb:
    """Raises ``FileNotFoundError`` where poppler-utils is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "form.pdf"
        source.write_bytes(pdf)
        number = str(page)
        call = [
            "pdftoppm",
            "-r",
            str(SHEET_DPI),
            "-f",
            number,
            "-l",
            number,
            "-singlefile",
            str(source),
            f"{folder}/page",
        ]
        subprocess.run(call, check=True, capture_output=True, timeout=_POPPLER_SECONDS)
        with Image.open(f"{folder}/page.ppm") as picture:
            return np.array(picture.convert("RGB"))


def _toner(ink: Rgb, printer: np.random.Generator, rng: np.random.Generator) -> Rgb:
    gain = float(printer.uniform(0.0, 0.7))
    wider = cv2.dilate(ink, np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8))
    spread = cv2.addWeighted(ink, 1 - gain, wider, gain, 0)
    soft = cv2.GaussianBlur(spread, (0, 0), float(printer.uniform(0.5, 0.95)))
    height, width = ink.shape[:2]
    mottle = np.abs(rng.standard_normal((height // 5, width // 5), dtype=np.float32))
    density = float(printer.uniform(0.82, 1.0)) - float(printer.uniform(0.0, 0.07)) * mottle
    fine = cv2.resize((density * 255).clip(0, 255).astype(np.uint8), (width, height))
    return np.asarray(cv2.multiply(soft, cv2.merge([fine, fine, fine]), scale=1 / 255), dtype=np.uint8)


def _on_paper(ink: Rgb, printer: np.random.Generator) -> Rgb:
    white = float(printer.uniform(238, 255))
    paper = np.array([white, white - printer.uniform(0, 4), white - printer.uniform(0, 14)])
    tones = paper[None, None, :] * (1 - np.arange(256)[:, None, None] / 255)
    return np.asarray(cv2.LUT(ink, tones.astype(np.uint8)), dtype=np.uint8)
