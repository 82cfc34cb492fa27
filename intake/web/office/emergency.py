"""The emergency register (DPR 445/2000, art. 63): sheets to print beforehand, their import, what was done with them."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from intake.cases.register_view import operator_name, operator_of
from intake.errors import NotFound
from intake.people.models import Role
from intake.protocol.emergency import import_file, imports_of, prepare_sheet, sheet_files
from intake.protocol.models import EmergencyImport, ImportOutcome
from intake.web.desk.downloads import as_download
from intake.web.editions import ShownEdition, page_facts, shown_edition
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, service, session
from intake.web.frame.signed_in import signed_in_person
from intake.web.office.register import READERS
from protocol_register.emergency import MOST_ROWS
from protocol_register.emergency_import import all_series, periods_of
from protocol_register.errors import UnknownRegister
from protocol_register.search import register_of

screens = Blueprint("emergency", __name__)

_PAGE = "/registro/<code>/emergenza"
_SHEET = f"{_PAGE}/<int(max=9999):year>-<int(max=9999):number>"


@route(screens, _PAGE, allow=Roles(*READERS))
def emergency_page(code: str) -> ResponseReturnValue:
    """What is ready for the next emergency, and what was done in the past ones."""
    return _page(_shown(code))


@route(screens, f"{_PAGE}/foglio", methods=["POST"], allow=Roles(Role.PROTOCOL_OFFICE))
def prepare(code: str) -> ResponseReturnValue:
    """Prepares a new sheet, with numbers of its own."""
    shown, typed = _shown(code), request.form.get("rows", "").strip()
    rows = int(typed) if typed.isdecimal() and len(typed) < 7 else 0
    if not 1 <= rows <= MOST_ROWS:
        errors = {"rows": gettext("Scriva quante righe: da 1 a %(most)s.", most=MOST_ROWS)}
        return _page(shown, errors=errors), HTTPStatus.UNPROCESSABLE_ENTITY
    operator = operator_of(signed_in_person())
    series = prepare_sheet(service(), session(), code, rows=rows, operator=operator, at=now())
    flash(
        gettext("Foglio %(name)s preparato: lo scarichi, lo stampi e lo tenga fuori linea.", name=series.name),
        "success",
    )
    return redirect(url_for("emergency.emergency_page", code=code), HTTPStatus.SEE_OTHER)


@route(screens, f"{_SHEET}/<form>", allow=Roles(*READERS))
def sheet(code: str, year: int, number: int, form: str) -> Response:
    """An empty sheet, as a spreadsheet or as CSV."""
    files = sheet_files(session(), _shown(code).code, year, number) or ()
    file = next((file for file in files if file.name.endswith(f".{form}")), None)
    if file is None:
        raise NotFound
    return as_download(file.content, file.name, file.media_type)


@route(screens, f"{_PAGE}/importa", methods=["POST"], allow=Roles(Role.PROTOCOL_OFFICE), files=1)
def import_sheet(code: str) -> ResponseReturnValue:
    """Imports a filled sheet whole, or says everything that keeps it from being imported."""
    shown, file = _shown(code), request.files.get("foglio")
    if file is None or not file.filename:
        errors = {"foglio": gettext("Scelga il foglio compilato, XLSX oppure CSV.")}
        return _page(shown, errors=errors), HTTPStatus.UNPROCESSABLE_ENTITY
    attempt = import_file(
        service(), code, file.filename[:200], file.stream.read(), operator=operator_of(signed_in_person()), at=now()
    )
    if attempt.outcome is ImportOutcome.REFUSED:
        return _page(shown, refused=attempt), HTTPStatus.UNPROCESSABLE_ENTITY
    count = len(attempt.numbers)
    words = ngettext(
        "Foglio importato: %(num)s registrazione ha il suo numero ordinario.",
        "Foglio importato: %(num)s registrazioni hanno il loro numero ordinario.",
        count,
    )
    flash(words, "success")
    return redirect(url_for("emergency.emergency_page", code=code), HTTPStatus.SEE_OTHER)


def _shown(code: str) -> ShownEdition:
    shown = shown_edition(code)
    try:
        register_of(session().connection(), code)
    except UnknownRegister as error:
        raise NotFound from error
    return shown


def _page(shown: ShownEdition, *, errors: dict[str, str] | None = None, refused: EmergencyImport | None = None) -> str:
    connection = session().connection()
    periods = periods_of(connection, shown.code)
    used = {(period.year, period.series) for period in periods}
    return render_template(
        "office/emergency.html",
        sheets=[each for each in all_series(connection, shown.code) if (each.year, each.series) not in used],
        periods=periods,
        imports=imports_of(session(), shown.code),
        name_of=lambda operator: operator_name(session(), operator),
        may_write=signed_in_person().has_role(Role.PROTOCOL_OFFICE),
        most_rows=MOST_ROWS,
        errors=errors or {},
        refused=refused,
        **page_facts(shown),
    )
