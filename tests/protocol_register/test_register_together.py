"""C6, S8: those who arrive at the same moment are registered together, and no fence gets lower for it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Json
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from protocol_register import tables
from protocol_register.daily import day_of_register
from protocol_register.entries import Channel, Entry, NewEntry, Register, RegisterKind
from protocol_register.errors import EmergencyNumberUsed
from protocol_register.facts import entry_to_record
from protocol_register.keys import RegisterKey
from protocol_register.merkle import tree
from protocol_register.receipt import receipt_of, verify_receipt_facts
from protocol_register.registration import APART, INSERT_ENTRIES, annul, create_register, register_documents
from protocol_register.search import checkpoint_text
from protocol_register.verification import verify_register

Register_ = Callable[[int], list[Entry]]


@pytest.fixture
def together(app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry) -> Register_:
    """Registers so many documents in one transaction."""

    def registered(how_many: int) -> list[Entry]:
        documents = [replace(incoming, subject=f"n. {turn}") for turn in range(how_many)]
        with app_engine.begin() as connection:
            return register_documents(connection, register.code, documents, key=key)

    return registered


def test_s8_fifty_together_are_consecutive_under_one_signed_head(
    app_engine: Engine, register: Register, key: RegisterKey, together: Register_
) -> None:
    entries = together(50)
    assert [entry.number for entry in entries] == list(range(1, 51))
    assert {later.instant - earlier.instant for earlier, later in pairwise(entries)} == {APART}
    with app_engine.begin() as connection:
        heads = connection.scalars(select(tables.checkpoint.c.size)).all()
        assert heads == [50]
        assert verify_register(connection, register.code, public_key=key.public).problems == ()
        receipts = [receipt_of(connection, register.code, entry.year, entry.number) for entry in entries]
    assert all(verify_receipt_facts(receipt, key.public).holds for receipt in receipts)


def test_n2_a_receipt_is_the_same_whatever_came_after(
    app_engine: Engine, register: Register, together: Register_
) -> None:
    entry = together(3)[1]
    with app_engine.begin() as connection:
        before = receipt_of(connection, register.code, entry.year, entry.number)
    together(4)
    with app_engine.begin() as connection:
        assert receipt_of(connection, register.code, entry.year, entry.number) == before


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_s13_the_tree_is_the_same_however_the_arrivals_were_grouped(
    owner_engine: Engine, app_engine: Engine, incoming: NewEntry, sizes: list[int]
) -> None:
    code = f"P{next(_CODES)}"
    key = RegisterKey.generate(code)
    with owner_engine.begin() as connection:
        create_register(connection, code, kind=RegisterKind.LIVE, administration="r_prova", aoo="A1B2C3D", key=key)
    leaves: list[bytes] = []
    for size in sizes:
        with app_engine.begin() as connection:
            leaves += [entry.leaf_hash for entry in register_documents(connection, code, [incoming] * size, key=key)]
    root, nodes = tree(leaves)
    with app_engine.begin() as connection:
        place = tables.tree_node.c
        stored = connection.execute(select(place.level, place.index, place.hash).where(place.register == code))
        assert {(level, index): bytes(found) for level, index, found in stored} == nodes
        check = verify_register(connection, code, public_key=key.public)
    assert (check.root, check.size, check.problems) == (root, sum(sizes), ())


_CODES = iter(range(10**6))


def _records(connection: Connection, how_many: int, taken: int, incoming: NewEntry) -> list[dict[str, Any]]:
    """Rows for places taken: as many as asked, with the places that the register gave and those after them."""
    statement = text("SELECT * FROM protocol_register.next_places('PROTGEN', :taken)")
    place = connection.execute(statement, {"taken": taken}).mappings().one()
    facts = {name: getattr(incoming, name) for name in NewEntry.__dataclass_fields__}
    entries = [
        Entry(
            **{**facts, "arrival_instant": place["instant"], "legal_instant": place["instant"]},
            register="PROTGEN",
            year=place["year"],
            number=place["number"] + turn,
            instant=place["instant"] + turn * APART,
            salt=bytes(32),
            leaf_hash=bytes([turn]) * 32,
            log_index=place["log_index"] + turn,
        )
        for turn in range(how_many)
    ]
    return [entry_to_record(entry) for entry in entries]


WRONG: dict[str, Callable[[Sequence[dict[str, Any]]], Sequence[dict[str, Any]]]] = {
    "one fewer at the end": lambda rows: rows[:-1],
    "one fewer at the beginning": lambda rows: rows[1:],
    "one in the middle left out": lambda rows: [*rows[:1], *rows[2:]],
    "numbers exchanged": lambda rows: [
        rows[0] | {"number": rows[1]["number"]},
        rows[1] | {"number": rows[0]["number"]},
        *rows[2:],
    ],
    "instants exchanged": lambda rows: [
        rows[0] | {"instant": rows[1]["instant"]},
        rows[1] | {"instant": rows[0]["instant"]},
        *rows[2:],
    ],
    "another year": lambda rows: [*rows[:2], rows[2] | {"year": 1999}],
    "another place in the log": lambda rows: [*rows[:2], rows[2] | {"log_index": 90}],
}


@pytest.mark.parametrize("wrong", WRONG)
def test_c6_places_are_filled_all_together_each_by_its_own(
    app_engine: Engine, together: Register_, incoming: NewEntry, wrong: str
) -> None:
    together(2)
    with app_engine.connect() as connection:
        rows = WRONG[wrong](_records(connection, 3, 3, incoming))
        with pytest.raises(DBAPIError, match="non è stato dato"):
            connection.execute(INSERT_ENTRIES, {"rows": Json(rows)})
    assert [entry.number for entry in together(1)] == [3]


def test_c6_more_rows_than_places_are_refused(app_engine: Engine, register: Register, incoming: NewEntry) -> None:
    with app_engine.connect() as connection:
        rows = _records(connection, 4, 3, incoming)
        with pytest.raises(DBAPIError, match="non è stato dato"):
            connection.execute(INSERT_ENTRIES, {"rows": Json(rows)})


def test_c6_places_filled_one_statement_at_a_time_are_refused(
    app_engine: Engine, register: Register, incoming: NewEntry
) -> None:
    with app_engine.connect() as connection:
        rows = _records(connection, 2, 2, incoming)
        with pytest.raises(DBAPIError, match="non è stato dato"):
            connection.execute(INSERT_ENTRIES, {"rows": Json(rows[:1])})


@pytest.mark.parametrize("how_many", [0, -1, None])
def test_c6_at_least_one_place_is_taken(app_engine: Engine, register: Register, how_many: int | None) -> None:
    statement = text("SELECT protocol_register.next_places('PROTGEN', :how_many)")
    with app_engine.connect() as connection, pytest.raises(DBAPIError, match="almeno un posto"):
        connection.execute(statement, {"how_many": how_many})


def test_c6_an_order_of_arrival_never_goes_over_midnight(
    owner_engine: Engine, app_engine: Engine, register: Register, key: RegisterKey, together: Register_
) -> None:
    midnight_in_rome = datetime(datetime.now(UTC).year + 1, 12, 31, 23, 0, tzinfo=UTC)
    _last_instant_is(owner_engine, midnight_in_rome - timedelta(microseconds=6))
    old, new = together(4), together(2)
    assert [(entry.year, entry.number) for entry in old] == [(midnight_in_rome.year, n) for n in (1, 2, 3, 4)]
    assert [(entry.year, entry.number) for entry in new] == [(midnight_in_rome.year + 1, n) for n in (1, 2)]
    with app_engine.begin() as connection:
        assert verify_register(connection, register.code, public_key=key.public).problems == ()


def test_c6_those_who_would_go_over_midnight_together_are_of_the_new_day(
    owner_engine: Engine, app_engine: Engine, register: Register, together: Register_
) -> None:
    midnight_in_rome = datetime(datetime.now(UTC).year + 1, 12, 31, 23, 0, tzinfo=UTC)
    together(2)
    _last_instant_is(owner_engine, midnight_in_rome - timedelta(microseconds=6))
    entries = together(5)
    assert [(entry.year, entry.number) for entry in entries] == [(midnight_in_rome.year + 1, n) for n in range(1, 6)]
    assert entries[0].instant == midnight_in_rome
    with app_engine.begin() as connection:
        assert verify_register(connection, register.code).problems == ()
        assert day_of_register(connection, register.code, date(midnight_in_rome.year + 1, 1, 1)).checkpoint is not None


def _last_instant_is(owner_engine: Engine, instant: datetime) -> None:
    with owner_engine.begin() as connection:
        statement = text("UPDATE protocol_register.register_head SET last_instant = :instant")
        connection.execute(statement, {"instant": instant})


def test_n2_a_signed_head_that_is_missing_is_found_though_others_share_theirs(
    owner_engine: Engine, app_engine: Engine, register: Register, key: RegisterKey, together: Register_
) -> None:
    _last_instant_is(owner_engine, datetime.now(UTC) + timedelta(hours=1))  # as if the clock had stepped back since
    entry = together(3)[0]
    together(1)
    together(2)
    act = {"operator": "op-7", "act": "Det. 9/2020", "reason": "doppio invio"}
    with app_engine.begin() as connection:
        annul(connection, register.code, entry.year, entry.number, key=key, **act)
        assert verify_register(connection, register.code).problems == ()
    for size in (3, 4, 6, 7):
        with owner_engine.connect() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("DELETE FROM protocol_register.checkpoint WHERE size = :size"), {"size": size})
            check = verify_register(connection, register.code)
            connection.rollback()
        assert [(problem.code, problem.log_index) for problem in check.problems] == [("checkpoint_missing", size - 1)]


def test_c6_one_emergency_number_twice_in_one_import_is_refused(
    app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry
) -> None:
    written = datetime(2020, 4, 8, 7, 30, tzinfo=UTC)
    emergency = replace(incoming, channel=Channel.EMERGENCY, emergency_number="E-0001", legal_instant=written)
    other = replace(emergency, emergency_number="E-0002")
    with app_engine.connect() as connection, pytest.raises(EmergencyNumberUsed, match="0000001"):
        register_documents(connection, register.code, [emergency, other, emergency], key=key)
    with app_engine.begin() as connection:
        numbers = [entry.number for entry in register_documents(connection, register.code, [emergency, other], key=key)]
    assert numbers == [1, 2]


def test_c6_nothing_to_register_takes_nothing(app_engine: Engine, register: Register, key: RegisterKey) -> None:
    with app_engine.begin() as connection:
        assert register_documents(connection, register.code, [], key=key) == []
        assert connection.scalar(select(func.count()).select_from(tables.entry)) == 0
        assert checkpoint_text(connection, register.code) is None
