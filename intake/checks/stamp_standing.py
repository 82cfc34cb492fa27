"""How stamp duty stands as a whole, judged once when the marks are looked at and kept with the run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from signing.stamp_duty.mark import StampKind, StampStatus

_SETTLING = frozenset({StampKind.virtual, StampKind.exemption})


class StampStanding(StrEnum):
    """``TO_CHECK``: something was found that does not settle the duty by itself."""

    NOT_DUE = "not_due"
    IN_ORDER = "in_order"
    TO_CHECK = "to_check"
    MISSING = "missing"


def standing_of(
    marks: Collection[tuple[StampKind, StampStatus]], *, due: Decimal | None, paid: Decimal
) -> StampStanding:
    """``marks``: kind and status of each. ``due`` None where no rule says what is due, zero where nothing is."""
    if due == 0:
        return StampStanding.NOT_DUE
    good = [kind for kind, status in marks if status is not StampStatus.invalid]
    if not good:
        return StampStanding.MISSING
    enough = not _SETTLING.isdisjoint(good) or (due is not None and paid >= due)
    certain = all(status is StampStatus.valid for _, status in marks)
    return StampStanding.IN_ORDER if enough and certain else StampStanding.TO_CHECK


def standing_kept(stamps: Mapping[str, Any]) -> StampStanding:
    """The standing in a run's stored marks. Runs of before it was stored are judged by the same rule from what they keep."""
    if "standing" in stamps:
        return StampStanding(stamps["standing"])
    marks = [(StampKind(each["kind"]), StampStatus(each["status"])) for each in stamps["marks"]]
    due = Decimal(stamps["due"]) if stamps["due"] is not None else None
    return standing_of(marks, due=due, paid=Decimal(stamps["paid"]))
