"""Every value that a run read, with its evidence: document, page, box, engine, raw text, confidence, rules (N6)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from intake.checks.finding import Examination
from intake.checks.models import CheckRun, ExtractedValue, ValueStatus

DOUBT_BELOW = 0.8
"""A value of a document we did not issue, read with less confidence than this, is shown to an officer."""

_COMPARED, _INK = "comparison", "ink"
_TO_LOOK_AT = "to_look_at"
_ENGINES = {"verified": _COMPARED}
_EXTRACTED = frozenset({"value", "raw", "confidence", "engine", "source", "page"})
_LISTED = "; "


@dataclass(frozen=True, slots=True)
class Evidence:
    """One value read. ``document``: identifier of the file; ``form_page`` and ``issued`` only for forms that we issued.

    ``box``: left, top, right, bottom in PDF points, on ``form_page`` where it is told, else on ``page`` of the document.
    """

    document: uuid.UUID
    page: int
    form_page: int | None
    box: tuple[float, float, float, float] | None
    field: str
    engine: str
    raw: str | None
    value: str | None
    confidence: float
    rules: tuple[str, ...]
    issued: str | None
    status: ValueStatus


def evidence_of(examination: Examination) -> tuple[Evidence, ...]:
    """Everything that one look read: the returned form first, then the other papers."""
    return (
        *evidence_of_form(examination.reading or {}),
        *evidence_of_papers("union_agreement", examination.agreement),
        *evidence_of_papers("identity", examination.identity),
        *evidence_of_papers("worker_list", examination.worker_list),
        *evidence_of_declarations(examination.declarations or {}),
    )


def evidence_of_form(reading: Mapping[str, Any]) -> Iterator[Evidence]:
    """The cells of a returned form (``ReturnedReading`` as JSON), those that no page showed left out."""
    for cell in reading.get("cells", ()):
        if (document := _document(cell["page_source"])) is None:
            continue
        yield Evidence(
            document=document,
            page=cell["page_source"][1],
            form_page=cell["page"],
            box=_box(cell["box"]),
            field=cell["name"],
            engine=cell.get("engine") or _ENGINES.get(cell["source"], cell["source"]),
            raw=cell.get("raw", cell["read"]),
            value=cell["read"],
            confidence=cell["confidence"],
            rules=tuple(cell.get("rules", ())),
            issued=cell["issued"],
            status=ValueStatus(cell["status"]),
        )


def evidence_of_papers(kind: str, reading: Any) -> Iterator[Evidence]:
    """Every ``Extracted`` value anywhere in the JSON of a reading, named by its path: ``union_agreement.date``."""
    match reading:
        case Mapping() if reading.keys() >= _EXTRACTED:
            yield from _extracted(kind, reading)
        case Mapping():
            for key, each in reading.items():
                yield from evidence_of_papers(f"{kind}.{key}", each)
        case list() | tuple():
            for row, each in enumerate(reading, 1):
                yield from evidence_of_papers(f"{kind}.{row}", each)


def evidence_of_declarations(declarations: Mapping[str, Any]) -> Iterator[Evidence]:
    """Whether each worker's declaration of availability is signed; those that did not come left out."""
    for worker in declarations.get("workers", ()):
        if (document := _document((worker["source"], worker["page"]))) is None:
            continue
        yield Evidence(
            document=document,
            page=worker["page"],
            form_page=None,
            box=_box(worker["box"]),
            field=f"declarations.workers.{worker['row']}.standing",
            engine=_COMPARED if worker["form"] else _INK,
            raw=worker["why"],
            value=worker["standing"],
            confidence=worker["confidence"],
            rules=tuple(worker["rules"]),
            issued=None,
            status=ValueStatus.DOUBTFUL if worker["standing"] == _TO_LOOK_AT else ValueStatus.READ,
        )


def record_evidence(session: Session, run: CheckRun, evidence: Sequence[Evidence]) -> None:
    """Stores what ``run`` read, in the transaction that stores the run's end."""
    rows = [_row(run, each) for each in evidence]
    if rows:
        session.execute(insert(ExtractedValue), rows)


def _row(run: CheckRun, evidence: Evidence) -> dict[str, Any]:
    facts = asdict(evidence)
    facts["box"] = {"points": list(evidence.box)} if evidence.box else None
    facts["rules"] = list(evidence.rules)
    document = facts.pop("document")
    return facts | {"document_id": document, "run_id": run.id, "application_id": run.application_id}


def _extracted(field: str, found: Mapping[str, Any]) -> Iterator[Evidence]:
    document = _document((found["source"], found["page"]))
    if document is None:
        return
    value = found["value"]
    written = _LISTED.join(value) if isinstance(value, list | tuple) else value
    yield Evidence(
        document=document,
        page=found["page"],
        form_page=None,
        box=_box(found.get("box")),
        field=field,
        engine=found["engine"],
        raw=found["raw"],
        value=written,
        confidence=found["confidence"],
        rules=tuple(found.get("rules", ())),
        issued=None,
        status=_status(written, found["confidence"]),
    )


def _status(value: str | None, confidence: float) -> ValueStatus:
    if value is None:
        return ValueStatus.NOT_FOUND
    return ValueStatus.DOUBTFUL if confidence < DOUBT_BELOW else ValueStatus.READ


def _document(source: Sequence[Any] | None) -> uuid.UUID | None:
    """The file that a reading calls by its identifier; None for readings of before, which knew files by name alone."""
    try:
        return uuid.UUID(str(source[0])) if source else None
    except ValueError:
        return None


def _box(box: Mapping[str, float] | Sequence[float] | None) -> tuple[float, float, float, float] | None:
    match box:
        case None:
            return None
        case Mapping():
            return box["left"], box["top"], box["right"], box["bottom"]
        case _:
            left, top, right, bottom = box
            return left, top, right, bottom
