"""The prefilled application: typeset once, frozen with its data, its hash and the map of its fields."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pikepdf
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from intake.typesetting.compiler import TypesettingError, typeset
from intake.typesetting.finishing import Attachment, finish_pdf
from intake.typesetting.form_layout import read_form_map
from intake.typesetting.page_code_stamp import stamp_page_code
from intake.typesetting.printed import print_application, print_instant
from intake.typesetting.rehearsal import RehearsalMark, rehearsal_input
from intake.typesetting.signature_field import SignatureField, add_signature_field
from intake.typesetting.symbols import MODULE_MM, corner_marks, qr_symbol
from ocr.form_map import DATA_ATTACHMENT, MAP_ATTACHMENT, FormMap
from ocr.page_codes import MOST_PAGES, PageCode, issue_page_code

TEMPLATE = "application.typ"
SIGNATURE_FIELD = "FirmaRappresentante"


@dataclass(frozen=True, slots=True)
class FormTexts:
    """What the notice says on the form."""

    administration: str
    office: str
    form_title: str
    notice_title: str
    act: str
    signing: str


@dataclass(frozen=True, slots=True)
class IssuedFormDocument:
    """A form as issued: ``data`` is what was frozen with it, ``sha256`` the hexadecimal hash of ``pdf``."""

    form: str
    pdf: bytes
    sha256: str
    pages: int
    form_map: FormMap
    data: dict[str, Any]


def typeset_application(
    data: dict[str, Any],
    *,
    form: str,
    notice: FormTexts,
    key: Ed25519PrivateKey,
    issued_at: datetime,
    rehearsal: RehearsalMark | None,
) -> IssuedFormDocument:
    """The prefilled form (PDF/A-3a, PDF/UA-1) of one application.

    ``form`` is the identifier printed on every page (at most 18 ASCII characters), ``key`` signs the page codes. Equal
    input gives equal bytes. Raises ``TypesettingError``, and what ``print_application`` raises for incomplete data.
    """
    if not data["workers"]:
        raise TypesettingError(
            "typesetting.no_workers",
            "La domanda non elenca nessun lavoratore.",
            "Aggiunga almeno un lavoratore, poi chieda di nuovo il modulo.",
        )
    modules = qr_symbol(issue_page_code(PageCode(form, 1, 1), key)).size
    printed = print_application(data)
    typeset_pages = typeset(
        TEMPLATE,
        "application",
        {
            "texts": asdict(notice),
            "printed": printed,
            "form": form,
            "issued_at": print_instant(issued_at),
            "rehearsal": rehearsal_input(rehearsal),
            "revenue_stamp": data["stamp_duty"]["way"] == "contrassegno",
            "marks": [mark.svg() for mark in corner_marks()],
            "code_size": modules * MODULE_MM,
        },
        at=issued_at,
        labels=("map", "columns"),
    )
    form_map = read_form_map(form, typeset_pages.measured, printed["workers"], modules)
    if form_map.pages > MOST_PAGES:
        raise TypesettingError(
            "typesetting.too_many_pages",
            f"Il modulo avrebbe {form_map.pages} pagine: se ne possono numerare {MOST_PAGES}.",
            "Divida l’elenco dei lavoratori in più domande.",
        )
    pdf = finish_pdf(
        typeset_pages.pdf,
        at=issued_at,
        attachments=(
            Attachment(DATA_ATTACHMENT, canonical_application(data, form, issued_at), "I dati della domanda"),
            Attachment(MAP_ATTACHMENT, form_map.to_json(), "La posizione di ogni dato nelle pagine"),
        ),
        additions=lambda document: _add_codes_and_signature_field(document, form_map, key),
    )
    return IssuedFormDocument(form, pdf, hashlib.sha256(pdf).hexdigest(), form_map.pages, form_map, data)


def canonical_application(data: dict[str, Any], form: str, issued_at: datetime) -> bytes:
    """What ``domanda.json`` holds: number of the form, instant of issue, data, as canonical JSON (RFC 8785)."""
    content: dict[str, Any] = {"form": form, "issued_at": issued_at.isoformat(), "application": data}
    return rfc8785.dumps(content)


def _add_codes_and_signature_field(document: pikepdf.Pdf, form_map: FormMap, key: Ed25519PrivateKey) -> None:
    for page in range(1, form_map.pages + 1):
        symbol = qr_symbol(issue_page_code(PageCode(form_map.form, page, form_map.pages), key))
        stamp_page_code(document, page, symbol, form_map.zones_on_page(page, "page_code"))
    zone = next(zone for zone in form_map.zones if zone.kind == "signature")
    add_signature_field(document, SignatureField(SIGNATURE_FIELD, zone.label, zone.page, zone.box))
