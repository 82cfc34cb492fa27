"""Starting an application, its own page, putting a draft away."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from intake.applications.draft import discard, open_draft
from intake.applications.lifecycle import events_told, filer_of, sentence_told
from intake.applications.models import State
from intake.applications.place import cases_before
from intake.cases.annulment import words_on
from intake.errors import NotFound, Refusal
from intake.people.mandates import employers_of
from intake.people.models import Role
from intake.typed_text import typed_identifier
from intake.web.desk.application_receipts import receipts_of
from intake.web.desk.application_shown import application_facts, shown_application
from intake.web.editions import shown_edition, shown_editions
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, session
from intake.web.frame.language import language
from intake.web.frame.signed_in import signed_in_person

screens = Blueprint("applications", __name__)


class DraftsNotYetOpen(Refusal):
    code = "drafts_not_yet_open"
    message = "Per questo avviso oggi non si possono preparare domande."
    remedy = "Guardi le date nella pagina dell'avviso. Intanto può provare con la prova dell'avviso, sempre aperta."


@route(screens, "/domande/nuova", allow=Roles(Role.FILER))
def new() -> ResponseReturnValue:
    """Which notice, for which firm. ``?edizione=`` and ``?azienda=`` choose beforehand."""
    return _new_page({})


@route(screens, "/domande/nuova", methods=["POST"], allow=Roles(Role.FILER))
def open_one() -> ResponseReturnValue:
    """Opens the draft and goes to its first step."""
    errors = {}
    code, employer = request.form.get("edizione", ""), typed_identifier(request.form.get("azienda", ""))
    if not code:
        errors["edizione"] = gettext("Scelga l'avviso.")
    if employer is None:
        errors["azienda"] = gettext("Scelga l'azienda.")
    if errors or employer is None:
        return _new_page(errors), HTTPStatus.UNPROCESSABLE_ENTITY
    shown = shown_edition(code)
    if not shown.window.drafts_allowed:
        raise DraftsNotYetOpen
    application = open_draft(session(), signed_in_person(), shown.edition, employer, at=now())
    return redirect(url_for("application_steps.step_page", application_id=application.id, step=1), HTTPStatus.SEE_OTHER)


@route(screens, "/domande/<uuid:application_id>", allow=Roles(Role.FILER))
def page(application_id: UUID) -> ResponseReturnValue:
    """An application that was transmitted; one that was not goes on where it stands."""
    each = shown_application(application_id)
    if each.application.state is State.DISCARDED:
        raise NotFound
    if each.not_yet_sent:
        return redirect(each.step_url(6 if each.form else 1))
    submission = each.application.submission
    waiting = each.application.state is State.REGISTERED and submission is not None
    return render_template(
        "desk/application/page.html",
        **application_facts(each),
        submission=submission,
        before=cases_before(session(), submission) if waiting and submission else None,
        receipts=receipts_of(each.application),
        words=words_on(session(), application_id),
        timeline=[
            (event.at, sentence_told(event, language()), filer_of(event))
            for event in reversed(events_told(each.application))
        ],
    )


@route(screens, "/domande/<uuid:application_id>/scarta", allow=Roles(Role.FILER))
def discard_page(application_id: UUID) -> ResponseReturnValue:
    """Asks before putting a draft away."""
    return render_template("desk/application/discard.html", **application_facts(shown_application(application_id)))


@route(screens, "/domande/<uuid:application_id>/scarta", methods=["POST"], allow=Roles(Role.FILER))
def discard_one(application_id: UUID) -> ResponseReturnValue:
    """Puts a draft away: nothing registered is ever discarded."""
    discard(session(), signed_in_person(), application_id, at=now())
    flash(gettext("La bozza è stata scartata."), "success")
    return redirect(url_for("area.home"), HTTPStatus.SEE_OTHER)


def _new_page(errors: dict[str, str]) -> str:
    asked = request.form if request.method == "POST" else request.args
    editions = shown_editions()
    return render_template(
        "desk/application/new.html",
        firms=employers_of(session(), signed_in_person()),
        editions=[each for each in editions if each.window.drafts_allowed],
        closed=[each for each in editions if not each.window.drafts_allowed],
        chosen_edition=asked.get("edizione", ""),
        chosen_firm=asked.get("azienda", ""),
        errors=errors,
    )
