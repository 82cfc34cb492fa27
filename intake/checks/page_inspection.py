"""The pages of one document for ``sportello inspect``: their codes, the cells read, what differs from the issued form."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from intake.checks.finding import finding_json
from intake.checks.issued_findings import issued_findings
from intake.checks.page_findings import reading_findings
from intake.checks.strange_pages import page_findings_without_a_form
from ocr.attachments import form_map_of
from ocr.reading import identify_pages, read_returned, rows_of
from ocr.results import ReturnedReading
from ocr.unreadable import UnreadablePages
from signing.issued_prefix import compare_with_issued


def inspect_pages(
    name: str,
    content: bytes,
    issued: bytes | None,
    form_keys: tuple[Ed25519PublicKey, ...],
    findings: list[dict[str, Any]],
    *,
    signed: bool,
) -> dict[str, Any]:
    """Pages, workers and alterations of ``content`` for the JSON document, and its findings added to ``findings``.

    ``signed``: somebody signed the document digitally, so it should be the issued file and not a copy.
    """
    try:
        if issued is None:
            seen = identify_pages([(name, content)], form_keys)
            found = page_findings_without_a_form(seen, {})
            return {"pages": [_page_json(page) for page in seen], "findings": [*findings, *map(finding_json, found)]}
        form_map = form_map_of(issued)
        if form_map is None:
            return {"findings": [*findings, _no_map()]}
        reading = read_returned([(name, content)], form_map, form_keys, issued_pdf=issued)
    except UnreadablePages as problem:
        return {"findings": [*findings, _unreadable(problem)]}
    exact = compare_with_issued(issued, content).relation in {"identical", "prefix"}
    found = reading_findings(reading, form_map, (), {}, exact=exact)
    found += issued_findings(issued, content, document=name, name=name, signed=signed, reading=reading)
    return {**_reading_json(reading), "findings": [*findings, *map(finding_json, found)]}


def _reading_json(reading: ReturnedReading) -> dict[str, Any]:
    return {
        "pages": [_page_json(page) for page in reading.pages],
        "missing_pages": list(reading.missing_pages),
        "foreign_pages": [{"name": name, "number": number} for name, number in reading.foreign_pages],
        "workers": rows_of(reading.cells),
        "alterations": [
            {
                "page": each.page,
                "box": each.box.as_list(),
                "field": each.field,
                "issued": each.issued,
                "seen": each.seen,
                "kind": each.kind,
            }
            for each in reading.alterations
        ],
    }


def _page_json(page: Any) -> dict[str, Any]:
    code = page.code
    return {
        "number": page.number,
        "page_code": {**asdict(code.code), "valid": code.valid} if code else None,
        "text_from": page.text_from,
        "skew_deg": round(page.skew_deg, 2),
    }


def _unreadable(problem: UnreadablePages) -> dict[str, Any]:
    return _finding(f"file.{problem.code}", problem.message, problem.remedy)


def _no_map() -> dict[str, Any]:
    return _finding(
        "issued.no_map",
        "Il modulo emesso indicato non contiene la mappa dei suoi campi.",
        "Indichi il PDF così come il servizio l'ha emesso.",
    )


def _finding(code: str, message: str, remedy: str) -> dict[str, Any]:
    return {
        "code": code,
        "severity": "error",
        "message": message,
        "remedy": remedy,
        "law": None,
        "page": None,
        "box": None,
    }
