"""A register of any size for measurements: true entries, leaves, nodes and signed heads, put in by COPY."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import digest as hmac_digest
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import Engine, create_engine, text

from intake.embedded_postgres import APPLICATION, OWNER, SUPERUSER, EmbeddedPostgres
from intake.service_user import give_to_service_user
from protocol_register import merkle
from protocol_register.checkpoint import make_checkpoint
from protocol_register.entries import Channel, Direction, Document, Entry, Party, PartyKind, RegisterKind
from protocol_register.facts import entry_to_row
from protocol_register.keys import RegisterKey
from protocol_register.leaf import committed_values, entry_leaf, facts_of, leaf_of
from protocol_register.migration import create_schema
from protocol_register.migration_emergency import add_emergency
from protocol_register.migration_together import add_together
from protocol_register.registration import create_register
from protocol_register.search import register_of

CODE = "MISURA"
BEGAN = datetime(2026, 1, 1, 8, tzinfo=UTC)
BATCH = 5000
_KEY = RegisterKey.generate(CODE)


@contextmanager
def open_register(folder: Path) -> Iterator[Engine]:
    """The superuser's engine of a new database with an empty register; the server stops with the block."""
    give_to_service_user(folder)
    with EmbeddedPostgres(folder / "database").running() as server:
        owner = create_engine(server.url(OWNER))
        with owner.begin() as connection:
            create_schema(connection, APPLICATION)
            add_emergency(connection, APPLICATION)
            add_together(connection, APPLICATION)
            create_register(
                connection, CODE, kind=RegisterKind.LIVE, administration="r_misura", aoo="A1B2C3D", key=_KEY
            )
        owner.dispose()
        engine = create_engine(server.url(SUPERUSER, server.url(OWNER).database or ""))
        yield engine
        engine.dispose()


def fill(engine: Engine, size: int) -> None:
    """Grows the register to `size` entries."""
    raw = engine.raw_connection()
    connection = raw.driver_connection
    if not isinstance(connection, psycopg.Connection):
        raise TypeError("the register is filled through psycopg")
    connection.execute("SET session_replication_role = replica")
    with engine.connect() as reading:
        head = reading.execute(
            text("SELECT * FROM protocol_register.register_head WHERE register = :c"), {"c": CODE}
        ).one()
        origin = register_of(reading, CODE).origin
    frontier = tuple(bytes(peak) for peak in head.frontier)
    entry = None
    for start in range(head.tree_size, size, BATCH):
        rows: dict[str, list[tuple[Any, ...]]] = {"entry": [], "tree_node": [], "checkpoint": []}
        columns: tuple[str, ...] = ()
        for index in range(start, min(start + BATCH, size)):
            entry = _entry(index)
            row = entry_to_row(entry)
            columns = tuple(row)
            rows["entry"].append(tuple(_adapted(value) for value in row.values()))
            frontier, completed = merkle.append(frontier, index, entry.leaf_hash)
            rows["tree_node"] += [(CODE, level, place, digest) for (level, place), digest in completed]
            root = merkle.fold(frontier)
            note = make_checkpoint(origin, index + 1, root, _KEY.private)
            rows["checkpoint"].append((CODE, index + 1, root, note))
        names = {"entry": columns, "tree_node": ("register", "level", "index", "hash")}
        for table, values in rows.items():
            listed = names.get(table, ("register", "size", "root", "note"))
            _copy(connection, table, listed, values)
        connection.commit()
    if entry is not None:
        connection.execute(
            "UPDATE protocol_register.register_head SET year = %s, last_number = %s, last_instant = %s, tree_size = %s, "
            "root = %s, frontier = %s WHERE register = %s",
            (entry.year, entry.number, entry.instant, size, merkle.fold(frontier), list(frontier), CODE),
        )
        connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE")
    connection.autocommit = False
    raw.close()


def hashed_inputs(size: int) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """Every byte string that a check hashes, in batches, and the leaves among them.

    They are salts and commitments, leaves, nodes, and the nodes of the root at each size.
    """
    frontier: merkle.Frontier = ()
    for start in range(0, size, BATCH):
        everything: list[bytes] = []
        leaves: list[bytes] = []
        for index in range(start, min(start + BATCH, size)):
            entry = _entry(index)
            for field, value in committed_values(facts_of(entry)):
                salt = hmac_digest(entry.salt, field, "sha256")
                everything += [bytes(64) + field, bytes(64) + salt, salt + value]
            leaves.append(b"\x00" + entry_leaf(entry))
            frontier, completed = merkle.append(frontier, index, entry.leaf_hash)
            everything += [b"\x01" + bytes(64)] * (len(completed) - 1 + len(frontier) - 1)
        yield everything + leaves, leaves


def _entry(index: int) -> Entry:
    instant = BEGAN + timedelta(milliseconds=17 * index)
    salt = sha256(index.to_bytes(8)).digest()
    entry = Entry(
        direction=Direction.IN,
        channel=Channel.ONLINE,
        subject=f"Concessione di CIG in deroga – domanda di Ditta {index} S.r.l., modulo MIS-{index:07d}",
        operator="desk:3f2b1c9e-8f7a-4c55-9d0f-3e2b1c9e8f7a",
        sender=Party(kind=PartyKind.COMPANY, name=f"Ditta {index} S.r.l.", tax_code="00000000000"),
        document=Document(
            name="domanda.pdf.p7m", sha256=salt.hex(), size=182_233 + index % 999, media_type="application/pkcs7-mime"
        ),
        attachments=(Document(name="accordo.pdf", sha256=salt[::-1].hex(), size=90_001, media_type="application/pdf"),),
        register=CODE,
        year=instant.astimezone(UTC).year,
        number=index + 1,
        instant=instant,
        arrival_instant=instant,
        legal_instant=instant,
        salt=salt,
        leaf_hash=b"",
        log_index=index,
    )
    return replace(entry, leaf_hash=leaf_of(entry))


def _adapted(value: Any) -> Any:
    if isinstance(value, dict | list):
        return Jsonb(value)
    return value


def _copy(
    connection: psycopg.Connection[Any], table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]
) -> None:
    listed = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor().copy(f"COPY protocol_register.{table} ({listed}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
