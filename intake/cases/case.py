"""A case as the office opens it: what was transmitted, the run of checks over it, who holds it, its pages."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications.models import Application, DocumentKind, IssuedForm, ReturnedDocument, Submission
from intake.cases.models import Holding
from intake.checks.models import CheckRun
from intake.checks.run import current_run
from intake.errors import NotFound

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Case:
    """A transmitted application. ``run`` None: no check was asked for its documents."""

    application: Application
    submission: Submission
    form: IssuedForm
    run: CheckRun | None
    holding: Holding | None

    @property
    def sheet(self) -> tuple[float, float]:
        """Width and height of the issued pages, in points."""
        return float(self.form.form_map["width"]), float(self.form.form_map["height"])

    def document(self, document_id: uuid.UUID) -> ReturnedDocument:
        """A document of the case, also one its sender replaced. Raises ``NotFound``."""
        found = next((each for each in self.application.documents if each.id == document_id), None)
        if found is None:
            raise NotFound
        return found


@dataclass(frozen=True, slots=True)
class FormPage:
    """A page of the issued form (from 1) and where it came back: ``document`` None when it did not.

    ``to_issued``: nine numbers that take points of the received page to points of the issued one; None: they are one.
    ``rotation``: by how many degrees clockwise the page came turned. ``placed``: the checks found the page, so that
    boxes can be drawn on it; otherwise it is a guess by its order.
    """

    number: int
    document: ReturnedDocument | None
    page: int
    to_issued: tuple[float, ...] | None
    rotation: int
    placed: bool

    def place(self, box: Box) -> tuple[Point, ...]:
        """The corners, on the received page, of a box of the issued page."""
        left, top, right, bottom = box
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        if self.to_issued is None:
            return corners
        back = np.linalg.inv(np.array(self.to_issued).reshape(3, 3))
        moved = back @ np.array([[x, y, 1.0] for x, y in corners]).T
        return tuple((float(x / w), float(y / w)) for x, y, w in moved.T)


def case_of(session: Session, application_id: uuid.UUID) -> Case:
    """The case of a transmitted application. Raises ``NotFound``: the office never sees a draft."""
    application = session.get(Application, application_id)
    if application is None or application.submission is None:
        raise NotFound
    form = session.get_one(IssuedForm, application.submission.form)
    holding = session.scalar(
        select(Holding).where(Holding.application_id == application_id, Holding.released_at.is_(None))
    )
    return Case(application, application.submission, form, current_run(session, application), holding)


def form_pages(case: Case) -> tuple[FormPage, ...]:
    """Every page of the issued form with the best copy of it that came back."""
    reading: dict[str, Any] = (case.run.reading if case.run else None) or {}
    best: dict[int, dict[str, Any]] = {}
    for page in reading.get("pages", []):
        number = _number_of(page)
        if number and (number not in best or page["quality"] > best[number]["quality"]):
            best[number] = page
    forms = [each for each in case.application.current_documents if each.kind is DocumentKind.FORM]
    if not reading:
        guess = forms[0] if forms else None
        return tuple(FormPage(n, guess, n, None, 0, placed=False) for n in range(1, case.form.pages + 1))
    return tuple(_form_page(number, best.get(number), forms) for number in range(1, case.form.pages + 1))


def document_read(source: str, documents: Iterable[ReturnedDocument]) -> ReturnedDocument | None:
    """The document that a reading calls ``source``: by its identifier, or by its name in readings of before."""
    known = list(documents)
    by_id = next((each for each in known if str(each.id) == source), None)
    return by_id or next((each for each in known if each.name == source), None)


def _form_page(number: int, page: dict[str, Any] | None, forms: list[ReturnedDocument]) -> FormPage:
    document = document_read(page["source_name"], forms) if page else None
    if page is None or document is None:
        return FormPage(number, None, number, None, 0, placed=False)
    to_issued = tuple(page["to_issued"]) if page.get("to_issued") else None
    return FormPage(number, document, page["number"], to_issued, page["rotation"], placed=True)


def _number_of(page: dict[str, Any]) -> int | None:
    return int(page["code"]["code"]["page"]) if page["belongs"] == "ours" and page["code"] else None
