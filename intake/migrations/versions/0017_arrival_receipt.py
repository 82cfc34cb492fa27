"""Receipts of what arrives on paper and by certified mail"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "arrival_receipt",
        sa.Column("arrival_id", sa.Uuid(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pdf_sha256", sa.String(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["arrival_id"], ["arrival.id"], name=op.f("fk_arrival_receipt_arrival_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival_receipt")),
    )
    op.create_index("ix_arrival_receipt_arrival", "arrival_receipt", ["arrival_id"])
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["application_role"])
    op.execute(f"GRANT SELECT, INSERT ON arrival_receipt TO {role}")
    op.execute(f"GRANT UPDATE (pdf_sha256, made_at) ON arrival_receipt TO {role}")


def downgrade() -> None:
    op.drop_table("arrival_receipt")
