"""What the review shows: every value of the issued form and of the other papers beside what was read, differences first."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications.models import Application, IssuedForm, ReturnedDocument
from intake.cases.case import document_read
from intake.cases.evidence import subject_of, values_of
from intake.cases.models import ReviewedValue, Settlement
from intake.cases.stamp_uses import second_use_findings
from intake.checks.models import CheckRun, ExtractedValue, StoredFinding
from intake.checks.severity import Severity

_ORDER = {"differs": 0, "doubtful": 1, "agrees": 2, "empty": 3}
_LISTED = "worker_list."
_SAMPLE = 3
"""Values given for sure that each case offers for comparison: without them only the doubtful ones would be measured."""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One value. ``subject`` names it; ``source`` is the file and its page where it was seen.

    On the form: ``box`` is on the issued page, ``issued`` what was printed there. On other papers: ``box`` is on the page of
    the file, ``issued`` None. ``evidence``: identifier of the stored reading. ``sampled``: drawn for comparison.
    """

    subject: str
    label: str
    page: int
    box: tuple[float, float, float, float] | None
    issued: str | None
    read: str | None
    confidence: float
    status: str
    source_name: str | None
    source_page: int | None
    settled: ReviewedValue | None
    engine: str | None = None
    raw: str | None = None
    rules: tuple[str, ...] = ()
    evidence: int | None = None
    document_id: uuid.UUID | None = None
    sampled: bool = False

    @property
    def needs_eyes(self) -> bool:
        return self.status in {"differs", "doubtful"} and self.settled is None

    @property
    def on_form(self) -> bool:
        return self.issued is not None


@dataclass(frozen=True, slots=True)
class Review:
    """Rows of the form with differences first, then doubtful ones, then the rest in the order of the form; ``papers``: the
    values read from the other documents, in the order of the documents."""

    rows: tuple[ReviewRow, ...]
    findings: tuple[tuple[StoredFinding, ReviewedValue | None], ...]
    papers: tuple[ReviewRow, ...] = ()

    @property
    def open_rows(self) -> tuple[ReviewRow, ...]:
        """Values that nobody may pass over: different or doubtful, and not yet settled."""
        return tuple(row for row in (*self.rows, *self.papers) if row.needs_eyes)

    @property
    def sample(self) -> tuple[ReviewRow, ...]:
        return tuple(row for row in self.rows if row.sampled)

    @property
    def rejected(self) -> frozenset[str]:
        """Subjects that the officer rejected: with one of them the case cannot be admissible."""
        values = [row.settled for row in (*self.rows, *self.papers)] + [settled for _, settled in self.findings]
        return frozenset(each.subject for each in values if each and each.settlement is Settlement.REJECTED)

    def is_with_row(self, finding: StoredFinding) -> bool:
        """Whether a row of the review shows the same thing, so that the finding needs no settlement of its own."""
        return any(row.label == finding.field and row.status in {"differs", "doubtful"} for row in self.rows)

    @property
    def open_findings(self) -> tuple[StoredFinding, ...]:
        return tuple(
            finding
            for finding, settled in self.findings
            if settled is None and finding.severity is not Severity.INFO and not self.is_with_row(finding)
        )


def review_of(session: Session, application: Application, form: IssuedForm, run: CheckRun | None) -> Review:
    """The review of one case as it stands."""
    settled = _newest_settlements(session, application.id)
    reading = (run.reading if run else None) or {}
    cells = {cell["name"]: cell for cell in reading.get("cells", [])}
    values = values_of(session, run)
    kept = {each.field: each for each in values if each.form_page is not None}
    documents = application.documents
    rows = [
        _row(field, cells.get(field["name"]), kept.get(field["name"]), settled, documents)
        for field in form.form_map["fields"]
    ]
    drawn = _drawn(application.id, (row for row in rows if row.status == "agrees" and row.engine != "pdf"))
    ordered = sorted((replace(row, sampled=row.subject in drawn) for row in rows), key=_place)
    by_name = {row.label: row for row in rows if row.status in {"differs", "doubtful"}}
    stored = [*(run.findings if run else ()), *second_use_findings(session, application)]
    findings = tuple((finding, _settlement_of(finding, by_name, settled)) for finding in stored)
    names = {document.id: document.name for document in documents}
    papers = [_paper_row(each, names, settled) for each in values if each.form_page is None]
    return Review(tuple(ordered), findings, tuple(_shown_papers(application.id, papers)))


