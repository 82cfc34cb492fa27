"""Entries are found by their direction, and checks that have not ended without reading those that have"""

from alembic import op
from sqlalchemy import text

from protocol_register.migration_search import add_search, remove_search

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_search(op.get_bind())
    unended = text("state IN ('waiting', 'running')")
    op.create_index("ix_check_run_unended", "check_run", ["application_id"], postgresql_where=unended)


def downgrade() -> None:
    op.drop_index("ix_check_run_unended", "check_run")
    remove_search(op.get_bind())
