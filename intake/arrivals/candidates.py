"""Finding the application that an arrival belongs to, when no page code says it: by number, form, firm or tax code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.orm import Session

from intake.applications.models import Application, IssuedForm, State, Submission
from intake.notices.models import NoticeEdition
from intake.people.models import Employer
from intake.typed_text import visible
from protocol_register.entries import shown_number

MOST_SHOWN = 20
_NUMBER = re.compile(r"(\d{1,9})(?:/(\d{4}))?")


@dataclass(frozen=True, slots=True)
class Candidate:
    """The little that the protocol office needs of an application to recognise it; ``number`` None: not sent yet."""

    application_id: UUID
    form: str
    firm: str
    tax_code: str
    issued_at: datetime
    number: str | None

    @property
    def waits_for_paper(self) -> bool:
        return self.number is None


def find_candidates(session: Session, edition: NoticeEdition, words: str) -> tuple[Candidate, ...]:
    """Applications of one edition with a form in force, issued or registered; drafts are nobody's but their firm's."""
    asked = visible(words)
    if not asked:
        return ()
    rows = session.execute(
        _candidates(edition).where(or_(*_conditions(asked))).order_by(IssuedForm.issued_at.desc()).limit(MOST_SHOWN)
    )
    return tuple(map(_candidate, rows))


def candidate_of(session: Session, edition: NoticeEdition, form: str) -> Candidate | None:
    """The application of one form; None when it is another notice's."""
    row = session.execute(_candidates(edition).where(IssuedForm.form == form)).first()
    return _candidate(row) if row else None


def _candidate(row: Row[UUID, str, str, str, datetime, int]) -> Candidate:
    application_id, form, firm, tax_code, issued_at, number = row
    return Candidate(
        application_id, form, firm, tax_code, issued_at, shown_number(number) if number is not None else None
    )


def _candidates(edition: NoticeEdition) -> Select[UUID, str, str, str, datetime, int]:
    return (
        select(
            Application.id, IssuedForm.form, Employer.name, Employer.tax_code, IssuedForm.issued_at, Submission.number
        )
        .join(IssuedForm, IssuedForm.application_id == Application.id)
        .join(Employer, Employer.id == Application.employer_id)
        .outerjoin(Submission, Submission.application_id == Application.id)
        .where(
            Application.edition_id == edition.id,
            IssuedForm.superseded_at.is_(None),
            Application.state.not_in((State.DRAFT, State.DISCARDED)),
        )
    )


def _conditions(asked: str) -> list[ColumnElement[bool]]:
    conditions = [
        Employer.name.icontains(asked, autoescape=True),
        Employer.tax_code == asked.upper().replace(" ", ""),
        IssuedForm.form.icontains(asked, autoescape=True),
    ]
    if number := _NUMBER.fullmatch(asked):
        same = Submission.number == int(number[1])
        conditions.append(same & (Submission.year == int(number[2])) if number[2] else same)
    return conditions
