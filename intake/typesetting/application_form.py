"""The prefilled application: typeset once, frozen with its data, its hash and the map of its fields.

Two layouts of the same pages: the first says how many pages there are, the second carries the signed page codes. Their
maps must agree, otherwise no document is issued.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from intake.typesetting.compiler import Template, TypesettingError
from intake.typesetting.finishing import Attachment, finish_pdf
from intake.typesetting.form_layout import read_form_map
from intake.typesetting.printed import RehearsalMark, print_application, print_instant
from intake.typesetting.signature_field import SignatureField
from intake.typesetting.symbols import MODULE_MM, corner_marks, page_code_symbol, rehearsal_watermark
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
    _, modules = page_code_symbol(issue_page_code(PageCode(form, 1, 1), key))
    inputs: dict[str, Any] = {
        "texts": asdict(notice),
        "printed": print_application(data),
        "form": form,
        "issued_at": print_instant(issued_at),
        "rehearsal": _rehearsal_input(rehearsal),
        "revenue_stamp": data["stamp_duty"]["way"] == "contrassegno",
        "marks": corner_marks(),
        "codes": [],
        "code_size": modules * MODULE_MM,
    }
    measured = read_form_map(Template(TEMPLATE, {"application": inputs}), form)
    if measured.pages > MOST_PAGES:
        raise TypesettingError(
            "typesetting.too_many_pages",
            f"Il modulo avrebbe {measured.pages} pagine: se ne possono numerare {MOST_PAGES}.",
            "Divida l’elenco dei lavoratori in più domande.",
        )
    numbers = range(1, measured.pages + 1)
    codes = [page_code_symbol(issue_page_code(PageCode(form, page, measured.pages), key))[0] for page in numbers]
    template = Template(TEMPLATE, {"application": {**inputs, "codes": codes}})
    form_map = read_form_map(template, form)
    if form_map != measured:
        raise TypesettingError(
            "typesetting.layout_moved",
            "Le due composizioni del modulo non coincidono.",
            "È un difetto del programma: lo segnali a chi gestisce il servizio con il codice di questo errore.",
        )
    attached: dict[str, Any] = {"form": form, "issued_at": issued_at.isoformat(), "application": data}
    pdf = finish_pdf(
        template.print(issued_at),
        attachments=(
            Attachment(DATA_ATTACHMENT, rfc8785.dumps(attached), "I dati della domanda"),
            Attachment(MAP_ATTACHMENT, form_map.to_json(), "La posizione di ogni dato nelle pagine"),
        ),
        at=issued_at,
        signature=_signature_field(form_map),
    )
    return IssuedFormDocument(form, pdf, hashlib.sha256(pdf).hexdigest(), form_map.pages, form_map, data)


def _signature_field(form_map: FormMap) -> SignatureField:
    zone = next(zone for zone in form_map.zones if zone.kind == "signature")
    return SignatureField(SIGNATURE_FIELD, zone.label, zone.page, zone.box)


def _rehearsal_input(rehearsal: RehearsalMark | None) -> dict[str, str] | None:
    if rehearsal is None:
        return None
    return {
        "notice_time": print_instant(rehearsal.notice_time),
        "real_time": print_instant(rehearsal.real_time),
        "watermark": rehearsal_watermark(),
    }
