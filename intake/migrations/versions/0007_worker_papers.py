"""The declarations printed for each worker, and what a check reads in the papers that come with a form"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

READ = ("declarations", "identity", "stack")


def upgrade() -> None:
    op.add_column("issued_form", sa.Column("worker_papers", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    for column in READ:
        op.add_column("check_run", sa.Column(column, postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["application_role"])
    op.execute(f"GRANT UPDATE ({', '.join(READ)}) ON check_run TO {role}")


def downgrade() -> None:
    for column in READ:
        op.drop_column("check_run", column)
    op.drop_column("issued_form", "worker_papers")
