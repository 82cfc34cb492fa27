"""Attempts to sign in, counted for all web processes together"""

import sqlalchemy as sa
from alembic import context, op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["application_role"])
    op.create_table(
        "attempt",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        prefixes=["UNLOGGED"],
    )
    op.create_index("ix_attempt_key", "attempt", ["key"])
    op.create_index("ix_attempt_until", "attempt", ["until"])
    op.execute(f"GRANT SELECT, INSERT, DELETE ON attempt TO {role}")


def downgrade() -> None:
    op.drop_table("attempt")
