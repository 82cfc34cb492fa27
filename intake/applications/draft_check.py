"""What keeps a draft from becoming a form: every datum and every rule of the notice, each named at its field."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intake.applications.draft import get
from intake.applications.fields import SINGLE, WORKER, Field, Kind
from intake.applications.identifiers import (
    inps_number_doubt,
    inps_number_fault,
    name_doubt,
    person_tax_code_fault,
    tax_code_fault,
    vat_number_fault,
)
from intake.applications.worker_import import cell_fault
from intake.notices.outcomes import Effect, RuleProblem
from intake.notices.pack import NoticePack
from intake.notices.rules import application_problems

Choices = Mapping[str, Mapping[str, str]]
_SHAPES = {
    Kind.EMAIL: (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "non è un indirizzo e-mail."),
    Kind.POSTAL_CODE: (re.compile(r"[0-9]{5}"), "il CAP ha 5 cifre."),
    Kind.PROVINCE: (re.compile(r"[A-Z]{2}"), "la sigla della provincia ha 2 lettere."),
    Kind.NUMBER: (re.compile(r"[0-9]{1,6}"), "scriva un numero intero."),
}
_FAULTS = {
    Kind.TAX_CODE: tax_code_fault,
    Kind.PERSON_TAX_CODE: person_tax_code_fault,
    Kind.VAT_NUMBER: vat_number_fault,
    Kind.INPS_NUMBER: inps_number_fault,
}


@dataclass(frozen=True, slots=True)
class DraftProblem:
    """``field``: path in the draft, rows from 1. Only ``effect`` "refuses" keeps the form from being issued."""

    code: str
    field: str
    message: str
    remedy: str
    law: str | None
    effect: Effect

    @property
    def blocks(self) -> bool:
        return self.effect == "refuses"

    @property
    def step(self) -> int:
        """The step of the application where the field is."""
        return _STEPS.get(self.field.split(".", 1)[0], 5)


_STEPS = {
    "employer": 1,
    "representative": 1,
    "unit": 1,
    "periods": 2,
    "workers": 3,
    "agreement": 4,
    "declarations": 4,
    "consents": 4,
    "stamp_duty": 4,
}


def choices_of(pack: NoticePack) -> dict[str, dict[str, str]]:
    """The words of the choices that the notice decides, by field path."""
    return {
        "employer.kind": {kind.key: kind.title for kind in pack.employers.kinds},
        "category": {category.key: category.title for category in pack.categories},
        "exception": {exception.key: exception.title for exception in pack.employment.exceptions},
        "agreement.waiver": {waiver.key: waiver.title for waiver in pack.employers.agreement_waivers},
        "stamp_duty.way": {way.way: way.title for way in pack.stamp_duty.ways},
    }


def words_of(field: Field, choices: Choices) -> Mapping[str, str]:
    """The choices of one field, its own or the notice's."""
    return field.words or choices.get(field.path, {})


def draft_problems(draft: Mapping[str, Any], pack: NoticePack, at: datetime) -> tuple[DraftProblem, ...]:
    """Everything that does not hold, in the order of the screens. ``at`` is the notice's own instant."""
    own = [*_single_fields(draft, pack), *_rows(draft, pack)]
    faulty = {problem.field for problem in own if problem.blocks}
    ruled = [
        draft_problem_of(problem) for problem in application_problems(pack, draft, at) if problem.field not in faulty
    ]
    return tuple(sorted((*own, *ruled), key=lambda problem: (problem.step, not problem.blocks)))


def draft_problem_of(problem: RuleProblem) -> DraftProblem:
    """What a rule of the notice says, as a draft's screens show it."""
    return DraftProblem(problem.code, problem.field, problem.message, problem.remedy, problem.law, problem.effect)


def _single_fields(draft: Mapping[str, Any], pack: NoticePack) -> Iterator[DraftProblem]:
    choices = choices_of(pack)
    for field in SINGLE:
        value = get(draft, field.path)
        if not value:
            if field.required:
                yield _fault("data.missing", field.path, f"Manca: {field.label_within}.", "Compili il campo.")
            continue
        if fault := _fault_of(field, value, words_of(field, choices)):
            yield _fault("data.wrong", field.path, f"{field.label}: {fault}", "Corregga il campo.")
    if doubt := inps_number_doubt(get(draft, "employer.inps_number")):
        yield _doubt("doubt.inps_number", "employer.inps_number", doubt)
    yield from _name_doubt(draft.get("representative", {}), "representative")


def _fault_of(field: Field, value: str, words: Mapping[str, str]) -> str | None:
    if check := _FAULTS.get(field.kind):
        return check(value)
    if shape := _SHAPES.get(field.kind):
        pattern, message = shape
        return None if pattern.fullmatch(value) else message
    return cell_fault(field, value, dict(words)) if field.kind is not Kind.TEXT else None


def _rows(draft: Mapping[str, Any], pack: NoticePack) -> Iterator[DraftProblem]:
    choices = choices_of(pack)
    if not draft.get("periods"):
        yield _fault("data.missing", "periods", "Manca almeno un periodo.", "Indichi da quando a quando.")
    workers = draft.get("workers", [])
    if not workers:
        yield _fault("data.missing", "workers", "Manca almeno un lavoratore.", "Lo scriva o importi l'elenco.")
    for row, worker in enumerate(workers, 1):
        for field in WORKER:
            fault = cell_fault(field, worker.get(field.path, ""), dict(words_of(field, choices)))
            if fault:
                yield _fault("data.wrong", f"workers.{row}.{field.path}", f"Riga {row}. {fault}", "Corregga la cella.")
        yield from _name_doubt(worker, f"workers.{row}", f"Riga {row}. ")
    codes = Counter(worker.get("tax_code", "") for worker in workers)
    for row, worker in enumerate(workers, 1):
        code = worker.get("tax_code", "")
        if code and codes[code] > 1:
            yield _fault(
                "data.worker_twice",
                f"workers.{row}.tax_code",
                f"Riga {row}. Il codice fiscale {code} compare {codes[code]} volte.",
                "Lasci una riga sola per lavoratore e sommi le ore.",
            )


def _name_doubt(node: Mapping[str, str], path: str, before: str = "") -> Iterator[DraftProblem]:
    doubt = name_doubt(node.get("tax_code", ""), node.get("surname", ""), node.get("given_name", ""))
    if doubt:
        yield _doubt("doubt.name", f"{path}.tax_code", f"{before}{doubt}")


def _fault(code: str, field: str, message: str, remedy: str) -> DraftProblem:
    return DraftProblem(code, field, message, remedy, None, "refuses")


def _doubt(code: str, field: str, message: str) -> DraftProblem:
    return DraftProblem(code, field, message, "Se è giusto così, lo lasci: non blocca.", None, "informs")
