"""What was read in a list, as it is stored, and as rows of the worker table with what to look at beside each cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intake.applications.draft import MOST_WORKERS
from intake.applications.fields import WORKER, Kind
from intake.applications.worker_import import cell_fault, known_choice
from intake.typed_text import visible
from ocr.extracted import Extracted
from ocr.worker_list.reading import WorkerListReading
from ocr.worker_list.rows import SURE

Choices = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ProposedRow:
    """One worker as proposed: ``values`` in the draft's own form, ``doubts`` what to say beside a cell, by field.

    ``pictured`` are the doubtful fields that have a place on page ``page`` of the file ``source``; none in a spreadsheet.
    """

    number: int
    source: str
    page: int
    pictured: tuple[str, ...]
    values: Mapping[str, str]
    doubts: Mapping[str, str]


def reading_json(reading: WorkerListReading) -> dict[str, Any]:
    """The reading as it is stored, no more rows than a draft can hold and the count of those that were read."""
    return {
        "rows": [
            {
                "row": each.row,
                "source": each.source,
                "page": each.page,
                "box": each.box.as_list() if each.box else None,
                "rotation": each.rotation,
                "fields": {name: _field_json(field) for name, field in each.fields.items()},
            }
            for each in reading.rows[:MOST_WORKERS]
        ],
        "found": len(reading.rows),
        "others": [
            {"kind": each.kind, "text": visible(each.text), "source": each.source, "page": each.page}
            for each in reading.others
        ],
        "problems": [
            {
                "source": each.source,
                "page": each.page,
                "code": each.code,
                "message": each.message,
                "remedy": each.remedy,
            }
            for each in reading.problems
        ],
        "seconds": reading.seconds,
    }


def proposed_rows(reading: Mapping[str, Any], choices: Choices) -> tuple[ProposedRow, ...]:
    """The rows of a stored reading; ``choices``: for each choice field, its keys and words."""
    return tuple(_proposed(row, choices) for row in reading["rows"])


def _field_json(field: Extracted) -> dict[str, Any]:
    value = field.value if isinstance(field.value, str) else None
    return {
        "value": None if value is None else visible(value),
        "raw": visible(field.raw),
        "confidence": field.confidence,
        "engine": field.engine,
        "rules": list(field.rules),
        "box": field.box.as_list() if field.box else None,
    }


def _proposed(row: Mapping[str, Any], choices: Choices) -> ProposedRow:
    values: dict[str, str] = {}
    doubts: dict[str, str] = {}
    for field in WORKER:
        admitted = dict(choices.get(field.path, {}))
        read = row["fields"].get(field.path)
        raw = (read["value"] or "") if read else ""
        values[field.path] = known_choice(field, raw, admitted) if field.kind is Kind.CHOICE else field.tidy(raw)
        if read and (doubt := _doubt(read, cell_fault(field, values[field.path], admitted))):
            doubts[field.path] = doubt
    pictured = tuple(name for name in doubts if row["fields"][name]["box"])
    return ProposedRow(row["row"], row["source"], row["page"], pictured, values, doubts)


def _doubt(read: Mapping[str, Any], fault: str | None) -> str | None:
    """Why a cell is to be looked at, with what stands in the list; None where it is sure and can be taken."""
    if read["value"] is None and not read["raw"]:
        return fault
    written = f"Nell'elenco leggiamo «{read['raw']}»"
    if fault is not None:
        return f"{written}. {fault}"
    return f"{written}, ma non ne siamo sicuri: controlli." if read["confidence"] < SURE else None
