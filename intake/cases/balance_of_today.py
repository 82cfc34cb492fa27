"""The balance of today as pages show it beside other things: counted anew each time, but on a day of many documents.

Counting takes as long as the day has documents, and on opening day everybody in the office opens pages that show it.
Above ``FEW`` documents what was counted is shown for a minute, with its instant. The page of the balance counts anew.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from intake.cases.balance import Balance, balance_of
from intake.clock import ROME
from intake.notices.models import NoticeEdition

FEW = 100
SHOWN_FOR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CountedBalance:
    """A balance and the instant it was counted."""

    balance: Balance
    at: datetime


class BalancesOfToday:
    """The last balances counted by one process, by edition."""

    def __init__(self) -> None:
        self._counted: dict[uuid.UUID, CountedBalance] = {}

    def of(self, session: Session, edition: NoticeEdition, *, at: datetime) -> CountedBalance:
        """The balance of the day (Rome) of ``at``: what was counted less than a minute before, or counted now."""
        day = at.astimezone(ROME).date()
        found = self._counted.get(edition.id)
        if found and found.balance.day == day and timedelta(0) <= at - found.at < SHOWN_FOR and self._is_full(day):
            return found
        counted = CountedBalance(balance_of(session, edition, day), at)
        self._counted[edition.id] = counted
        return counted

    def _is_full(self, day: date) -> bool:
        """Whether some edition had many documents on the day: they are found by their day, so all take as long."""
        return any(each.balance.day == day and each.balance.received > FEW for each in list(self._counted.values()))
