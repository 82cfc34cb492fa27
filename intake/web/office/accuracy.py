"""How often the readings are wrong, from what officers confirmed and corrected. It names nobody and no application."""

from __future__ import annotations

import json

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext

from intake.cases.accuracy import LEAST, Measured, by_engine, compared_values, measured, measured_json
from intake.people.models import Role
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, session
from intake.web.office.evidence_words import column_name, engine_in_words

screens = Blueprint("accuracy", __name__)

READERS = (Role.OFFICER, Role.DIRECTOR, Role.DIRECTOR_GENERAL, Role.AUDITOR, Role.ADMINISTRATOR)


@route(screens, "/accuratezza", allow=Roles(*READERS))
def accuracy_page() -> ResponseReturnValue:
    """The error by engine and field, of the real notices or, with ``prove=1``, of the rehearsals."""
    rehearsals = _rehearsals()
    rows = measured(compared_values(session(), rehearsals=rehearsals))
    return render_template(
        "office/accuracy.html",
        sure=[row for row in rows if row.sure],
        flagged=[row for row in rows if not row.sure],
        engines=by_engine(rows),
        rehearsals=rehearsals,
        least=LEAST,
        column_words=column_name,
        engine_words=engine_in_words,
        error_words=_error_in_words,
    )


@route(screens, "/accuratezza.json", allow=Roles(*READERS))
def accuracy_json() -> ResponseReturnValue:
    """The same for programs."""
    rehearsals = _rehearsals()
    rows = measured(compared_values(session(), rehearsals=rehearsals))
    body = {
        "at": now().isoformat(),
        "editions": "rehearsal" if rehearsals else "live",
        "least_compared": LEAST,
        "engines": [measured_json(row) for row in by_engine(rows)],
        "fields": [measured_json(row) for row in rows],
    }
    return Response(json.dumps(body, ensure_ascii=False, indent=2), mimetype="application/json")


def _rehearsals() -> bool:
    return request.args.get("prove") == "1"


def _error_in_words(row: Measured) -> str:
    """``0,8% (tra 0,2% e 2,9%)``, or that it is too early to tell."""
    if row.error is None or row.interval is None:
        return str(gettext("troppo pochi per dirlo"))
    low, high = row.interval
    return str(
        gettext("%(error)s (tra %(low)s e %(high)s)", error=_share(row.error), low=_share(low), high=_share(high))
    )


def _share(value: float) -> str:
    return f"{format_decimal(round(value * 100, 1))}%"
