"""Shares, goals and ratios from what was counted."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bench.forms import DPIS, LEVELS, Level
from bench.reading_cases import OWN_LEVELS, Observation

Figures = dict[str, Any]
Sense = Literal["least", "most"]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be at least or at most, at each resolution, and how it is counted."""

    what: str
    sense: Sense
    at: dict[int, float]
    part: str
    whole: str
    levels: tuple[Level, ...] = OWN_LEVELS
    unit: Literal["share", "seconds"] = "share"


EXACT = ("genuine_exact", "genuine")
GOALS = (
    Goal("pages identified", "least", {300: 0.995, 200: 0.99}, "pages_identified", "pages"),
    Goal("codici fiscali read exactly", "least", {300: 1.0, 200: 0.995}, "codes_exact", "codes"),
    Goal("codici fiscali repaired wrongly", "most", {300: 0.0, 200: 0.001}, "codes_repaired_wrongly", "codes"),
    Goal("cells exact: clean, medium, phone", "least", {300: 0.995, 200: 0.995}, *EXACT, ("clean", "medium", "phone")),
    Goal("cells exact: fax", "least", {300: 0.99, 200: 0.98}, *EXACT, ("fax",)),
    Goal("cells exact: low contrast", "least", {300: 0.98, 200: 0.95}, *EXACT, ("low_contrast",)),
    Goal("printed changes, added rows, struck cells found", "least", {300: 1.0, 200: 1.0}, "changes_found", "changes"),
    Goal("pen over a printed digit found", "least", {300: 0.95, 200: 0.80}, "pen_over_digit_found", "pen_over_digit"),
    Goal(
        "false alarms: cells of untouched pages",
        "most",
        {300: 0.001, 200: 0.002},
        "untouched_alarmed",
        "untouched_cells",
    ),
    Goal("false alarms: untouched pages", "most", {300: 0.05, 200: 0.15}, "untouched_pages_alarmed", "untouched_pages"),
)
SPEED = Goal("processor seconds for an untouched page", "most", {300: 0.8, 200: 0.4}, "", "", unit="seconds")
OUTPACED = 3.0
ERRORS_SHARE = 0.1


class Gathered:
    """All observations of a run, added up by level and resolution."""

    def __init__(self, observations: Iterable[Observation]) -> None:
        self.seeds: set[int] = set()
        self._counts: dict[tuple[Level, int], Counter[str]] = defaultdict(Counter)
        self._seconds: dict[tuple[Level, int], list[float]] = defaultdict(list)
        self._rivals: dict[tuple[str, Level, int], Counter[str]] = defaultdict(Counter)
        for each in observations:
            self.add(each)

    def add(self, seen: Observation) -> None:
        """Cells and alarms are counted on untouched papers, changes on the others, codes on all."""
        counts = Counter(seen.counts)
        counts["codes"] = counts["genuine_codes"] + counts["changed_codes"]
        counts["codes_exact"] = counts["genuine_codes_exact"] + counts["changed_codes_exact"]
        if seen.papers.treatment == "untouched":
            counts["untouched_cells"], counts["untouched_alarmed"] = counts["genuine"], counts["genuine_alarmed"]
            self._seconds[seen.level, seen.dpi] += [seen.seconds / seen.counts["pages"]] * seen.counts["pages"]
        else:
            counts["beside_cells"], counts["beside_alarmed"] = counts["genuine"], counts["genuine_alarmed"]
            counts["genuine"] = counts["genuine_exact"] = 0
        if seen.papers.treatment == "reprinted":
            _renamed(counts, "reprinted")
        self.seeds.add(seen.papers.seed)
        self._counts[seen.level, seen.dpi] += counts
        for name, told in seen.rival_counts.items():
            self._rivals[name, seen.level, seen.dpi] += told

    def counts(self, levels: Sequence[Level], dpi: int) -> Counter[str]:
        return sum((self._counts[level, dpi] for level in levels), Counter())

    def seconds(self, levels: Sequence[Level], dpi: int) -> list[float]:
        return [each for level in levels for each in self._seconds[level, dpi]]

    def rival(self, name: str, levels: Sequence[Level], dpi: int) -> Counter[str]:
        return sum((self._rivals[name, level, dpi] for level in levels), Counter())

    def rivals(self) -> list[str]:
        return sorted({name for name, _, _ in self._rivals})

    def figures(self, dpi: int) -> dict[str, Figures]:
        """What is published of each level, of our own five together, and of the one made by other means."""
        rows: dict[str, tuple[Level, ...]] = {level: (level,) for level in LEVELS}
        return {
            name: _figures(self.counts(levels, dpi), self.seconds(levels, dpi))
            for name, levels in {**rows, "own levels": OWN_LEVELS}.items()
            if self.counts(levels, dpi)["pages"]
        }

    def goals(self) -> list[Figures]:
        """Each goal beside its figure, and how many things that figure rests on."""
        told = []
        for goal in GOALS:
            for dpi in DPIS:
                counts = self.counts(goal.levels, dpi)
                if counts[goal.whole]:
                    figure = counts[goal.part] / counts[goal.whole]
                    told.append(against_goal(goal, dpi, figure, counts[goal.whole]))
        times = {dpi: self.seconds(OWN_LEVELS, dpi) for dpi in DPIS}
        told += [against_goal(SPEED, dpi, statistics.median(each), len(each)) for dpi, each in times.items() if each]
        return told

    def rival_figures(self, name: str) -> dict[str, Figures]:
        return {
            f"{dpi} dpi, {level}": _rival_figures(self.rival(name, (level,), dpi))
            for dpi in DPIS
            for level in LEVELS
            if self.rival(name, (level,), dpi)["pages"]
        }

    def ratios(self, name: str) -> Figures:
        """Pages a second, ours to theirs, and our share of their cell errors, on the same pages of our own levels."""
        ratios: Figures = {}
        for dpi in DPIS:
            told = self.rival(name, OWN_LEVELS, dpi)
            if told["pages"]:
                errors = told["cells"] - told["exact"]
                ratios[f"pages per second, ours to {name}, {dpi} dpi"] = _rounded(
                    told["milliseconds"] / max(1, told["our_milliseconds"])
                )
                ratios[f"cell errors, ours to {name}, {dpi} dpi"] = _rounded(
                    (told["cells"] - told["ours_exact"]) / max(1, errors)
                )
        return ratios


