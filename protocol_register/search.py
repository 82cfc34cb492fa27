"""Reading the register: one entry, a search, the history of an entry, the proofs of the log."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, func, literal_column, or_, select, text

from protocol_register import merkle, tables
from protocol_register.entries import Annulment, Classification, Direction, Entry, Register, RegisterKind
from protocol_register.errors import UnknownEntry, UnknownRegister
from protocol_register.facts import act_from_row, entry_from_row

PAGE = 50
MOST_PER_PAGE = 500
WORD = re.compile(r"\w+")
NODES = text(
    "SELECT n.level, n.index, n.hash FROM unnest(CAST(:levels AS integer[]), CAST(:indexes AS bigint[])) AS w(level, index) "
    "JOIN protocol_register.tree_node n ON n.register = :code AND n.level = w.level AND n.index = w.index"
)


@dataclass(frozen=True, kw_only=True)
class EntryQuery:
    """What to look for; what is None is not asked. Texts match entries that hold every word, each by its beginning.

    `since` (included) and `until` (excluded) bound the registration's instant. `page` counts from 1.
    """

    year: int | None = None
    number: int | None = None
    emergency_number: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    party: str | None = None
    subject: str | None = None
    sha256: str | None = None
    direction: Direction | None = None
    page: int = 1
    per_page: int = PAGE


@dataclass(frozen=True)
class EntryPage:
    """One page of a search, newest first, and how many entries there are in all."""

    entries: tuple[Entry, ...]
    total: int
    page: int
    pages: int


def register_of(connection: Connection, code: str) -> Register:
    """The register with this code. Raises UnknownRegister."""
    row = connection.execute(select(tables.register).where(tables.register.c.code == code)).mappings().first()
    if row is None:
        raise UnknownRegister(register=code)
    return _register(row)


def registers(connection: Connection) -> tuple[Register, ...]:
    """Every register there is, by code."""
    rows = connection.execute(select(tables.register).order_by(tables.register.c.code)).mappings()
    return tuple(_register(row) for row in rows)


def entry_of(connection: Connection, register_code: str, year: int, number: int) -> Entry:
    """One entry by its number. Raises UnknownEntry."""
    place = tables.entry.c
    statement = select(tables.entry).where(place.register == register_code, place.year == year, place.number == number)
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise UnknownEntry(register=register_code, year=year, number=number)
    return entry_from_row(row)


def find_entries(connection: Connection, register_code: str, query: EntryQuery) -> EntryPage:
    """The entries that match, newest first, a page at a time."""
    conditions = [tables.entry.c.register == register_code, *_conditions(query)]
    total = connection.scalar(select(func.count()).select_from(tables.entry).where(*conditions)) or 0
    size = min(max(query.per_page, 1), MOST_PER_PAGE)
    page = max(query.page, 1)
    statement = (
        select(tables.entry)
        .where(*conditions)
        .order_by(tables.entry.c.year.desc(), tables.entry.c.number.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    entries = tuple(entry_from_row(row) for row in connection.execute(statement).mappings())
    return EntryPage(entries, total, page, -(-total // size))


def annulment_of(connection: Connection, register_code: str, year: int, number: int) -> Annulment | None:
    """The annulment of an entry, or None."""
    place = tables.annulment.c
    statement = select(tables.annulment).where(
        place.register == register_code, place.year == year, place.number == number
    )
    row = connection.execute(statement).mappings().first()
    return act_from_row(Annulment, row) if row is not None else None


def classifications_of(
    connection: Connection, register_code: str, year: int, number: int
) -> tuple[Classification, ...]:
    """The whole history of an entry's classification and assignment, oldest first."""
    place = tables.classification.c
    columns = [column for column in place if column.name != "id"]
    statement = (
        select(*columns)
        .where(place.register == register_code, place.year == year, place.number == number)
        .order_by(place.id)
    )
    rows = connection.execute(statement).mappings()
    return tuple(Classification(**{**row, "instant": row["instant"].astimezone(UTC)}) for row in rows)


