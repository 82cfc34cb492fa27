"""A list of workers as the firm already has it: uploaded, read in the background, corrected and confirmed by the person."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from intake.applications.draft_check import choices_of, words_of
from intake.applications.fields import WORKER
from intake.applications.list_proposal import (
    MOST_FILES,
    open_proposal,
    proposal_of,
    request_reading,
    set_aside,
    use_proposal,
)
from intake.applications.list_proposal_models import ListProposal, ProposalState
from intake.applications.list_proposal_rows import ProposedRow, proposed_rows
from intake.applications.returns import Incoming
from intake.cases.page_drawing import PageOrder
from intake.cases.page_images import PageImages, cut_out, turned_upright
from intake.errors import NotFound, Refusal
from intake.people.models import Role
from intake.web.desk.application_fields import Judgement, row_fields
from intake.web.desk.application_shown import ShownApplication, application_facts, shown_application
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, roll_back, service, session
from intake.web.frame.errors import in_words
from intake.web.frame.signed_in import signed_in_person

screens = Blueprint("application_list_proposal", __name__)
_LIST = "/domande/<uuid:application_id>/lavoratori/elenco"
_ONE = f"{_LIST}/<uuid:proposal_id>"
_CROP_DPI = 150
_CROP_MARGIN_PT = 5.0
_STEP = 3
_SKIPPED = "salta."


@route(screens, _LIST, allow=Roles(Role.FILER))
def ask(application_id: UUID) -> ResponseReturnValue:
    """Where the list is uploaded; a proposal that still waits is linked."""
    return _ask_page(application_id)


@route(screens, _LIST, methods=["POST"], allow=Roles(Role.FILER), files=MOST_FILES)
def upload(application_id: UUID) -> ResponseReturnValue:
    """Receives the list and asks for its reading."""
    files = [Incoming(each.filename, each.read()) for each in request.files.getlist("file") if each.filename]
    try:
        proposal = request_reading(service(), session(), signed_in_person(), application_id, files, at=now())
    except NotFound:
        raise
    except Refusal as refusal:
        roll_back()
        return _ask_page(application_id, refused=in_words(refusal)), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(_here(proposal), HTTPStatus.SEE_OTHER)


@route(screens, _ONE, allow=Roles(Role.FILER))
def proposal_page(application_id: UUID, proposal_id: UUID) -> ResponseReturnValue:
    """The proposal: still being read, or its rows to correct and confirm."""
    return _proposal_page(application_id, proposal_id)


@route(screens, f"{_ONE}/stato", allow=Roles(Role.FILER))
def state(application_id: UUID, proposal_id: UUID) -> ResponseReturnValue:
    """The fragment that says that reading goes on; when it has ended the browser loads the whole page."""
    each, proposal = shown_application(application_id), _proposal(application_id, proposal_id)
    if proposal.state is not ProposalState.WAITING:
        return "", HTTPStatus.OK, {"HX-Redirect": _here(proposal)}
    return render_template("desk/application/list_waiting.html", application=each.application, proposal=proposal)


@route(screens, _ONE, methods=["POST"], allow=Roles(Role.FILER))
def confirm(application_id: UUID, proposal_id: UUID) -> ResponseReturnValue:
    """Takes the rows that are not skipped into the draft, or puts the proposal aside."""
    each, proposal = shown_application(application_id), _proposal(application_id, proposal_id)
    try:
        if request.form.get("action") == "discard":
            set_aside(session(), proposal)
            flash(gettext("La lettura dell'elenco è stata messa da parte."), "success")
            return redirect(each.step_url(_STEP), HTTPStatus.SEE_OTHER)
        count = use_proposal(
            session(),
            signed_in_person(),
            proposal,
            _kept_rows(),
            keep=request.form.get("how") != "replace",
            version=request.form.get("version", type=int),
            at=now(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        roll_back()
        page = _proposal_page(application_id, proposal_id, refused=in_words(refusal), typed=request.form.to_dict())
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    said = ngettext(
        "Aggiunto %(num)s lavoratore dall'elenco: ora completi quello che manca.",
        "Aggiunti %(num)s lavoratori dall'elenco: ora completi quello che manca.",
        count,
    )
    flash(said, "success")
    return redirect(each.step_url(_STEP, controlla=1), HTTPStatus.SEE_OTHER)


@route(screens, f"{_ONE}/riga/<int:row>.webp", allow=Roles(Role.FILER))
def row_picture(application_id: UUID, proposal_id: UUID, row: int) -> ResponseReturnValue:
    """The row as it stands on its page, or with ``?campo=`` one of its cells. A spreadsheet has no pictures."""
    proposal = _proposal(application_id, proposal_id)
    found = next((each for each in (proposal.reading or {}).get("rows", []) if each["row"] == row), None)
    stored = found and next((each for each in proposal.files if each["name"] == found["source"]), None)
    if not found or not stored:
        raise NotFound
    cell = request.args.get("campo")
    box = found["box"] if cell is None else found["fields"].get(cell, {}).get("box")
    if not box:
        raise NotFound
    order = PageOrder(service().store.get(stored["sha256"]), stored["name"], found["page"], _CROP_DPI)
    page = PageImages(service().settings.data / "page-images").picture(order)
    crop = cut_out(page, (box[0], box[1], box[2], box[3]), _CROP_DPI, _CROP_MARGIN_PT)
    upright = turned_upright(crop, found["rotation"])
    return Response(upright, mimetype="image/webp", headers={"Cache-Control": "private, no-store"})


def _proposal(application_id: UUID, proposal_id: UUID) -> ListProposal:
    return proposal_of(session(), signed_in_person(), application_id, proposal_id)


def _here(proposal: ListProposal) -> str:
    return url_for(
        "application_list_proposal.proposal_page", application_id=proposal.application_id, proposal_id=proposal.id
    )


def _kept_rows() -> dict[str, str]:
    """What was typed, without the rows that the person chose to leave out."""
    typed = request.form.to_dict()
    skipped = {name.removeprefix(_SKIPPED) for name in typed if name.startswith(_SKIPPED)}
    return {name: value for name, value in typed.items() if name.split(".")[1:2] not in [[one] for one in skipped]}


def _ask_page(application_id: UUID, refused: tuple[str, str] | None = None) -> str:
    each = shown_application(application_id)
    waiting = open_proposal(session(), application_id)
    return render_template(
        "desk/application/list_upload.html",
        **application_facts(each, _STEP),
        most_files=MOST_FILES,
        waiting=waiting,
        waiting_url=_here(waiting) if waiting else None,
        refused=refused,
    )


def _proposal_page(
    application_id: UUID,
    proposal_id: UUID,
    *,
    refused: tuple[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> str:
    each, proposal = shown_application(application_id), _proposal(application_id, proposal_id)
    reading = proposal.reading or {}
    rows = proposed_rows(reading, _choices(each)) if reading else ()
    return render_template(
        "desk/application/list_proposal.html",
        **application_facts(each, _STEP),
        proposal=proposal,
        rows=[_shown(each, row, typed) for row in rows],
        doubtful=sum(bool(row.doubts) for row in rows),
        reading=reading,
        written=len(each.application.draft["workers"]),
        refused=refused,
        skipped=frozenset(name for name in typed or {} if name.startswith(_SKIPPED)),
    )


def _shown(each: ShownApplication, row: ProposedRow, typed: dict[str, str] | None) -> dict[str, Any]:
    before = f"workers.{row.number}."
    values = row.values if typed is None else {name: typed.get(before + name, "") for name in row.values}
    judged = Judgement({}, {before + name: doubt for name, doubt in row.doubts.items()})
    fields = row_fields(WORKER, "workers", row.number, values, each.pack, judged)
    labels = {field.path: gettext(field.label) for field in WORKER}
    left_out = () if each.pack.employment.exceptions else ("exception",)
    return {
        "number": row.number,
        "fields": [field for field in fields if not field.name.endswith(left_out)],
        "source": row.source,
        "page": row.page,
        "pictured": [(name, labels[name]) for name in row.pictured],
        "doubts": len(row.doubts),
    }


def _choices(each: ShownApplication) -> dict[str, dict[str, str]]:
    choices = choices_of(each.pack)
    return {field.path: dict(words_of(field, choices)) for field in WORKER if words_of(field, choices)}
