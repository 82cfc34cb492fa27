"""Step 3: the table of workers, what each category asks for, the import from a spreadsheet and its model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from intake.applications.draft import Draft, save_draft, with_rows, with_table
from intake.applications.draft_check import DraftProblem, choices_of, words_of
from intake.applications.fields import WORKER
from intake.applications.worker_import import CellProblem, HeadingsMissing, ImportedWorkers, import_workers
from intake.applications.worker_template import csv_template, heading_line, xlsx_template
from intake.errors import NotFound, Refusal
from intake.people.models import Role
from intake.web.desk.application_fields import Judgement, category_fields, row_fields
from intake.web.desk.application_shown import ShownApplication, anchor, shown_application
from intake.web.desk.downloads import as_download
from intake.web.frame.access import Roles, route
from intake.web.frame.context import now, session
from intake.web.frame.errors import in_words
from intake.web.frame.signed_in import signed_in_person

screens = Blueprint("application_workers", __name__)
_FEWEST_ROWS, _MOST_MORE = 3, 50


class NothingToImport(Refusal):
    code = "nothing_to_import"
    message = "Non c'è niente da importare."
    remedy = "Incolli le righe copiate dal foglio di calcolo, oppure scelga un file, poi prema «Importa»."


@dataclass(frozen=True, slots=True)
class ImportFault:
    """What is to be mended after an import, with the control of the table where. ``cell``: where it stood in the sheet;
    None of what concerns the row as a whole. ``remedy`` may be empty."""

    target: str
    worker: int
    cell: CellProblem | None
    message: str
    remedy: str

    @property
    def label(self) -> str:
        """The name of the cell's column in the model; empty where there is no column."""
        known = {field.path: field.label for field in WORKER}
        return known.get(self.cell.field, "") if self.cell else ""


class ImportRefused(Exception):
    """The list could not be read at all; ``sentence`` and ``remedy`` say it to the person."""

    def __init__(self, refusal: Refusal) -> None:
        self.sentence, self.remedy = in_words(refusal)
        super().__init__(refusal.code)


@route(screens, "/domande/<uuid:application_id>/lavoratori/<int:row>/categoria", allow=Roles(Role.FILER))
def asked_by_category(application_id: UUID, row: int) -> ResponseReturnValue:
    """The fragment with what the category just chosen for a row asks for; nothing is saved."""
    each = shown_application(application_id)
    category = request.args.get(f"workers.{row}.category", "")
    workers = each.application.draft["workers"]
    written = workers[row - 1].get("extra", {}) if 0 < row <= len(workers) else {}
    fields = category_fields(row, category, written, each.pack, Judgement({}, {}))
    return render_template("desk/application/category.html", fields=fields, limit=_limit(each, category))


@route(screens, "/domande/<uuid:application_id>/lavoratori/modello.<kind>", allow=Roles(Role.FILER))
def template(application_id: UUID, kind: str) -> ResponseReturnValue:
    """The model of the list, as XLSX or CSV, with the words that the notice admits."""
    choices = _words(shown_application(application_id))
    if kind == "csv":
        return as_download(csv_template(), "lavoratori.csv", "text/csv")
    if kind == "xlsx":
        media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return as_download(xlsx_template(choices), "lavoratori.xlsx", media_type)
    raise NotFound


def save_workers(draft: Draft, typed: Mapping[str, str]) -> Draft:
    """The draft with the table as typed. A row that holds nothing but the choices the page offered falls away."""
    return with_rows(draft, "workers", typed)


def imported(each: ShownApplication, typed: Mapping[str, str], file: FileStorage | None) -> ImportedWorkers:
    """Reads the pasted text or the file into the draft. Raises ``ImportRefused``; what was saved before it stays saved."""
    application_id, keep = each.application.id, typed.get("how") == "append"
    pasted, choices = typed.get("pasted", "").strip("\r\n"), _words(each)
    data = file.read() if file and file.filename else pasted.encode()
    try:
        if not data.strip():
            raise NothingToImport
        read = _read(data, choices, is_pasted=data == pasted.encode())
        with session().begin_nested():
            save_draft(
                session(),
                signed_in_person(),
                application_id,
                lambda draft: with_table(
                    draft, "workers", [*(draft["workers"] if keep else []), *(dict(row) for row in read.rows)]
                ),
                version=None,
                at=now(),
            )
    except Refusal as refusal:
        raise ImportRefused(refusal) from refusal
    return read