def tree_size(connection: Connection, register_code: str) -> int:
    """How many leaves the register's log holds. Raises UnknownRegister."""
    size: int | None = connection.scalar(
        select(tables.register_head.c.tree_size).where(tables.register_head.c.register == register_code)
    )
    if size is None:
        raise UnknownRegister(register=register_code)
    return size


def checkpoint_text(connection: Connection, register_code: str, size: int | None = None) -> str | None:
    """The signed head of the log at `size`, the newest when None; None when the log has none of that size."""
    place = tables.checkpoint.c
    statement = select(place.note).where(place.register == register_code)
    if size is None:
        return connection.scalar(statement.order_by(place.size.desc()).limit(1))
    return connection.scalar(statement.where(place.size == size))


def covering_checkpoint(connection: Connection, register_code: str, index: int) -> str | None:
    """The first signed head of the log that holds leaf `index`: the one of its own registration; None when there is none."""
    place = tables.checkpoint.c
    statement = select(place.note).where(place.register == register_code, place.size > index)
    return connection.scalar(statement.order_by(place.size).limit(1))


def inclusion_proof(connection: Connection, register_code: str, index: int, size: int) -> tuple[bytes, ...]:
    """The RFC 6962 proof that leaf `index` is in the log's tree of `size`. Raises ValueError out of range."""
    return _proof(connection, register_code, merkle.inclusion_paths(index, size))


def consistency_proof(connection: Connection, register_code: str, old: int, new: int) -> tuple[bytes, ...]:
    """The RFC 6962 proof that the tree of `new` leaves only adds to that of `old`. Raises ValueError out of range."""
    return _proof(connection, register_code, merkle.consistency_paths(old, new))


def _register(row: RowMapping) -> Register:
    raw = {"kind": RegisterKind(row["kind"]), "public_key": bytes(row["public_key"])}
    return Register(**{**row, **raw, "created_at": row["created_at"].astimezone(UTC)})


def _proof(connection: Connection, register_code: str, paths: tuple[tuple[merkle.Node, ...], ...]) -> tuple[bytes, ...]:
    return merkle.proof(paths, _nodes(connection, register_code, {node for path in paths for node in path}))


def _nodes(connection: Connection, register_code: str, wanted: set[merkle.Node]) -> dict[merkle.Node, bytes]:
    levels, indexes = [level for level, _ in wanted], [index for _, index in wanted]
    rows = connection.execute(NODES, {"code": register_code, "levels": levels, "indexes": indexes})
    return {(level, index): bytes(found) for level, index, found in rows}


def _conditions(query: EntryQuery) -> list[ColumnElement[bool]]:
    place = tables.entry.c
    conditions: list[ColumnElement[bool]] = []
    if query.year is not None:
        conditions.append(place.year == query.year)
    if query.number is not None:
        conditions.append(place.number == query.number)
    if query.emergency_number is not None:
        conditions.append(place.emergency_number == query.emergency_number)
    if query.since is not None:
        conditions.append(place.instant >= query.since)
    if query.until is not None:
        conditions.append(place.instant < query.until)
    if query.direction is not None:
        conditions.append(place.direction == query.direction.value)
    if query.sha256 is not None:
        among_attachments = place.attachments.contains([{"sha256": query.sha256}])
        conditions.append(or_(place.document_sha256 == query.sha256, among_attachments))
    conditions.extend(_words(tables.PARTY_WORDS, query.party))
    conditions.extend(_words(tables.SUBJECT_WORDS, query.subject))
    return conditions


def _words(expression: str, words: str | None) -> list[ColumnElement[bool]]:
    terms = " & ".join(f"{word}:*" for word in WORD.findall(words or ""))
    return [literal_column(expression).op("@@")(func.to_tsquery("simple", terms))] if terms else []
