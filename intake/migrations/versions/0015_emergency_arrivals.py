"""Lines of the emergency register wait at the protocol desk"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("arrival", sa.Column("emergency_number", sa.String(), nullable=True))
    op.create_check_constraint(
        "ck_arrival_emergency", "arrival", "(channel = 'emergency') = (emergency_number IS NOT NULL)"
    )


def downgrade() -> None:
    op.drop_constraint("ck_arrival_emergency", "arrival", type_="check")
    op.execute("UPDATE arrival SET channel = 'counter' WHERE channel = 'emergency'")
    op.drop_column("arrival", "emergency_number")
