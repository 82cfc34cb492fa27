"""Identity documents drawn for tests: they say FACSIMILE across themselves and belong to nobody."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import typst
from PIL import Image

from ocr.papers.identity_mrz import check_digit

DrawnKind = Literal["electronic", "paper", "licence", "passport"]
_WIDTH, _HEIGHT = 85.6, 54.0


@dataclass(frozen=True, slots=True)
class Holder:
    surname: str = "ROSSI"
    given_name: str = "MARIO"
    tax_code: str = "RSSMRA80A01H501U"
    born: date = date(1980, 1, 1)
    expires: date = date(2031, 1, 1)


def drawn(kind: DrawnKind, holder: Holder, *, dpi: int = 300) -> tuple[Image.Image, ...]:
    """The sides of the document, 85.6 by 54 mm each, as a scanner sees them."""
    sides = {"electronic": _electronic, "paper": _paper, "licence": _licence, "passport": _passport}[kind](holder)
    return tuple(_picture(side, dpi) for side in sides)


def on_sheet(*pictures: Image.Image, dpi: int = 300, turned: int = 0) -> Image.Image:
    """The pictures one below the other on an A4 sheet, slightly askew; ``turned`` by quarter turns, in degrees."""
    sheet = Image.new("RGB", (round(8.27 * dpi), round(11.69 * dpi)), "#f8f8f6")
    for place, picture in enumerate(pictures):
        laid = picture.rotate(0.8 - place, expand=True, fillcolor="#f8f8f6", resample=Image.Resampling.BICUBIC)
        sheet.paste(laid, (round(0.9 * dpi), round((1.2 + 3.2 * place) * dpi)))
    noise = np.random.default_rng(5).normal(0, 3, (sheet.height, sheet.width, 1))
    sheet = Image.fromarray(np.clip(np.asarray(sheet) + noise, 0, 255).astype(np.uint8))
    return sheet.rotate(turned, expand=True)


def jpeg(picture: Image.Image, *, quality: int = 80) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def zone_of_card(holder: Holder) -> tuple[str, str, str]:
    """The three lines of a TD1 zone (ICAO Doc 9303, part 5)."""
    number, born, until = "CA00000AA", f"{holder.born:%y%m%d}", f"{holder.expires:%y%m%d}"
    first = f"C<ITA{number}{check_digit(number)}".ljust(30, "<")
    days = f"{born}{check_digit(born)}M{until}{check_digit(until)}ITA".ljust(29, "<")
    whole = f"{first[5:]}{days[:7]}{days[8:15]}{days[18:]}"
    return first, f"{days}{check_digit(whole)}", _names(holder).ljust(30, "<")[:30]


def zone_of_passport(holder: Holder) -> tuple[str, str]:
    """The two lines of a TD3 zone (ICAO Doc 9303, part 4)."""
    number, born, until = "YA0000000", f"{holder.born:%y%m%d}", f"{holder.expires:%y%m%d}"
    days = f"{number}{check_digit(number)}ITA{born}{check_digit(born)}M{until}{check_digit(until)}"
    second = f"{days}{'<' * 14}0"
    whole = f"{second[:10]}{second[13:20]}{second[21:]}"
    return f"P<ITA{_names(holder)}".ljust(44, "<")[:44], f"{second}{check_digit(whole)}"


def _names(holder: Holder) -> str:
    return f"{holder.surname}<<{holder.given_name}".replace(" ", "<").replace("'", "")


def _electronic(holder: Holder) -> tuple[str, ...]:
    front = [
        _at(4, 3, "REPUBBLICA ITALIANA", 6),
        _at(4, 6.5, "MINISTERO DELL'INTERNO", 5),
        _at(40, 3, "CARTA DI IDENTITÀ / IDENTITY CARD", 5.5),
        _at(30, 14, "COGNOME / SURNAME", 4),
        _at(30, 16.5, holder.surname, 7.5),
        _at(30, 21, "NOME / NAME", 4),
        _at(30, 23.5, holder.given_name, 7.5),
        _at(30, 28, "LUOGO E DATA DI NASCITA / PLACE AND DATE OF BIRTH", 4),
        _at(30, 30.5, f"ROMA (RM) {holder.born:%d.%m.%Y}", 7),
        _at(30, 36, "SCADENZA / EXPIRY", 4),
        _at(30, 38.5, f"{holder.expires:%d.%m.%Y}", 7.5),
    ]
    back = [
        _at(4, 4, "CODICE FISCALE / FISCAL CODE", 4),
        _at(4, 6.5, holder.tax_code, 7.5),
        *(_at(4, 33 + 6 * row, line, 8.2, mono=True) for row, line in enumerate(zone_of_card(holder))),
    ]
    return _card(front), _card(back, marked_at=14)


def _paper(holder: Holder) -> tuple[str, ...]:
    front = [
        _at(22, 3, "REPUBBLICA ITALIANA", 7),
        _at(26, 8, "COMUNE DI ROMA", 7),
        _at(22, 13, "CARTA D'IDENTITÀ", 9),
        _at(4, 22, f"Cognome {holder.surname}", 8),
        _at(4, 27, f"Nome {holder.given_name}", 8),
        _at(4, 32, f"nato il {holder.born:%d/%m/%Y} a ROMA", 8),
        _at(4, 37, "Cittadinanza ITALIANA", 8),
        _at(4, 44, f"Scade il {holder.expires:%d/%m/%Y}", 8),
    ]
    return (_card(front),)


def _licence(holder: Holder) -> tuple[str, ...]:
    front = [
        _at(24, 3, "PATENTE DI GUIDA  REPUBBLICA ITALIANA", 7),
        _at(30, 10, f"1. {holder.surname}", 8),
        _at(30, 14.5, f"2. {holder.given_name}", 8),
        _at(30, 19, f"3. {holder.born:%d/%m/%y} ROMA (RM)", 7.5),
        _at(30, 24, "4a. 01/01/2021  4c. MIT-UCO", 7.5),
        _at(30, 28.5, f"4b. {holder.expires:%d/%m/%Y}", 7.5),
        _at(30, 33, "5. U1A00000A", 7.5),
    ]
    return (_card(front),)


def _passport(holder: Holder) -> tuple[str, ...]:
    front = [
        _at(4, 3, "REPUBBLICA ITALIANA  PASSAPORTO / PASSPORT", 6),
        _at(30, 10, "Cognome. Surname. (1)", 4),
        _at(30, 12.5, holder.surname, 7),
        _at(30, 17, "Nome. Given names. (2)", 4),
        _at(30, 19.5, holder.given_name, 7),
        *(_at(2, 41 + 5 * row, line, 6, mono=True) for row, line in enumerate(zone_of_passport(holder))),
    ]
    return (_card(front),)


def _card(parts: list[str], *, marked_at: float = 46) -> str:
    head = (
        f"#set page(width: {_WIDTH}mm, height: {_HEIGHT}mm, margin: 0mm, fill: rgb(226, 234, 240))\n"
        '#set text(font: "Libertinus Serif", fill: rgb(20, 24, 40))\n'
        "#place(top + left, dx: 5mm, dy: 15mm, rect(width: 20mm, height: 26mm, fill: rgb(190, 198, 205)))\n"
        f"#place(top + left, dx: 62mm, dy: {marked_at}mm, text(size: 5pt, fill: rgb(170, 60, 50))[FACSIMILE])\n"
    )
    return head + "\n".join(parts)


def _at(left: float, top: float, words: str, size: float, *, mono: bool = False) -> str:
    font = '"DejaVu Sans Mono"' if mono else '"Libertinus Serif"'
    said = json.dumps(words, ensure_ascii=False)
    return f"#place(top + left, dx: {left}mm, dy: {top}mm, text(font: {font}, size: {size}pt, {said}))"


def _picture(source: str, dpi: int) -> Image.Image:
    return Image.open(io.BytesIO(typst.compile(source.encode(), format="png", ppi=float(dpi)))).convert("RGB")
