"""Ordered reading of tables larger than memory: server-side cursors, merged or followed key by key."""

import heapq
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, Connection, RowMapping, Select, cast, select

from protocol_register import tables
from protocol_register.entries import Annulment, Entry, Resumption
from protocol_register.facts import act_from_row, entry_from_row

ROWS_AT_ONCE = 2000

Key = TypeVar("Key", int, tuple[int, int])


class Follower(Generic[Key]):
    """Rows in the order of a key, asked for one key after the other; rows that nobody asked for are counted."""

    def __init__(self, rows: Iterator[RowMapping], key: Callable[[RowMapping], Key]) -> None:
        self._rows = rows
        self._key: Callable[[RowMapping], Key] = key
        self._next = next(rows, None)
        self.unasked = 0

    def at(self, key: Key) -> RowMapping | None:
        """The row of this key, or None; keys must be asked in increasing order."""
        while self._next is not None and self._key(self._next) < key:
            self.unasked += 1
            self._next = next(self._rows, None)
        if self._next is None or self._key(self._next) != key:
            return None
        found, self._next = self._next, next(self._rows, None)
        return found

    def rest(self) -> int:
        """How many rows nobody asked for, those left included."""
        return self.unasked + (self._next is not None) + sum(1 for _ in self._rows)


def records(connection: Connection, code: str, size: int) -> Iterator[Entry | Annulment | Resumption]:
    """Every record of the log below `size`, in its order."""
    entries = (entry_from_row(row) for row in _in_log_order(connection, tables.entry, code, size))
    annulments = (act_from_row(Annulment, row) for row in _in_log_order(connection, tables.annulment, code, size))
    resumptions = (act_from_row(Resumption, row) for row in _in_log_order(connection, tables.resumption, code, size))
    return heapq.merge(entries, annulments, resumptions, key=lambda record: record.log_index)


def checkpoints(connection: Connection, code: str, size: int) -> Follower[int]:
    """The stored checkpoints up to `size`, to be asked for by size."""
    place = tables.checkpoint.c
    statement = select(tables.checkpoint).where(place.register == code, place.size <= size).order_by(place.size)
    return Follower(_stream(connection, statement), lambda row: int(row["size"]))


def tree_nodes(connection: Connection, code: str, size: int) -> Follower[tuple[int, int]]:
    """The stored tree nodes, to be asked for by (their last leaf, level): the order in which they became complete."""
    place = tables.tree_node.c
    last_leaf = ((place.index + 1).op("<<")(place.level) - 1).label("last_leaf")
    statement = (
        select(place.level, place.hash, cast(last_leaf, BigInteger).label("last_leaf"))
        .where(place.register == code, last_leaf < size)
        .order_by("last_leaf", place.level)
    )
    return Follower(_stream(connection, statement), lambda row: (int(row["last_leaf"]), int(row["level"])))


def _in_log_order(connection: Connection, table: Any, code: str, size: int) -> Iterator[RowMapping]:
    place = table.c
    statement = select(table).where(place.register == code, place.log_index < size).order_by(place.log_index)
    return _stream(connection, statement)


def _stream(connection: Connection, statement: Select[Any]) -> Iterator[RowMapping]:
    options = {"stream_results": True, "yield_per": ROWS_AT_ONCE}
    yield from connection.execute(statement, execution_options=options).mappings()
