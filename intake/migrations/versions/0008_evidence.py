"""Every value that a check read, with its evidence, and what officers say the documents bear"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATUSES = ("agrees", "doubtful", "differs", "empty", "read", "not_found")


def upgrade() -> None:
    op.create_table(
        "extracted_value",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("form_page", sa.Integer(), nullable=True),
        sa.Column("box", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("raw", sa.String(), nullable=True),
        sa.Column("value", sa.String(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("rules", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("issued", sa.String(), nullable=True),
        sa.Column("status", sa.Enum(*STATUSES, name="valuestatus", native_enum=False, length=40), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["check_run.id"], name=op.f("fk_extracted_value_run_id")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_extracted_value_application_id")),
        sa.ForeignKeyConstraint(["document_id"], ["returned_document.id"], name=op.f("fk_extracted_value_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extracted_value")),
    )
    op.create_index("ix_extracted_value_run", "extracted_value", ["run_id", "id"])
    op.create_index("ix_extracted_value_document", "extracted_value", ["document_id"])
    op.create_index("ix_extracted_value_application_id", "extracted_value", ["application_id"])
    op.add_column("reviewed_value", sa.Column("seen", sa.String(), nullable=True))
    op.add_column("reviewed_value", sa.Column("extracted_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_reviewed_value_extracted_id"), "reviewed_value", "extracted_value", ["extracted_id"], ["id"]
    )
    op.create_index("ix_reviewed_value_extracted_id", "reviewed_value", ["extracted_id"])
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["application_role"])
    op.execute(f"GRANT SELECT, INSERT ON extracted_value TO {role}")
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON extracted_value "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_index("ix_reviewed_value_extracted_id", table_name="reviewed_value")
    op.drop_constraint(op.f("fk_reviewed_value_extracted_id"), "reviewed_value", type_="foreignkey")
    op.drop_column("reviewed_value", "extracted_id")
    op.drop_column("reviewed_value", "seen")
    op.drop_table("extracted_value")
