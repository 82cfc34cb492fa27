"""A collection of signed and hostile documents with the answer each must get, read from its `manifest.tsv`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from signing.report import Verdict

_CLEAN = frozenset({Verdict.signed, Verdict.signed_with_reservations})
_REFUSED = frozenset(
    {Verdict.invalid_certificate, Verdict.broken, Verdict.changed, Verdict.unverifiable, Verdict.unreadable}
)
FITTING: dict[str, frozenset[Verdict]] = {
    "OK_TECH": _CLEAN,
    "REJECT": frozenset({Verdict.broken, Verdict.unreadable}),
    "WARN": frozenset({Verdict.changed, Verdict.broken}),
    "NOT_OK": _REFUSED,
    "OK_OR_WARN": _CLEAN | {Verdict.changed, Verdict.invalid_certificate},
    "INDET": frozenset({Verdict.unverifiable}),
    "NOSIG": frozenset({Verdict.not_signed}),
    "NOSIG_OR_NOT_OK": _REFUSED | {Verdict.not_signed},
    "LIMIT": frozenset({Verdict.unreadable, Verdict.unverifiable}),
    "ERROR_CLEAR": frozenset({Verdict.unreadable, Verdict.not_signed}),
}
"""Verdicts that fit each expectation of the manifest; expectations that are not here say nothing of signatures."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One row: paths within the collection, `wanted` details as (dotted name, value)."""

    path: Path
    family: str
    expected: str
    detached: Path | None
    wanted: tuple[tuple[str, str], ...]

    @property
    def may_be_clean(self) -> bool:
        return bool(FITTING[self.expected] & _CLEAN)


def samples(corpus: Path, *families: str) -> list[Sample]:
    """The rows of these families whose expectation speaks of signatures, in the order of the manifest."""
    with (corpus / "manifest.tsv").open(newline="") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t"))
    return [
        Sample(
            corpus / row["path"],
            row["family"],
            row["expected"],
            corpus / row["detached"] if row["detached"] else None,
            tuple(_pair(each) for each in (row.get("want") or "").split(";") if each),
        )
        for row in rows
        if row["family"] in families and row["expected"] in FITTING
    ]


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value
