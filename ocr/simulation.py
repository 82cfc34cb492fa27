"""Prints, signs by hand and scans issued forms, so that reading can be measured on documents whose truth is known.

Every page says SIMULAZIONE in its margin, and so does the file. The pen strokes are drawn curves, never anyone's signature.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import pikepdf
from numpy.typing import NDArray
from PIL import Image

from ocr.form_map import Box, FormZone
from ocr.pages import Page, open_pages
from ocr.picture_file import resized
from ocr.simulated_paper import LEVELS, Level, scanned
from ocr.simulated_pen import sign, text_picture, write_margin

WATERMARK = "SIMULAZIONE"

_RULE_MM = 0.35
_FINE_DPI = 300


@dataclass(frozen=True, slots=True)
class CellEdit:
    """A printed value painted over with another, as a forger would; ``box`` is the value's cell in the form map."""

    page: int
    box: Box
    text: str
    font: Literal["mono", "sans"] = "mono"
    size: float = 8.0
    family: str | None = None


def simulate_scan(
    pdf: bytes,
    *,
    seed: int,
    dpi: int = 300,
    level: Level = "medium",
    signatures: Sequence[FormZone] = (),
    signer: str = "",
    output: Literal["pdf", "jpeg"] = "pdf",
    edits: Sequence[CellEdit] = (),
) -> bytes | list[bytes]:
    """The form printed, signed in the zones ``signatures`` and scanned: one PDF, or one JPEG a page.

    The same arguments give the same pictures. ``signer`` chooses the shape of the pen stroke.
    """
    jpegs = []
    sizes = []
    for page in open_pages(pdf, name="simulation"):
        paper = np.asarray(cv2.cvtColor(_printed(page, dpi), cv2.COLOR_GRAY2RGB), dtype=np.uint8)
        for edit in (edit for edit in edits if edit.page == page.index):
            _paint_over(paper, edit, dpi)
        for zone in (zone for zone in signatures if zone.page == page.index):
            sign(paper, zone.box, dpi, shape=f"{seed}/{signer}/{zone.name}")
        write_margin(paper, WATERMARK, dpi)
        rng = np.random.default_rng([seed, page.index])
        jpegs.append(_jpeg(scanned(paper, rng, LEVELS[level], dpi), LEVELS[level].jpeg_quality, dpi))
        sizes.append((page.width_pt, page.height_pt))
    return jpegs if output == "jpeg" else _as_pdf(jpegs, sizes)


def _printed(page: Page, dpi: int) -> NDArray[np.uint8]:
    """The page as a printer sets it, finer than a coarse scanner sees: letters do not stand at whole pixels of the scan."""
    return resized(page.image(2 * dpi), 0.5) if dpi < _FINE_DPI else page.image(dpi)


def _paint_over(paper: NDArray[np.uint8], edit: CellEdit, dpi: int) -> None:
    inset = _RULE_MM * 72 / 25.4
    left, top = round((edit.box.left + inset) * dpi / 72), round((edit.box.top + inset) * dpi / 72)
    right, bottom = round((edit.box.right - inset) * dpi / 72), round((edit.box.bottom - inset) * dpi / 72)
    old = paper[top:bottom, left:right].min(axis=2) < 160
    start = int(np.flatnonzero(old.any(axis=0))[0]) if old.any() else round(dpi * 0.03)
    rows = np.flatnonzero(old.any(axis=1))
    baseline = int(rows[-1]) if rows.size else (bottom - top) * 3 // 4
    paper[top:bottom, left:right] = 255
    written = text_picture(edit.text, font=edit.font, size=edit.size, dpi=dpi, family=edit.family)
    up = max(0, baseline + 1 - written.shape[0])
    height, width = min(written.shape[0], bottom - top - up), min(written.shape[1], right - left - start)
    place = paper[top + up : top + up + height, left + start : left + start + width]
    np.minimum(place, written[:height, :width, None], out=place)


def _jpeg(picture: NDArray[np.uint8], quality: int, dpi: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=quality, dpi=(dpi, dpi), comment=WATERMARK.encode())
    return out.getvalue()


def _as_pdf(jpegs: Sequence[bytes], sizes: Sequence[tuple[float, float]]) -> bytes:
    document = pikepdf.new()
    for jpeg, (width, height) in zip(jpegs, sizes, strict=True):
        page = document.add_blank_page(page_size=(width, height))
        with Image.open(io.BytesIO(jpeg)) as picture:
            pixels = picture.size
        stream = document.make_stream(jpeg)
        stream.update(
            pikepdf.Dictionary(
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=pixels[0],
                Height=pixels[1],
                ColorSpace=pikepdf.Name.DeviceRGB,
                BitsPerComponent=8,
                Filter=pikepdf.Name.DCTDecode,
            )
        )
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=stream))
        page.Contents = document.make_stream(f"q {width} 0 0 {height} 0 0 cm /Scan Do Q".encode())
    document.docinfo["/Title"] = WATERMARK
    out = io.BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()
