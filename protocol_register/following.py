"""The log read part by part, for a whole check in constant memory: so many records, then what the tree holds of them.

Records come through a server-side cursor, as plain tuples in PostgreSQL's binary form, and instants as the text the
leaves have: at a million entries building objects would take longer than all the hashing. Nothing is read ahead in a
thread: the check keeps Python's lock, and a reader that waits for it at every packet is slower than none. Every order
here is that of an index.
"""

import heapq
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count, islice, repeat
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import Connection, Table, select

from protocol_register import tables
from protocol_register.entries import Annulment, Resumption
from protocol_register.facts import Act, act_from_row, instant_text
from protocol_register.leaf import EntryFacts, canonical, leaf_of, leaf_of_facts, list_json, text_json
from protocol_register.merkle import leaf_hash

ROWS_AT_ONCE = 4096
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
HEADS = """
SELECT size, root, note FROM protocol_register.checkpoint
 WHERE register = %(code)s AND size > %(start)s AND size <= %(end)s ORDER BY size
"""
OTHER_HEADS = """
SELECT count(*) FROM protocol_register.checkpoint
 WHERE register = %(code)s AND size <= %(size)s AND (size < 1 OR size > %(read)s)
"""
NODES = """
SELECT index, hash FROM protocol_register.tree_node
 WHERE register = %(code)s AND level = %(level)s AND index >= %(first)s AND index < %(end)s ORDER BY index
"""
COUNT_NODES = """
SELECT count(*) FROM protocol_register.tree_node
 WHERE register = %(code)s AND ((index + 1) << level) <= %(size)s
"""

NEW_YEAR = {"12-31", "01-01"}
FILE_FACTS = 4
PARTY_FACTS = 4

_names = count()
_json = json.JSONDecoder().raw_decode


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


class Head(NamedTuple):
    """A signed head as stored: the tree's size and root, and the text that was signed."""

    size: int
    root: bytes
    note: str


class StoredLog:
    """What the database holds of one register's log, up to the `size` it had when the check began."""

    def __init__(self, connection: Connection, code: str, size: int, zone: str) -> None:
        driver = connection.connection.driver_connection
        if not isinstance(driver, psycopg.Connection):
            raise TypeError("a register is checked through psycopg")
        self._connection, self._driver, self._zone = connection, driver, zone
        self._facts = {"code": code, "size": size}

    def parts(self) -> Iterator[list[LogRow]]:
        """Every record of the log below the size, in its order, so many at once."""
        entries = map(_entry_row, self._entries(), repeat(ZoneInfo(self._zone)))
        acts = [
            *self._acts(ANNULMENT, tables.annulment, Annulment),
            *self._acts(RESUMPTION, tables.resumption, Resumption),
        ]
        rows = heapq.merge(entries, sorted(acts)) if acts else entries
        while part := list(islice(rows, ROWS_AT_ONCE)):
            yield part

    def nodes(self, level: int, first: int, end: int) -> list[tuple[int, bytes]]:
        """Index and hash of the stored nodes of a level from `first` to `end`, excluded."""
        return self._all(NODES, {"level": level, "first": first, "end": end})

    def heads(self, start: int, end: int) -> list[Head]:
        """The signed heads after `start` leaves, up to `end`, by size."""
        return list(map(Head._make, self._all(HEADS, {"start": start, "end": end})))

    def other_heads(self, read: int) -> int:
        """How many signed heads there are besides those of 1 to `read` leaves."""
        return int(self._all(OTHER_HEADS, {"read": read})[0][0])

    def count_nodes(self) -> int:
        """How many nodes there are in all."""
        return int(self._all(COUNT_NODES, {})[0][0])

    def _entries(self) -> Iterator[tuple[Any, ...]]:
        with self._driver.cursor(f"register_check_{next(_names)}", binary=True) as cursor:
            cursor.execute(ENTRIES, self._facts | {"form": INSTANT_FORM})
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield from rows

    def _acts(self, kind: str, table: Table, made: type[Act]) -> list[LogRow]:
        place = table.c
        statement = select(table).where(place.register == self._facts["code"], place.log_index < self._facts["size"])
        rows = self._connection.execute(statement).mappings()
        return [_act_row(kind, act_from_row(made, row), self._zone) for row in rows]

    def _all(self, statement: str, facts: dict[str, Any]) -> list[tuple[Any, ...]]:
        with self._driver.cursor(binary=True) as cursor:
            return cursor.execute(statement, self._facts | facts).fetchall()


def _entry_row(row: Sequence[Any], zone: ZoneInfo) -> LogRow:
    log_index, stored, salt, register, year, number, instant, arrival, legal, direction, channel = row[:11]
    received_date, emergency, sha256, document_size, media_type, name, attachments, sender, recipients = row[11:20]
    subject, operator, received_protocol, reason, act = row[20:]
    try:
        attached = [_file(each) for each in _json(attachments)[0]] if attachments != "[]" else ()
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
            ((sha256, document_size, media_type) if sha256 else None, *(file for _, file in attached)),
            _party(_json(sender)[0]) if sender else "null",
            list_json(map(_party, _json(recipients)[0])) if recipients != "[]" else "[]",
            subject,
            operator,
            received_protocol,
            (reason, act),
            (name if sha256 else None, *(file_name for file_name, _ in attached)),
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


def _file(facts: dict[str, Any]) -> tuple[str, tuple[str, int, str]]:
    if len(facts) != FILE_FACTS:
        raise ValueError("a file has a name, a hash, a size and a media type")
    return facts["name"], (facts["sha256"], facts["size"], facts["media_type"])


def _party(facts: dict[str, Any]) -> str:
    if len(facts) != PARTY_FACTS:
        return canonical(facts).decode()
    return (
        f'{{"address":{text_json(facts["address"])},"kind":{text_json(facts["kind"])},'
        f'"name":{text_json(facts["name"])},"tax_code":{text_json(facts["tax_code"])}}}'
    )


def _act_row(kind: str, act: Annulment | Resumption, zone: str) -> LogRow:
    number = act.number if isinstance(act, Annulment) else act.after
    year = act.instant.astimezone(ZoneInfo(zone)).year
    return LogRow(act.log_index, kind, act.year, number, instant_text(act.instant), year, act.leaf_hash, leaf_of(act))
