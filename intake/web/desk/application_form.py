"""Step 5: everything at a glance, what is still to put right, issuing the form, reopening the data."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from intake.applications.draft import reopen
from intake.applications.fields import (
    AGREEMENT,
    EMPLOYER,
    PERIOD,
    REPRESENTATIVE,
    STAMP_DUTY,
    UNIT,
    WORKER,
)
from intake.applications.issue import NotYetIssuable, issue_form
from intake.notices.rules import count_weeks, readable_periods, required_documents
from intake.people.mandates import mandate_of
from intake.people.models import Capacity, Role
from intake.web.desk.application_fields import Judgement, ShownField, row_fields, single_fields
from intake.web.desk.application_shown import ShownApplication, application_facts, shown_application
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, roll_back, service, session
from intake.web.frame.signed_in import signed_in_person

screens = Blueprint("application_form", __name__)
_NOTHING_SAID = Judgement({}, {})


@route(screens, "/domande/<uuid:application_id>/passo/5", allow=Roles(Role.FILER))
def summary(application_id: UUID) -> ResponseReturnValue:
    """The summary; once the form is issued, its number and what to do with it."""
    each = shown_application(application_id)
    if not each.not_yet_sent:
        return redirect(url_for("applications.page", application_id=application_id))
    return _page(each)


@route(screens, "/domande/<uuid:application_id>/modulo", methods=["POST"], allow=Roles(Role.FILER))
def issue(application_id: UUID) -> ResponseReturnValue:
    """Issues the form from the data as they stand now."""
    try:
        form = issue_form(service(), session(), signed_in_person(), application_id, at=now())
    except NotYetIssuable:
        roll_back()
        return _page(shown_application(application_id)), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(gettext("Modulo %(form)s emesso.", form=form.form), "success")
    return redirect(url_for("application_form.summary", application_id=application_id), HTTPStatus.SEE_OTHER)


@route(screens, "/domande/<uuid:application_id>/riapri", methods=["POST"], allow=Roles(Role.FILER))
def reopen_data(application_id: UUID) -> ResponseReturnValue:
    """Voids the form in force so that data can be changed."""
    reopen(session(), signed_in_person(), application_id, at=now())
    flash(gettext("I dati sono di nuovo aperti: il modulo di prima non vale più."), "success")
    return redirect(url_for("application_steps.step_page", application_id=application_id, step=1), HTTPStatus.SEE_OTHER)


def _page(each: ShownApplication) -> str:
    draft, pack = each.application.draft, each.pack
    own = mandate_of(session(), signed_in_person(), each.application.employer_id)
    filed_by = {"capacity": "employer" if own.capacity is Capacity.REPRESENTATIVE else "consultant"}
    at = each.application.edition.own_clock(now())
    readable = readable_periods(draft["periods"])
    return render_template(
        "desk/application/summary.html",
        **application_facts(each, 5),
        sections=[
            (gettext("Azienda"), 1, _pairs(single_fields(EMPLOYER, draft, pack, _NOTHING_SAID))),
            (gettext("Legale rappresentante"), 1, _pairs(single_fields(REPRESENTATIVE, draft, pack, _NOTHING_SAID))),
            (gettext("Unità produttiva"), 1, _pairs(single_fields(UNIT, draft, pack, _NOTHING_SAID))),
            (gettext("Accordo"), 4, _pairs(single_fields(AGREEMENT, draft, pack, _NOTHING_SAID))),
            (gettext("Imposta di bollo"), 4, _pairs(single_fields(STAMP_DUTY, draft, pack, _NOTHING_SAID))),
        ],
        periods=_table(PERIOD, "periods", each),
        workers=_table(WORKER, "workers", each),
        weeks=count_weeks(pack, readable) if readable else None,
        blocking=[problem for problem in each.problems if problem.blocks],
        doubts=[problem for problem in each.problems if not problem.blocks],
        papers=required_documents(pack, {**draft, "filed_by": filed_by}, at),
    )


def _pairs(fields: list[ShownField]) -> list[tuple[str, str]]:
    return [(field.label, field.words) for field in fields if field.value or field.required]


def _table(fields: Any, table: str, each: ShownApplication) -> list[list[ShownField]]:
    rows = each.application.draft[table]
    return [row_fields(fields, table, number, row, each.pack, _NOTHING_SAID) for number, row in enumerate(rows, 1)]
