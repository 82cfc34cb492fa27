"""Ordered reading of tables larger than memory, for a whole check: server-side cursors, merged or followed key by key.

Rows come as plain tuples in PostgreSQL's binary form, and instants as the text the leaves have: at a million entries
building objects would take longer than all the hashing. The next rows are fetched while the last ones are checked, and
every order here is that of an index, so nothing is sorted.
"""

import heapq
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count, repeat
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import Connection, RowMapping, select, text

from protocol_register import tables
from protocol_register.entries import Annulment, Resumption
from protocol_register.facts import act_from_row, instant_text
from protocol_register.leaf import EntryFacts, canonical, leaf_of, leaf_of_facts, list_json, text_json
from protocol_register.merkle import leaf_hash

ROWS_AT_ONCE = 5000
ENTRY, ANNULMENT, RESUMPTION = "entry", "annulment", "resumption"

ENTRIES = """
SELECT log_index, leaf_hash, salt, register, year, number, to_char(instant AT TIME ZONE 'UTC', %(form)s),
       CASE WHEN arrival_instant <> instant THEN to_char(arrival_instant AT TIME ZONE 'UTC', %(form)s) END,
       CASE WHEN legal_instant <> instant THEN to_char(legal_instant AT TIME ZONE 'UTC', %(form)s) END,
       direction, channel, to_char(received_date, 'YYYY-MM-DD'), emergency_number,
       document_sha256, document_size, document_media_type, document_name, attachments::text, sender::text,
       recipients::text, subject, operator, received_protocol, deferral_reason, deferral_act
  FROM protocol_register.entry WHERE register = %(code)s AND log_index < %(size)s ORDER BY log_index
"""
INSTANT_FORM = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
CHECKPOINTS = """
SELECT size, root, note FROM protocol_register.checkpoint
 WHERE register = %(code)s AND size <= %(size)s ORDER BY size
"""
NODES = """
SELECT index, hash FROM protocol_register.tree_node
 WHERE register = %(code)s AND level = %(level)s AND index < %(end)s ORDER BY index
"""
COUNT_NODES = text(
    "SELECT count(*) FROM protocol_register.tree_node WHERE register = :code AND ((index + 1) << level) <= :size"
)

NEW_YEAR = {"12-31", "01-01"}

_names = count()


class LogRow(NamedTuple):
    """One record of the log as it is checked: `leaf` is the hash recomputed from its facts, empty when they have no
    shape; `civil_year` the year of its instant in the register's zone; `number` the number given, or resumed after."""

    log_index: int
    kind: str
    year: int
    number: int
    instant: str
    civil_year: int
    leaf_hash: bytes
    leaf: bytes


Key = TypeVar("Key", bound=int)


class Follower(Generic[Key]):
    """Tuples in the order of their first member, asked for one key after the other; those nobody asked for are counted."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._next = next(rows, None)
        self.asked = 0
        self.unasked = 0

    def at(self, key: Key) -> tuple[Any, ...] | None:
        """The row of this key, or None; keys must be asked in increasing order."""
        found = self._next
        while found is not None and found[0] < key:
            self.unasked += 1
            found = next(self._rows, None)
        if found is None or found[0] != key:
            self._next = found
            return None
        self._next = next(self._rows, None)
        self.asked += 1
        return found

    def rest(self) -> int:
        """How many rows nobody asked for, those left included."""
        return self.unasked + (self._next is not None) + sum(1 for _ in self._rows)


class TreeNodes:
    """The stored nodes of the tree, asked for as they become complete: within a level their index only grows."""

    def __init__(self, connection: Connection, code: str, size: int) -> None:
        self._connection, self._code, self._size = connection, code, size
        self._levels: dict[int, Follower[int]] = {}

    def at(self, level: int, index: int) -> bytes | None:
        """The stored hash of a node, or None."""
        followed = self._levels.get(level)
        if followed is None:
            facts = {"code": self._code, "level": level, "end": self._size >> level}
            followed = self._levels[level] = Follower(_stream(self._connection, NODES, facts))
        row = followed.at(index)
        return row[1] if row is not None else None

    def rest(self) -> int:
        """How many nodes of this tree nobody asked for."""
        found = self._connection.scalar(COUNT_NODES, {"code": self._code, "size": self._size}) or 0
        return found - sum(followed.asked for followed in self._levels.values())


def log_rows(connection: Connection, code: str, size: int, zone: str) -> Iterator[LogRow]:
    """Every record of the log below `size`, in its order. `zone` is the register's own."""
    rows = _stream(connection, ENTRIES, {"code": code, "size": size, "form": INSTANT_FORM})
    entries = map(_entry_row, rows, repeat(ZoneInfo(zone)))
    annulments = [
        _act_row(ANNULMENT, act_from_row(Annulment, row), zone)
        for row in _acts(connection, tables.annulment, code, size)
    ]
    resumptions = [
        _act_row(RESUMPTION, act_from_row(Resumption, row), zone)
        for row in _acts(connection, tables.resumption, code, size)
    ]
    return heapq.merge(entries, annulments, resumptions) if annulments or resumptions else entries


