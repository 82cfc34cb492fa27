"""The applications of a person in the personal area: what to do first, and where each one stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from flask import url_for
from flask_babel import gettext

from intake.applications.access import applications_of
from intake.applications.lifecycle import events_told, sentence_told
from intake.applications.models import Application, DocumentKind, State
from intake.web.desk.application_shown import ShownApplication
from intake.web.frame.context import session
from intake.web.frame.language import language
from intake.web.frame.signed_in import signed_in_person


@dataclass(frozen=True)
class ListedApplication:
    """One row. ``due``: the real instant before which it must be sent, None where there is none."""

    each: ShownApplication
    due: datetime | None

    @property
    def url(self) -> str:
        return url_for("applications.page", application_id=self.each.application.id)

    @property
    def firm(self) -> str:
        return self.each.application.employer.name

    @property
    def last_event(self) -> tuple[datetime, str]:
        event = events_told(self.each.application)[-1]
        return event.at, sentence_told(event, language())


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do, as the list of the area shows it."""

    title: str
    url: str
    detail: str
    due: datetime | None
    state: tuple[str, str] | None


def listed_applications(employer_id: UUID | None = None) -> list[ListedApplication]:
    """Those of the firms that the person acts for, or of one of these firms, the last changed first."""
    applications = applications_of(session(), signed_in_person(), employer_id=employer_id)
    found = [ShownApplication(application) for application in applications]
    return [ListedApplication(each, _due(each)) for each in found]


def tasks_of(listed: list[ListedApplication]) -> list[Task]:
    """What waits for the person: live before rehearsal, then what ends first."""
    waiting = [one for one in listed if _to_do(one.each.application)]
    dated = sorted((one for one in waiting if one.due), key=attrgetter("due"))
    undated = [one for one in waiting if not one.due]
    ordered = sorted((*dated, *undated), key=lambda one: one.each.application.edition.is_rehearsal)
    return [_task(one) for one in ordered]


def _due(each: ShownApplication) -> datetime | None:
    if not each.not_yet_sent:
        return None
    ends_at = each.last_day.ends_at if each.last_day else each.shown.window.closes_at
    return each.shown.real(ends_at) if ends_at else None


def _to_do(application: Application) -> str | None:
    match application.state:
        case State.DRAFT:
            return str(gettext("Completare la domanda"))
        case State.ISSUED if any(each.kind is DocumentKind.FORM for each in application.current_documents):
            return str(gettext("Inviare la domanda"))
        case State.ISSUED:
            return str(gettext("Caricare il modulo firmato"))
        case State.INTEGRATION_AWAITED:
            return str(gettext("Rispondere alla richiesta dell'ufficio"))
        case State.NOT_ADMITTED:
            return str(gettext("Leggere i motivi di «non ammesso»"))
        case _:
            return None


def _task(one: ListedApplication) -> Task:
    each = one.each
    rehearsal = each.application.edition.is_rehearsal
    return Task(
        title=f"{one.firm} · {_to_do(each.application)}",
        url=one.url,
        detail=each.notice_name,
        due=one.due,
        state=("warning", gettext("PROVA")) if rehearsal else None,
    )
