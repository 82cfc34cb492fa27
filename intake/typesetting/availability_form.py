"""The declarations of availability: one page a worker, prefilled, each known again by its page code."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pikepdf
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from intake.typesetting.application_form import IssuedFormDocument
from intake.typesetting.compiler import TypesettingError, typeset
from intake.typesetting.finishing import Attachment, finish_pdf
from intake.typesetting.form_layout import read_page_map
from intake.typesetting.page_code_stamp import stamp_page_code
from intake.typesetting.printed import print_application, print_date, print_instant
from intake.typesetting.rehearsal import RehearsalMark, rehearsal_input
from intake.typesetting.symbols import MODULE_MM, corner_marks, qr_symbol
from ocr.form_map import DATA_ATTACHMENT, MAP_ATTACHMENT, FormMap
from ocr.page_codes import MOST_PAGES, PageCode, issue_page_code

TEMPLATE = "availability.typ"
_PART_LETTERS = "DEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class AvailabilityTexts:
    """What the notice says on the declarations; ``statement`` in paragraphs, what each worker declares."""

    administration: str
    office: str
    notice_title: str
    title: str
    statement: tuple[str, ...]
    law: str
    signing: str


def declaration_form_number(application_form: str, part: int) -> str:
    """The number of the declarations that go with a form: its own, with a letter for the last dash.

    ``part`` counts from 0: one form holds 255 pages, so that more workers make more parts. It stays as long as the
    form's number, and no form of an application has it, because those have one dash more. Raises ``TypesettingError``
    past the last letter.
    """
    if part >= len(_PART_LETTERS):
        raise TypesettingError(
            "typesetting.too_many_pages",
            f"Le dichiarazioni sarebbero più di {MOST_PAGES * len(_PART_LETTERS)}: non si possono numerare.",
            "Divida l’elenco dei lavoratori in più domande.",
        )
    before, _, after = application_form.rpartition("-")
    return f"{before}{_PART_LETTERS[part]}{after}"


def application_forms_of(declaration_form: str) -> tuple[str, ...]:
    """The numbers of forms whose declarations may bear this number: the one true among them names it in its own."""
    return tuple(
        f"{declaration_form[:place]}-{declaration_form[place + 1 :]}"
        for place, letter in enumerate(declaration_form)
        if letter in _PART_LETTERS
    )


def typeset_availability(
    data: dict[str, Any],
    *,
    application_form: str,
    notice: AvailabilityTexts,
    key: Ed25519PrivateKey,
    issued_at: datetime,
    rehearsal: RehearsalMark | None,
) -> tuple[IssuedFormDocument, ...]:
    """The declarations of all workers of an application (PDF/A-3a, PDF/UA-1), in parts of at most 255 pages.

    Page n of a part is the worker of row ``255 * part + n``. Equal input gives equal bytes. Raises ``TypesettingError``,
    and what ``print_application`` raises for incomplete data.
    """
    printed = print_application(data)
    rows = _printed_rows(printed, data["periods"])
    return tuple(
        _part(
            {row: rows[row] for row in list(rows)[start : start + MOST_PAGES]},
            form=declaration_form_number(application_form, part),
            application_form=application_form,
            notice=notice,
            key=key,
            issued_at=issued_at,
            rehearsal=rehearsal,
        )
        for part, start in enumerate(range(0, len(rows), MOST_PAGES))
    )


def _printed_rows(printed: dict[str, Any], periods: list[dict[str, str]]) -> dict[str, dict[str, Any]]:
    """Each worker as printed on the page, by row of the list."""
    employer = {
        "name": printed["employer"]["name"],
        "tax_code": printed["employer"]["tax_code"],
        "unit": printed["unit"]["name"],
        "from": print_date(min(period["from"] for period in periods)),
        "to": print_date(max(period["to"] for period in periods)),
    }
    return {
        str(row): {
            "row": str(row),
            **{name: worker[name] for name in ("surname", "given_name", "tax_code")},
            "employer": employer,
        }
        for row, worker in enumerate(printed["workers"], start=1)
    }


def _part(
    rows: dict[str, dict[str, Any]],
    *,
    form: str,
    application_form: str,
    notice: AvailabilityTexts,
    key: Ed25519PrivateKey,
    issued_at: datetime,
    rehearsal: RehearsalMark | None,
) -> IssuedFormDocument:
    modules = qr_symbol(issue_page_code(PageCode(form, 1, 1), key)).size
    data: dict[str, Any] = {"form": form, "application": application_form, "workers": rows}
    typeset_pages = typeset(
        TEMPLATE,
        "availability",
        {
            "texts": asdict(notice),
            "printed": {"workers": rows},
            "rows": list(rows),
            "form": form,
            "application": application_form,
            "issued_at": print_instant(issued_at),
            "rehearsal": rehearsal_input(rehearsal),
            "marks": [mark.svg() for mark in corner_marks()],
            "code_size": modules * MODULE_MM,
        },
        at=issued_at,
        labels=("map",),
    )
    form_map = read_page_map(form, typeset_pages.measured, modules)
    _one_page_each(form_map, rows)
    pdf = finish_pdf(
        typeset_pages.pdf,
        at=issued_at,
        attachments=(
            Attachment(DATA_ATTACHMENT, rfc8785.dumps(data), "I lavoratori che dichiarano"),
            Attachment(MAP_ATTACHMENT, form_map.to_json(), "La posizione di ogni dato nelle pagine"),
        ),
        additions=lambda document: _add_codes(document, form_map, key),
    )
    return IssuedFormDocument(form, pdf, hashlib.sha256(pdf).hexdigest(), form_map.pages, form_map, data)


def _one_page_each(form_map: FormMap, rows: dict[str, dict[str, Any]]) -> None:
    pages = [zone.page for zone in form_map.zones if zone.kind == "signature"]
    if form_map.pages != len(rows) or pages != list(range(1, len(rows) + 1)):
        raise TypesettingError(
            "typesetting.value_too_long",
            "Una dichiarazione di disponibilità non sta in una pagina: un nome o la denominazione sono troppo lunghi.",
            "Accorci il testo, poi chieda di nuovo il modulo.",
        )


def _add_codes(document: pikepdf.Pdf, form_map: FormMap, key: Ed25519PrivateKey) -> None:
    for page in range(1, form_map.pages + 1):
        symbol = qr_symbol(issue_page_code(PageCode(form_map.form, page, form_map.pages), key))
        stamp_page_code(document, page, symbol, form_map.zones_on_page(page, "page_code"))
