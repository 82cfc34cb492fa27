"""Figures about all workers together: sums of hours, weeks, periods, number of workers, staff above the threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from intake.checks.reconciliation_witness import NOWHERE, Figure, Place, Span, Witness, WitnessKind
from intake.checks.reconciliation_words import AgreementRule, Discrepancy, inside
from intake.checks.severity import Severity

_NAMING_EMPLOYEES = frozenset({WitnessKind.LIST, WitnessKind.INPS})
_COMPARE = "Confronti i due documenti: corregga la domanda, oppure carichi il documento giusto."


def figure_discrepancies(
    application: Witness, others: Sequence[Witness], rule: AgreementRule | None
) -> Iterator[Discrepancy]:
    """What the application states of all workers together, against its own rows and against every other document."""
    yield from _own_sum(application)
    for witness in others:
        yield from _hours(application, witness)
        if witness.kind is WitnessKind.AGREEMENT:
            yield from _agreed(application, witness)
    if rule is not None:
        yield from _agreement_due(application, others, rule)


def _own_sum(application: Witness) -> Iterator[Discrepancy]:
    stated, summed = application.stated.requested_hours, _sum(application)
    if stated is not None and summed is not None and stated.value != summed:
        message = f"La domanda chiede in tutto {_shown(stated.value)} ore, ma la somma delle righe è {_shown(summed)}."
        yield Discrepancy(
            "reconciliation.hours_sum",
            Severity.WARNING,
            message,
            "Riapra i dati e controlli le ore di ogni lavoratore.",
            stated.place,
            stated.place,
            WitnessKind.APPLICATION,
        )


def _hours(application: Witness, witness: Witness) -> Iterator[Discrepancy]:
    """A sum counts only where every row of the document bears its hours."""
    stated, theirs = application.stated.requested_hours, _sum(witness)
    if witness.kind not in _NAMING_EMPLOYEES or stated is None or theirs is None or theirs == stated.value:
        return
    message = f"La domanda chiede {_shown(stated.value)} ore; la somma {inside(witness)} è {_shown(theirs)}."
    place = witness.workers[-1].place if witness.workers else Place(document=witness.document)
    yield Discrepancy(
        "reconciliation.hours_differ", Severity.WARNING, message, _COMPARE, stated.place, place, witness.kind
    )


def _agreed(application: Witness, agreement: Witness) -> Iterator[Discrepancy]:
    ours, theirs = application.stated, agreement.stated
    if ours.workers and theirs.workers and ours.workers.value != theirs.workers.value:
        yield _involved(ours.workers, theirs.workers, agreement)
    if ours.weeks and theirs.weeks and ours.weeks.value > theirs.weeks.value:
        message = (
            f"La domanda chiede {_shown(ours.weeks.value)} settimane; {inside(agreement)} ne sono previste "
            f"{_shown(theirs.weeks.value)}."
        )
        yield _figures("reconciliation.weeks_over_agreement", message, ours.weeks, theirs.weeks)
    if ours.total_staff and theirs.total_staff and ours.total_staff.value != theirs.total_staff.value:
        message = (
            f"La domanda dichiara {_shown(ours.total_staff.value)} dipendenti in tutto; {inside(agreement)} si legge "
            f"{_shown(theirs.total_staff.value)}."
        )
        yield _figures("reconciliation.staff_differs", message, ours.total_staff, theirs.total_staff)
    if theirs.periods:
        yield from (_outside(each, agreement) for each in ours.periods if not _within(each, theirs.periods))


def _involved(ours: Figure, theirs: Figure, agreement: Witness) -> Discrepancy:
    message = (
        f"La domanda elenca {_shown(ours.value)} lavoratori; {inside(agreement)} se ne legge {_shown(theirs.value)}."
    )
    if ours.value > theirs.value:
        return _figures("reconciliation.workers_over_agreement", message, ours, theirs)
    return Discrepancy(
        "reconciliation.workers_under_agreement",
        Severity.INFO,
        message,
        "Non serve fare nulla, se gli altri non vanno sospesi.",
        ours.place,
        theirs.place,
        WitnessKind.AGREEMENT,
    )


def _figures(code: str, message: str, ours: Figure, theirs: Figure) -> Discrepancy:
    if not theirs.sure:
        return _doubtful(message, ours.place, theirs.place)
    return Discrepancy(code, Severity.WARNING, message, _COMPARE, ours.place, theirs.place, WitnessKind.AGREEMENT)


def _doubtful(message: str, ours: Place, theirs: Place) -> Discrepancy:
    """What is read with doubt blames nobody: the office looks."""
    return Discrepancy(
        "reconciliation.unsure_figure",
        Severity.INFO,
        f"{message} La lettura non è sicura.",
        "Non serve fare nulla: l'ufficio guarderà l'immagine.",
        ours,
        theirs,
        WitnessKind.AGREEMENT,
    )


def _within(span: Span, agreed: Sequence[Span]) -> bool:
    return any(each.first <= span.first and span.last <= each.last for each in agreed)


def _outside(span: Span, agreement: Witness) -> Discrepancy:
    agreed = " e ".join(f"dal {each.first:%d/%m/%Y} al {each.last:%d/%m/%Y}" for each in agreement.stated.periods)
    message = (
        f"Il periodo dal {span.first:%d/%m/%Y} al {span.last:%d/%m/%Y} esce da quello che si legge "
        f"{inside(agreement)}: {agreed}."
    )
    theirs = agreement.stated.periods[0].place
    if not all(each.sure for each in agreement.stated.periods):
        return _doubtful(message, span.place, theirs)
    return Discrepancy(
        "reconciliation.period_outside_agreement",
        Severity.WARNING,
        message,
        "Corregga il periodo della domanda, oppure alleghi l'accordo che lo comprende.",
        span.place,
        theirs,
        WitnessKind.AGREEMENT,
    )


def _agreement_due(application: Witness, others: Sequence[Witness], rule: AgreementRule) -> Iterator[Discrepancy]:
    """Any document that shows more employees than the threshold makes the agreement due, whatever the form says."""
    if rule.met:
        return
    declared = application.stated.total_staff
    if declared and declared.value > rule.above:
        message = f"La domanda dichiara {_shown(declared.value)} dipendenti, ma l'accordo sindacale non c'è."
        yield _due(message, rule, declared.place, NOWHERE, WitnessKind.AGREEMENT)
        return
    for witness in others:
        if witness.kind in _NAMING_EMPLOYEES and witness.workers and len(witness.workers) > rule.above:
            message = (
                f"Si contano {len(witness.workers)} lavoratori {inside(witness)}: oltre {rule.above} dipendenti serve "
                "l'accordo sindacale, e non c'è."
            )
            place = declared.place if declared else NOWHERE
            yield _due(message, rule, place, witness.workers[-1].place, witness.kind)


def _due(message: str, rule: AgreementRule, ours: Place, theirs: Place, kind: WitnessKind) -> Discrepancy:
    return Discrepancy(
        "reconciliation.agreement_due",
        Severity.WARNING,
        message,
        "Alleghi l'accordo, oppure corregga il numero dei dipendenti.",
        ours,
        theirs,
        kind,
        rule.law,
    )


def _sum(witness: Witness) -> Decimal | None:
    hours = [worker.requested_hours for worker in witness.workers or ()]
    if not hours or any(each is None for each in hours):
        return None
    return sum((each for each in hours if each is not None), Decimal(0))


def _shown(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")