def _newest_settlements(session: Session, application_id: uuid.UUID) -> dict[str, ReviewedValue]:
    rows = session.scalars(
        select(ReviewedValue).where(ReviewedValue.application_id == application_id).order_by(ReviewedValue.id)
    )
    return {row.subject: row for row in rows}


def _place(row: ReviewRow) -> tuple[int, float, int]:
    """Differences first, the surest reading of them on top; then doubtful values; then the rest in the form's order."""
    certainty = row.confidence if row.status == "differs" else 0.0
    return _ORDER.get(row.status, 1), -certainty, row.page


def _settlement_of(
    finding: StoredFinding, rows: dict[str, ReviewRow], settled: dict[str, ReviewedValue]
) -> ReviewedValue | None:
    """A finding about one value is settled with that value: the officer decides once."""
    row = rows.get(finding.field or "")
    return row.settled if row else settled.get(f"finding:{finding.id}")


def _shown_papers(application_id: uuid.UUID, papers: Sequence[ReviewRow]) -> Iterator[ReviewRow]:
    """Lists of workers are held against the application row by row: of their values only some are shown, for comparison."""
    listed = [row for row in papers if row.label.startswith(_LISTED)]
    drawn = _drawn(application_id, (row for row in listed if row.status == "read" and row.box))
    yield from (row for row in papers if not row.label.startswith(_LISTED))
    yield from (replace(row, sampled=True) for row in listed if row.subject in drawn or row.settled)


def _drawn(application_id: uuid.UUID, rows: Iterable[ReviewRow]) -> frozenset[str]:
    """Some of the values given for sure, the same at every look: nobody chooses which."""
    sure = [row.subject for row in rows if row.evidence]
    by_chance = sorted(sure, key=lambda subject: sha256(f"{application_id}{subject}".encode()).digest())
    return frozenset(by_chance[:_SAMPLE])


def _row(
    field: dict[str, Any],
    cell: dict[str, Any] | None,
    kept: ExtractedValue | None,
    settled: dict[str, ReviewedValue],
    documents: Iterable[ReturnedDocument],
) -> ReviewRow:
    box = field["box"]
    source = cell["page_source"] if cell else None
    document = document_read(source[0], documents) if source else None
    return ReviewRow(
        subject=f"field:{field['name']}",
        label=field["name"],
        page=field["page"],
        box=(box["left"], box["top"], box["right"], box["bottom"]),
        issued=field["value"],
        read=cell["read"] if cell else None,
        confidence=cell["confidence"] if cell else 0.0,
        status=cell["status"] if cell else "doubtful",
        source_name=document.name if document else None,
        source_page=source[1] if source and document else None,
        settled=settled.get(f"field:{field['name']}"),
        engine=kept.engine if kept else None,
        raw=kept.raw if kept else None,
        rules=tuple(kept.rules) if kept else (),
        evidence=kept.id if kept else None,
        document_id=document.id if document else None,
    )


def _paper_row(value: ExtractedValue, names: dict[uuid.UUID, str], settled: dict[str, ReviewedValue]) -> ReviewRow:
    subject = subject_of(value)
    return ReviewRow(
        subject=subject,
        label=value.field,
        page=value.page,
        box=tuple(value.box["points"]) if value.box else None,
        issued=None,
        read=value.value,
        confidence=value.confidence,
        status=value.status.value,
        source_name=names.get(value.document_id),
        source_page=value.page,
        settled=settled.get(subject),
        engine=value.engine,
        raw=value.raw,
        rules=tuple(value.rules),
        evidence=value.id,
        document_id=value.document_id,
    )
