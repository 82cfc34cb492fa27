"""Steps 1 to 4: what the person types. Each step is a form that saves and goes on; nothing in it blocks typing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from intake.applications.draft import Draft, save_draft, with_fields, with_rows, with_ticks
from intake.applications.draft_check import DraftProblem
from intake.applications.fields import AGREEMENT, EMPLOYER, PERIOD, REPRESENTATIVE, STAMP_DUTY, UNIT
from intake.applications.rehearsal_stamps import trial_number
from intake.errors import NotFound
from intake.notices.pack import NoticePack
from intake.notices.rules import count_weeks, readable_periods, stamp_duty_due
from intake.people.mandates import mandate_of
from intake.people.models import Capacity, Role
from intake.web.desk.application_fields import Judgement, judgement, row_fields, single_fields
from intake.web.desk.application_shown import (
    LAST_DATA_STEP,
    ShownApplication,
    application_facts,
    shown_application,
)
from intake.web.desk.application_workers import (
    ImportRefused,
    count_facts,
    import_faults,
    imported,
    save_workers,
    workers_facts,
)
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, session
from intake.web.frame.signed_in import signed_in_person

screens = Blueprint("application_steps", __name__)
_STEP = "/domande/<uuid:application_id>/passo/<int:step>"
_TEMPLATES = {1: "firm", 2: "periods", 3: "workers", 4: "agreement"}


@route(screens, _STEP, allow=Roles(Role.FILER))
def step_page(application_id: UUID, step: int) -> ResponseReturnValue:
    """One of the first four steps. ``?controlla=1`` shows what is still missing too, ``?righe=`` adds empty rows."""
    each = _asked(application_id, step)
    if not each.not_yet_sent:
        return redirect(url_for("applications.page", application_id=application_id))
    return _page(each, step)


@route(screens, _STEP, methods=["POST"], allow=Roles(Role.FILER), files=1)
def save_step(application_id: UUID, step: int) -> ResponseReturnValue:
    """Saves what is on the screen. ``action`` says where to go: on, out, or another row of the same table."""
    each = _asked(application_id, step)
    action = request.form.get("action", "save")
    typed = request.form.to_dict()
    save_draft(
        session(),
        signed_in_person(),
        application_id,
        _change(step, typed, each.pack, action),
        version=_version(typed),
        at=now(),
    )
    if request.headers.get("HX-Request") == "true":
        counts = count_facts(each) if step == 3 else {}
        return render_template(
            "desk/application/saved.html", each=each, application=each.application, step=step, **counts
        )
    if action == "import":
        return _import(application_id)
    return _after(each, step, action)


def _asked(application_id: UUID, step: int) -> ShownApplication:
    if step not in _TEMPLATES:
        raise NotFound
    return shown_application(application_id)


def _version(typed: Mapping[str, str]) -> int | None:
    written = typed.get("version", "")
    return int(written) if written.isdecimal() else None


def _change(step: int, typed: dict[str, str], pack: NoticePack, action: str) -> Callable[[Draft], Draft]:
    kept = _without_row(typed, action)
    if step == 1:
        return lambda draft: with_fields(draft, kept)
    if step == 2:
        return lambda draft: with_rows(draft, "periods", kept)
    if step == 3:
        return lambda draft: save_workers(draft, kept)
    return lambda draft: _with_agreement(draft, kept, pack)


def _without_row(typed: dict[str, str], action: str) -> dict[str, str]:
    """What was typed, without the row that ``remove.workers.3`` names."""
    if not action.startswith("remove."):
        return typed
    row = f"{action.removeprefix('remove.')}."
    return {name: value for name, value in typed.items() if not name.startswith(row)}


def _with_agreement(draft: Draft, typed: Mapping[str, str], pack: NoticePack) -> Draft:
    ticked = frozenset(typed)
    declared = tuple(rule.key for rule in pack.declarations)
    consented = tuple(rule.key for rule in pack.consents)
    draft = with_fields(draft, typed)
    draft = with_ticks(draft, "declarations", declared, _ticked("declarations", declared, ticked))
    return with_ticks(draft, "consents", consented, _ticked("consents", consented, ticked))


def _ticked(part: str, keys: tuple[str, ...], names: frozenset[str]) -> frozenset[str]:
    return frozenset(key for key in keys if f"{part}.{key}" in names)


def _import(application_id: UUID) -> ResponseReturnValue:
    """Workers from the pasted text or from the file, after what was typed was saved."""
    try:
        read = imported(shown_application(application_id), request.form, request.files.get("file"))
    except ImportRefused as refused:
        each = shown_application(application_id)
        page = _page(each, 3, import_refused=refused, pasted=request.form.get("pasted", ""))
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    each = shown_application(application_id)
    if read.problems:
        faults = import_faults(each, read, _shown_errors(each, 3, _judged(each, 3)))
        return _page(each, 3, import_read=read, import_faults=faults)
    flash(gettext("Letti %(count)s lavoratori.", count=len(read.rows)), "success")
    return redirect(each.step_url(3), HTTPStatus.SEE_OTHER)


def _after(each: ShownApplication, step: int, action: str) -> ResponseReturnValue:
    """Where to go after saving. What is wrong in the step is shown once; the person may go on all the same."""
    if action == "exit":
        flash(gettext("La bozza è salvata: la ritrova qui quando vuole."), "success")
        return redirect(url_for("area.home"), HTTPStatus.SEE_OTHER)
    if action == "continue":
        blocking = [problem for problem in each.problems_of(step) if problem.blocks]
        target = each.step_url(step, controlla=1) if blocking else each.step_url(step + 1)
        return redirect(target, HTTPStatus.SEE_OTHER)
    if action.startswith("add."):
        _, table, count = action.split(".")
        rows = len(each.application.draft[table])
        seen = len({name.split(".")[1] for name in request.form if name.startswith(f"{table}.")})
        wanted = max(rows, seen) + (min(int(count), 50) if count.isdecimal() else 1)
        return redirect(f"{each.step_url(step, righe=wanted)}#{table}-{rows + 1}", HTTPStatus.SEE_OTHER)
    return redirect(each.step_url(step), HTTPStatus.SEE_OTHER)


def _page(each: ShownApplication, step: int, **more: object) -> str:
    checked = "controlla" in request.args
    judged = _judged(each, step)
    facts = {1: _firm, 2: _periods, 3: workers_facts, 4: _agreement}[step](each, judged)
    return render_template(
        f"desk/application/{_TEMPLATES[step]}.html",
        **application_facts(each, step),
        **facts,
        **more,
        checked=checked,
        judged=judged,
        shown_errors=_shown_errors(each, step, judged),
        next_url=each.step_url(step + 1),
        last=step == LAST_DATA_STEP,
    )


def _judged(each: ShownApplication, step: int) -> Judgement:
    return judgement(each.problems_of(step), each.application.draft, also_missing="controlla" in request.args)


def _shown_errors(each: ShownApplication, step: int, judged: Judgement) -> list[DraftProblem]:
    return [problem for problem in each.problems_of(step) if judged.errors.get(problem.field) and problem.blocks]


def _firm(each: ShownApplication, judged: Judgement) -> dict[str, Any]:
    draft = each.application.draft
    return {
        "firm_fields": single_fields(EMPLOYER, draft, each.pack, judged),
        "representative_fields": single_fields(REPRESENTATIVE, draft, each.pack, judged),
        "unit_fields": single_fields(UNIT, draft, each.pack, judged),
    }


def _periods(each: ShownApplication, judged: Judgement) -> dict[str, Any]:
    rows = each.application.draft["periods"]
    readable = readable_periods(rows)
    return {
        "rows": [
            row_fields(PERIOD, "periods", number, rows[number - 1] if number <= len(rows) else {}, each.pack, judged)
            for number in range(1, shown_rows(len(rows)) + 1)
        ],
        "weeks": count_weeks(each.pack, readable) if readable else None,
    }


def shown_rows(written: int) -> int:
    """How many rows a table shows: those written, those asked for with ``?righe=``, at least one."""
    asked = request.args.get("righe", type=int) or 0
    return max(1, written, min(asked, written + 50))


def _agreement(each: ShownApplication, judged: Judgement) -> dict[str, Any]:
    draft, pack = each.application.draft, each.pack
    own = mandate_of(session(), signed_in_person(), each.application.employer_id)
    agreement = single_fields(AGREEMENT, draft, pack, judged)
    duty = stamp_duty_due(pack, each.application.edition.own_clock(now()).date())
    may_try = each.application.edition.is_rehearsal and duty.due and "contrassegno" in duty.ways
    return {
        "agreement_fields": [field for field in agreement if field.type != "select" or field.options],
        "stamp_fields": single_fields(STAMP_DUTY, draft, pack, judged),
        "duty": duty,
        "trial_number": trial_number(each.application.id) if may_try else None,
        "is_representative": own.capacity is Capacity.REPRESENTATIVE,
    }
