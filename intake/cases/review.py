"""The review: every value of the issued form beside what was read of it, differences first, each settled by a person."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications.lifecycle import Actor, lock, move
from intake.applications.models import Application, IssuedForm, ReturnedDocument
from intake.cases.case import document_read
from intake.cases.evidence import subject_of, value_behind, values_of
from intake.cases.models import ReviewedValue, Settlement
from intake.cases.queue import holding_of
from intake.cases.stamp_uses import second_use_findings
from intake.checks.models import CheckRun, ExtractedValue, StoredFinding
from intake.checks.run import current_run
from intake.checks.severity import Severity
from intake.errors import Refusal
from intake.people.models import Person

_ORDER = {"differs": 0, "doubtful": 1, "agrees": 2, "empty": 3}
_SAMPLE = 3
"""Values given for sure that each case offers for comparison: without them only the doubtful ones would be measured."""


class UnknownSubject(Refusal):
    code = "unknown_subject"
    message = "Questo dato non fa parte della domanda in esame."
    remedy = "Ricarichi la pagina della verifica."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class ValueNeeded(Refusal):
    code = "value_needed"
    message = "Per correggere un dato serve il valore giusto; per respingerlo, una nota."
    remedy = "Scriva il valore letto sull'originale, oppure la nota, e confermi."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NotSettled(Refusal):
    code = "not_settled"
    message = "Ci sono ancora {count} dati o rilievi da definire."
    remedy = "Li trova in cima all'elenco: ne accetti, corregga o respinga ognuno."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class HasRejectedValues(Refusal):
    code = "has_rejected_values"
    message = "La domanda non può essere ammissibile: {count} dati o rilievi sono stati respinti."
    remedy = "Concluda con la non ammissione, oppure accetti o corregga quello che ha respinto."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class ReasonsNeeded(Refusal):
    code = "reasons_needed"
    message = "Per non ammettere una domanda servono i motivi e la norma di ciascuno."
    remedy = "Scriva i motivi, citando l'articolo dell'avviso o della legge."
    law = "L. 241/1990, art. 10-bis"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


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
    drawn = _drawn(application.id, rows)
    ordered = sorted((replace(row, sampled=row.subject in drawn) for row in rows), key=_place)
    by_name = {row.label: row for row in rows if row.status in {"differs", "doubtful"}}
    stored = [*(run.findings if run else ()), *second_use_findings(session, application)]
    findings = tuple((finding, _settlement_of(finding, by_name, settled)) for finding in stored)
    names = {document.id: document.name for document in documents}
    papers = tuple(_paper_row(each, names, settled) for each in values if each.form_page is None)
    return Review(tuple(ordered), findings, papers)


def settle(
    session: Session,
    officer: Person,
    application_id: uuid.UUID,
    subject: str,
    settlement: Settlement,
    *,
    value: str | None,
    note: str | None,
    at: datetime,
    reads_so: bool = False,
) -> ReviewedValue:
    """The officer who holds the case settles one value or finding. What was read stays as it was read.

    To accept says that the form bears what was issued or, with ``reads_so``, that it bears what was read and the issued
    value stands all the same; on other papers, that the reading is right. A correction is what the document bears.
    Raises ``NotFound``, ``UnknownSubject``, ``ValueNeeded``.
    """
    holding_of(session, officer, application_id)
    application = lock(session, application_id)
    form = application.current_form
    if form is None or not _is_subject(session, application, form, subject):
        raise UnknownSubject
    if (settlement is Settlement.CORRECTED and not value) or (settlement is Settlement.REJECTED and not note):
        raise ValueNeeded
    extracted = value_behind(session, current_run(session, application), subject)
    reviewed = ReviewedValue(
        application_id=application_id,
        subject=subject,
        settlement=settlement,
        value=value if settlement is Settlement.CORRECTED else None,
        note=note,
        seen=_seen(settlement, value, extracted, reads_so=reads_so),
        extracted_id=extracted.id if extracted else None,
        officer_id=officer.id,
        at=at,
    )
    session.add(reviewed)
    move(session, application, "value_settled", actor=Actor.OFFICER, person=officer, at=at, subject=subject)
    return reviewed


def find_admissible(
    session: Session, officer: Person, application_id: uuid.UUID, review: Review, *, at: datetime
) -> None:
    """Ends the examination with admission. Raises ``NotFound``, ``NotSettled``, ``HasRejectedValues``."""
    holding = holding_of(session, officer, application_id)
    still_open = len(review.open_rows) + len(review.open_findings)
    if still_open:
        raise NotSettled(count=still_open)
    if review.rejected:
        raise HasRejectedValues(count=len(review.rejected))
    application = lock(session, application_id)
    move(session, application, "found_admissible", actor=Actor.OFFICER, person=officer, at=at)
    holding.released_at = at


def find_not_admissible(
    session: Session, officer: Person, application_id: uuid.UUID, reasons: str, rule: str, *, at: datetime
) -> None:
    """Ends the examination with "non ammesso". Raises ``NotFound``, ``ReasonsNeeded``."""
    holding = holding_of(session, officer, application_id)
    if not reasons.strip() or not rule.strip():
        raise ReasonsNeeded
    application = lock(session, application_id)
    move(
        session,
        application,
        "found_not_admissible",
        actor=Actor.OFFICER,
        person=officer,
        at=at,
        reason=reasons.strip(),
        rule=rule.strip(),
    )
    holding.released_at = at


def _seen(settlement: Settlement, value: str | None, extracted: ExtractedValue | None, *, reads_so: bool) -> str | None:
    if extracted is None or settlement is Settlement.REJECTED:
        return None
    if settlement is Settlement.CORRECTED:
        return value
    return extracted.value or "" if reads_so or extracted.issued is None else extracted.issued


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


def _drawn(application_id: uuid.UUID, rows: Iterable[ReviewRow]) -> frozenset[str]:
    """Some of the values given for sure on pictures, the same at every look: nobody chooses which."""
    sure = [row.subject for row in rows if row.status == "agrees" and row.evidence and row.engine != "pdf"]
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


def _is_subject(session: Session, application: Application, form: IssuedForm, subject: str) -> bool:
    kind, _, name = subject.partition(":")
    match kind:
        case "field":
            return any(field["name"] == name for field in form.form_map["fields"])
        case "read":
            return value_behind(session, current_run(session, application), subject) is not None
        case "finding":
            return _is_finding(session, application, name)
        case _:
            return False


def _is_finding(session: Session, application: Application, name: str) -> bool:
    try:
        identifier = uuid.UUID(name)
    except ValueError:
        return False
    if identifier in {each.id for each in second_use_findings(session, application)}:
        return True
    finding = session.get(StoredFinding, identifier)
    run = session.get(CheckRun, finding.run_id) if finding else None
    return run is not None and run.application_id == application.id
