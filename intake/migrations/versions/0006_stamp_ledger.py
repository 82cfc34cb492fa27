"""The ledger of stamp duty, the list of virtual authorisations, and the marks that a check saw"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CLOSING = ("valid_to", "closed_by", "closed_at", "closing_reason")


def upgrade() -> None:
    op.create_table(
        "stamp_use",
        sa.Column("archive", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_stamp_use_application_id")),
        sa.ForeignKeyConstraint(["document_id"], ["returned_document.id"], name=op.f("fk_stamp_use_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stamp_use")),
        sa.UniqueConstraint(
            "archive",
            "kind",
            "identifier",
            "document_id",
            name=op.f("uq_stamp_use_archive_kind_identifier_document_id"),
        ),
    )
    op.create_index("ix_stamp_use_application", "stamp_use", ["application_id"])
    op.create_table(
        "virtual_authorization",
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("holder_code", sa.String(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_virtual_authorization_validity")
        ),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_virtual_authorization_closing")),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_virtual_authorization_added_by")),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_virtual_authorization_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_virtual_authorization")),
    )
    op.create_index(
        "uq_virtual_authorization_open",
        "virtual_authorization",
        ["number", "issued_on", "office"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.add_column("check_run", sa.Column("stamps", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["application_role"])
    op.execute(f"GRANT UPDATE (stamps) ON check_run TO {role}")
    op.execute(f"GRANT SELECT, INSERT, DELETE, UPDATE (seen) ON stamp_use TO {role}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({', '.join(CLOSING)}) ON virtual_authorization TO {role}")
    # A rehearsal's ledger goes with it; a live one never does.
    op.execute(
        sa.text("""
        CREATE FUNCTION keep_live_stamp_uses() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.archive = 'live' THEN
                RAISE EXCEPTION 'the live ledger of stamps only grows' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN OLD;
        END
        $$
        """)
    )
    op.execute(
        "CREATE TRIGGER keep_live BEFORE DELETE ON stamp_use FOR EACH ROW EXECUTE FUNCTION keep_live_stamp_uses()"
    )


def downgrade() -> None:
    op.drop_column("check_run", "stamps")
    op.drop_table("virtual_authorization")
    op.drop_table("stamp_use")
    op.execute("DROP FUNCTION keep_live_stamp_uses()")
