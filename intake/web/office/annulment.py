"""The page on which the director general decides what becomes of a case whose registration was annulled."""

from __future__ import annotations

import io
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from intake.applications.lifecycle import state_in_words
from intake.applications.models import State, Submission
from intake.cases.annulment import standing_place, words_on
from intake.cases.annulment_models import AnnulmentOutcome
from intake.cases.annulment_word import CLOSABLE, Decision, decide_annulled, state_before_annulment
from intake.cases.register_view import operator_name
from intake.errors import NotFound, Refusal
from intake.people.models import Role
from intake.web.editions import page_facts, shown_edition
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, roll_back, service, session
from intake.web.frame.errors import in_words
from intake.web.frame.language import language
from intake.web.frame.signed_in import signed_in_person
from intake.web.office.register import too_long
from protocol_register.search import annulment_of, entry_of

screens = Blueprint("annulment", __name__)

READERS = (Role.PROTOCOL_OFFICE, Role.OFFICER, Role.DIRECTOR, Role.DIRECTOR_GENERAL, Role.AUDITOR)
_PAGE = "/pratiche/<uuid:application_id>/annullamento"


@route(screens, _PAGE, allow=Roles(*READERS))
def annulment_page(application_id: UUID) -> ResponseReturnValue:
    """What was annulled, by whom and why; the decision to take, or those that were taken."""
    return _page(application_id)


@route(screens, _PAGE, methods=["POST"], allow=Roles(Role.DIRECTOR_GENERAL))
def decide(application_id: UUID) -> ResponseReturnValue:
    """Has the application registered anew, or closes it; the filer is written to."""
    given = request.form.get("esito", "")
    typed = {key: request.form.get(key, "") for key in ("atto", "motivo")}
    if errors := too_long(typed):
        return _page(application_id, typed=typed, chosen=given, errors=errors), HTTPStatus.UNPROCESSABLE_ENTITY
    if given not in set(AnnulmentOutcome):
        error = gettext("Scelga che cosa ne è della domanda.")
        return _page(application_id, typed=typed, errors={"esito": error}), HTTPStatus.UNPROCESSABLE_ENTITY
    decision = Decision(AnnulmentOutcome(given), typed["atto"], typed["motivo"])
    try:
        word = decide_annulled(service(), session(), signed_in_person(), application_id, decision, at=now())
    except NotFound:
        raise
    except Refusal as refusal:
        roll_back()
        return _page(application_id, typed=typed, chosen=given, refusal=refusal), refusal.status
    flash(
        gettext(
            "Decisione registrata. La comunicazione all'azienda ha il n. %(number)s.", number=word.letter_number_shown
        ),
        "success",
    )
    return redirect(url_for("annulment.annulment_page", application_id=application_id), HTTPStatus.SEE_OTHER)


@route(screens, f"{_PAGE}/<uuid:word_id>.pdf", allow=Roles(*READERS))
def letter(application_id: UUID, word_id: UUID) -> ResponseReturnValue:
    """The communication as it was registered."""
    found = next((each for each in words_on(session(), application_id) if each.id == word_id), None)
    if found is None:
        raise NotFound
    data = io.BytesIO(service().store.get(found.letter_sha256))
    name = f"decisione-{found.letter_number}-{found.letter_year}.pdf"
    return send_file(data, mimetype="application/pdf", as_attachment=True, download_name=name)


def _page(
    application_id: UUID,
    *,
    typed: dict[str, str] | None = None,
    chosen: str = "",
    errors: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> str:
    submission = session().get(Submission, application_id)
    if submission is None:
        raise NotFound
    application, connection = submission.application, session().connection()
    code, year, number = standing_place(session(), submission)
    awaited = application.state is State.ANNULMENT_AWAITED
    before = state_before_annulment(session(), application) if awaited else None
    words = words_on(session(), application_id)
    if not awaited and not words:
        raise NotFound
    return render_template(
        "office/annulment.html",
        submission=submission,
        application=application,
        entry=entry_of(connection, code, year, number),
        annulment=annulment_of(connection, code, year, number),
        before=state_in_words(before, language()) if before else None,
        closable=before in CLOSABLE,
        words=words,
        state=state_in_words(application.state, language()),
        name_of=lambda operator: operator_name(session(), operator),
        may_decide=awaited and signed_in_person().has_role(Role.DIRECTOR_GENERAL),
        may_open_case=signed_in_person().has_role(Role.OFFICER, Role.DIRECTOR, Role.DIRECTOR_GENERAL, Role.AUDITOR),
        typed=typed or {},
        chosen=chosen,
        errors=errors or {},
        problem=in_words(refusal) if refusal else None,
        **page_facts(shown_edition(code)),
    )
