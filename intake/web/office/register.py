"""The protocol register: search, one entry with its history, classification, annulment, the balance of the day."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from intake.applications.transmission import REGISTER_STOPPED, RegisterStopped
from intake.arrivals.listing import arrival_of_registration, arrival_with_file
from intake.cases.annulment import RegistrationMovedOn, annul_registration
from intake.cases.register_view import operator_name, operator_of, rows_of
from intake.errors import NotFound
from intake.people.models import Role
from intake.typed_text import visible
from intake.web.editions import ShownEdition, page_facts, shown_edition
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, roll_back, service, session
from intake.web.frame.errors import in_words
from intake.web.frame.language import language
from intake.web.frame.signed_in import signed_in_person
from intake.web.office.arrivals import READERS as ARRIVAL_READERS
from intake.web.office.balance import balance_today
from intake.web.office.case_pages import READERS as CASE_READERS
from intake.web.office.register_search import read_search
from protocol_register.entries import Entry
from protocol_register.entry_search import find_entries
from protocol_register.errors import RegisterError, UnknownEntry, UnknownRegister
from protocol_register.registration import classify
from protocol_register.search import annulment_of, classifications_of, entry_of, register_of

screens = Blueprint("register", __name__)

_LOG = structlog.get_logger("sportello.web")
READERS = (Role.PROTOCOL_OFFICE, Role.OFFICER, Role.DIRECTOR, Role.DIRECTOR_GENERAL, Role.AUDITOR)
LONGEST = 2000
_LONGEST_NAME = 120
_LOOKED_FOR = "file_cercato"
_ONE = "/registro/<code>/<int(max=9999):year>/<int(max=2147483647):number>"


@route(screens, "/registro/<code>", allow=Roles(*READERS))
def register_page(code: str) -> ResponseReturnValue:
    """The entries that match, newest first, beside the balance of the day."""
    shown = _shown_register(code)
    search = read_search(request.args)
    found = find_entries(session().connection(), code, search.query) if not search.errors else None
    digest, sees_arrivals = search.query.sha256, signed_in_person().has_role(*ARRIVAL_READERS)
    body = render_template(
        "office/register.html",
        search=search,
        found=found,
        rows=rows_of(session(), found.entries, language()) if found else [],
        looked_for=_name_looked_for(digest),
        arrived=arrival_with_file(session(), shown.edition, digest) if digest and sees_arrivals else None,
        counted=balance_today(shown.edition),
        **page_facts(shown),
    )
    return body, HTTPStatus.UNPROCESSABLE_ENTITY if search.errors else HTTPStatus.OK


@route(screens, "/registro/<code>/cerca-file", methods=["POST"], allow=Roles(*READERS), files=1)
def look_up_file(code: str) -> ResponseReturnValue:
    """Is this file registered? Its bytes are hashed and forgotten."""
    _shown_register(code)
    file = request.files.get("file")
    if file is None or not file.filename:
        flash(gettext("Scelga un file, oppure lo trascini sul campo, e prema «Cerca questo file»."), "warning")
        return redirect(url_for("register.register_page", code=code), HTTPStatus.SEE_OTHER)
    digest = hashlib.sha256(file.stream.read()).hexdigest()
    cookie[_LOOKED_FOR] = {"sha256": digest, "name": visible(file.filename)[:_LONGEST_NAME]}
    return redirect(url_for("register.register_page", code=code, impronta=digest), HTTPStatus.SEE_OTHER)


@route(screens, _ONE, allow=Roles(*READERS))
def entry_page(code: str, year: int, number: int) -> ResponseReturnValue:
    """One registration with all its data (DPR 445/2000, art. 53), its history, its annulment."""
    return _entry_page(code, year, number)


@route(screens, f"{_ONE}/classificazione", methods=["POST"], allow=Roles(Role.PROTOCOL_OFFICE))
def classify_entry(code: str, year: int, number: int) -> ResponseReturnValue:
    """Adds a line to the history of the only data that may change."""
    _entry(code, year, number)
    typed = _typed("classification", "file_reference", "assigned_to")
    errors = too_long(typed)
    if not any(typed.values()):
        errors["classification"] = gettext("Scriva la classificazione, il fascicolo oppure l'ufficio assegnatario.")
    if errors:
        return _entry_page(code, year, number, errors=errors, typed=typed), HTTPStatus.UNPROCESSABLE_ENTITY
    classify(
        session().connection(),
        code,
        year,
        number,
        operator=operator_of(signed_in_person()),
        **{key: value or None for key, value in typed.items()},
    )
    flash(gettext("Classificazione registrata. Quella di prima resta nella cronologia."), "success")
    return redirect(url_for("register.entry_page", code=code, year=year, number=number), HTTPStatus.SEE_OTHER)


@route(screens, f"{_ONE}/annullamento", methods=["POST"], allow=Roles(Role.PROTOCOL_OFFICE))
def annul_entry(code: str, year: int, number: int) -> ResponseReturnValue:
    """Annuls a registration by its act; the original stays readable and marked (art. 54)."""
    _entry(code, year, number)
    typed = _typed("act", "reason")
    errors = too_long(typed)
    if not typed["act"]:
        errors["act"] = gettext("Indichi il provvedimento che autorizza l'annullamento, con numero e data.")
    if not typed["reason"]:
        errors["reason"] = gettext("Scriva il motivo dell'annullamento.")
    if errors:
        return _entry_page(code, year, number, errors=errors, typed=typed), HTTPStatus.UNPROCESSABLE_ENTITY
    edition, person = shown_edition(code).edition, signed_in_person()
    try:
        annul_registration(service(), session(), person, edition, year, number, at=now(), **typed)
    except REGISTER_STOPPED as error:
        _LOG.error("register_stopped", register=code, exc_info=error)
        stopped = RegisterStopped()
        return _not_annulled(code, year, number, in_words(stopped), typed), stopped.status
    except RegistrationMovedOn as refusal:
        return _not_annulled(code, year, number, in_words(refusal), typed), refusal.status
    except RegisterError as refusal:
        return _not_annulled(code, year, number, (refusal.message, refusal.remedy), typed), HTTPStatus.CONFLICT
    flash(gettext("Registrazione annullata. L'originale resta leggibile, con l'annotazione."), "success")
    return redirect(url_for("register.entry_page", code=code, year=year, number=number), HTTPStatus.SEE_OTHER)


def _name_looked_for(digest: str | None) -> str:
    """The name of the file whose hash is shown, said once: an address would keep it in logs and let others write it."""
    looked_for = cookie.pop(_LOOKED_FOR, None)
    return str(looked_for["name"]) if looked_for and looked_for["sha256"] == digest else ""


def _shown_register(code: str) -> ShownEdition:
    shown = shown_edition(code)
    try:
        register_of(session().connection(), code)
    except UnknownRegister as error:
        raise NotFound from error
    return shown


def _typed(*keys: str) -> dict[str, str]:
    """The fields of a form in single spaces, without the characters that no register keeps."""
    return {key: visible(request.form.get(key, "")) for key in keys}


def too_long(typed: Mapping[str, str]) -> dict[str, str]:
    """The fields that are longer than the register keeps, each with what to do: nothing of an act is cut unseen."""
    told = gettext("Ha più di %(most)s caratteri. Lo scriva più breve e rimandi all'atto per il resto.", most=LONGEST)
    return {key: told for key, value in typed.items() if len(value) > LONGEST}


def _not_annulled(code: str, year: int, number: int, problem: tuple[str, str], typed: dict[str, str]) -> str:
    roll_back()
    return _entry_page(code, year, number, typed=typed, problem=problem)


def _entry(code: str, year: int, number: int) -> Entry:
    try:
        return entry_of(session().connection(), code, year, number)
    except UnknownEntry as error:
        raise NotFound from error


def _entry_page(
    code: str,
    year: int,
    number: int,
    *,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    problem: tuple[str, str] | None = None,
) -> str:
    shown = _shown_register(code)
    connection = session().connection()
    entry = _entry(code, year, number)
    annulment = annulment_of(connection, code, year, number)
    sees_arrivals = signed_in_person().has_role(*ARRIVAL_READERS)
    return render_template(
        "office/entry.html",
        entry=entry,
        row=rows_of(session(), [entry], language())[0],
        documents=[each for each in (entry.document, *entry.attachments) if each],
        may_open_case=signed_in_person().has_role(*CASE_READERS),
        annulment=annulment,
        arrival=arrival_of_registration(session(), code, year, number) if sees_arrivals else None,
        history=classifications_of(connection, code, year, number),
        name_of=lambda operator: operator_name(session(), operator),
        may_write=signed_in_person().has_role(Role.PROTOCOL_OFFICE),
        errors=errors or {},
        typed=typed or {},
        problem=problem,
        **page_facts(shown),
    )
