"""Reading the register: one entry, the history of an entry, the proofs of the log. Searches are in `entry_search`."""

from datetime import UTC

from sqlalchemy import Connection, RowMapping, select, text

from protocol_register import merkle, tables
from protocol_register.entries import Annulment, Classification, Entry, Register, RegisterKind, Resumption
from protocol_register.errors import UnknownEntry, UnknownRegister
from protocol_register.facts import act_from_row, entry_from_row

NODES = text(
    "SELECT n.level, n.index, n.hash FROM unnest(CAST(:levels AS integer[]), CAST(:indexes AS bigint[])) AS w(level, index) "
    "JOIN protocol_register.tree_node n ON n.register = :code AND n.level = w.level AND n.index = w.index"
)


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


def annulment_of(connection: Connection, register_code: str, year: int, number: int) -> Annulment | None:
    """The annulment of an entry, or None."""
    place = tables.annulment.c
    statement = select(tables.annulment).where(
        place.register == register_code, place.year == year, place.number == number
    )
    row = connection.execute(statement).mappings().first()
    return act_from_row(Annulment, row) if row is not None else None


def newest_resumption(connection: Connection, register_code: str) -> Resumption | None:
    """The resumption of numbering that is the register's newest act, None when that is another. Raises UnknownRegister."""
    place = tables.resumption.c
    statement = select(tables.resumption).where(
        place.register == register_code, place.log_index == tree_size(connection, register_code) - 1
    )
    row = connection.execute(statement).mappings().first()
    return act_from_row(Resumption, row) if row is not None else None


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
