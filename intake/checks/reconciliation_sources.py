"""The witnesses of one application: what it says itself, what its form says as it came back, what its papers say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from intake.checks.reconciliation_witness import (
    Figure,
    Place,
    Span,
    Stated,
    Witness,
    WitnessKind,
    WorkerSeen,
)
from intake.notices.draft import Data, day_at, number_at, rows_at, text_at
from ocr.form_map import Box
from ocr.written_values import standard_value

_WORKER = re.compile(r"workers\.(\d+)\.(\w+)")
_TEXTS = ("surname", "given_name", "tax_code")
_HOURS = ("weekly_hours", "requested_hours")


def application_witness(data: Data, form_map: Mapping[str, Any]) -> Witness:
    """What was filed: ``data`` as the form froze it, each value at its box of ``form_map``."""
    places = _FieldPlaces(form_map["fields"])
    return Witness(
        WitnessKind.APPLICATION,
        workers=tuple(
            WorkerSeen(
                row=row,
                place=places.of(f"workers.{row}."),
                surname=text_at(worker, "surname"),
                given_name=text_at(worker, "given_name"),
                tax_code=text_at(worker, "tax_code"),
                weekly_hours=number_at(worker, "weekly_hours"),
                requested_hours=number_at(worker, "requested_hours"),
            )
            for row, worker in enumerate(rows_at(data, "workers"), 1)
        ),
        stated=Stated(
            total_staff=_figure(data, places, "employer.total_staff"),
            workers=_figure(data, places, "totals.workers"),
            requested_hours=_figure(data, places, "totals.requested_hours"),
            weeks=_figure(data, places, "weeks_requested"),
            periods=tuple(_spans(data, places)),
        ),
    )


def form_witness(reading: Mapping[str, Any]) -> Witness | None:
    """What stands on the returned form, cell by cell; None where no cell of a worker was read."""
    rows: dict[int, list[tuple[str, Mapping[str, Any]]]] = {}
    for cell in reading.get("cells", ()):
        if (name := _WORKER.fullmatch(cell["name"])) and cell.get("page_source"):
            rows.setdefault(int(name[1]), []).append((name[2], cell))
    if not rows:
        return None
    return Witness(WitnessKind.FORM, workers=tuple(_read_row(row, rows[row]) for row in sorted(rows)))


def _read_row(row: int, cells: list[tuple[str, Mapping[str, Any]]]) -> WorkerSeen:
    read = {column: cell["read"] for column, cell in cells}
    first = cells[0][1]
    same_page = [cell for _, cell in cells if cell["page"] == first["page"]]
    return WorkerSeen(
        row=row,
        place=Place(first["page_source"][0], first["page"], _around(cell["box"] for cell in same_page), on_form=True),
        surname=read.get("surname"),
        given_name=read.get("given_name"),
        tax_code=read.get("tax_code"),
        weekly_hours=_number("weekly_hours", read.get("weekly_hours")),
        requested_hours=_number("requested_hours", read.get("requested_hours")),
        unsure=frozenset(_attribute(column) for column, cell in cells if cell["status"] == "doubtful"),
    )


def _attribute(column: str) -> str:
    return "name" if column in {"surname", "given_name"} else column


def _number(column: str, text: str | None) -> Decimal | None:
    try:
        return Decimal(standard_value(column, text)) if text else None
    except InvalidOperation:
        return None


class _FieldPlaces:
    """Boxes of the issued form by the path of their value."""

    def __init__(self, fields: Iterable[Mapping[str, Any]]) -> None:
        self._fields = tuple(fields)

    def of(self, *starts: str) -> Place:
        """The smallest box around every value whose path begins so, on the page of the first."""
        found = [field for field in self._fields if field["name"].startswith(starts)]
        if not found:
            return Place(on_form=True)
        page = found[0]["page"]
        return Place(None, page, _around(field["box"] for field in found if field["page"] == page), on_form=True)


def _around(boxes: Iterable[Mapping[str, float]]) -> Box:
    held = list(boxes)
    return Box(
        min(box["left"] for box in held),
        min(box["top"] for box in held),
        max(box["right"] for box in held),
        max(box["bottom"] for box in held),
    )


def _figure(data: Data, places: _FieldPlaces, path: str) -> Figure | None:
    value = number_at(data, *path.split("."))
    return Figure(value, places.of(path)) if value is not None else None


def _spans(data: Data, places: _FieldPlaces) -> Iterable[Span]:
    for row, period in enumerate(rows_at(data, "periods"), 1):
        first, last = day_at(period, "from"), day_at(period, "to")
        if isinstance(first, date) and isinstance(last, date):
            yield Span(first, last, places.of(f"periods.{row}.from", f"periods.{row}.to"))
