"""N9: the balance beside other things is counted anew, and on a day of many documents once a minute."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest

from intake.cases import balance_of_today
from intake.cases.balance import Balance, ChannelBalance
from intake.cases.balance_of_today import FEW, BalancesOfToday
from protocol_register.entries import Channel

MORNING = datetime(2020, 4, 8, 7, 30, tzinfo=UTC)
LAST_MINUTE = datetime(2020, 4, 8, 21, 59, 50, tzinfo=UTC)
FULL, EMPTY = (cast("Any", SimpleNamespace(id=uuid4())) for _ in range(2))


class Day:
    """What came on the day, and how often it was counted."""

    def __init__(self) -> None:
        self.received = {FULL.id: 0, EMPTY.id: 0}
        self.counted = 0
        self.looked_in: object = None

    def balance_of(self, _session: object, edition: Any, day: date, *, store: object) -> Balance:
        self.counted += 1
        self.looked_in = store
        return Balance(day, (ChannelBalance(Channel.ONLINE, received=self.received[edition.id]),), None, 0, 0)


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch) -> Day:
    day = Day()
    monkeypatch.setattr(balance_of_today, "balance_of", day.balance_of)
    return day


def shown(balances: BalancesOfToday, edition: Any, at: datetime, *, anew: bool = False) -> tuple[int, datetime]:
    found = balances.of(cast("Any", None), edition, at=at, anew=anew)
    return found.balance.received, found.at


def test_n9_a_quiet_day_is_counted_each_time(day: Day) -> None:
    balances = BalancesOfToday()
    for received in (0, 1, FEW):
        day.received[FULL.id] = received
        assert shown(balances, FULL, MORNING) == (received, MORNING)
    assert day.counted == 3


def test_n9_a_full_day_is_counted_once_a_minute_for_every_edition(day: Day) -> None:
    balances = BalancesOfToday()
    day.received[FULL.id] = FEW + 1
    assert shown(balances, FULL, MORNING) == (FEW + 1, MORNING)
    assert shown(balances, EMPTY, MORNING) == (0, MORNING)
    day.received[FULL.id] = FEW + 2
    soon, later = MORNING + timedelta(seconds=59), MORNING + timedelta(seconds=60)
    assert shown(balances, FULL, soon) == (FEW + 1, MORNING)
    assert shown(balances, EMPTY, soon) == (0, MORNING)
    assert day.counted == 2
    assert shown(balances, FULL, later) == (FEW + 2, later)


def test_n9_whoever_asks_gets_a_new_count_at_once_and_the_others_after_see_it(day: Day) -> None:
    store = cast("Any", object())
    balances = BalancesOfToday(store)
    day.received[FULL.id] = FEW + 1
    shown(balances, FULL, MORNING)
    assert day.looked_in is store
    day.received[FULL.id] = FEW + 2
    soon, after = MORNING + timedelta(seconds=20), MORNING + timedelta(seconds=40)
    assert shown(balances, FULL, soon, anew=True) == (FEW + 2, soon)
    day.received[FULL.id] = FEW + 3
    assert shown(balances, FULL, after) == (FEW + 2, soon)
    assert day.counted == 2


def test_n9_a_new_day_of_rome_begins_with_its_own_count(day: Day) -> None:
    balances = BalancesOfToday()
    day.received[FULL.id] = FEW + 1
    shown(balances, FULL, LAST_MINUTE)
    midnight = LAST_MINUTE + timedelta(seconds=10)
    day.received[FULL.id] = 0
    assert shown(balances, FULL, midnight) == (0, midnight)
