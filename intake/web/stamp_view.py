"""The marks of stamp duty as people see them, at the desk and in the office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import gettext

from intake.checks.stamp_standing import StampStanding, standing_kept


@dataclass(frozen=True, slots=True)
class ShownMark:
    """One mark; ``place`` counts it from 0 in its run, ``box`` says whether its picture can be cut out."""

    place: int
    kind: str
    what: str
    amount: Decimal | None
    issued_at: datetime | None
    document_id: UUID
    page: int | None
    box: bool
    status: str
    matched: str
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownStamps:
    """What was found in one run, and how it stands. ``due`` None where no rule is known, zero where nothing is due."""

    standing: StampStanding
    marks: tuple[ShownMark, ...]
    rule: str
    due: Decimal | None
    paid: Decimal
    on: date
    way: str
    declared: tuple[str, ...]


def shown_stamps(stamps: Mapping[str, Any] | None) -> ShownStamps | None:
    """The marks of a run, None where they were not looked for."""
    if stamps is None:
        return None
    return ShownStamps(
        standing=standing_kept(stamps),
        marks=tuple(_mark(place, each) for place, each in enumerate(stamps["marks"])),
        rule=stamps["rule"]["message"] if stamps["rule"] else "",
        due=Decimal(stamps["due"]) if stamps["due"] is not None else None,
        paid=Decimal(stamps["paid"]),
        on=date.fromisoformat(stamps["on"]),
        way=stamps["way_title"] or "",
        declared=tuple(stamps["declared"]),
    )


def kind_in_words(kind: str) -> str:
    """The kind of mark by its Italian name."""
    words = {
        "contrassegno": gettext("Contrassegno telematico"),
        "virtual": gettext("Pagamento virtuale"),
        "digital": gettext("Marca da bollo digitale"),
        "f23": gettext("Ricevuta F23"),
        "exemption": gettext("Esenzione"),
    }
    return str(words[kind])


def _mark(place: int, mark: Mapping[str, Any]) -> ShownMark:
    return ShownMark(
        place=place,
        kind=mark["kind"],
        what=_what(mark),
        amount=Decimal(mark["amount"]) if mark["amount"] else None,
        issued_at=datetime.fromisoformat(mark["issued_at"]) if mark["issued_at"] else None,
        document_id=UUID(mark["document"]),
        page=mark["page"],
        box=mark["page"] is not None and mark["box"] is not None,
        status=mark["status"],
        matched=_matched(mark["matched"]) if mark["kind"] == "digital" else "",
        messages=tuple(problem["message"] for problem in mark["problems"]),
    )


def _what(mark: Mapping[str, Any]) -> str:
    if mark["kind"] == "exemption":
        return str(mark["law"] or gettext("norma non indicata"))
    if mark["kind"] != "virtual":
        return str(mark["identifier"] or gettext("identificativo non leggibile"))
    said = mark["authorization"]
    day = date.fromisoformat(said["date"]).strftime("%d/%m/%Y") if said["date"] else ""
    parts = (
        said["office"],
        gettext("n. %(number)s", number=said["number"]) if said["number"] else "",
        gettext("del %(day)s", day=day) if day else "",
        gettext("titolare %(holder)s", holder=mark["holder"]) if mark["holder"] else "",
    )
    return " ".join(part for part in parts if part) or str(gettext("estremi non indicati"))


def _matched(which: str | None) -> str:
    words = {
        "issued": gettext("acquistata per il modulo emesso"),
        "content": gettext("acquistata per il documento dentro la busta"),
        "received": gettext("acquistata per il file caricato"),
    }
    return str(words.get(which or "", gettext("acquistata per un documento che non è fra questi")))