def wilson(share: float, of: int) -> tuple[float, float]:
    """Between which shares the true one lies, 95 times of 100, were all things counted independent (Wilson, 1927)."""
    z2 = 1.96**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    reach = math.sqrt(z2 * (share * (1 - share) / of + z2 / (4 * of**2))) / (1 + z2 / of)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def against_goal(goal: Goal, dpi: int, figure: float, of: int) -> Figures:
    wanted = goal.at[dpi]
    reached = figure >= wanted if goal.sense == "least" else figure <= wanted
    return {
        "what": goal.what,
        "dpi": dpi,
        "sense": goal.sense,
        "goal": wanted,
        "figure": _rounded(figure),
        "of": of,
        **({"between": [_rounded(bound) for bound in wilson(figure, of)]} if goal.unit == "share" else {}),
        "unit": goal.unit,
        "reached": reached,
    }


def _renamed(counts: Counter[str], prefix: str) -> None:
    """Values replaced by the dozen on one page count apart from the single changes of a forger."""
    for key in ("digit_replaced", "surname_replaced", "changes"):
        for ending in ("", "_found"):
            counts[f"{prefix}_{key}{ending}"] += counts.pop(f"{key}{ending}", 0)


def _figures(counts: Counter[str], seconds: Sequence[float]) -> Figures:
    pairs = {
        "pages identified": ("pages_identified", "pages"),
        "pages laid over the issued one": ("pages_laid_over", "pages"),
        "cells exact": EXACT,
        "codici fiscali exact": ("codes_exact", "codes"),
        "codici fiscali exact where changed in print": ("changed_codes_exact", "changed_codes"),
        "codici fiscali repaired wrongly": ("codes_repaired_wrongly", "codes"),
        "other values exact where changed in print": ("changed_values_exact", "changed_values"),
        "changes found": ("changes_found", "changes"),
        **{kind.replace("_", " "): (f"{kind}_found", kind) for kind in _SINGLE},
        "reprinted values found": ("reprinted_changes_found", "reprinted_changes"),
        "pen over a digit found": ("pen_over_digit_found", "pen_over_digit"),
        "pen over a digit found, blue": ("pen_over_digit_blue_found", "pen_over_digit_blue"),
        "pen over a digit found, black": ("pen_over_digit_black_found", "pen_over_digit_black"),
        "false alarms, cells": ("untouched_alarmed", "untouched_cells"),
        "false alarms, pages": ("untouched_pages_alarmed", "untouched_pages"),
        "false alarms, cells beside changed ones": ("beside_alarmed", "beside_cells"),
        "signature boxes right": ("signature_boxes_right", "signature_boxes"),
        "revenue stamps read": ("stamps_read", "stamps"),
        "revenue stamps read as another": ("stamps_misread", "stamps"),
    }
    told: Figures = {
        name: {"share": _rounded(counts[part] / counts[whole]), "of": counts[whole]}
        for name, (part, whole) in pairs.items()
        if counts[whole]
    }
    if seconds:
        told["processor seconds a page"] = {"median": _rounded(statistics.median(seconds)), "of": len(seconds)}
        told["pages per second"] = {"median": _rounded(1 / statistics.median(seconds)), "of": len(seconds)}
    return told


_SINGLE = (
    "digit_replaced",
    "letter_replaced",
    "surname_replaced",
    "digit_appended",
    "struck_rewritten",
    "row_struck",
    "row_added",
)


def _rival_figures(counts: Counter[str]) -> Figures:
    return {
        "pages": counts["pages"],
        "pages refused": counts["refused"],
        "pages per second": _rounded(1000 * counts["pages"] / max(1, counts["milliseconds"])),
        "pages per second, ours on the same pages": _rounded(
            1000 * counts["pages"] / max(1, counts["our_milliseconds"])
        ),
        "cells exact": _rounded(counts["exact"] / counts["cells"]),
        "cells exact, ours on the same pages": _rounded(counts["ours_exact"] / counts["cells"]),
    }


def _rounded(figure: float) -> float:
    return float(f"{figure:.4g}")