def checkpoints(connection: Connection, code: str, size: int) -> Follower[int]:
    """The stored checkpoints up to `size`, as (size, root, note), to be asked for by size."""
    return Follower(_stream(connection, CHECKPOINTS, {"code": code, "size": size}))


def _entry_row(row: Sequence[Any], zone: ZoneInfo) -> LogRow:
    log_index, stored, salt, register, year, number, instant, arrival, legal, direction, channel = row[:11]
    received_date, emergency, sha256, document_size, media_type, name, attachments, sender, recipients = row[11:20]
    subject, operator, received_protocol, reason, act = row[20:]
    try:
        attached = json.loads(attachments) if attachments != "[]" else ()
        facts = EntryFacts(
            register,
            year,
            number,
            instant,
            direction,
            channel,
            arrival or instant,
            legal or instant,
            received_date,
            emergency,
            (
                (sha256, document_size, media_type) if sha256 else None,
                *((each["sha256"], each["size"], each["media_type"]) for each in attached),
            ),
            _party(json.loads(sender)) if sender else "null",
            list_json(map(_party, json.loads(recipients))) if recipients != "[]" else "[]",
            subject,
            operator,
            received_protocol,
            (reason, act),
            (name if sha256 else None, *(each["name"] for each in attached)),
        )
        leaf = leaf_hash(leaf_of_facts(facts, salt))
    except (KeyError, TypeError, ValueError, AttributeError):
        leaf = b""
    return LogRow(log_index, ENTRY, year, number, instant, _civil_year(instant, zone), stored, leaf)


def _civil_year(instant: str, zone: ZoneInfo) -> int:
    """The year of an instant in a zone: only about New Year can it be another than in UTC."""
    if instant[5:10] in NEW_YEAR:
        return datetime.fromisoformat(instant).astimezone(zone).year
    return int(instant[:4])


def _party(facts: dict[str, Any]) -> str:
    if len(facts) != 4:
        return canonical(facts).decode()
    return (
        f'{{"address":{text_json(facts["address"])},"kind":{text_json(facts["kind"])},'
        f'"name":{text_json(facts["name"])},"tax_code":{text_json(facts["tax_code"])}}}'
    )


def _act_row(kind: str, act: Annulment | Resumption, zone: str) -> LogRow:
    number = act.number if isinstance(act, Annulment) else act.after
    year = act.instant.astimezone(ZoneInfo(zone)).year
    return LogRow(act.log_index, kind, act.year, number, instant_text(act.instant), year, act.leaf_hash, leaf_of(act))


def _acts(connection: Connection, table: Any, code: str, size: int) -> Sequence[RowMapping]:
    place = table.c
    statement = select(table).where(place.register == code, place.log_index < size).order_by(place.log_index)
    return connection.execute(statement).mappings().all()


def _stream(connection: Connection, statement: str, facts: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("a register is checked through psycopg")
    with driver.cursor(f"register_check_{next(_names)}", binary=True) as cursor, ThreadPoolExecutor(1) as reader:
        cursor.execute(statement, facts)
        coming = reader.submit(cursor.fetchmany, ROWS_AT_ONCE)
        while rows := coming.result():
            coming = reader.submit(cursor.fetchmany, ROWS_AT_ONCE)
            yield from rows
