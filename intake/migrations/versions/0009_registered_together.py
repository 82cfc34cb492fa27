"""Documents that arrive together are registered together"""

from alembic import context, op

from protocol_register.migration_together import add_together, remove_together

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_together(op.get_bind(), context.config.attributes["application_role"])


def downgrade() -> None:
    remove_together(op.get_bind(), context.config.attributes["application_role"])
