"""Signing in and out: the same screens at both doors, each with its own cookie and its own people."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from intake.people.models import Surface
from intake.people.sign_in import WrongCredentials, WrongDoor
from intake.web.editions import shown_editions
from intake.web.frame.access import Public, SignedIn, route
from intake.web.frame.context import roll_back, surface
from intake.web.frame.errors import in_words
from intake.web.frame.signed_in import begin, current_person, end, safe_next

screens = Blueprint("entrance", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc]
    """User name and password of the CO account or of the office."""

    username = StringField(lazy_gettext("Nome utente"), [InputRequired(lazy_gettext("Scriva il nome utente."))])
    password = PasswordField(lazy_gettext("Password"), [InputRequired(lazy_gettext("Scriva la password."))])


@route(screens, "/accesso", allow=Public)
def sign_in_page() -> ResponseReturnValue:
    """The form; who is already in goes on."""
    if current_person() is not None:
        return redirect(_where_to())
    return _page(SignInForm())


@route(screens, "/accesso", methods=["POST"], allow=Public)
def sign_in() -> ResponseReturnValue:
    """Tries the credentials. The answer never tells whether the account exists."""
    form = SignInForm()
    if not form.validate():
        return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        begin(form.username.data, form.password.data)
    except (WrongCredentials, WrongDoor) as refusal:
        roll_back()
        return _page(form, in_words(refusal)), refusal.status
    return redirect(_where_to(), HTTPStatus.SEE_OTHER)


@route(screens, "/uscita", methods=["POST"], allow=SignedIn)
def sign_out() -> ResponseReturnValue:
    """Ends the sign-in here and in the database."""
    end()
    return redirect(url_for("entrance.sign_in_page"), HTTPStatus.SEE_OTHER)


def _page(form: SignInForm, problem: tuple[str, str] | None = None) -> str:
    ways = [each for each in shown_editions() if each.window.phase != "closed"] if surface() is Surface.DESK else []
    return render_template(
        "sign_in.html", form=form, problem=problem, next=safe_next(request.args.get("next")), ways=ways
    )


def _where_to() -> str:
    return safe_next(request.args.get("next")) or url_for(current_app.extensions["first_page"])
