"""A small form of the same make as the real one, typeset for the tests of reading."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import segno
import typst
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ocr.form_map import DATA_ATTACHMENT, MAP_ATTACHMENT, Box, FormField, FormMap, FormZone
from ocr.page_codes import PageCode, issue_page_code

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS: tuple[Ed25519PublicKey, ...] = (KEY.public_key(),)
ROWS_A_PAGE = 20
WIDTH, HEIGHT = 595.276, 841.89
COLUMNS = (
    ("surname", "text", 92.0),
    ("given_name", "text", 92.0),
    ("tax_code", "code", 92.0),
    ("qualification", "text", 70.0),
    ("weekly_hours", "number", 40.0),
    ("hired_on", "date", 60.0),
    ("requested_hours", "number", 50.0),
)
_ROW = 24.0
_LEFT, _TOP = 48.0, 200.0
_MM = 72 / 25.4
_SURNAMES = ("ROSSI", "D’ANGELO", "NICCOLÒ", "RE", "DELLA CORTE", "BIANCHI", "ESPOSITO", "FERRARI", "LO PRESTI", "FÀ")
_NAMES = ("MARIA", "GIOSUÈ", "ANNA LUCIA", "LUCA", "ALESSANDRO", "IDA", "NOEMI", "PIETRO", "SARA", "UGO")
_JOBS = ("Operaio", "Impiegato", "Quadro", "Apprendista")


@dataclass(frozen=True)
class TrialForm:
    pdf: bytes
    form_map: FormMap

    def field(self, name: str) -> FormField:
        return next(field for field in self.form_map.fields if field.name == name)

    @property
    def signature_zones(self) -> tuple[FormZone, ...]:
        return tuple(zone for zone in self.form_map.zones if zone.kind == "signature")


def trial_form(
    *,
    workers: int = 30,
    seed: int = 1,
    form: str = "PROVA-2026-000001",
    replaced: Mapping[str, str] = MappingProxyType({}),
) -> TrialForm:
    """A form with one cover table of the firm and ``workers`` rows, 20 a page; the last page has the signature box."""
    rng = random.Random(seed)
    rows = [_worker(rng) for _ in range(workers)]
    for name, value in replaced.items():
        _, row, column = name.split(".")
        rows[int(row) - 1][column] = value
    pages = -(-workers // ROWS_A_PAGE)
    fields: list[FormField] = []
    zones: list[FormZone] = []
    content: list[str] = []
    for page in range(1, pages + 1):
        parts = _page(page, pages, rows, form, fields, zones)
        content.append("\n".join(parts))
    form_map = FormMap(form, pages, WIDTH, HEIGHT, tuple(fields), tuple(zones))
    data = {"form": form, "workers": rows}
    head = (
        f'#pdf.attach("/{MAP_ATTACHMENT}", bytes({json.dumps(form_map.to_json().decode(), ensure_ascii=False)}), '
        'relationship: "data")\n'
        f'#pdf.attach("/{DATA_ATTACHMENT}", bytes({json.dumps(json.dumps(data), ensure_ascii=False)}), '
        'relationship: "data")\n'
        f"#set page(width: {WIDTH}pt, height: {HEIGHT}pt, margin: 0pt)\n"
        "#set text(size: 8pt, kerning: false, ligatures: false, hyphenate: false)\n"
    )
    return TrialForm(typst.compile((head + "\n#pagebreak()\n".join(content)).encode()), form_map)


def _worker(rng: random.Random) -> dict[str, str]:
    letters = "ABCDEFGHILMNOPQRSTUVZ"
    tax_code = (
        "".join(rng.choices(letters, k=6))
        + f"{rng.randrange(50, 99)}{rng.choice('ABCDEHLMPRST')}{rng.randrange(1, 29):02}"
        + rng.choice(letters)
        + f"{rng.randrange(100, 999)}{rng.choice(letters)}"
    )
    return {
        "surname": rng.choice(_SURNAMES),
        "given_name": rng.choice(_NAMES),
        "tax_code": tax_code,
        "qualification": rng.choice(_JOBS),
        "weekly_hours": rng.choice(("40", "36", "20", "38,5")),
        "hired_on": f"{rng.randrange(1, 29):02}/{rng.randrange(1, 13):02}/{rng.randrange(1995, 2020)}",
        "requested_hours": rng.choice(("", str(rng.randrange(8, 360)))),
    }


def _page(
    page: int, pages: int, rows: list[dict[str, str]], form: str, fields: list[FormField], zones: list[FormZone]
) -> list[str]:
    parts = [*_marks(page, zones), *_codes(form, page, pages, zones)]
    parts += [
        _text(48, 100, "Domanda di trattamento di integrazione salariale in deroga", "Libertinus Serif", 14),
        _text(48, 124, f"Modulo {form}, pagina {page} di {pages}", "DejaVu Sans Mono", 8),
    ]
    if page == 1:
        box = Box(110, 150, 400, 166)
        fields.append(FormField("employer.name", 1, box, "Officine Meccaniche Lucane S.r.l.", "text", "sans", 8.0))
        parts += [_text(48, 153, "Datore di lavoro", "Libertinus Serif", 8), _value(fields[-1]), _frame(box)]
    first = (page - 1) * ROWS_A_PAGE
    for offset, row in enumerate(rows[first : first + ROWS_A_PAGE]):
        left = _LEFT
        top = _TOP + offset * _ROW
        for column, kind, width in COLUMNS:
            box = Box(left, top, left + width, top + _ROW)
            font = "sans" if kind == "text" else "mono"
            name = f"workers.{first + offset + 1}.{column}"
            fields.append(FormField(name, page, box, row[column], kind, font, 8.0))
            parts += [_value(fields[-1]), _frame(box)]
            left += width
    if page == pages:
        box = Box(330, 700, 540, 750)
        zones.append(FormZone("signature", "legal_representative", page, box, "Firma del legale rappresentante"))
        parts += [_frame(box), _text(330, 690, "Firma del legale rappresentante", "Libertinus Serif", 8)]
    return parts


def _marks(page: int, zones: list[FormZone]) -> list[str]:
    side, edge = 8 * _MM, 8 * _MM
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_6X6_50)
    places = (
        (edge, edge),
        (WIDTH - edge - side, edge),
        (WIDTH - edge - side, HEIGHT - edge - side),
        (edge, HEIGHT - edge - side),
    )
    parts = []
    for number, (left, top) in enumerate(places):
        modules = cv2.aruco.generateImageMarker(dictionary, number, 8)
        dark = [(x, y) for y in range(8) for x in range(8) if modules[y, x] == 0]
        parts.append(_squares(left, top, side / 8, dark))
        zones.append(FormZone("marker", str(number), page, Box(left, top, left + side, top + side)))
    return parts


def _codes(form: str, page: int, pages: int, zones: list[FormZone]) -> list[str]:
    symbol = segno.make(issue_page_code(PageCode(form, page, pages), KEY), error="m", micro=False, boost_error=False)
    module = 0.5 * _MM
    side = module * len(symbol.matrix)
    dark = [(x, y) for y, row in enumerate(symbol.matrix) for x, value in enumerate(row) if value]
    parts = []
    for left, top in ((WIDTH - 20 * _MM - side, 10 * _MM), (20 * _MM, HEIGHT - 10 * _MM - side)):
        parts.append(_squares(left, top, module, dark))
        zones.append(FormZone("page_code", "", page, Box(left, top, left + side, top + side)))
    return parts


def _squares(left: float, top: float, side: float, dark: list[tuple[int, int]]) -> str:
    strokes = ", ".join(
        f"curve.move(({x * side:.3f}pt, {y * side:.3f}pt)), curve.line(({(x + 1) * side:.3f}pt, {y * side:.3f}pt)), "
        f"curve.line(({(x + 1) * side:.3f}pt, {(y + 1) * side:.3f}pt)), "
        f"curve.line(({x * side:.3f}pt, {(y + 1) * side:.3f}pt)), curve.close()"
        for x, y in dark
    )
    return f"#place(top + left, dx: {left:.3f}pt, dy: {top:.3f}pt, curve(fill: black, {strokes}))"


def _text(left: float, top: float, text: str, font: str, size: float) -> str:
    words = json.dumps(text, ensure_ascii=False)
    return f'#place(top + left, dx: {left}pt, dy: {top}pt, text(font: "{font}", size: {size}pt)[#{words}])'


def _value(field: FormField) -> str:
    font = "DejaVu Sans Mono" if field.font == "mono" else "Libertinus Serif"
    return _text(
        field.box.left + 3, field.box.top + (field.box.bottom - field.box.top - 6) / 2, field.value, font, field.size
    )


def _frame(box: Box) -> str:
    return (
        f"#place(top + left, dx: {box.left}pt, dy: {box.top}pt, "
        f"rect(width: {box.right - box.left}pt, height: {box.bottom - box.top}pt, stroke: 0.5pt))"
    )
