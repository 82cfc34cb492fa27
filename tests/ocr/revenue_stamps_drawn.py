"""Revenue stamps drawn by code, with the layout of the real label (55 x 40 mm) and invented numbers; pages that bear them."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

LABEL_MM = (55.0, 40.0)
_FONTS = "/usr/share/fonts/truetype/liberation/LiberationSans"
_WORDS = {"16,00": "SEDICI/00", "14,62": "QUATTORDICI/62", "2,00": "DUE/00", "10,00": "DIECI/00", "4,62": "QUATTRO/62"}


@dataclass(frozen=True)
class Label:
    """What a label says; ``printed`` replaces the digits above the bars, ``barred`` spoils the bars beyond reading."""

    identifier: str = "01200123456789"
    amount: str = "16,00"
    issued: str = "06/04/2020 10:11:12"
    printed: str | None = None
    barred: bool = False


@dataclass(frozen=True)
class Pasted:
    """A label with its top left corner in millimetres on the page and its turn in degrees clockwise."""

    label: Label
    left: float = 130.0
    top: float = 20.0
    turn: float = 0.0


def label_picture(label: Label, dpi: int = 300) -> Image.Image:
    """The label as printed: hologram strip on the left, words, digits, bars along the lower edge."""
    px = dpi / 25.4
    size = tuple(round(side * px) for side in LABEL_MM)
    picture = Image.new("L", size, 226)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, size[0] - 1, size[1] - 1), outline=150)
    pen.rectangle((0, 0, round(5 * px), size[1]), fill=190)

    def write(x: float, y: float, text: str, points: float, *, bold: bool = False) -> None:
        font = ImageFont.truetype(f"{_FONTS}-{'Bold' if bold else 'Regular'}.ttf", round(points * dpi / 72))
        pen.text((x * px, y * px), text, font=font, fill=25)

    write(7, 1.5, "Ministero dell'Economia", 6)
    write(7, 4.0, "e delle Finanze", 6)
    write(7, 7.5, "MARCA DA BOLLO", 7, bold=True)
    write(36, 3.0, f"€ {label.amount}", 10, bold=True)
    write(36, 7.5, _WORDS.get(label.amount, ""), 6)
    write(7, 12.0, "Agenzia Entrate", 6)
    write(7, 15.0, "00018921 00006A75 W00UT001", 6)
    write(7, 17.8, f"00082401 {label.issued}", 6)
    write(7, 20.6, "4578-00010 9F1C7A5B33E02D48", 6)
    printed = label.printed or label.identifier
    write(7, 24.0, f"IDENTIFICATIVO : {printed}", 7)
    bars = np.array(zxingcpp.create_barcode(label.identifier, zxingcpp.BarcodeFormat.Code128).to_image(scale=1))
    row = (bars[bars.shape[0] // 2] > 127).astype(np.uint8) * 255
    row = row[np.flatnonzero(row == 0)[0] : np.flatnonzero(row == 0)[-1] + 1]
    strip = Image.fromarray(np.tile(row, (8, 1))).resize((round(40 * px), round(7 * px)), Image.Resampling.NEAREST)
    if label.barred:
        for place in range(5, 40, 9):
            ImageDraw.Draw(strip).rectangle((place * px, 0, (place + 1.2) * px, strip.height), fill=255)
    picture.paste(strip, (round(9 * px), round(28.2 * px)))
    digits = f"{printed[0]} {printed[1]} {printed[2:4]} {printed[4:10]} {printed[10:13]} {printed[13:]}"
    write(13, 35.8, digits, 6)
    return picture


def page_picture(*pasted: Pasted, dpi: int = 300, text: str = "") -> Image.Image:
    """An A4 page with labels pasted on it."""
    page = Image.new("L", (round(210 * dpi / 25.4), round(297 * dpi / 25.4)), 252)
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(f"{_FONTS}-Regular.ttf", round(10 * dpi / 72))
    pen.multiline_text((20 * dpi / 25.4, 90 * dpi / 25.4), text, font=font, fill=20, spacing=10)
    for each in pasted:
        label = label_picture(each.label, dpi)
        mask = Image.new("L", label.size, 255).rotate(-each.turn, expand=True)
        turned = label.rotate(-each.turn, expand=True, resample=Image.Resampling.BICUBIC)
        middle = [
            (corner + side / 2) * dpi / 25.4 for corner, side in zip((each.left, each.top), LABEL_MM, strict=True)
        ]
        page.paste(turned, (round(middle[0] - turned.width / 2), round(middle[1] - turned.height / 2)), mask)
    return page


def as_pdf(*pages: Image.Image, dpi: int = 300) -> bytes:
    """Scanned pages: one picture each."""
    out = io.BytesIO()
    pages[0].save(out, "PDF", resolution=dpi, save_all=True, append_images=list(pages[1:]))
    return out.getvalue()


def as_jpeg(page: Image.Image, dpi: int = 300, quality: int = 70) -> bytes:
    out = io.BytesIO()
    page.save(out, "JPEG", quality=quality, dpi=(dpi, dpi))
    return out.getvalue()
