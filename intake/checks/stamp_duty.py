"""What the marks of stamp duty mean for an application. All of it informs: the office receives and has it put right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from intake.checks.finding import Finding
from intake.checks.severity import Severity
from intake.checks.stamp_marks import SeenMark, StampQuestion
from intake.checks.stamp_standing import StampStanding, standing_of
from intake.notices import wording
from signing.stamp_duty.duty import amount_on, balance_of
from signing.stamp_duty.mark import StampKind, StampMark, StampStatus

_SEVERITIES = {"info": Severity.INFO, "warning": Severity.WARNING, "error": Severity.WARNING}
_REGULARISE = "D.P.R. 642/1972, art. 19 e 31"
_OFFICE_LOOKS = "Può inviare: l'ufficio può chiedere la regolarizzazione."
_NAMES = {
    StampKind.contrassegno: "contrassegno",
    StampKind.digital: "marca da bollo digitale",
    StampKind.f23: "ricevuta F23",
    StampKind.virtual: "bollo virtuale",
    StampKind.exemption: "esenzione",
}
_WAY_OF = {StampKind.exemption: "exempt"}
_IDENTIFIERS = re.compile(r"(?<![0-9A-Z])(?:F23-[0-9A-Z./-]{6,}|[0-9][0-9 ]{11,20}[0-9])(?![0-9A-Z])")
_BY_IDENTIFIER = frozenset({StampKind.contrassegno, StampKind.digital, StampKind.f23})


@dataclass(frozen=True, slots=True)
class StampOutcome:
    """The marks, what is due that day, how it stands, and the findings. ``due`` None where no notice says it."""

    marks: tuple[SeenMark, ...]
    due: Decimal | None
    paid: Decimal
    standing: StampStanding
    findings: tuple[Finding, ...]

    def as_json(self, question: StampQuestion) -> dict[str, Any]:
        """What is kept of the look, for the pages that show it."""
        rule = question.rule
        return {
            "marks": [{"document": each.document, **each.mark.as_json()} for each in self.marks],
            "due": f"{self.due:.2f}" if self.due is not None else None,
            "paid": f"{self.paid:.2f}",
            "standing": self.standing.value,
            "on": question.on.isoformat(),
            "rule": {"due": rule.due, "message": rule.message, "law": rule.law} if rule else None,
            "way": question.way,
            "way_title": question.title(question.way) if question.way else None,
            "declared": list(question.identifiers),
        }


def declared_identifiers(typed: str) -> tuple[str, ...]:
    """The identifiers in what was typed: groups of 13 or 14 digits, spaces within allowed, and F23 operations."""
    found = (re.sub(r"\s", "", each) for each in _IDENTIFIERS.findall(typed.upper()))
    return tuple(dict.fromkeys(each for each in found if each.startswith("F23-") or len(each) in {13, 14}))


def judge_marks(seen: Sequence[SeenMark], question: StampQuestion, names: dict[str, str]) -> StampOutcome:
    """``names``: the name of each document, for the sentences."""
    due = _due(seen, question)
    balance = balance_of([each.mark for each in seen], due or Decimal(0))
    findings = [finding for each in seen for finding in _of_mark(each, names)]
    if question.rule is not None and not question.rule.due:
        findings += _not_due(seen, question)
    else:
        findings += _identifiers(seen, question)
        findings += _of_sum(seen, question, due, balance.paid, balance.lacking)
    standing = standing_of([(each.mark.kind, each.mark.status) for each in seen], due=due, paid=balance.paid)
    return StampOutcome(tuple(seen), due, balance.paid, standing, tuple(findings))


def _due(seen: Sequence[SeenMark], question: StampQuestion) -> Decimal | None:
    """By the notice; without one, by the law of that day, where a mark of payment is there to be weighed."""
    if question.rule is not None:
        return question.rule.amount if question.rule.due else Decimal(0)
    if not any(each.mark.kind in _BY_IDENTIFIER for each in seen):
        return None
    try:
        return amount_on(question.on).euros
    except ValueError:
        return None


def _of_mark(each: SeenMark, names: dict[str, str]) -> Iterator[Finding]:
    for problem in each.mark.problems:
        yield Finding(
            problem.code,
            _SEVERITIES[problem.severity],
            f"«{names.get(each.document, each.document)}»: {problem.message}",
            problem.remedy,
            law=problem.law,
            technical=problem.technical,
            document=each.document,
        )


def _not_due(seen: Sequence[SeenMark], question: StampQuestion) -> Iterator[Finding]:
    assert question.rule is not None
    yield _finding("not_due", Severity.INFO, f"Il bollo non serve. {question.rule.message}", law=question.rule.law)
    if any(each.mark.kind is not StampKind.exemption for each in seen):
        message = "Ha aggiunto una marca da bollo che non serviva: la domanda vale lo stesso."
        yield _finding("paid_though_exempt", Severity.INFO, message, law=question.rule.law)


def _identifiers(seen: Sequence[SeenMark], question: StampQuestion) -> Iterator[Finding]:
    """Compares what was declared in the form with what was seen."""
    by_identifier = [each.mark for each in seen if each.mark.kind in _BY_IDENTIFIER and each.mark.identifier]
    read = {mark.identifier for mark in by_identifier if mark.identifier}
    declared = set(question.identifiers)
    if question.way not in {kind.value for kind in _BY_IDENTIFIER} or not declared or not read:
        return
    if declared == read:
        names = ", ".join(dict.fromkeys(_NAMES[mark.kind] for mark in by_identifier))
        message = f"L'identificativo indicato nel modulo è quello che si vede ({names})."
        yield _finding("identifier_agrees", Severity.INFO, message)
        return
    for missing in sorted(declared - read):
        yield _finding(
            "identifier_not_seen",
            Severity.WARNING,
            f"Nel modulo ha indicato l'identificativo {missing}, ma nei file si legge {', '.join(sorted(read))}.",
            "Se ha sbagliato a scrivere, riapra i dati e corregga; se ha caricato un'altra marca, la sostituisca. "
            + _OFFICE_LOOKS,
        )
    if declared < read:
        extra = ", ".join(sorted(read - declared))
        message = f"Nei file c'è anche una marca che nel modulo non ha indicato: {extra}."
        yield _finding("identifier_not_declared", Severity.WARNING, message, _OFFICE_LOOKS)


def _of_sum(
    seen: Sequence[SeenMark], question: StampQuestion, due: Decimal | None, paid: Decimal, lacking: Decimal
) -> Iterator[Finding]:
    good = [each.mark for each in seen if each.mark.status is not StampStatus.invalid]
    if due is None or (question.rule is None and not good):
        return
    law = question.rule.law if question.rule else amount_on(question.on).act
    if not good:
        message = f"Non abbiamo trovato il bollo: per questa domanda è dovuto, {wording.euros(due)}."
        yield _finding("missing", Severity.WARNING, message, _how_to_add(question), law=law)
        return
    declared = _declared_mark(good, question)
    if declared is None and question.rule is not None and question.way is not None:
        seen_ways = ", ".join(dict.fromkeys(_NAMES[mark.kind] for mark in good))
        message = f"Nel modulo ha indicato «{question.title(question.way)}», ma nei file c'è: {seen_ways}."
        yield _finding("other_way", Severity.WARNING, message, _OFFICE_LOOKS)
    if lacking and any(mark.amount is None for mark in good):
        return  # an amount that cannot be read is told with its mark
    if lacking:
        message = f"Il bollo non basta: risultano {wording.euros(paid)}, ne servono {wording.euros(due)}."
        remedy = f"Aggiunga marche per {wording.euros(lacking)}. {_OFFICE_LOOKS}"
        yield _finding("amount_short", Severity.WARNING, message, remedy, law=law or _REGULARISE)
    elif all(mark.status is StampStatus.valid for mark in good):
        yield _finding("in_order", Severity.INFO, f"Bollo in ordine: {_told(good, paid)}.", law=law)


def _declared_mark(marks: Sequence[StampMark], question: StampQuestion) -> StampMark | None:
    return next((mark for mark in marks if _WAY_OF.get(mark.kind, mark.kind.value) == question.way), None)


def _told(marks: Sequence[StampMark], paid: Decimal) -> str:
    names = ", ".join(dict.fromkeys(_NAMES[mark.kind] for mark in marks))
    return f"{names}, {wording.euros(paid)}" if paid else names


def _how_to_add(question: StampQuestion) -> str:
    ways = {
        "contrassegno": "Incolli la marca sul modulo stampato, la annulli e scansioni la pagina. " + _OFFICE_LOOKS,
        "digital": "Carichi il file XML della marca, acquistata per il modulo emesso. " + _OFFICE_LOOKS,
        "f23": "Carichi la ricevuta del versamento con codice tributo 456T. " + _OFFICE_LOOKS,
        "virtual": "Riapra i dati e indichi ufficio, numero e data dell'autorizzazione. " + _OFFICE_LOOKS,
        "exempt": "Riapra i dati e indichi la norma di esenzione, oppure paghi l'imposta. " + _OFFICE_LOOKS,
    }
    return ways.get(question.way or "", _OFFICE_LOOKS)


def _finding(code: str, severity: Severity, message: str, remedy: str = "", *, law: str | None = None) -> Finding:
    return Finding(f"stamp_duty.{code}", severity, message, remedy, law=law)
