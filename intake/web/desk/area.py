"""The personal area: what to do, the firms, the applications."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from intake.people.mandates import employers_of
from intake.web.desk.application_list import listed_applications, tasks_of
from intake.web.editions import shown_editions
from intake.web.frame.access import SignedIn, route
from intake.web.frame.context import session
from intake.web.frame.signed_in import signed_in_person

screens = Blueprint("area", __name__)


@route(screens, "/area", allow=SignedIn)
def home() -> ResponseReturnValue:
    """The first page after signing in. ``?cerca=`` narrows the firms by name or codice fiscale."""
    wanted = request.args.get("cerca", "").strip()
    firms = employers_of(session(), signed_in_person())
    found = [firm for firm in firms if wanted.lower() in firm.name.lower() or wanted.upper() in firm.tax_code]
    listed = listed_applications()
    return render_template(
        "desk/area.html",
        firms=found,
        has_firms=bool(firms),
        wanted=wanted,
        rehearsals=[each for each in shown_editions() if each.edition.is_rehearsal],
        applications=listed,
        tasks=tasks_of(listed),
    )
