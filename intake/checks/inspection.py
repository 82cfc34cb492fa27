"""``sportello inspect``: one document checked without a database, in the shape that programs rely on."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from intake.checks.finding import finding_json
from intake.checks.media_type import media_type_of
from intake.checks.page_findings import reading_findings
from ocr.attachments import form_map_of
from ocr.reading import identify_pages, read_returned, rows_of
from ocr.results import ReturnedReading
from ocr.unreadable import UnreadablePages
from signing.inspect import inspect_signatures
from signing.issued_prefix import compare_with_issued
from signing.trust import TrustStore

PARTS = frozenset({"signatures", "stamps", "pages", "text"})


@dataclass(frozen=True, slots=True)
class Inspection:
    """What to look at. ``issued``: the PDF as issued, which carries the map of its own fields."""

    trust: TrustStore
    at: datetime
    only: Collection[str] = PARTS
    issued: bytes | None = None
    form_keys: tuple[Ed25519PublicKey, ...] = ()


def inspect_file(path: Path, given: Inspection, *, detached: Path | None = None) -> dict[str, Any]:
    """The JSON document of one file. Raises ``OSError`` when it cannot be read from the disk."""
    data = path.read_bytes()
    started = time.monotonic()
    report = inspect_signatures(
        data,
        name=path.name,
        detached=detached.read_bytes() if detached else None,
        trust=given.trust,
        at=given.at,
    )
    signatures = report.as_json()
    answer: dict[str, Any] = {
        "file": {
            "name": path.name,
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data),
            "media_type": media_type_of(data),
        },
        "path": str(path),
        **{key: signatures[key] for key in ("container", "verdict", "signatures", "content")},
        "stamp_duty": [],
        "pages": [],
        "missing_pages": [],
        "foreign_pages": [],
        "workers": [],
        "agreement": None,
        "alterations": [],
        "findings": signatures["findings"],
    }
    if {"pages", "text"} & set(given.only):
        answer |= _pages(path.name, report.content.data if report.content else data, given, answer["findings"])
    answer["seconds"] = round(time.monotonic() - started, 3)
    return answer


def _pages(name: str, content: bytes, given: Inspection, findings: list[dict[str, Any]]) -> dict[str, Any]:
    try:
        if given.issued is None:
            seen = identify_pages([(name, content)], given.form_keys)
            return {"pages": [_page_json(page) for page in seen]}
        form_map = form_map_of(given.issued)
        if form_map is None:
            return {"findings": [*findings, _no_map()]}
        reading = read_returned([(name, content)], form_map, given.form_keys, issued_pdf=given.issued)
    except UnreadablePages as problem:
        return {"findings": [*findings, _unreadable(problem)]}
    exact = compare_with_issued(given.issued, content).relation in {"identical", "prefix"}
    found = reading_findings(reading, form_map, (), {}, exact=exact)
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
