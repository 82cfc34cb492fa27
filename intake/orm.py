"""What every table of the service shares."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache, partial
from typing import Any

from psycopg.types.json import Json
from sqlalchemy import DateTime, Enum, MetaData, TextClause, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """Instants are stored with their zone, structured data as JSONB, identifiers as random UUIDs."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy reads it as it is)
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        StrEnum: Enum(
            StrEnum, native_enum=False, length=40, values_callable=lambda kind: [each.value for each in kind]
        ),
    }


class HasUuid:
    """A row whose identifier tells nothing and cannot be guessed."""

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)


def insert_all(session: Session, rows: Sequence[Base]) -> None:
    """Inserts objects of one kind in one statement, however many. They stay outside the session, as they were made.

    Every column is taken as it is: no default of Python's is filled in, what the database generates is left to it.
    """
    if rows:
        names, statement = _insertion(type(rows[0]))
        values = [{name: getattr(row, name) for name in names} for row in rows]
        session.execute(statement, {"rows": Json(values, dumps=_written)})


@cache
def _insertion(kind: type[Base]) -> tuple[tuple[str, ...], TextClause]:
    """Written by PostgreSQL from one JSON text: a parameter for each value would cost more than the insertion."""
    table = kind.__tablename__
    names = tuple(column.name for column in kind.__table__.columns if column.identity is None)
    listed = ", ".join(f'"{name}"' for name in names)
    read = f'SELECT {listed} FROM json_populate_recordset(NULL::"{table}", :rows)'  # noqa: S608 - names of our own models
    return names, text(f'INSERT INTO "{table}" ({listed}) {read}')


def _plain(value: object) -> str:
    """An instant with its zone, or an identifier, as PostgreSQL reads it."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


_written = partial(json.dumps, default=_plain)
