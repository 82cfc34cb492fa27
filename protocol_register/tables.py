"""The tables of the protocol register, in PostgreSQL schema `protocol_register`.

`entry`, `annulment`, `resumption`, `classification`, `checkpoint` and `tree_node` only grow. `register_head` is one row
per register and is the lock that puts registrations in a line. `tree_node` and `checkpoint` have no foreign key: the
triggers that let a row in have just found its head, and a key would lock the register's row once more. Triggers,
functions and grants are in `migration`.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from protocol_register.entries import Channel, Direction, RegisterKind

SCHEMA = "protocol_register"

PARTY_WORDS = (
    "jsonb_to_tsvector('simple'::regconfig, (recipients || coalesce(sender, '[]'::jsonb)), '[\"string\"]'::jsonb)"
)
SUBJECT_WORDS = "to_tsvector('simple'::regconfig, subject)"

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(column_0_N_name)s_fk",
        "uq": "%(table_name)s_%(column_0_N_name)s_uq",
        "ck": "%(table_name)s_%(constraint_name)s_ck",
    },
)


def one_of(column: str, values: type[RegisterKind] | type[Direction] | type[Channel]) -> CheckConstraint:
    """The constraint that a column holds one of an enumeration's values."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


def instant(name: str, **options: Any) -> Column[Any]:
    """An aware instant, to the microsecond; never null unless said."""
    return Column(name, DateTime(timezone=True), **{"nullable": False, **options})


def digest(name: str, **options: Any) -> Column[Any]:
    """32 raw bytes."""
    return Column(
        name, LargeBinary, CheckConstraint(f"octet_length({name}) = 32", name=name), nullable=False, **options
    )


def leaf_columns() -> list[Column[Any]]:
    """What each record of the log carries: the salt of its commitments, its leaf hash and the leaf's place."""
    return [digest("salt"), digest("leaf_hash"), Column("log_index", BigInteger, nullable=False)]


def of_register() -> ForeignKeyConstraint:
    """The record belongs to an existing register."""
    return ForeignKeyConstraint(["register"], [f"{SCHEMA}.register.code"])


def of_entry() -> ForeignKeyConstraint:
    """The record belongs to an existing entry."""
    place = ("register", "year", "number")
    return ForeignKeyConstraint(place, [f"{SCHEMA}.entry.{column}" for column in place])


register = Table(
    "register",
    metadata,
    Column("code", Text, CheckConstraint("code ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,15}$'", name="code"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("administration", Text, nullable=False, comment="codice IPA dell'amministrazione"),
    Column("aoo", Text, nullable=False, comment="codice AOO"),
    Column("time_zone", Text, nullable=False, server_default="Europe/Rome"),
    digest("public_key"),
    Column("fingerprint", Text, nullable=False, comment="SHA-256 of the public key, hexadecimal"),
    Column("salt_policy", Text, nullable=False),
    instant("created_at", server_default=func.clock_timestamp()),
    one_of("kind", RegisterKind),
)

register_head = Table(
    "register_head",
    metadata,
    Column("register", Text, primary_key=True),
    Column("year", Integer, nullable=False, server_default="0"),
    Column("last_number", Integer, nullable=False, server_default="0"),
    instant("last_instant", nullable=True),
    Column("tree_size", BigInteger, nullable=False, server_default="0"),
    digest("root"),
    Column("frontier", ARRAY(LargeBinary), nullable=False, server_default=text("'{}'")),
    Column("open_place", Text, comment="the table that must fill the places taken by this transaction"),
    Column("open_places", Integer, nullable=False, server_default="1", comment="how many entries must fill them"),
    of_register(),
)

entry = Table(
    "entry",
    metadata,
    Column("register", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, CheckConstraint("number >= 1", name="number"), nullable=False),
    instant("instant"),
    Column("direction", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("sender", JSONB(none_as_null=True)),
    Column("recipients", JSONB, nullable=False),
    Column("subject", Text, nullable=False),
    Column("received_date", Date),
    Column("received_protocol", Text),
    Column("document_name", Text),
    Column("document_sha256", Text, CheckConstraint("document_sha256 ~ '^[0-9a-f]{64}$'", name="document_sha256")),
    Column("document_size", BigInteger),
    Column("document_media_type", Text),
    Column("attachments", JSONB, nullable=False),
    Column("operator", Text, nullable=False),
    instant("arrival_instant"),
    instant("legal_instant"),
    Column("deferral_reason", Text),
    Column("deferral_act", Text),
    Column("emergency_number", Text),
    *leaf_columns(),
    PrimaryKeyConstraint("register", "year", "number"),
    UniqueConstraint("register", "log_index"),
    UniqueConstraint("register", "instant"),
    UniqueConstraint("register", "emergency_number"),
    of_register(),
    one_of("direction", Direction),
    one_of("channel", Channel),
    CheckConstraint("legal_instant <= instant AND arrival_instant <= instant", name="no_instant_ahead"),
    CheckConstraint("(deferral_reason IS NULL) = (deferral_act IS NULL)", name="deferral"),
    CheckConstraint("(channel = 'emergency') = (emergency_number IS NOT NULL)", name="emergency"),
    CheckConstraint(
        "num_nulls(document_name, document_sha256, document_size, document_media_type) IN (0, 4)", name="document"
    ),
)
Index("entry_direction", entry.c.register, entry.c.direction, entry.c.instant)
Index("entry_sha256", entry.c.document_sha256)
Index(
    "entry_attachments", entry.c.attachments, postgresql_using="gin", postgresql_ops={"attachments": "jsonb_path_ops"}
)
Index("entry_party_words", text(PARTY_WORDS), postgresql_using="gin", _table=entry)
Index("entry_subject_words", text(SUBJECT_WORDS), postgresql_using="gin", _table=entry)

annulment = Table(
    "annulment",
    metadata,
    Column("register", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    instant("instant"),
    Column("operator", Text, nullable=False),
    Column("act", Text, CheckConstraint("act <> ''", name="act"), nullable=False),
    Column("reason", Text, CheckConstraint("reason <> ''", name="reason"), nullable=False),
    *leaf_columns(),
    PrimaryKeyConstraint("register", "year", "number"),
    UniqueConstraint("register", "log_index"),
    of_entry(),
)

resumption = Table(
    "resumption",
    metadata,
    Column("register", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("after", Integer, nullable=False),
    instant("instant"),
    Column("operator", Text, nullable=False),
    Column("act", Text, CheckConstraint("act <> ''", name="act"), nullable=False),
    *leaf_columns(),
    PrimaryKeyConstraint("register", "log_index"),
    of_register(),
)

classification = Table(
    "classification",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("register", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    instant("instant", server_default=func.clock_timestamp()),
    Column("operator", Text, nullable=False),
    Column("classification", Text),
    Column("file_reference", Text),
    Column("assigned_to", Text),
    of_entry(),
)
Index("classification_entry", classification.c.register, classification.c.year, classification.c.number)

tree_node = Table(
    "tree_node",
    metadata,
    Column("register", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("index", BigInteger, nullable=False),
    digest("hash"),
    PrimaryKeyConstraint("register", "level", "index"),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("register", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    digest("root"),
    Column("note", Text, nullable=False, comment="C2SP tlog-checkpoint"),
    PrimaryKeyConstraint("register", "size"),
)
