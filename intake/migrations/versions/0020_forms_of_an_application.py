"""The forms issued for an application are found by it, also those that another took the place of"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_issued_form_application", "issued_form", ["application_id", "issued_at"])


def downgrade() -> None:
    op.drop_index("ix_issued_form_application", "issued_form")
