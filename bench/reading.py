"""How well and how fast returned forms are read: issued, printed, signed, altered and scanned here, so that the truth is known.

    python -m bench.reading                        the whole study, about ten minutes on two cores
    python -m bench.reading --quick --seeds 900-901
    python -m bench.reading --json > result.json && python -m bench.reading --from result.json --write docs/accuracy.md

Plain Tesseract and OCRmyPDF read the same scans. Figures are shares of what was counted, beside the goal of each. Nothing here
decides anything: a figure that falls short is printed as such.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

from bench.forms import DPIS, LEVELS, Level
from bench.measure import arguments, machine
from bench.reading_agreements import GOALS as AGREEMENT_GOALS
from bench.reading_agreements import Sample, sampled, together
from bench.reading_cases import OWN_LEVELS, Observation, Papers, conditions, observed, papers_of, processor_seconds
from bench.reading_figures import ERRORS_SHARE, OUTPACED, Gathered
from bench.reading_memory import FALLBACK
from bench.reading_memory import measured as measured_memory
from bench.reading_page import accuracy_page, goals_table
from bench.reading_rivals import ocrmypdf_missing

_PROCESSES = 2
_MINUTES = 12.0
_MEMORY = {300: 600, 200: 400}
_MEMORY_WITH_FALLBACK = 1200
_QUICK_200: tuple[Level, ...] = ("medium", "fax")
_QUICK_RIVALS: tuple[Level, ...] = ("medium", "phone")
_AGREEMENTS = {False: 4, True: 2}
"""Of each seed, in a whole and in a quick study."""


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--seeds", default="900-905", help="first and last seed")
    parser.add_argument("--quick", action="store_true", help="one page of each treatment, fewer scans")
    parser.add_argument("--minutes", type=float, default=_MINUTES, help="no new papers are begun after these")
    parser.add_argument("--from", dest="given", type=Path, help="take the figures of an earlier run's JSON")
    parser.add_argument("--write", type=Path, help="write the page for people from the figures")
    given = parser.parse_args()
    result = (
        json.loads(given.given.read_text()) if given.given else measure(_seeds(given.seeds), given.quick, given.minutes)
    )
    if given.write:
        given.write.write_text(accuracy_page(result))
        _say(f"{given.write} written")
    elif given.json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        print(goals_table(result))


def measure(seeds: Sequence[int], quick: bool, minutes: float) -> dict[str, Any]:
    """The figures of one run, as the JSON document holds them."""
    began = time.monotonic()
    every = [each for seed in seeds for each in papers_of(seed, quick=quick)]
    papers = sorted(every, key=lambda each: (-len(each.pages), each.treatment, each.seed))
    scans = [(level, dpi) for level, dpi in conditions() if not quick or dpi == 300 or level in _QUICK_200]
    gathered, samples, left_out = Gathered([]), list[Sample](), 0
    for done, seen in enumerate(_read(papers, scans, seeds, quick=quick, until=began + minutes * 60), 1):
        if isinstance(seen, dict):
            samples.append(seen)
        for each in seen if isinstance(seen, list) else ():
            gathered.add(each)
        left_out += not seen
        _say(f"{done}/{len(papers) * len(DPIS) + len(seeds)} tasks, {time.monotonic() - began:.0f} s")
    agreements = together(samples)
    memory = measured_memory(seeds[0], DPIS)
    return {
        "name": "reading",
        "machine": machine(),
        "runs": 1,
        "ours": {
            "seeds": list(seeds),
            "quick": quick,
            "tasks left out for lack of time": left_out,
            "minutes": round((time.monotonic() - began) / 60, 1),
            "processor minutes": round(processor_seconds() / 60, 1),
            **{f"{dpi} dpi": gathered.figures(dpi) for dpi in DPIS},
            "agreements": agreements,
            "megabytes": memory,
            "goals": [
                *gathered.goals(),
                *_agreement_goals(agreements),
                *_rival_goals(gathered),
                *_memory_goals(memory),
            ],
        },
        "against": {
            **{name: gathered.rival_figures(name) for name in gathered.rivals()},
            **({"ocrmypdf": {"left out": missing}} if (missing := ocrmypdf_missing()) else {}),
        },
        "ratio": {key: value for name in gathered.rivals() for key, value in gathered.ratios(name).items()},
    }


def _read(
    papers: Sequence[Papers], scans: Sequence[tuple[Level, int]], seeds: Sequence[int], *, quick: bool, until: float
) -> Iterator[list[Observation] | Sample]:
    """What was seen of each of ``papers``, and of some agreements of each seed, as it comes; nothing of those whose turn came
    after ``until``.
    """
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as workers:
        futures: list[Future[list[Observation] | Sample]] = [
            workers.submit(_sampled_in_time, seed, _AGREEMENTS[quick], until) for seed in seeds
        ]
        rivals_at = _QUICK_RIVALS if quick else LEVELS
        for each in papers:
            for dpi in DPIS:
                some = [scan for scan in scans if scan[1] == dpi]
                futures.append(workers.submit(_observed_in_time, each, some, rivals_at, until))
        for future in as_completed(futures):
            yield future.result()


def _observed_in_time(
    papers: Papers, scans: Sequence[tuple[Level, int]], rivals_at: Sequence[Level], until: float
) -> list[Observation]:
    return [] if time.monotonic() > until else observed(papers, scans, rivals_at)


def _sampled_in_time(seed: int, number: int, until: float) -> Sample:
    return {} if time.monotonic() > until else sampled(seed, number)


def _agreement_goals(agreements: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        _goal(
            "agreements: ten fields exact",
            dpi,
            "least",
            wanted,
            told["ten fields exact"],
            told["agreements"] * 10,
            "share",
        )
        for dpi, wanted in AGREEMENT_GOALS.items()
        if (told := agreements.get(f"{dpi} dpi"))
    ]


def _rival_goals(gathered: Gathered) -> list[dict[str, Any]]:
    """Against plain Tesseract: three times its pages a second, a tenth of its cell errors."""
    told = []
    for dpi in DPIS:
        pages = gathered.rival("pytesseract", OWN_LEVELS, dpi)["pages"]
        ratios = gathered.ratios("pytesseract")
        for key, sense, wanted in (("pages per second", "least", OUTPACED), ("cell errors", "most", ERRORS_SHARE)):
            name = f"{key}, ours to pytesseract"
            if pages:
                told.append(_goal(name, dpi, sense, wanted, ratios[f"{name}, {dpi} dpi"], pages, "times"))
    return told


def _memory_goals(memory: dict[str, int]) -> list[dict[str, Any]]:
    told = []
    for dpi in DPIS:
        for name, wanted in ((f"{dpi} dpi", _MEMORY[dpi]), (f"{dpi} dpi, {FALLBACK}", _MEMORY_WITH_FALLBACK)):
            what = "peak memory of a worker" + (f", {FALLBACK}" if FALLBACK in name else "")
            told.append(_goal(what, dpi, "most", wanted, memory[name], 1, "MB"))
    return told


def _goal(what: str, dpi: int, sense: str, wanted: float, figure: float, of: int, unit: str) -> dict[str, Any]:
    reached = figure >= wanted if sense == "least" else figure <= wanted
    return {
        "what": what,
        "dpi": dpi,
        "sense": sense,
        "goal": wanted,
        "figure": figure,
        "of": of,
        "unit": unit,
        "reached": reached,
    }


def _seeds(told: str) -> list[int]:
    first, _, last = told.partition("-")
    return list(range(int(first), int(last or first) + 1))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
