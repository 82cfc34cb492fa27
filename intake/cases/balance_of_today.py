"""The balance of today as pages show it: counted anew each time, but on a day of many documents.

Counting takes as long as the day has documents, and on opening day everybody in the office opens pages that show it.
Above ``FEW`` documents what was counted is shown for a minute, with its instant, unless somebody asks for a new count.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from intake.cases.balance import Balance, balance_of
from intake.clock import ROME
from intake.notices.models import NoticeEdition
from intake.storage import DocumentStore

FEW = 100
SHOWN_FOR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CountedBalance:
    """A balance and the instant it was counted."""

    balance: Balance
    at: datetime


class BalancesOfToday:
    """The last balances counted by one process, by edition; with ``store``, each file of the day was looked for there."""

    def __init__(self, store: DocumentStore | None = None) -> None:
        self._store = store
        self._counted: dict[uuid.UUID, CountedBalance] = {}

    def of(self, session: Session, edition: NoticeEdition, *, at: datetime, anew: bool = False) -> CountedBalance:
        """The balance of the day (Rome) of ``at``: what was counted less than a minute before, or counted now.

        ``anew``: counted now whatever was counted before.
        """
        day = at.astimezone(ROME).date()
        found = None if anew else self._counted.get(edition.id)
        if found and found.balance.day == day and timedelta(0) <= at - found.at < SHOWN_FOR and self._is_full(day):
            return found
        counted = CountedBalance(balance_of(session, edition, day, store=self._store), at)
        self._counted[edition.id] = counted
        return counted

    def _is_full(self, day: date) -> bool:
        """Whether some edition had many documents on the day: they are found by their day, so all take as long."""
        return any(each.balance.day == day and each.balance.received > FEW for each in list(self._counted.values()))
