"""The review settled by a person, value by value, and the end of the examination, which no open value lets pass."""

from __future__ import annotations

import uuid
from datetime import datetime
from http import HTTPStatus

from sqlalchemy.orm import Session

from intake.applications.lifecycle import Actor, lock, move
from intake.applications.models import Application, IssuedForm
from intake.cases.evidence import value_behind
from intake.cases.models import ReviewedValue, Settlement
from intake.cases.queue import holding_of
from intake.cases.review_rows import Review, ReviewRow, review_of
from intake.cases.stamp_uses import second_use_findings
from intake.checks.models import CheckRun, ExtractedValue, StoredFinding
from intake.checks.run import current_run
from intake.errors import Refusal
from intake.people.models import Person

__all__ = [
    "HasRejectedValues",
    "NotSettled",
    "ReasonsNeeded",
    "Review",
    "ReviewRow",
    "UnknownSubject",
    "ValueNeeded",
    "find_admissible",
    "find_not_admissible",
    "review_of",
    "settle",
]


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
