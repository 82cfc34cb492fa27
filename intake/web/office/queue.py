"""The officer's queue: strict order of arrival, the next case, my cases in hand, taking another as a published act."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.wrappers import Response

from intake.cases.annulment import cases_awaiting_word
from intake.cases.queue import (
    MOST_COUNTED,
    REASON_WORDS,
    AlreadyHeld,
    LeftTheQueue,
    ReasonCode,
    ReasonNeeded,
    RegistrationAnnulled,
    Waiting,
    count_waiting,
    first_ready,
    held_by,
    release,
    take_chosen,
    take_shown,
    waiting_case,
    waiting_cases,
)
from intake.checks.run import patience
from intake.errors import NotFound, Refusal
from intake.people.models import Role
from intake.typed_text import typed_identifier
from intake.web.editions import ShownEdition, page_facts, shown_edition
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, roll_back, service, session
from intake.web.frame.errors import in_words
from intake.web.frame.signed_in import signed_in_person
from intake.web.office.case_pages import READERS

screens = Blueprint("queue", __name__)


@route(screens, "/coda/<code>", allow=Roles(*READERS))
def queue_page(code: str) -> ResponseReturnValue:
    """The queue as it stands now."""
    return _page(code)


@route(screens, "/coda/<code>/prossima", methods=["POST"], allow=Roles(Role.OFFICER))
def take_the_next(code: str) -> ResponseReturnValue:
    """Gives the officer the oldest ready case: the one that the page showed, and no other unseen."""
    edition, person = shown_edition(code).edition, signed_in_person()
    asked: dict[str, Any] = {"at": now(), "patience": _patience()}
    shown = typed_identifier(request.form.get("mostrata", ""))
    if shown is None:
        raise NotFound
    try:
        taken = take_shown(session(), person, edition, shown, **asked)
    except (ReasonNeeded, AlreadyHeld, LeftTheQueue, RegistrationAnnulled) as refusal:
        return _refused(code, refusal)
    return redirect(url_for("review.review_page", application_id=taken.id), HTTPStatus.SEE_OTHER)


@route(screens, "/coda/<code>/scelta/<uuid:application_id>", allow=Roles(Role.OFFICER))
def choose_page(code: str, application_id: UUID) -> ResponseReturnValue:
    """Asks why a case that is not the first leaves its order."""
    return _choose_page(code, application_id)


@route(screens, "/coda/<code>/scelta/<uuid:application_id>", methods=["POST"], allow=Roles(Role.OFFICER))
def take_this(code: str, application_id: UUID) -> ResponseReturnValue:
    """Takes one case; out of order only with a reason, which is published as a code."""
    _, _, chosen = _waiting(code, application_id)
    if chosen is None:
        return _choose_page(code, application_id)
    given, reason = request.form.get("motivo", ""), request.form.get("testo", "").strip()
    try:
        taken = take_chosen(
            session(),
            signed_in_person(),
            application_id,
            at=now(),
            patience=_patience(),
            reason_code=ReasonCode(given) if given in set(ReasonCode) else None,
            reason=reason,
        )
    except ReasonNeeded as refusal:
        roll_back()
        return _choose_page(code, application_id, refusal=refusal, given=given, reason=reason), refusal.status
    except (AlreadyHeld, LeftTheQueue, RegistrationAnnulled) as refusal:
        return _refused(code, refusal)
    return redirect(url_for("review.review_page", application_id=taken.id), HTTPStatus.SEE_OTHER)


@route(screens, "/coda/<code>/restituzione/<uuid:application_id>", methods=["POST"], allow=Roles(Role.OFFICER))
def give_back(code: str, application_id: UUID) -> ResponseReturnValue:
    """Gives a case back to the queue, at the place it had."""
    release(session(), signed_in_person(), application_id, at=now())
    flash(gettext("La domanda è tornata in coda, allo stesso posto."), "success")
    return redirect(url_for("queue.queue_page", code=code), HTTPStatus.SEE_OTHER)


def _patience() -> float:
    return patience(service()).total_seconds()


def _refused(code: str, refusal: Refusal) -> tuple[str, HTTPStatus]:
    roll_back()
    return _page(code, refusal=refusal), refusal.status


def _page(code: str, *, refusal: Refusal | None = None) -> str:
    shown, person = shown_edition(code), signed_in_person()
    asked: dict[str, Any] = {"at": now(), "patience": _patience()}
    return render_template(
        "office/queue.html",
        waiting=waiting_cases(session(), shown.edition, **asked),
        total=count_waiting(session(), shown.edition),
        most_counted=MOST_COUNTED,
        first=first_ready(session(), shown.edition, **asked),
        mine=held_by(session(), person, shown.edition),
        annulled=cases_awaiting_word(session(), shown.edition),
        may_take=person.has_role(Role.OFFICER),
        at=now(),
        problem=in_words(refusal) if refusal else None,
        **page_facts(shown),
    )


def _waiting(code: str, application_id: UUID) -> tuple[ShownEdition, Waiting | None, Waiting | None]:
    """The edition, the first ready case, and this one; None where it is not in this queue."""
    shown = shown_edition(code)
    asked: dict[str, Any] = {"at": now(), "patience": _patience()}
    first = first_ready(session(), shown.edition, **asked)
    return shown, first, waiting_case(session(), shown.edition, application_id, **asked)


def _choose_page(
    code: str, application_id: UUID, *, refusal: Refusal | None = None, given: str = "", reason: str = ""
) -> str | Response:
    shown, first, chosen = _waiting(code, application_id)
    if chosen is None:
        flash(gettext("Questa domanda non è più in coda: qualcuno l'ha presa in esame."), "warning")
        return redirect(url_for("queue.queue_page", code=code), HTTPStatus.SEE_OTHER)
    return render_template(
        "office/choose.html",
        chosen=chosen,
        first=first,
        problem=in_words(refusal) if refusal else None,
        reasons=[(code, gettext(words)) for code, words in REASON_WORDS.items()],
        given=given,
        reason=reason,
        **page_facts(shown),
    )
