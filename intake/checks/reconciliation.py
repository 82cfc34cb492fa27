"""Reconciliation across documents: who is in each of them, what they say differently, worker by worker (N4, T5).

Pure: witnesses in, frozen result out. Each discrepancy names its place in both sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from intake.checks import reconciliation_words as words
from intake.checks.reconciliation_figures import figure_discrepancies
from intake.checks.reconciliation_matching import Match, MatchedBy, match_workers, same_person_names
from intake.checks.reconciliation_witness import Witness, WorkerSeen, plain_code
from intake.checks.reconciliation_words import AgreementRule, Discrepancy

__all__ = ["AgreementRule", "Discrepancy", "Mark", "Reconciliation", "Sighting", "WorkerRow", "reconcile"]


class Mark(StrEnum):
    """How a document names a worker. ``UNSURE``: only by likeness, or by values read with doubt."""

    PRESENT = "present"
    DIFFERS = "differs"
    UNSURE = "unsure"
    UNSIGNED = "unsigned"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A worker in one document; ``seen`` None where it does not name him. ``differing``: attributes said differently."""

    mark: Mark
    seen: WorkerSeen | None = None
    differing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A person of any of the documents, ``in_application`` or not; one sighting for each witness, in their order."""

    worker: WorkerSeen
    in_application: bool
    sightings: tuple[Sighting, ...]

    @property
    def needs_eyes(self) -> bool:
        return not self.in_application or any(each.mark is not Mark.PRESENT for each in self.sightings)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """``witnesses``: the documents beside the application; the rows have a sighting for each that names workers."""

    application: Witness
    witnesses: tuple[Witness, ...]
    rows: tuple[WorkerRow, ...]
    discrepancies: tuple[Discrepancy, ...]

    @property
    def with_workers(self) -> tuple[Witness, ...]:
        """The documents that name workers, one column each."""
        return tuple(each for each in self.witnesses if each.workers is not None)


def reconcile(application: Witness, others: Sequence[Witness], rule: AgreementRule | None) -> Reconciliation:
    """Compares what ``application`` says with every other document. ``rule``: when the notice wants an agreement.

    Raises ``ValueError`` when ``application`` names no workers.
    """
    if application.workers is None:
        raise ValueError("the application names its workers")
    people, sightings = list(application.workers), [list[Sighting]() for _ in application.workers]
    filed = len(people)
    found: list[Discrepancy] = []
    listing = [each for each in others if each.workers is not None]
    for column, witness in enumerate(listing):
        found += _with_witness(witness, column, people, sightings, filed)
    found += figure_discrepancies(application, others, rule)
    rows = tuple(
        WorkerRow(person, place < filed, tuple(seen))
        for place, (person, seen) in enumerate(zip(people, sightings, strict=True))
    )
    return Reconciliation(application, tuple(others), rows, tuple(found))


def _with_witness(
    witness: Witness, column: int, people: list[WorkerSeen], sightings: list[list[Sighting]], filed: int
) -> Iterator[Discrepancy]:
    """Adds the column of one document to ``sightings``, and whoever only it names to ``people``."""
    named = witness.workers or ()
    matching = match_workers(people, named)
    by_person = {each.known: each for each in matching.matches}
    for place, person in enumerate(people):
        match = by_person.get(place)
        sighting = _sighting(person, named[match.seen], match) if match else Sighting(Mark.MISSING)
        sightings[place].append(sighting)
        if place < filed:
            yield from _said_of(person, sighting, witness)
    for place in matching.strangers:
        stranger = named[place]
        people.append(stranger)
        sightings.append([Sighting(Mark.MISSING)] * column + [Sighting(Mark.PRESENT, stranger)])
        yield words.extra_worker(stranger, witness)
    for place in matching.repeated:
        yield words.named_twice(named[place], witness)


def _sighting(person: WorkerSeen, seen: WorkerSeen, match: Match) -> Sighting:
    differing = tuple(_differing(person, seen, match))
    if match.by is MatchedBy.LIKENESS or "signed" in seen.unsure or (differing and set(differing) <= seen.unsure):
        return Sighting(Mark.UNSURE, seen, differing)
    if differing:
        return Sighting(Mark.DIFFERS, seen, differing)
    return Sighting(Mark.UNSIGNED if seen.signed is False else Mark.PRESENT, seen)


def _differing(person: WorkerSeen, seen: WorkerSeen, match: Match) -> Iterator[str]:
    if person.tax_code and seen.tax_code and plain_code(person.tax_code) != plain_code(seen.tax_code):
        yield "tax_code"
    if match.by is not MatchedBy.NAME and not same_person_names(person, seen):
        yield "name"
    for attribute in ("weekly_hours", "requested_hours"):
        ours, theirs = getattr(person, attribute), getattr(seen, attribute)
        if ours is not None and theirs is not None and ours != theirs:
            yield attribute


def _said_of(person: WorkerSeen, sighting: Sighting, witness: Witness) -> Iterator[Discrepancy]:
    seen = sighting.seen
    if seen is None:
        yield words.missing_worker(person, witness)
        return
    if sighting.mark is Mark.UNSURE:
        yield words.unsure_worker(person, seen, witness)
    elif sighting.mark is Mark.DIFFERS:
        yield words.differing_worker(person, seen, sighting.differing, witness)
    if seen.signed is False:
        yield words.unsigned(person, seen, witness)
