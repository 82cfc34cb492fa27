"""Which documents of the store a rehearsal names, and their removal once nothing names them any more.

The hashes are noted in the transaction that removes the rows, and the files go after its commit: cut short anywhere, the
next round finds what is noted. A file that something else names too stays, and so does one stored a moment ago.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Select,
    String,
    Table,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONPATH

from intake.applications.models import Application
from intake.arrivals.models import Arrival
from intake.notices.models import NoticeEdition
from intake.orm import Base
from intake.protocol.models import DocumentToRemove
from intake.service import Service
from intake.storage import Removal
from protocol_register import tables

STILL_WRITING = timedelta(hours=1)
"""A document stored so lately may be on its way into a transaction that does not show yet."""

NAMED_IN_LISTS = frozenset(
    {
        ("application_event", "detail"),
        ("arrival_event", "detail"),
        ("daily_register", "pdf_sha256s"),
        ("entry", "attachments"),
        ("issued_form", "worker_papers"),
        ("list_proposal", "files"),
    }
)
"""Tables and their columns that name documents of the store within an array or JSON."""

_LOG = structlog.get_logger("sportello.rehearsals")
_AT_ONCE = 200
_HASHES = '$.** ? (@ like_regex "^[0-9a-f]{64}$")'


@dataclass(frozen=True, slots=True)
class RemovedFiles:
    """Files that went from the store for one register, and those that stay: named elsewhere, or stored just now."""

    removed: int = 0
    spared: int = 0


def named_documents() -> list[Column[Any]]:
    """Every column of the service and of the registers that names documents of the store by their hashes."""
    every = (column for table in _every_table() for column in table.columns)
    return [each for each in every if _is_hash(each) or (each.table.name, each.name) in NAMED_IN_LISTS]


def _every_table() -> list[Table]:
    return [*Base.metadata.sorted_tables, *tables.metadata.sorted_tables]


def _is_hash(column: Column[Any]) -> bool:
    return column.name.endswith("sha256") and isinstance(column.type, String)


def note_documents(connection: Connection, register_code: str) -> None:
    """Notes every document that the rows of a rehearsal name, for `remove_noted_documents`: call it before they go."""
    named = union(*(each.where(_of_rehearsal(table, register_code)) for table, each in _namings())).subquery()
    wanted = select(literal(register_code), named.c.document).where(named.c.document.is_not(None))
    columns = (DocumentToRemove.register_code, DocumentToRemove.document)
    connection.execute(insert(DocumentToRemove).from_select(columns, wanted))


def remove_noted_documents(service: Service, *, at: datetime) -> Mapping[str, RemovedFiles]:
    """Removes from the store what was noted and nothing names; by register, any of which may be asked. ``at``: now (aware).

    The owner role does it. What was stored less than an hour ago stays noted; what is named elsewhere does not: whoever
    names it notes it again when its turn comes.
    """
    with service.database.owner_engine() as owner:
        spared, waiting = _sorted_out(owner)
        removed: Counter[str] = Counter()
        documents = list(waiting)
        for start in range(0, len(documents), _AT_ONCE):
            before = at - STILL_WRITING
            done = {each: service.store.remove(each, before=before) for each in documents[start : start + _AT_ONCE]}
            removed.update(waiting[each] for each, outcome in done.items() if outcome is Removal.REMOVED)
            spared.update(waiting[each] for each, outcome in done.items() if outcome is Removal.TOO_RECENT)
            gone = [each for each, outcome in done.items() if outcome is not Removal.TOO_RECENT]
            with owner.begin() as connection:
                connection.execute(delete(DocumentToRemove).where(DocumentToRemove.document.in_(gone)))
    counted = {code: RemovedFiles(removed[code], spared[code]) for code in {*removed, *spared}}
    for code, files in counted.items():
        _LOG.info("rehearsal_files_removed", register=code, **asdict(files))
    return defaultdict(RemovedFiles, counted)


def _sorted_out(owner: Engine) -> tuple[Counter[str], dict[str, str]]:
    """How many noted documents something still names, by register; and the others, each with its register.

    One statement tells what is noted and unnamed: what somebody notes meanwhile was not looked for among the names.
    """
    noted = select(DocumentToRemove.document, DocumentToRemove.register_code).order_by(DocumentToRemove.id)
    with owner.begin() as connection:
        if connection.execute(noted.limit(1)).first() is None:
            return Counter(), {}
        named = union_all(*(each for _, each in _namings())).subquery()
        is_named = exists().where(named.c.document == DocumentToRemove.document)
        still = delete(DocumentToRemove).where(is_named)
        returned = connection.execute(still.returning(DocumentToRemove.document, DocumentToRemove.register_code))
        spared = Counter({each.document: each.register_code for each in returned}.values())
        return spared, {each.document: each.register_code for each in connection.execute(noted.where(~is_named))}


def _namings() -> list[tuple[Table, Select[str]]]:
    """The hashes that each column names, with the table whose rows they stand in."""
    return [(each.table, select(_hashes_in(each).label("document"))) for each in named_documents()]


def _hashes_in(column: Column[Any]) -> ColumnElement[str]:
    if isinstance(column.type, String):
        return column
    if isinstance(column.type, ARRAY):
        return func.unnest(column)
    return func.jsonb_array_elements_text(func.jsonb_path_query_array(column, cast(literal(_HASHES), JSONPATH)))


def _of_rehearsal(table: Table, register_code: str) -> ColumnElement[bool]:
    """Which rows of a table are those of one rehearsal. Raises ``LookupError`` where nothing in the table tells."""
    edition = select(NoticeEdition.id).where(
        NoticeEdition.register_code == register_code, NoticeEdition.kind == "rehearsal"
    )
    owners: dict[str, Select[UUID] | list[str]] = {
        "edition_id": edition,
        "application_id": select(Application.id).where(Application.edition_id.in_(edition)),
        "arrival_id": select(Arrival.id).where(Arrival.edition_id.in_(edition)),
        "register_code": [register_code],
        "register": [register_code],
    }
    for name, values in owners.items():
        if name in table.columns:
            return table.columns[name].in_(values)
    raise LookupError(f"{table.name} names documents, and nothing in it tells whose they are")
