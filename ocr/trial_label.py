"""Labels of stamp duty for trying: drawn with the layout of a real one, and saying of themselves that they have no value."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np
import pikepdf
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from ocr.form_map import Box
from ocr.stamp_label import LABEL_MM

MARK = "PROVA"
_DPI = 300
_MM = 25.4
_PAPER_MM = (210.0, 297.0)
_ON_SHEET_MM = (77.5, 60.0)
_BARS_MM = (40.0, 7.0)
_INK, _PAPER, _STRIP, _RED = "#191919", "#e6eef2", "#c3ccd2", "#b3261e"
_WORDS = {"16.00": "SEDICI/00", "14.62": "QUATTORDICI/62"}


@dataclass(frozen=True, slots=True)
class TrialLabel:
    """What a label says: its number of 14 digits, its amount in euros, the instant of issue on Italian time."""

    identifier: str
    amount: Decimal
    issued_at: datetime


def pasted(pdf: bytes, label: TrialLabel, page: int, box: Box) -> bytes:
    """The PDF with the label in the middle of ``box`` (points from the top left) of its page ``page``, counted from 1."""
    picture = label_picture(label)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        sheet = document.pages[page - 1]
        _, low, _, high = (float(edge) for edge in sheet.mediabox)
        width, height = (side * 72 / _MM for side in LABEL_MM)
        left = (box.left + box.right - width) / 2
        bottom = high - low - (box.top + box.bottom + height) / 2
        with pikepdf.open(io.BytesIO(_as_pdf(picture))) as drawn:
            sheet.add_overlay(drawn.pages[0], pikepdf.Rectangle(left, bottom, left + width, bottom + height))
        out = io.BytesIO()
        document.save(out, deterministic_id=True)
    return out.getvalue()


def label_sheet(label: TrialLabel, lines: tuple[str, ...]) -> bytes:
    """A scanned sheet in PDF that bears the label alone, ``lines`` written below it."""
    sheet = Image.new("RGB", (_pixels(_PAPER_MM[0]), _pixels(_PAPER_MM[1])), "white")
    sheet.paste(label_picture(label), (_pixels(_ON_SHEET_MM[0]), _pixels(_ON_SHEET_MM[1])))
    pen = ImageDraw.Draw(sheet)
    for place, line in enumerate((MARK, *lines)):
        pen.text((sheet.width / 2, _pixels(125 + 10 * place)), line, font=_font(14), fill=_INK, anchor="mm")
    return _as_pdf(sheet, title=f"{MARK} - {lines[0]}")


def label_picture(label: TrialLabel) -> Image.Image:
    """55 x 40 mm at 300 dots an inch: bars of the number along the lower edge, the number printed above them."""
    picture = Image.new("RGB", (_pixels(LABEL_MM[0]), _pixels(LABEL_MM[1])), _PAPER)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, _pixels(5), picture.height), fill=_STRIP)
    amount = f"{label.amount:.2f}"
    for x, y, text, points, colour in (
        (7.0, 1.5, "MARCA DA BOLLO", 8.0, _INK),
        (36.0, 1.5, f"EUR {amount.replace('.', ',')}", 10.0, _INK),
        (36.0, 6.2, _WORDS.get(amount, ""), 6.0, _INK),
        (7.0, 6.0, MARK, 16.0, _RED),
        (7.0, 13.0, "simulazione senza valore", 7.0, _RED),
        (7.0, 18.0, f"{label.issued_at:%d/%m/%Y %H:%M:%S}", 7.0, _INK),
        (7.0, 23.5, f"IDENTIFICATIVO : {label.identifier}", 8.0, _INK),
    ):
        pen.text((_pixels(x), _pixels(y)), text, font=_font(points), fill=colour)
    picture.paste(_bars(label.identifier), (_pixels(9), _pixels(28.2)))
    return picture


def _bars(identifier: str) -> Image.Image:
    drawn = np.array(zxingcpp.create_barcode(identifier, zxingcpp.BarcodeFormat.Code128).to_image(scale=1))
    row = drawn[drawn.shape[0] // 2]
    ink = np.flatnonzero(row < 128)
    row = row[ink[0] : ink[-1] + 1]
    size = (_pixels(_BARS_MM[0]), _pixels(_BARS_MM[1]))
    return Image.fromarray(np.tile(row, (8, 1)).astype(np.uint8)).resize(size, Image.Resampling.NEAREST)


def _pixels(millimetres: float) -> int:
    return round(millimetres * _DPI / _MM)


def _font(points: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(round(points * _DPI / 72))


def _as_pdf(picture: Image.Image, title: str = MARK) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PDF", resolution=_DPI, title=title)
    return out.getvalue()
