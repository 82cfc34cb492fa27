"""Setting a password by a link, once."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired

from intake.people.accounts import set_password_by_link
from intake.people.models import Surface
from intake.people.passwords import SHORTEST, PasswordTooShort
from intake.people.sign_in import ADMITTED
from intake.web.frame.access import Public, route
from intake.web.frame.context import now, roll_back, session
from intake.web.frame.errors import in_words

screens = Blueprint("passwords", __name__)


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The new password, twice."""

    password = PasswordField(lazy_gettext("Nuova password"), [InputRequired(lazy_gettext("Scriva la nuova password."))])
    again = PasswordField(
        lazy_gettext("Ripeta la password"),
        [EqualTo("password", lazy_gettext("Le due password sono diverse: le riscriva uguali."))],
    )


@route(screens, "/password/<token>", allow=Public)
def password_page(token: str) -> ResponseReturnValue:
    """The form; the link is judged only when it is used, so that nobody can try links without leaving a trace."""
    return _page(PasswordForm(), token)


@route(screens, "/password/<token>", methods=["POST"], allow=Public)
def set_password(token: str) -> ResponseReturnValue:
    """Uses the link up. Who works in the office is sent to the office's door."""
    form = PasswordForm()
    if not form.validate():
        return _page(form, token), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        person = set_password_by_link(session(), token, form.password.data, at=now())
    except PasswordTooShort as refusal:
        roll_back()
        form.password.errors = [" ".join(in_words(refusal))]
        return _page(form, token), HTTPStatus.UNPROCESSABLE_ENTITY
    if not person.has_role(*ADMITTED[Surface.DESK]):
        return redirect("/ufficio/accesso", HTTPStatus.SEE_OTHER)
    flash(gettext("La nuova password è attiva. Ora può accedere."), "success")
    return redirect(url_for("entrance.sign_in_page"), HTTPStatus.SEE_OTHER)


def _page(form: PasswordForm, token: str) -> str:
    return render_template("desk/password.html", form=form, token=token, shortest=SHORTEST)
