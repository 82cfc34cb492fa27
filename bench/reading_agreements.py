"""A sample of ``bench.agreements`` for the study of reading: of each seed some agreements, scanned in one way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.agreements.measuring import measure
from bench.agreements.papers import agreements
from bench.forms import DPIS
from bench.reading_cases import OWN_LEVELS

GOALS = {300: 0.98, 200: 0.97}

Sample = dict[str, Any]


def sampled(seed: int, number: int) -> Sample:
    """``number`` agreements of ``seed``, scanned in the way that is its turn, at both resolutions."""
    layouts = sorted({agreement.layout for agreement in agreements(seed)})
    chosen = [layouts[(seed + step * len(layouts) // number) % len(layouts)] for step in range(number)]
    return measure([seed], [OWN_LEVELS[seed % len(OWN_LEVELS)]], DPIS, layouts=chosen)


def together(samples: Sequence[Sample]) -> dict[str, dict[str, Any]]:
    """Of all samples, by resolution: the share of the ten fields that are exact, fields made up, and of how many agreements."""
    told = {}
    for dpi in DPIS:
        shares = [
            share for sample in samples for level, share in sample["by_level"].items() if level.endswith(f" {dpi}")
        ]
        number = sum(share["agreements"] for share in shares)
        if number:
            exact = sum(share["ten_fields"] * share["agreements"] for share in shares) / number
            made_up = sum(share["made_up"] for share in shares)
            told[f"{dpi} dpi"] = {"ten fields exact": round(exact, 4), "fields made up": made_up, "agreements": number}
    return told
