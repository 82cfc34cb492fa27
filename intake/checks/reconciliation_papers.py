"""Witnesses among the papers that come with a form, from their readings as JSON: agreement, declarations, lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from intake.checks.evidence import DOUBT_BELOW
from intake.checks.reconciliation_witness import (
    Figure,
    Place,
    Span,
    Stated,
    Witness,
    WitnessKind,
    WorkerSeen,
    plain_code,
)
from ocr.form_map import Box

Reading = Mapping[str, Any]
Names = Mapping[str, str]
"""How the sender called each document, by its identifier."""


@dataclass(frozen=True, slots=True)
class BroughtList:
    """A list that was brought while the application was compiled, and used. ``rows``: as its reading keeps them;
    ``stored``: SHA-256 of each of its files, by name."""

    rows: Sequence[Reading]
    stored: Names


def agreement_witness(agreement: Reading, names: Names) -> Witness | None:
    """What a union agreement states of all workers together; None for a paper that is no agreement."""
    if agreement["kind"] == "other":
        return None
    documents = [value["source"] for value in agreement.values() if isinstance(value, Mapping) and "source" in value]
    document = documents[0] if documents else None
    return Witness(
        WitnessKind.AGREEMENT,
        names.get(document or "", ""),
        document,
        stated=Stated(
            total_staff=_figure(agreement, "total_staff"),
            workers=_figure(agreement, "workers_involved"),
            weeks=_figure(agreement, "weeks"),
            periods=tuple(_spans(agreement)),
        ),
    )


def declarations_witness(declarations: Reading) -> Witness:
    """Who declared to be available, and whether the paper is signed. Several files are one stack."""
    found = [each for each in declarations["workers"] if each["source"]]
    workers = tuple(
        WorkerSeen(
            row=each["row"],
            place=_place(each),
            surname=each["surname"],
            given_name=each["given_name"],
            tax_code=each["tax_code"],
            signed={"signed": True, "unsigned": False}.get(each["standing"]),
            unsure=frozenset({"signed"}) if each["standing"] == "to_look_at" else frozenset(),
        )
        for each in found
    )
    stray = tuple(
        WorkerSeen(row=len(declarations["workers"]) + number, place=_place(each), surname=each["named"])
        for number, each in enumerate(declarations["stray"], 1)
        if each["named"]
    )
    return Witness(WitnessKind.DECLARATIONS, workers=(*workers, *stray))


def list_witness(lists: Sequence[BroughtList]) -> Witness | None:
    """Everybody named in the lists that were brought while the application was compiled, the newest first; a person of
    several lists counts where the newest names him. None without lists."""
    if not lists:
        return None
    seen: set[str] = set()
    workers: list[WorkerSeen] = []
    for brought in lists:
        for row in brought.rows:
            worker = _listed(row, brought.stored.get(row["source"]))
            if worker.tax_code is None or plain_code(worker.tax_code) not in seen:
                workers.append(replace(worker, row=len(workers) + 1))
        seen = {plain_code(worker.tax_code) for worker in workers if worker.tax_code}
    names = sorted({name for brought in lists for name in brought.stored})
    return Witness(WitnessKind.LIST, ", ".join(names), workers=tuple(workers))


def attached_list_witnesses(lists: Reading, names: Names) -> tuple[Witness, ...]:
    """One witness for each returned file in which workers were listed."""
    by_document: dict[str, list[Reading]] = {}
    for row in lists["rows"]:
        by_document.setdefault(row["source"], []).append(row)
    return tuple(
        Witness(
            WitnessKind.LIST,
            names.get(document, ""),
            document,
            tuple(_listed(row, None, document=document) for row in rows),
        )
        for document, rows in by_document.items()
    )


def _listed(worker: Reading, stored: str | None, *, document: str | None = None) -> WorkerSeen:
    fields: Mapping[str, Reading] = worker["fields"]
    value = {name: each["value"] for name, each in fields.items()}
    doubtful = {name for name, each in fields.items() if each["value"] is not None and not _sure(each)}
    return WorkerSeen(
        row=worker["row"],
        place=Place(document, worker["page"], _box(worker["box"]), stored=stored, rotation=worker["rotation"]),
        surname=value.get("surname"),
        given_name=value.get("given_name"),
        tax_code=value.get("tax_code"),
        weekly_hours=_decimal(value.get("weekly_hours")),
        requested_hours=_decimal(value.get("requested_hours")),
        unsure=frozenset({"name" if name in {"surname", "given_name"} else name for name in doubtful}),
    )


def _place(found: Reading) -> Place:
    return Place(found["source"], found["page"], _box(found.get("box")))


def _box(sides: Sequence[float] | None) -> Box | None:
    return Box(*sides) if sides else None


def _sure(value: Reading) -> bool:
    return bool(value["confidence"] >= DOUBT_BELOW)


def _decimal(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None


def _figure(agreement: Reading, name: str) -> Figure | None:
    value = agreement.get(name)
    number = _decimal(value["value"]) if value else None
    return Figure(number, _place(value), _sure(value)) if value and number is not None else None


def _spans(agreement: Reading) -> Iterator[Span]:
    for period in agreement.get("periods", ()):
        first, last = period["first"], period["last"]
        if first["value"] and last["value"]:
            days = date.fromisoformat(first["value"]), date.fromisoformat(last["value"])
            yield Span(*days, _place(first), _sure(first) and _sure(last))
