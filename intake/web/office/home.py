"""The office's first page: who is here and what their roles open."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from intake.people.models import OFFICE_ROLES
from intake.web.editions import shown_editions
from intake.web.frame.access import Roles, route
from intake.web.frame.signed_in import signed_in_person
from intake.web.office.role_names import role_names

screens = Blueprint("home", __name__)


@route(screens, "/", allow=Roles(*OFFICE_ROLES))
def home() -> ResponseReturnValue:
    """The person's roles and the editions this office works on."""
    person = signed_in_person()
    roles = [grant.role for grant in person.roles if grant.revoked_at is None]
    return render_template("office/home.html", roles=role_names(roles), editions=shown_editions())
