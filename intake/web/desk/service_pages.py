"""The service's own pages: privacy, legal notes, accessibility, help."""

from __future__ import annotations

import re

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from intake.web.editions import ShownEdition, shown_editions
from intake.web.frame.access import Public, route

screens = Blueprint("service_pages", __name__)


@route(screens, "/privacy", allow=Public)
def privacy_page() -> ResponseReturnValue:
    """What the service itself keeps, and each notice's own privacy notice."""
    return render_template("desk/service_privacy.html", editions=_one_for_each_notice())


@route(screens, "/note-legali", allow=Public)
def legal_notes() -> ResponseReturnValue:
    """Who is responsible, the software's licence, each administration's transparency pages."""
    return render_template("desk/legal_notes.html", editions=_one_for_each_notice())


@route(screens, "/accessibilita", allow=Public)
def accessibility() -> ResponseReturnValue:
    """What was done for accessibility, and how to report what does not work."""
    return render_template("desk/accessibility.html", editions=_one_for_each_notice())


@route(screens, "/assistenza", allow=Public)
def help_page() -> ResponseReturnValue:
    """Help desks, frequent questions, and how to report a problem with its context."""
    reference = request.args.get("riferimento", "")
    known_form = re.fullmatch(r"[0-9A-F]{8}", reference)
    return render_template(
        "desk/help.html", editions=_one_for_each_notice(), reference=reference if known_form else None
    )


def _one_for_each_notice() -> list[ShownEdition]:
    """The live edition of each notice, or its rehearsal where nothing is live yet."""
    chosen: dict[str, ShownEdition] = {}
    for each in shown_editions():
        chosen.setdefault(each.edition.notice_id, each)
    return list(chosen.values())