def import_faults(each: ShownApplication, read: ImportedWorkers, problems: Iterable[DraftProblem]) -> list[ImportFault]:
    """All that is wrong after the import, row by row: the cells of the sheet, then what the notice's rules add to them."""
    before = len(each.application.draft["workers"]) - len(read.rows)
    cells = [_cell_fault(problem, before) for problem in read.problems]
    told = {fault.target for fault in cells}
    ruled = [
        ImportFault(anchor(problem.field), _worker_of(problem), None, problem.message, problem.remedy)
        for problem in problems
        if anchor(problem.field) not in told
    ]
    return sorted((*cells, *ruled), key=lambda fault: fault.worker)


def _cell_fault(problem: CellProblem, before: int) -> ImportFault:
    worker = before + problem.worker
    target = f"workers.{worker}.{problem.field}" if problem.worker else "workers"
    return ImportFault(anchor(target), worker, problem, problem.message, problem.remedy)


def _worker_of(problem: DraftProblem) -> int:
    row = problem.field.split(".")[1:2]
    return int(row[0]) if row and row[0].isdecimal() else 0


def workers_facts(each: ShownApplication, judged: Judgement) -> dict[str, Any]:
    """What the template of step 3 shows."""
    written = each.application.draft["workers"]
    asked = request.args.get("righe", type=int) or 0
    count = max(_FEWEST_ROWS, len(written), min(asked, len(written) + _MOST_MORE))
    rows = [
        _row(each, number, written[number - 1] if number <= len(written) else {}, judged)
        for number in range(1, count + 1)
    ]
    return {
        "rows": rows,
        "headings": rows[0]["fields"],
        **count_facts(each),
    }


def count_facts(each: ShownApplication) -> dict[str, Any]:
    """How many workers, how many hours."""
    written = each.application.draft["workers"]
    return {"written": len(written), "hours": _hours(written)}


def _row(each: ShownApplication, number: int, worker: Mapping[str, Any], judged: Judgement) -> dict[str, Any]:
    category = worker.get("category", "")
    fields = row_fields(WORKER, "workers", number, worker, each.pack, judged)
    if not each.pack.employment.exceptions:
        fields = [field for field in fields if not field.name.endswith(".exception")]
    return {
        "number": number,
        "fields": fields,
        "extra": category_fields(number, category, worker.get("extra", {}), each.pack, judged),
        "limit": _limit(each, category),
    }


def _read(data: bytes, choices: dict[str, dict[str, str]], *, is_pasted: bool) -> ImportedWorkers:
    """Lines pasted without their headings are read in the order of the model."""
    try:
        return import_workers(data, choices)
    except HeadingsMissing:
        if not is_pasted:
            raise
        separator = next((mark for mark in "\t;" if mark in data.decode()), "\t")
        read = import_workers(f"{heading_line(separator)}\n".encode() + data, choices)
        return replace(read, problems=tuple(replace(each, row=each.row - 1) for each in read.problems))


def _words(each: ShownApplication) -> dict[str, dict[str, str]]:
    choices = choices_of(each.pack)
    return {field.path: dict(words_of(field, choices)) for field in WORKER if words_of(field, choices)}


def _limit(each: ShownApplication, category: str) -> str:
    return next((known.limit for known in each.pack.categories if known.key == category), "")


def _hours(workers: list[dict[str, Any]]) -> Decimal:
    total = Decimal(0)
    for worker in workers:
        try:
            total += Decimal(worker.get("requested_hours") or 0)
        except InvalidOperation:
            continue
    return total
