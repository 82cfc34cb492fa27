"""What a check reads of the lists of workers among the papers"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("check_run", sa.Column("worker_list", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["application_role"])
    op.execute(f"GRANT UPDATE (worker_list) ON check_run TO {role}")


def downgrade() -> None:
    op.drop_column("check_run", "worker_list")
