"""What was done in a rehearsal is forgotten some time after its end"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notice_edition", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        "ck_notice_edition_forgotten",
        "notice_edition",
        "forgotten_at IS NULL OR (kind = 'rehearsal' AND retired_at IS NOT NULL)",
    )


def downgrade() -> None:
    op.drop_column("notice_edition", "forgotten_at")
