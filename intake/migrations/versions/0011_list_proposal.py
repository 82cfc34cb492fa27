"""Lists of workers in the firm's own layout, and the proposals that reading made of them"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STATES = ("waiting", "read", "failed", "used", "set_aside")


def upgrade() -> None:
    op.create_table(
        "list_proposal",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Enum(*STATES, name="proposalstate", native_enum=False, length=40), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reading", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_list_proposal_application_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"], name=op.f("fk_list_proposal_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_proposal")),
    )
    op.create_index("ix_list_proposal_application", "list_proposal", ["application_id", "requested_at"])
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["application_role"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE (state, finished_at, reading) ON list_proposal TO {role}")


def downgrade() -> None:
    op.drop_table("list_proposal")
