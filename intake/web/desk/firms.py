"""One firm: its applications, who may act for it, and the representative's delegations."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired

from intake.errors import NotFound
from intake.people.mandates import UnknownDelegate, active_mandates, delegate, employer_of, mandate_of, revoke
from intake.people.models import Capacity, Role
from intake.web.desk.application_list import listed_applications
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, roll_back, session
from intake.web.frame.errors import in_words
from intake.web.frame.signed_in import signed_in_person

screens = Blueprint("firms", __name__)


class DelegationForm(FlaskForm):  # type: ignore[misc]
    """The person to delegate."""

    tax_code = StringField(
        lazy_gettext("Codice fiscale della persona"),
        [InputRequired(lazy_gettext("Scriva il codice fiscale della persona da delegare."))],
        description=lazy_gettext("La persona deve avere già le proprie credenziali."),
    )


@route(screens, "/aziende/<uuid:employer_id>", allow=Roles(Role.FILER))
def firm(employer_id: UUID) -> ResponseReturnValue:
    """The firm, its applications and everybody who acts for it."""
    return _page(employer_id, DelegationForm())


@route(screens, "/aziende/<uuid:employer_id>/deleghe", methods=["POST"], allow=Roles(Role.FILER))
def add_delegation(employer_id: UUID) -> ResponseReturnValue:
    """Lets somebody act for the firm, from now."""
    form = DelegationForm()
    if not form.validate():
        return _page(employer_id, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        given = delegate(session(), signed_in_person(), employer_id, form.tax_code.data, at=now())
        session().flush()
    except UnknownDelegate as refusal:
        roll_back()
        form.tax_code.errors = [" ".join(in_words(refusal))]
        return _page(employer_id, form), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(gettext("%(name)s ora può agire per l'azienda.", name=given.person.full_name), "success")
    return redirect(url_for("firms.firm", employer_id=employer_id), HTTPStatus.SEE_OTHER)


@route(
    screens,
    "/aziende/<uuid:employer_id>/deleghe/<uuid:mandate_id>/revoca",
    methods=["POST"],
    allow=Roles(Role.FILER),
)
def revoke_delegation(employer_id: UUID, mandate_id: UUID) -> ResponseReturnValue:
    """Ends a delegation, from now; what was transmitted stays."""
    person = signed_in_person()
    employer_of(session(), person, employer_id)
    if mandate_id not in {each.id for each in active_mandates(session(), employer_id)}:
        raise NotFound
    revoke(session(), person, mandate_id, at=now())
    flash(gettext("La delega è stata tolta. Quello che era già stato inviato resta valido."), "success")
    return redirect(url_for("firms.firm", employer_id=employer_id), HTTPStatus.SEE_OTHER)


def _page(employer_id: UUID, form: DelegationForm) -> str:
    person = signed_in_person()
    employer = employer_of(session(), person, employer_id)
    own = mandate_of(session(), person, employer_id)
    return render_template(
        "desk/firm.html",
        employer=employer,
        applications=listed_applications(employer.id),
        mandates=active_mandates(session(), employer_id),
        may_delegate=own.capacity is Capacity.REPRESENTATIVE,
        form=form,
    )
