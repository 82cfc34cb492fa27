"""The agreements of a seed: one for each layout, drawn, signed where they are signed by hand, and scanned."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from bench.agreements.blocks import Paper, typeset_paper
from bench.agreements.facts import Facts, Truth, drawn, truth_of
from bench.agreements.layouts import LAYOUTS
from bench.agreements.unseen_layouts import UNSEEN_LAYOUTS

UNSEEN_FROM = 900
"""Seeds from here on write the papers and wordings that no rule was made for."""


@dataclass(frozen=True, slots=True)
class WrittenAgreement:
    """One agreement: its paper, and the truth of what it says."""

    layout: str
    seed: int
    paper: Paper
    facts: Facts
    truth: Truth


def agreements(seed: int) -> Iterator[WrittenAgreement]:
    """One for each layout; the same seed writes the same papers."""
    for name, layout in (UNSEEN_LAYOUTS if seed >= UNSEEN_FROM else LAYOUTS).items():
        rng = random.Random(f"{seed}/{name}")
        blocks, facts, told = layout(rng, drawn(rng))
        yield WrittenAgreement(name, seed, typeset_paper(blocks, rng), facts, truth_of(facts, told))
