"""T4: how often somebody may try is one count for all web processes, kept in the service's database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import Engine, create_engine, text

from intake.database import Database
from intake.web.frame import attempts
from intake.web.frame.attempts import SCHEME, AttemptsInDatabase

TEN = parse("10 per 15 minutes")


@pytest.fixture
def engine(database: Database) -> Engine:
    return database.engine


def test_two_web_processes_count_together(engine: Engine) -> None:
    one, other = (MovingWindowRateLimiter(AttemptsInDatabase(engine=engine)) for _ in range(2))
    allowed = [process.hit(TEN, "somebody") for _ in range(6) for process in (one, other)]
    assert allowed == [True] * 10 + [False] * 2
    assert one.get_window_stats(TEN, "somebody").remaining == 0
    assert other.hit(TEN, "somebody else")


def test_those_who_try_at_the_same_instant_are_not_all_the_last_one(engine: Engine) -> None:
    storage = AttemptsInDatabase(engine=engine)
    with ThreadPoolExecutor(8) as threads:
        allowed = list(threads.map(lambda _: storage.acquire_entry("somebody", 5, 900), range(16)))
    assert sum(allowed) == 5


def test_an_attempt_counts_for_its_time_and_is_then_forgotten(engine: Engine, database: Database) -> None:
    storage = AttemptsInDatabase(engine=engine)
    assert [storage.acquire_entry("somebody", 2, 900) for _ in range(3)] == [True, True, False]
    began, count = storage.get_moving_window("somebody", 2, 900)
    assert count == 2
    assert storage.get_expiry("somebody") - began == pytest.approx(900, abs=5)
    with database.owner_engine() as owner, owner.begin() as connection:
        connection.execute(text("UPDATE attempt SET until = until - interval '15 minutes'"))
    assert storage.get("somebody") == 0
    assert storage.acquire_entry("another", 2, 900)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT key FROM attempt")).scalars().all() == ["another"]


def test_whoever_tries_waits_neither_for_another_key_nor_for_who_forgets_what_has_lapsed(
    engine: Engine, database: Database
) -> None:
    storage = AttemptsInDatabase(engine=engine)
    assert [storage.acquire_entry(key, 1, 900) for key in ("lapsed", "somebody")] == [True, True]
    with database.owner_engine() as owner, owner.begin() as connection:
        connection.execute(text("UPDATE attempt SET until = until - interval '15 minutes' WHERE key = 'lapsed'"))
    impatient = create_engine(database.application_url, connect_args={"options": "-c statement_timeout=30s"})
    with engine.begin() as forgetting, engine.begin() as counting:
        assert forgetting.execute(attempts._FORGET).rowcount == 1, "held until its commit"
        counting.execute(attempts._ALONE, {"key": "another"})
        at_once = AttemptsInDatabase(engine=impatient)
        assert at_once.acquire_entry("lapsed", 1, 900), "a lapsed attempt counts no more, forgotten or not"
        assert not at_once.acquire_entry("somebody", 1, 900)
    impatient.dispose()
    assert [storage.get(key) for key in ("lapsed", "somebody")] == [1, 1]


def test_the_package_finds_it_by_its_name_and_may_empty_it(engine: Engine) -> None:
    storage = storage_from_string(f"{SCHEME}://", engine=engine)
    assert isinstance(storage, AttemptsInDatabase)
    assert storage.check()
    assert [storage.incr("somebody", 60), storage.incr("somebody", 60, 2), storage.incr("another", 60)] == [1, 3, 1]
    storage.clear("somebody")
    assert (storage.get("somebody"), storage.get("another")) == (0, 1)
    assert storage.reset() == 1
    assert storage.get("another") == 0
