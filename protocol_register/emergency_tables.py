"""The tables of the emergency register (DPR 445/2000, art. 63). Like the register's own, they only grow.

`emergency_series` is a sheet prepared beforehand, with numbers that nobody else has; `emergency_period` is the use made of
it: when the register was opened and closed, why, and by which act. The registrations themselves are entries.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from protocol_register.tables import SCHEMA, instant, metadata, of_register

emergency_series = Table(
    "emergency_series",
    metadata,
    Column("register", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("series", Integer, nullable=False),
    instant("prepared_at", server_default=func.clock_timestamp()),
    Column("operator", Text, CheckConstraint("operator <> ''", name="operator"), nullable=False),
    Column("rows", Integer, CheckConstraint("rows BETWEEN 1 AND 2000", name="rows"), nullable=False),
    Column("note", Text, nullable=False, comment="C2SP signed-note by which the sheet is known again"),
    PrimaryKeyConstraint("register", "year", "series"),
    of_register(),
)

emergency_period = Table(
    "emergency_period",
    metadata,
    Column("register", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("series", Integer, nullable=False),
    instant("opened_at"),
    instant("closed_at"),
    Column("cause", Text, CheckConstraint("cause <> ''", name="cause"), nullable=False),
    Column("act", Text, CheckConstraint("act <> ''", name="act"), nullable=False),
    Column("extension_act", Text),
    Column("operations", JSONB, nullable=False, comment="day to number of operations, art. 63 c. 3"),
    Column("operator", Text, nullable=False),
    instant("recorded_at", server_default=func.clock_timestamp()),
    Column("sheet_sha256", Text, CheckConstraint("sheet_sha256 ~ '^[0-9a-f]{64}$'", name="sheet"), nullable=False),
    PrimaryKeyConstraint("register", "year", "series"),
    UniqueConstraint("sheet_sha256"),
    ForeignKeyConstraint(
        ["register", "year", "series"],
        [f"{SCHEMA}.emergency_series.{column}" for column in ("register", "year", "series")],
    ),
    CheckConstraint("opened_at < closed_at AND closed_at <= recorded_at", name="instants"),
)

ALL_TABLES = tuple(metadata.sorted_tables)
