"""Daily registers, and the emergency register"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from protocol_register.migration_emergency import add_emergency, remove_emergency

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("daily_register", "emergency_import")


def upgrade() -> None:
    given = context.config.attributes["application_role"]
    role = op.get_bind().dialect.identifier_preparer.quote(given)
    add_emergency(op.get_bind(), given)
    op.create_table(
        "daily_register",
        sa.Column("register_code", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operations", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("first_number", sa.Integer(), nullable=True),
        sa.Column("last_number", sa.Integer(), nullable=True),
        sa.Column("log_size", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(), nullable=True),
        sa.Column("pdf_sha256s", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("xml_sha256", sa.String(), nullable=False),
        sa.Column("token_sha256", sa.String(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("operations > 0", name=op.f("ck_daily_register_operations")),
        sa.PrimaryKeyConstraint("register_code", "day", name=op.f("pk_daily_register")),
    )
    op.create_table(
        "emergency_import",
        sa.Column("register_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("problems", postgresql.JSONB(), nullable=False),
        sa.Column("numbers", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_import")),
    )
    op.create_index("ix_emergency_import_register", "emergency_import", ["register_code", "at"])
    for table in TABLES:
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {role}")
    op.execute(f"GRANT UPDATE (delivered_at) ON daily_register TO {role}")
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON emergency_import "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("emergency_import")
    op.drop_table("daily_register")
    remove_emergency(op.get_bind())
