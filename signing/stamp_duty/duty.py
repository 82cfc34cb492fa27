"""How much stamp duty an application bears on a day, by the law alone; a notice may exempt it (see its pack)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from signing.stamp_duty.mark import StampKind, StampMark, StampStatus


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in euros for each application, in force from a day, with the act that set it."""

    since: date
    euros: Decimal
    act: str


AMOUNTS = (
    Amount(date(2005, 6, 1), Decimal("14.62"), "D.M. 24 maggio 2005"),
    Amount(date(2013, 6, 26), Decimal("16.00"), "L. 24 giugno 2013, n. 71, art. 7-bis, c. 3"),
)
"""Earlier amounts are not told: no application of this service was formed before 2005."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What the marks that count add up to beside what is due; ``settled_otherwise``: virtual payment or exemption."""

    due: Decimal
    paid: Decimal
    settled_otherwise: bool

    @property
    def lacking(self) -> Decimal:
        """What is missing, zero when nothing is."""
        return Decimal(0) if self.settled_otherwise else max(Decimal(0), self.due - self.paid)


def amount_on(day: date) -> Amount:
    """The amount in force on ``day``. Raises ValueError before the first of the table."""
    current = next((each for each in reversed(AMOUNTS) if each.since <= day), None)
    if current is None:
        raise ValueError(f"no amount of stamp duty is known for {day.isoformat()}")
    return current


def balance_of(marks: Iterable[StampMark], due: Decimal) -> Balance:
    """Adds up the marks: a document may bear several that sum to what is due; the same identifier counts once."""
    seen, paid, otherwise = set(), Decimal(0), False
    for mark in marks:
        if mark.kind in {StampKind.virtual, StampKind.exemption}:
            otherwise |= mark.status is not StampStatus.invalid
        elif mark.counts and (mark.kind, mark.identifier) not in seen:
            seen |= {(mark.kind, mark.identifier)} if mark.identifier else set()
            paid += mark.amount or Decimal(0)
    return Balance(due, paid, otherwise)
