"""C6, S8: consecutive numbers that restart each year, instants in the same order, no gap, whatever happens."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from protocol_register.entries import Channel, NewEntry, Register, rank_of
from protocol_register.errors import (
    DeferralNotAllowed,
    EmergencyNumberUsed,
    InvalidEntry,
    RegisterExists,
    UnknownRegister,
    WrongRegisterKey,
)
from protocol_register.keys import RegisterKey
from protocol_register.registration import create_register, register_document
from protocol_register.search import entry_of
from protocol_register.verification import verify_register

ROME = ZoneInfo("Europe/Rome")


def test_c6_first_number_has_seven_digits_and_everything_comes_back(
    app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry
) -> None:
    with app_engine.begin() as connection:
        entry = register_document(connection, register.code, incoming, key=key)
    with app_engine.begin() as connection:
        assert entry_of(connection, register.code, entry.year, 1) == entry
    assert entry.shown_number == "0000001"
    assert entry.legal_instant == entry.arrival_instant == entry.instant
    assert entry.document == incoming.document


def test_s8_fifty_at_once_are_consecutive_and_instants_follow_numbers(
    app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry
) -> None:
    def transmit(turn: int) -> tuple[int, datetime]:
        with app_engine.begin() as connection:
            entry = register_document(connection, register.code, replace(incoming, subject=f"n. {turn}"), key=key)
        return entry.number, entry.instant

    with ThreadPoolExecutor(50) as pool:
        given = sorted(pool.map(transmit, range(75)))
    assert [number for number, _ in given] == list(range(1, 76))
    instants = [instant for _, instant in given]
    assert instants == sorted(set(instants))
    with app_engine.begin() as connection:
        check = verify_register(connection, register.code, public_key=key.public)
    assert check.problems == ()
    assert (check.entries, check.size) == (75, 75)


def test_c6_a_rollback_leaves_no_gap(
    app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry
) -> None:
    with app_engine.connect() as connection:
        lost = register_document(connection, register.code, incoming, key=key)
        connection.rollback()
    with app_engine.begin() as connection:
        kept = register_document(connection, register.code, incoming, key=key)
    assert (lost.number, kept.number) == (1, 1)


def test_c6_a_clock_that_steps_back_still_gives_increasing_instants(
    owner_engine: Engine, app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry
) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=5)
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE protocol_register.register_head SET last_instant = :ahead"), {"ahead": ahead})
    with app_engine.begin() as connection:
        entry = register_document(connection, register.code, incoming, key=key)
    assert entry.instant == ahead + timedelta(microseconds=2)


def test_c6_a_new_year_in_rome_restarts_at_one(
    owner_engine: Engine, app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry
) -> None:
    midnight_in_rome = datetime(datetime.now(UTC).year + 1, 12, 31, 23, 0, tzinfo=UTC)
    last_of_the_year = midnight_in_rome - timedelta(microseconds=3)
    with owner_engine.begin() as connection:
        statement = text("UPDATE protocol_register.register_head SET last_instant = :last")
        connection.execute(statement, {"last": last_of_the_year})
    given = []
    for _ in range(3):
        with app_engine.begin() as connection:
            given.append(register_document(connection, register.code, incoming, key=key))
    year = last_of_the_year.year
    assert [(entry.year, entry.number) for entry in given] == [(year, 1), (year + 1, 1), (year + 1, 2)]
    with app_engine.begin() as connection:
        check = verify_register(connection, register.code)
    assert check.problems == ()
    assert check.last_numbers == {year: 1, year + 1: 2}


def test_c6_a_place_taken_and_not_filled_cannot_be_committed(
    app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry
) -> None:
    with app_engine.connect() as connection:
        connection.execute(text("SELECT protocol_register.next_places(:code, 1)"), {"code": register.code})
        with pytest.raises(DBAPIError, match="senza registrazione"):
            connection.commit()
    with app_engine.begin() as connection:
        assert register_document(connection, register.code, incoming, key=key).number == 1


def test_c6_two_places_cannot_be_open_at_once(app_engine: Engine, register: Register) -> None:
    with app_engine.connect() as connection:
        connection.execute(text("SELECT protocol_register.next_places(:code, 1)"), {"code": register.code})
        with pytest.raises(DBAPIError, match="va riempito"):
            connection.execute(text("SELECT protocol_register.next_places(:code, 1)"), {"code": register.code})


def test_s8_rank_is_the_legal_instant_then_the_number(
    app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry
) -> None:
    posted = datetime(2020, 4, 8, 21, 59, 59, 999999, tzinfo=UTC)
    letter = replace(incoming, channel=Channel.LETTER, legal_instant=posted)
    with app_engine.begin() as connection:
        first, late, same = (
            register_document(connection, register.code, new, key=key) for new in (incoming, letter, letter)
        )
    assert sorted([first, same, late], key=rank_of) == [late, same, first]


@pytest.mark.parametrize(
    "wrong",
    [
        ({"subject": "  "}, "oggetto"),
        ({"sender": None}, "mittente"),
        ({"document": None}, "documento principale"),
        ({"legal_instant": datetime(2020, 4, 8)}, "fuso orario"),  # noqa: DTZ001  the naive instant is the point
        ({"legal_instant": datetime(2999, 1, 1, tzinfo=UTC)}, "non può seguire"),
        ({"emergency_number": "E1"}, "emergenza"),
    ],
)
def test_c6_incomplete_facts_take_no_number(
    app_engine: Engine,
    register: Register,
    key: RegisterKey,
    incoming: NewEntry,
    wrong: tuple[dict[str, object], str],
) -> None:
    changes, reason = wrong
    with app_engine.connect() as connection:
        with pytest.raises(InvalidEntry, match=reason):
            register_document(connection, register.code, replace(incoming, **changes), key=key)
        connection.rollback()
        assert register_document(connection, register.code, incoming, key=key).number == 1


def test_c6_an_emergency_entry_gets_one_ordinary_number_and_keeps_its_instant(
    app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry
) -> None:
    """Art. 63: permanently correlated; an import run twice gives no second number and no gap."""
    written = datetime(2020, 4, 8, 7, 30, tzinfo=ROME)
    emergency = replace(incoming, channel=Channel.EMERGENCY, emergency_number="E-0001", legal_instant=written)
    with app_engine.begin() as connection:
        entry = register_document(connection, register.code, emergency, key=key)
    with app_engine.connect() as connection, pytest.raises(EmergencyNumberUsed, match="0000001"):
        register_document(connection, register.code, emergency, key=key)
    with app_engine.begin() as connection:
        assert register_document(connection, register.code, incoming, key=key).number == 2
        assert entry_of(connection, register.code, entry.year, 1) == entry
    assert entry.legal_instant == written < entry.instant


def test_c6_a_deferred_entry_shows_when_it_arrived(
    app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry
) -> None:
    arrived = datetime(2020, 4, 8, 9, 0, tzinfo=ROME)
    act = {"deferral_reason": "carico eccezionale", "deferral_act": "Det. 12/2020"}
    with app_engine.begin() as connection:
        new = replace(incoming, channel=Channel.LETTER, arrival_instant=arrived, **act)
        entry = register_document(connection, register.code, new, key=key)
    assert (entry.arrival_instant, entry.deferral_act) == (arrived, "Det. 12/2020")
    assert entry.arrival_instant < entry.instant


@pytest.mark.parametrize(
    "changes",
    [
        {"deferral_reason": "carico eccezionale"},
        {"deferral_reason": "carico eccezionale", "deferral_act": "Det. 12/2020"},
        {"deferral_reason": "carico eccezionale", "deferral_act": "Det. 12/2020", "channel": Channel.PEC},
    ],
)
def test_c6_deferral_needs_an_act_and_is_not_for_certified_mail(
    app_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry, changes: dict[str, object]
) -> None:
    with app_engine.begin() as connection, pytest.raises(DeferralNotAllowed):
        register_document(connection, register.code, replace(incoming, **changes), key=key)


def test_c6_a_register_is_created_once_and_only_on_purpose(
    owner_engine: Engine, register: Register, key: RegisterKey, incoming: NewEntry
) -> None:
    facts = {"kind": register.kind, "administration": "r_prova", "aoo": "A1B2C3D"}
    with owner_engine.begin() as connection:
        with pytest.raises(RegisterExists):
            create_register(connection, register.code, key=key, **facts)
        with pytest.raises(UnknownRegister):
            register_document(connection, "MAIVISTO", incoming, key=key)
        with pytest.raises(WrongRegisterKey):
            register_document(connection, register.code, incoming, key=RegisterKey.generate(register.code))
