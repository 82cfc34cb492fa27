"""A made-up application, its form, and a reader of what the form really shows."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pypdfium2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from intake.typesetting.application_form import FormTexts, IssuedFormDocument, typeset_application
from intake.typesetting.rehearsal import RehearsalMark
from ocr.form_map import Box

DPI = 200
FORM = "BAS20-0000000123"
ISSUED_AT = datetime(2020, 4, 7, 15, 30, 5, 250000, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TEXTS = FormTexts(
    administration="Regione Esempio",
    office="Dipartimento Lavoro – Ufficio Ammortizzatori sociali",
    form_title="Domanda di cassa integrazione in deroga",
    notice_title="Avviso pubblico per la cassa integrazione in deroga",
    act="Deliberazione della Giunta regionale n. 1 del 26 marzo 2020",
    signing="Firmi nel riquadro, con firma digitale oppure a mano.",
)
SURNAMES = ("D’AMICO", "NICOLÒ", "DE LUCA", "ȘTEFĂNESCU", "LO PRESTI", "RE", "ŁUKASZEWICZ-PRZYBYLSKA", "ESPOSITO")
GIVEN_NAMES = ("ANNA MARIA", "GIOSUÈ", "LÌ", "CHLOÉ", "PIETRO")


def make_application(workers: int = 3, **changes: Any) -> dict[str, Any]:
    """The data of one application; ``changes`` replace whole parts."""
    address = {"street": "Via dell’Università 12/bis", "postal_code": "85100", "city": "Potenza", "province": "PZ"}
    data: dict[str, Any] = {
        "employer": {
            "name": "ALFA & FIGLI S.R.L.",
            "tax_code": "01234567890",
            "vat_number": "01234567890",
            "inps_number": "6401234567",
            "legal_form": "Società a responsabilità limitata",
            "sector": "Commercio al dettaglio",
            "ateco": "47.71.10",
            "collective_agreement": "Terziario, distribuzione e servizi",
            "total_staff": 42,
            "address": address,
            "email": "amministrazione@alfa-e-figli.example",
            "pec": "alfa@pec.example",
            "phone": "",
        },
        "representative": {
            "surname": "ROSSI",
            "given_name": "MARIO",
            "tax_code": "RSSMRA80A01G942X",
            "role": "Amministratore unico",
        },
        "filed_by": {
            "surname": "BIANCHI",
            "given_name": "ANNA",
            "tax_code": "BNCNNA75D41G942J",
            "capacity": "consultant",
        },
        "unit": {"name": "Negozio del centro", "address": address},
        "measure": {"title": "Cassa integrazione in deroga", "cause": "Emergenza epidemiologica"},
        "periods": [
            {"from": "2020-02-23", "to": "2020-04-25", "mode": "zero_hours", "days": 45},
            {"from": "2020-04-27", "to": "2020-05-02", "mode": "reduction", "days": 6},
        ],
        "weeks_requested": "9",
        "workers": [make_worker(row) for row in range(workers)],
        "totals": {"workers": workers, "requested_hours": f"{workers * 120}.5"},
        "agreement": {
            "kind": "agreement",
            "date": "2020-04-02",
            "unions": ["CGIL", "CISL"],
        },
        "declarations": [
            {
                "key": "staff",
                "text": "i lavoratori elencati erano in forza al 23 febbraio 2020;",
                "law": "art. 22, c. 3",
            },
            {"key": "ordinary", "text": "non può ricorrere agli ammortizzatori ordinari. " * 4, "law": ""},
        ],
        "stamp_duty": {"way": "exempt", "statement": "Esente da bollo.", "identifier": "", "law": "art. 41, c. 3"},
        "attachments": [{"key": "agreement", "title": "Verbale di accordo sindacale"}],
        "consents": [{"key": "privacy", "text": "Ho letto l’informativa sul trattamento dei dati."}],
    }
    return {**data, **changes}


def make_worker(row: int, **changes: str) -> dict[str, str]:
    worker = {
        "surname": SURNAMES[row % len(SURNAMES)],
        "given_name": GIVEN_NAMES[row % len(GIVEN_NAMES)],
        "tax_code": f"RSSMRA80A01G{row:03d}X",
        "qualification": ("Operaio", "Impiegato", "Apprendista")[row % 3],
        "contract": ("Tempo indeterminato", "Tempo determinato")[row % 2],
        "category": ("Tempo pieno", "")[row % 2],
        "weekly_hours": ("40", "37.5")[row % 2],
        "hired_on": f"2018-03-{row % 28 + 1:02d}",
        "requested_hours": str(row + 1),
    }
    return {**worker, **changes}


def issue(data: dict[str, Any], rehearsal: RehearsalMark | None = None) -> IssuedFormDocument:
    return typeset_application(data, form=FORM, notice=TEXTS, key=KEY, issued_at=ISSUED_AT, rehearsal=rehearsal)


class PrintedText:
    """The text a page really shows in a box, read by another program than the one that typeset it."""

    def __init__(self, pdf: bytes) -> None:
        self._document = pypdfium2.PdfDocument(io.BytesIO(pdf))
        self._pages = [page.get_textpage() for page in self._document]
        self.heights = [page.get_height() for page in self._document]

    def in_box(self, page: int, box: Box) -> str:
        height = self.heights[page - 1]
        return str(self._pages[page - 1].get_text_bounded(box.left, height - box.bottom, box.right, height - box.top))

    def on_page(self, page: int) -> str:
        return str(self._pages[page - 1].get_text_range())

    def everywhere(self) -> str:
        return "\n".join(str(page.get_text_range()) for page in self._pages)


def render(pdf: bytes, page: int, dpi: int = DPI) -> NDArray[np.uint8]:
    """One page as grey picture, as a scanner without faults would see it."""
    drawn = pypdfium2.PdfDocument(io.BytesIO(pdf))[page - 1].render(scale=dpi / 72, grayscale=True)
    return np.array(drawn.to_numpy()).reshape(drawn.height, drawn.width)


def without_spaces(text: str) -> str:
    """Where a line breaks inside a cell is no part of the value."""
    return "".join(text.split())
