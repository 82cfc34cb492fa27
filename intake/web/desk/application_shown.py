"""What every screen of one application needs: its notice, its steps, its problems, when it was saved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode
from uuid import UUID

from flask import url_for
from flask_babel import gettext

from intake.applications.access import application_for
from intake.applications.draft_check import DraftProblem, draft_problems
from intake.applications.earlier_check import earlier_questions
from intake.applications.firm_check import firm_problems
from intake.applications.lifecycle import state_in_words
from intake.applications.models import Application, IssuedForm, State
from intake.clock import ROME
from intake.notices.pack import NoticePack
from intake.notices.rules import LastDay, earliest_suspension, last_day_for, window_at
from intake.web.editions import ShownEdition, page_facts
from intake.web.frame.context import now, service, session
from intake.web.frame.language import language
from intake.web.frame.signed_in import signed_in_person

LAST_DATA_STEP = 4
NOT_YET_SENT = frozenset({State.DRAFT, State.ISSUED})


@dataclass(frozen=True)
class ShownApplication:
    """One application as its screens show it, at this request's instant."""

    application: Application

    @cached_property
    def pack(self) -> NoticePack:
        return service().pack_of(self.application.edition)

    @cached_property
    def shown(self) -> ShownEdition:
        """Its edition, also when that is retired."""
        edition = self.application.edition
        return ShownEdition(edition, self.pack, window_at(self.pack, edition.own_clock(now())))

    @cached_property
    def form(self) -> IssuedForm | None:
        """The form in force: while there is one, data stand still."""
        return self.application.current_form

    @cached_property
    def problems(self) -> tuple[DraftProblem, ...]:
        at = self.application.edition.own_clock(now())
        own = draft_problems(self.application.draft, self.pack, at)
        drafted = self.application.state is State.DRAFT
        asked = earlier_questions(service(), session(), self.application, at=now()) if drafted else ()
        problems = (*own, *firm_problems(session(), self.application), *asked)
        return tuple(sorted(problems, key=lambda problem: (problem.step, not problem.blocks)))

    def problems_of(self, step: int) -> tuple[DraftProblem, ...]:
        return tuple(problem for problem in self.problems if problem.step == step)

    @property
    def not_yet_sent(self) -> bool:
        return self.application.state in NOT_YET_SENT

    @property
    def state(self) -> str:
        return state_in_words(self.application.state, language())

    @property
    def saved_line(self) -> str:
        """``Salvato alle 10:32``; with the day when that was not today."""
        saved, today = self.application.updated_at.astimezone(ROME), now().astimezone(ROME)
        if saved.date() == today.date():
            return str(gettext("Salvato alle %(hour)s", hour=f"{saved:%H:%M}"))
        return str(gettext("Salvato il %(day)s alle %(hour)s", day=f"{saved:%d/%m/%Y}", hour=f"{saved:%H:%M}"))

    @cached_property
    def last_day(self) -> LastDay | None:
        """The last day to transmit it; None until a first day of suspension is written."""
        first = earliest_suspension(self.application.draft)
        return last_day_for(self.pack, first) if first else None

    @property
    def step_titles(self) -> list[str]:
        return [
            gettext("Azienda e unità"),
            gettext("Periodi"),
            gettext("Lavoratori"),
            gettext("Accordo e dichiarazioni"),
            gettext("Riepilogo e modulo"),
            gettext("Documenti firmati e invio"),
        ]

    def step_url(self, step: int, **arguments: int) -> str:
        """The address of a step from 1 to 6; ``arguments`` (``controlla``, ``righe``) for the first four."""
        endpoint = {5: "application_form.summary", 6: "application_documents.documents"}.get(step)
        if endpoint:
            return url_for(endpoint, application_id=self.application.id)
        address = url_for("application_steps.step_page", application_id=self.application.id, step=step)
        return f"{address}?{urlencode(arguments)}" if arguments else address

    def place_of(self, problem: DraftProblem) -> str:
        """The part of the application where a problem is, to tell apart fields of the same name."""
        places = {
            "employer": gettext("Azienda"),
            "representative": gettext("Legale rappresentante"),
            "unit": gettext("Unità produttiva"),
            "periods": gettext("Periodi"),
            "workers": gettext("Lavoratori"),
            "agreement": gettext("Accordo"),
            "declarations": gettext("Dichiarazioni"),
            "consents": gettext("Assenso"),
            "stamp_duty": gettext("Imposta di bollo"),
        }
        return str(places.get(problem.field.split(".", 1)[0], gettext("Domanda")))

    @property
    def notice_name(self) -> str:
        """Region and measure, since several Regions give theirs the same short title."""
        return f"{self.pack.territory.region} · {self.pack.measure.short_title}"

    def problem_url(self, problem: DraftProblem) -> str:
        """The field that a problem speaks of."""
        arguments = {"controlla": 1} if problem.step <= LAST_DATA_STEP else {}
        return f"{self.step_url(problem.step, **arguments)}#{anchor(problem.field)}"


def anchor(path: str) -> str:
    """The identifier, in a page, of the field at a path of the draft."""
    return path.replace(".", "-")


def shown_application(application_id: UUID) -> ShownApplication:
    """An application of a firm that the person acts for. Raises ``NotFound``."""
    return ShownApplication(application_for(session(), signed_in_person(), application_id))


def application_facts(each: ShownApplication, step: int | None = None) -> dict[str, object]:
    """What a template of one application is given; ``step`` from 1 where it is a step."""
    facts = page_facts(each.shown)
    steps = range(1, len(each.step_titles) + 1)
    return facts | {
        "each": each,
        "application": each.application,
        "draft": each.application.draft,
        "employer_name": each.application.draft["employer"].get("name") or each.application.employer.name,
        "step": step,
        "step_urls": [each.step_url(number) for number in steps],
        "troubled_steps": {problem.step for problem in each.problems if problem.blocks},
        "anchor": anchor,
    }
