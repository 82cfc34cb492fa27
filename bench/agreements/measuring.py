"""How much of what agreements say is read right, field by field."""

from __future__ import annotations

import re
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.agreements.facts import DECISIVE, FIELDS
from bench.agreements.papers import UNSEEN_FROM, WrittenAgreement, agreements
from bench.agreements.returned import DRAWN, returned
from ocr.agreement.reading import read_agreement

_NAMES = frozenset({"place", "employer", "representative", "association"})


@dataclass(frozen=True, slots=True)
class Measured:
    """One agreement read once: which fields were right, what it cost; ``wrong`` has the truth and what was read instead."""

    layout: str
    seed: int
    level: str
    dpi: int
    right: frozenset[str]
    wrong: tuple[tuple[str, str, str], ...]
    made_up: int
    pages: int
    seconds: float


def measure(
    seeds: Sequence[int], levels: Sequence[str], dpis: Sequence[int], *, layouts: Iterable[str] = ()
) -> dict[str, Any]:
    """Shares of fields right by level and resolution, of all fields and of the ten decisive ones; CPU seconds a page.

    Seeds from 900 on write papers and wordings that no rule was made for. ``layouts``: only these, all without any.
    """
    runs = list(_runs(seeds, levels, dpis, frozenset(layouts)))
    return {
        "agreements": len({(run.seed, run.layout) for run in runs}),
        "unseen": all(seed >= UNSEEN_FROM for seed in seeds),
        "by_level": {f"{level} {dpi}": _shares(chosen) for (level, dpi), chosen in _by_level(runs).items()},
        "by_field": {field: _share(sum(field in run.right for run in runs), len(runs)) for field in FIELDS},
        "by_layout": {
            layout: _shares([run for run in runs if run.layout == layout]) for layout in sorted({run.layout for run in runs})
        },
        "wrong": [
            {"seed": run.seed, "layout": run.layout, "level": run.level, "dpi": run.dpi}
            | {"field": field, "truth": truth, "read": read}
            for run in runs
            for field, truth, read in run.wrong
        ],
    }  # fmt: skip


def _runs(
    seeds: Sequence[int], levels: Sequence[str], dpis: Sequence[int], layouts: frozenset[str]
) -> Iterator[Measured]:
    for seed in seeds:
        for agreement in agreements(seed):
            if layouts and agreement.layout not in layouts:
                continue
            for level in levels:
                for dpi in dpis if level != DRAWN else dpis[:1]:
                    yield measured(agreement, level, dpi)


def measured(agreement: WrittenAgreement, level: str, dpi: int) -> Measured:
    """Reads one agreement as it arrives at ``level`` and ``dpi``."""
    file = returned(agreement, level, dpi)
    started = time.process_time()
    reading = read_agreement([(f"{agreement.layout}.pdf", file)])
    seconds = time.process_time() - started
    right, wrong = set(), []
    made_up = 0
    for name, extracted in reading.fields.items():
        truth = agreement.truth[name]
        if name == "signatures" and level == DRAWN and truth == "by_hand":
            truth = "absent"
        if _same(name, extracted.value, truth):
            right.add(name)
            continue
        wrong.append((name, str(truth), str(extracted.value)))
        made_up += truth is None
    return Measured(
        agreement.layout, agreement.seed, level, dpi, frozenset(right), tuple(wrong), made_up, reading.pages, seconds
    )


def _same(name: str, read: str | tuple[str, ...] | None, truth: str | tuple[str, ...] | None) -> bool:
    """Names are compared without accents, capitals and points, unions as a set, all else letter by letter."""
    if isinstance(read, tuple) or isinstance(truth, tuple):
        return set(read or ()) == set(truth or ())
    if name in _NAMES and read is not None and truth is not None:
        return _bare(read) == _bare(truth)
    return read == truth


def _bare(name: str) -> str:
    letters = unicodedata.normalize("NFD", name.casefold())
    return re.sub(r"[^a-z0-9]", "", "".join(each for each in letters if not unicodedata.combining(each)))


def _by_level(runs: Sequence[Measured]) -> dict[tuple[str, int], list[Measured]]:
    groups: dict[tuple[str, int], list[Measured]] = defaultdict(list)
    for run in runs:
        groups[run.level, run.dpi].append(run)
    return dict(groups)


def _shares(runs: Sequence[Measured]) -> dict[str, Any]:
    decisive = sum(len(run.right & set(DECISIVE)) for run in runs)
    pages = sum(run.pages for run in runs)
    return {
        "agreements": len(runs),
        "all_fields": _share(sum(len(run.right) for run in runs), len(FIELDS) * len(runs)),
        "ten_fields": _share(decisive, len(DECISIVE) * len(runs)),
        "made_up": sum(run.made_up for run in runs),
        "seconds_a_page": round(sum(run.seconds for run in runs) / pages, 2) if pages else None,
    }


def _share(some: int, of_all: int) -> float:
    return round(some / of_all, 4) if of_all else 0.0
