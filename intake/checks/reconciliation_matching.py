"""Which person of one document is which of another: by tax code, then by name, then by likeness, each said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import Hamming
from rapidfuzz.fuzz import ratio

from intake.checks.reconciliation_witness import WorkerSeen, folded_name, plain_code

_NAME_ALIKE = 85.0
"""Per cent of letters in common from which two names may be one, badly read or badly written."""
_CODE_SIGNS_WRONG = 2
_NAME_ALONE_ALIKE = 90.0


class MatchedBy(StrEnum):
    """``LIKENESS``: neither code nor name is the same, both are close; a person has to look."""

    CODE = "code"
    NAME = "name"
    LIKENESS = "likeness"


@dataclass(frozen=True, slots=True)
class Match:
    """``known``: place in the list of those known before; ``seen``: place among those that the document names."""

    known: int
    seen: int
    by: MatchedBy


@dataclass(frozen=True, slots=True)
class Matching:
    """``strangers`` and ``repeated``: places, among those that the document names, of people nobody else names, and of
    people whom it names again."""

    matches: tuple[Match, ...]
    strangers: tuple[int, ...]
    repeated: tuple[int, ...]


def match_workers(known: Sequence[WorkerSeen], seen: Sequence[WorkerSeen]) -> Matching:
    """Pairs people of two documents, nobody twice. A code or a name that two people share decides nothing."""
    repeated = _repeated(seen)
    open_known = list(range(len(known)))
    open_seen = [place for place in range(len(seen)) if place not in repeated]
    matches: list[Match] = []
    for by, keys in ((MatchedBy.CODE, _codes), (MatchedBy.NAME, _names)):
        found = [Match(one, other, by) for one, other in _same(known, open_known, seen, open_seen, keys)]
        matches += found
        open_known = [place for place in open_known if place not in {each.known for each in found}]
        open_seen = [place for place in open_seen if place not in {each.seen for each in found}]
    alike = _alike(known, open_known, seen, open_seen)
    taken = {each.seen for each in alike}
    return Matching(
        matches=tuple(sorted([*matches, *alike], key=lambda each: each.known)),
        strangers=tuple(place for place in open_seen if place not in taken),
        repeated=tuple(sorted(repeated)),
    )


def same_person_names(one: WorkerSeen, other: WorkerSeen) -> bool:
    """Whether two names can be one person's: accents, apostrophes, order of words and a badly read letter do not count."""
    first, second = _names(one), _names(other)[:1]
    return not first or not second or _likeness(first, second) >= _NAME_ALIKE


def _code(worker: WorkerSeen) -> str:
    return plain_code(worker.tax_code) if worker.tax_code else ""


def _codes(worker: WorkerSeen) -> tuple[str, ...]:
    return (_code(worker),) if worker.tax_code else ()


def _names(worker: WorkerSeen) -> tuple[str, ...]:
    """Surname before name, and the other way round."""
    surname, given = folded_name(worker.surname or ""), folded_name(worker.given_name or "")
    return tuple(dict.fromkeys(key for key in (surname + given, given + surname) if key))


def _likeness(names: tuple[str, ...], others: tuple[str, ...]) -> float:
    return max((ratio(one, other) for one in names for other in others), default=0.0)


def _repeated(seen: Sequence[WorkerSeen]) -> set[int]:
    first: set[str] = set()
    again = set()
    for place, worker in enumerate(seen):
        code = _code(worker)
        if code and code in first:
            again.add(place)
        first.add(code)
    return again


def _same(
    known: Sequence[WorkerSeen],
    open_known: Sequence[int],
    seen: Sequence[WorkerSeen],
    open_seen: Sequence[int],
    keys: Callable[[WorkerSeen], tuple[str, ...]],
) -> list[tuple[int, int]]:
    theirs = {place: keys(seen[place])[:1] for place in open_seen}
    times_known = Counter(key for place in open_known for key in keys(known[place]))
    times_seen = Counter(key for first in theirs.values() for key in first)
    place_of = {key: place for place in open_known for key in keys(known[place]) if times_known[key] == 1}
    pairs: dict[int, int] = {}
    for place, first in theirs.items():
        for key in first:
            if key in place_of and times_seen[key] == 1:
                pairs.setdefault(place_of[key], place)
    return list(pairs.items())


def _alike(
    known: Sequence[WorkerSeen], open_known: Sequence[int], seen: Sequence[WorkerSeen], open_seen: Sequence[int]
) -> list[Match]:
    """Pairs where each is the only one that the other resembles."""
    ours = [(place, _code(known[place]), _names(known[place])) for place in open_known]
    theirs = [(place, _code(seen[place]), _names(seen[place])[:1]) for place in open_seen]
    pairs = [
        (one, other)
        for one, code, names in ours
        for other, their_code, their_names in theirs
        if _resemble(code, names, their_code, their_names)
    ]
    times_known, times_seen = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    return [
        Match(one, other, MatchedBy.LIKENESS)
        for one, other in pairs
        if times_known[one] == 1 and times_seen[other] == 1
    ]


def _resemble(code: str, names: tuple[str, ...], their_code: str, their_names: tuple[str, ...]) -> bool:
    if code and their_code:
        if len(code) != len(their_code) or Hamming.distance(code, their_code) > _CODE_SIGNS_WRONG:
            return False
        return _likeness(names, their_names) >= _NAME_ALIKE
    return _likeness(names, their_names) >= _NAME_ALONE_ALIKE
