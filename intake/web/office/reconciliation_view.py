"""The table of workers by documents, and the two sources of one worker beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flask_babel import format_decimal, gettext, lazy_gettext

from intake.cases.case import Case
from intake.checks.reconciliation import Discrepancy, Mark, Reconciliation, WorkerRow
from intake.checks.reconciliation_case import lists_brought, readings_of, reconcile_case
from intake.checks.reconciliation_witness import Place, Witness, WitnessKind, WorkerSeen
from intake.web.frame.context import service, session

_KINDS = {
    WitnessKind.APPLICATION: lazy_gettext("Domanda"),
    WitnessKind.FORM: lazy_gettext("Modulo restituito"),
    WitnessKind.LIST: lazy_gettext("Elenco dei lavoratori"),
    WitnessKind.DECLARATIONS: lazy_gettext("Dichiarazioni di disponibilità"),
    WitnessKind.AGREEMENT: lazy_gettext("Accordo sindacale"),
    WitnessKind.INPS: lazy_gettext("Elenco INPS"),
}
_MARKS = {
    Mark.PRESENT: ("✔", lazy_gettext("c'è")),
    Mark.DIFFERS: ("✖", lazy_gettext("diverso")),
    Mark.UNSURE: ("⚠", lazy_gettext("dubbio")),
    Mark.UNSIGNED: ("✖", lazy_gettext("non firmata")),
    Mark.MISSING: ("–", lazy_gettext("manca")),
}


@dataclass(frozen=True, slots=True)
class ShownSource:
    """One document about one worker. ``column`` counts from 0, the application first; ``picture``: whether it has a cut."""

    column: int
    title: str
    name: str
    document_id: UUID | None
    page: int | None
    values: tuple[tuple[str, str], ...]
    picture: bool


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A discrepancy about all workers together; ``number`` counts from 0 among all."""

    number: int
    said: Discrepancy
    ours: bool
    theirs: bool


@dataclass(frozen=True, slots=True)
class ShownReconciliation:
    """``numbered``: rows with their number from 1; ``sources``: of the ``chosen`` one."""

    found: Reconciliation
    numbered: tuple[tuple[int, WorkerRow], ...]
    chosen: int | None
    sources: tuple[ShownSource, ...]

    @property
    def figures(self) -> tuple[ShownFigure, ...]:
        """What is said differently of all workers together, with whether each source has a cut."""
        return tuple(
            ShownFigure(number, each, _drawable(each.ours), _drawable(each.theirs))
            for number, each in enumerate(self.found.discrepancies)
            if not each.who
        )

    @property
    def columns(self) -> tuple[Witness, ...]:
        return self.found.with_workers

    @property
    def open_rows(self) -> tuple[tuple[int, WorkerRow], ...]:
        return tuple(each for each in self.numbered if each[1].needs_eyes)

    @property
    def agreeing_rows(self) -> tuple[tuple[int, WorkerRow], ...]:
        return tuple(each for each in self.numbered if not each[1].needs_eyes)


def reconciliation_of(case: Case) -> Reconciliation | None:
    """The documents of a case beside each other; None while nothing was read."""
    if case.run is None:
        return None
    application = case.application
    return reconcile_case(
        case.form,
        readings_of(case.run),
        application.current_documents,
        service().pack_of(application.edition),
        lists=lists_brought(session(), application.id),
    )


def shown_reconciliation(case: Case, chosen: str | None) -> ShownReconciliation | None:
    """The table, with the sources of the row that the address names."""
    found = reconciliation_of(case)
    if found is None or not found.witnesses:
        return None
    number = int(chosen) if chosen and chosen.isdecimal() and 0 < int(chosen) <= len(found.rows) else None
    numbered = tuple(enumerate(found.rows, 1))
    return ShownReconciliation(found, numbered, number, _sources(case, found, number) if number else ())


def place_in(found: Reconciliation, number: int, column: int) -> Place | None:
    """Where document ``column`` (0: the application) names the worker of row ``number``; None where it does not."""
    if not 0 < number <= len(found.rows) or not 0 <= column <= len(found.with_workers):
        return None
    seen = _seen(found.rows[number - 1], column)
    return seen.place if seen else None


def place_of_figure(found: Reconciliation, number: int, side: str) -> Place | None:
    """Where the application (``side`` "domanda") or the other document states what differs; None for any other word."""
    if not 0 <= number < len(found.discrepancies):
        return None
    said = found.discrepancies[number]
    return {"domanda": said.ours, "documento": said.theirs}.get(side)


def _drawable(place: Place) -> bool:
    return place.page is not None and place.box is not None and (place.on_form or bool(place.document or place.stored))


def kind_in_words(kind: WitnessKind) -> str:
    return str(_KINDS[kind])


def mark_in_words(mark: Mark) -> tuple[str, str]:
    """A sign and the word that says the same."""
    sign, word = _MARKS[mark]
    return sign, str(word)


def _seen(row: WorkerRow, column: int) -> WorkerSeen | None:
    if column == 0:
        return row.worker if row.in_application else None
    return row.sightings[column - 1].seen


def _sources(case: Case, found: Reconciliation, number: int) -> tuple[ShownSource, ...]:
    row = found.rows[number - 1]
    names = {str(document.id): document for document in case.application.documents}
    sources = []
    for column, witness in enumerate((found.application, *found.with_workers)):
        seen = _seen(row, column)
        document = names.get(seen.place.document or "") if seen else None
        sources.append(
            ShownSource(
                column=column,
                title=kind_in_words(witness.kind),
                name=document.name if document else witness.name,
                document_id=document.id if document else None,
                page=seen.place.page if seen else None,
                values=_values(seen) if seen else (),
                picture=seen is not None and _drawable(seen.place),
            )
        )
    return tuple(sources)


def _number(hours: Decimal | None) -> str | None:
    return str(format_decimal(hours)) if hours is not None else None


def _values(seen: WorkerSeen) -> tuple[tuple[str, str], ...]:
    signed = {None: None, True: gettext("sì"), False: gettext("no")}[seen.signed]
    said = (
        (gettext("Cognome e nome"), " ".join(part for part in (seen.surname, seen.given_name) if part)),
        (gettext("Codice fiscale"), seen.tax_code),
        (gettext("Ore settimanali"), _number(seen.weekly_hours)),
        (gettext("Ore richieste"), _number(seen.requested_hours)),
        (gettext("Firmata"), signed),
    )
    return tuple((label, value) for label, value in said if value)
