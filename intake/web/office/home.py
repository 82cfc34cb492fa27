"""The office's first page: who is here, and what their roles have to do now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from intake.applications.models import Submission
from intake.arrivals.listing import MOST_COUNTED as MOST_ARRIVALS
from intake.arrivals.listing import count_open
from intake.cases.annulment import cases_awaiting_word
from intake.cases.balance import Balance
from intake.cases.queue import MOST_COUNTED, Waiting, count_waiting, first_ready, held_by
from intake.checks.run import patience
from intake.people.models import OFFICE_ROLES, Person, Role
from intake.web.editions import ShownEdition, shown_editions
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, service, session
from intake.web.frame.signed_in import signed_in_person
from intake.web.office import arrivals, case_pages, register
from intake.web.office.balance import balance_today
from intake.web.office.role_names import role_names
from protocol_register.search import registers

screens = Blueprint("home", __name__)


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do for one edition; None where the person's roles do not reach."""

    shown: ShownEdition
    waiting: int | None
    first: Waiting | None
    mine: list[Submission]
    balance: Balance | None
    arrivals: int | None
    annulled: list[Submission]


@route(screens, "/", allow=Roles(*OFFICE_ROLES))
def home() -> ResponseReturnValue:
    """What to do, by role, for every edition that has a register; then the editions this office works on."""
    person = signed_in_person()
    roles = [grant.role for grant in person.roles if grant.revoked_at is None]
    editions = shown_editions()
    existing = {each.code for each in registers(session().connection())}
    works = [_work(person, each) for each in editions if each.code in existing and _reaches(roles)]
    without = [each for each in editions if each.code not in existing and each.window.phase != "closed"]
    return render_template(
        "office/home.html",
        roles=role_names(roles),
        editions=editions,
        works=works,
        without_register=without,
        most_counted=MOST_COUNTED,
        most_arrivals=MOST_ARRIVALS,
    )


def _reaches(roles: Collection[Role]) -> bool:
    return bool({*register.READERS, *case_pages.READERS} & set(roles))


def _work(person: Person, shown: ShownEdition) -> Work:
    sees_cases = person.has_role(*case_pages.READERS)
    asked: dict[str, Any] = {"at": now(), "patience": patience(service()).total_seconds()}
    return Work(
        shown=shown,
        waiting=count_waiting(session(), shown.edition) if sees_cases else None,
        first=first_ready(session(), shown.edition, **asked) if sees_cases else None,
        mine=held_by(session(), person, shown.edition) if sees_cases else [],
        balance=balance_today(shown.edition).balance if person.has_role(*register.READERS) else None,
        arrivals=count_open(session(), shown.edition) if person.has_role(*arrivals.READERS) else None,
        annulled=cases_awaiting_word(session(), shown.edition) if person.has_role(Role.DIRECTOR_GENERAL) else [],
    )
