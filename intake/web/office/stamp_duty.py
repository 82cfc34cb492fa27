"""Stamp duty in the office: the list of virtual authorisations, the cases that bear an identifier, a label's picture."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from intake.cases.case import case_of
from intake.cases.page_drawing import PageOrder
from intake.cases.page_images import cut_out
from intake.clock import ROME
from intake.errors import NotFound, Refusal
from intake.people.models import Role
from intake.stamp_ledger.authorizations import (
    AuthorizationIncomplete,
    AuthorizationKnown,
    ClosingReasonNeeded,
    NewAuthorization,
    add_authorization,
    authorizations,
    close_authorization,
)
from intake.stamp_ledger.ledger import cases_with
from intake.typed_text import typed_day
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, roll_back, service, session
from intake.web.frame.errors import in_words
from intake.web.frame.signed_in import signed_in_person
from intake.web.office.case_pages import READERS as CASE_READERS
from intake.web.office.case_pages import SCREEN_DPI, page_images

screens = Blueprint("stamp_duty", __name__)

KEEPERS = (Role.PROTOCOL_OFFICE, Role.OFFICER)
READERS = (*KEEPERS, Role.DIRECTOR, Role.DIRECTOR_GENERAL, Role.AUDITOR)
_FIELDS = {
    "office": "ufficio",
    "number": "numero",
    "issued_on": "data",
    "holder": "titolare",
    "holder_code": "codice",
    "valid_from": "dal",
    "valid_to": "al",
}
_MARGIN = 6.0


@route(screens, "/bollo", allow=Roles(*READERS))
def stamp_duty_page() -> ResponseReturnValue:
    """The list, and the cases that bear the identifier ``marca``."""
    return _page()


@route(screens, "/bollo/autorizzazioni", methods=["POST"], allow=Roles(*KEEPERS))
def add() -> ResponseReturnValue:
    """Adds an authorisation to the list."""
    typed = {field: request.form.get(name, "").strip() for field, name in _FIELDS.items()}
    new = NewAuthorization(
        office=typed["office"],
        number=typed["number"],
        issued_on=_day(typed["issued_on"]),
        holder=typed["holder"],
        holder_code=typed["holder_code"],
        valid_from=_day(typed["valid_from"]),
        valid_to=_day(typed["valid_to"]),
    )
    try:
        add_authorization(session(), signed_in_person(), new, at=now())
    except (AuthorizationIncomplete, AuthorizationKnown) as refusal:
        roll_back()
        return _page(refusal=refusal, typed=typed), refusal.status
    flash(gettext("Autorizzazione aggiunta: da ora i controlli la riconoscono."), "success")
    return redirect(url_for("stamp_duty.stamp_duty_page"), HTTPStatus.SEE_OTHER)


@route(screens, "/bollo/autorizzazioni/<uuid:authorization_id>/chiusura", methods=["POST"], allow=Roles(*KEEPERS))
def close(authorization_id: UUID) -> ResponseReturnValue:
    """Closes an authorisation: it stays in the list, and holds for the days up to its last."""
    last_day, reason = _day(request.form.get("ultimo", "")), request.form.get("motivo", "")
    try:
        close_authorization(session(), signed_in_person(), authorization_id, last_day=last_day, reason=reason, at=now())
    except ClosingReasonNeeded as refusal:
        roll_back()
        return _page(refusal=refusal, closing=authorization_id), refusal.status
    flash(gettext("Autorizzazione chiusa. Resta nell'elenco con il motivo."), "success")
    return redirect(url_for("stamp_duty.stamp_duty_page"), HTTPStatus.SEE_OTHER)


@route(screens, "/pratiche/<uuid:application_id>/bollo/<int(max=999):place>", allow=Roles(*CASE_READERS))
def mark_picture(application_id: UUID, place: int) -> ResponseReturnValue:
    """The part of the received page where a mark stands."""
    case = case_of(session(), application_id)
    marks = ((case.run.stamps if case.run else None) or {}).get("marks", [])
    mark = marks[place] if place < len(marks) else None
    if mark is None or mark["page"] is None or mark["box"] is None:
        raise NotFound
    document = case.document(UUID(mark["document"]))
    order = PageOrder(service().store.get(document.sha256), document.name, mark["page"], SCREEN_DPI)
    left, top, right, bottom = mark["box"]
    picture = cut_out(page_images().picture(order), (left, top, right, bottom), SCREEN_DPI, _MARGIN)
    return Response(picture, mimetype="image/webp")


def _page(*, refusal: Refusal | None = None, typed: dict[str, str] | None = None, closing: UUID | None = None) -> str:
    wanted = "".join(request.args.get("marca", "").upper().split())[:60]
    person = signed_in_person()
    faulty = refusal.fields if isinstance(refusal, AuthorizationIncomplete) else ()
    return render_template(
        "office/stamp_duty.html",
        rows=authorizations(session()),
        wanted=wanted,
        cases=cases_with(session(), wanted) if wanted else (),
        may_open_cases=person.has_role(*CASE_READERS),
        may_keep=person.has_role(*KEEPERS),
        problem=in_words(refusal) if refusal else None,
        faulty=faulty,
        typed=typed or {},
        closing=closing,
        today=now().astimezone(ROME).date(),
    )


def _day(text: str) -> date | None:
    try:
        return typed_day(text.strip())
    except ValueError:
        return None
