"""Documents of rehearsals whose rows are gone, until their files are gone too"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The owner role alone forgets rehearsals: the application role is granted nothing here."""
    op.create_table(
        "document_to_remove",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("register_code", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_to_remove")),
    )


def downgrade() -> None:
    op.drop_table("document_to_remove")
