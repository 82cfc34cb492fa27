"""Arrivals at the protocol office and certified mail"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = ("arrival_document", "arrival_event")
CHANGEABLE = {
    "arrival": (
        *("state", "sender", "subject", "recognition", "found", "application_id"),
        *("register_code", "year", "number", "registered_at"),
    ),
    "mail_message": ("state", "message_id", "reference", "reading", "read_at", "arrival_id"),
    "mail_box": ("edition_id", "tried_at", "read_at", "problem", "unreadable"),
}


def upgrade() -> None:
    op.create_table(
        "arrival",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("letter", "counter", "pec", name="arrivalchannel", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "registered",
                "matched",
                "answered",
                "assigned_elsewhere",
                "rejected",
                name="arrivalstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=True),
        sa.Column("letter_number", sa.String(), nullable=True),
        sa.Column("sender", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column(
            "recognition",
            sa.Enum("waiting", "done", "failed", name="recognition", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("found", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("register_code", sa.String(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "num_nulls(register_code, year, number, registered_at) IN (0, 4)", name=op.f("ck_arrival_registered_whole")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_arrival_application_id")),
        sa.ForeignKeyConstraint(["edition_id"], ["notice_edition.id"], name=op.f("fk_arrival_edition_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_arrival_entered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        sa.UniqueConstraint("register_code", "year", "number", name=op.f("uq_arrival_register_code_year_number")),
    )
    op.create_index("ix_arrival_application", "arrival", ["application_id"], unique=False)
    op.create_index("ix_arrival_waiting", "arrival", ["edition_id", "state", "arrived_at"], unique=False)
    op.create_table(
        "arrival_document",
        sa.Column("arrival_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["arrival_id"], ["arrival.id"], name=op.f("fk_arrival_document_arrival_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival_document")),
        sa.UniqueConstraint("arrival_id", "position", name=op.f("uq_arrival_document_arrival_id_position")),
    )
    op.create_index("ix_arrival_document_sha256", "arrival_document", ["sha256"], unique=False)
    op.create_table(
        "arrival_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("arrival_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "state_before",
            sa.Enum(
                "received",
                "registered",
                "matched",
                "answered",
                "assigned_elsewhere",
                "rejected",
                name="arrivalstate",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "state_after",
            sa.Enum(
                "received",
                "registered",
                "matched",
                "answered",
                "assigned_elsewhere",
                "rejected",
                name="arrivalstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["arrival_id"], ["arrival.id"], name=op.f("fk_arrival_event_arrival_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_arrival_event_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival_event")),
        sa.UniqueConstraint("arrival_id", "sequence", name=op.f("uq_arrival_event_arrival_id_sequence")),
    )
    op.create_table(
        "mail_message",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("box", sa.String(), nullable=True),
        sa.Column("uid", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("kept", "receipt", "arrival", "copy", name="mailstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("reading", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrival_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["arrival_id"], ["arrival.id"], name=op.f("fk_mail_message_arrival_id")),
        sa.ForeignKeyConstraint(["edition_id"], ["notice_edition.id"], name=op.f("fk_mail_message_edition_id")),
        sa.ForeignKeyConstraint(["received_by"], ["person.id"], name=op.f("fk_mail_message_received_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_message")),
        sa.UniqueConstraint("box", "uid", name=op.f("uq_mail_message_box_uid")),
    )
    op.create_index(
        "ix_mail_message_kept",
        "mail_message",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("state = 'kept'"),
    )
    op.create_index("ix_mail_message_message_id", "mail_message", ["message_id"], unique=False)
    op.create_index("ix_mail_message_reference", "mail_message", ["reference"], unique=False)
    op.create_index(
        "uq_mail_message_bytes",
        "mail_message",
        ["edition_id", "sha256"],
        unique=True,
        postgresql_where=sa.text("state <> 'copy'"),
    )
    op.create_table(
        "mail_box",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("unreadable", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["notice_edition.id"], name=op.f("fk_mail_box_edition_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mail_box")),
    )
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["application_role"])
    op.execute(
        sa.text("""
        CREATE FUNCTION keep_arrival_number() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.number IS NOT NULL AND (OLD.register_code, OLD.year, OLD.number, OLD.registered_at)
               IS DISTINCT FROM (NEW.register_code, NEW.year, NEW.number, NEW.registered_at) THEN
                RAISE EXCEPTION 'the number of an arrival never changes' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END
        $$
        """)
    )
    op.execute(
        "CREATE TRIGGER keep_number BEFORE UPDATE ON arrival FOR EACH ROW EXECUTE FUNCTION keep_arrival_number()"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {role}")
    for table, columns in CHANGEABLE.items():
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {role}")
        op.execute(f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {role}")
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")


def downgrade() -> None:
    op.drop_table("mail_box")
    op.drop_table("mail_message")
    op.drop_table("arrival_event")
    op.drop_table("arrival_document")
    op.drop_table("arrival")
    op.execute("DROP FUNCTION keep_arrival_number()")
