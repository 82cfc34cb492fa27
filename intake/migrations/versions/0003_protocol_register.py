"""The protocol register, in a schema of its own"""

from alembic import context, op

from protocol_register.migration import create_schema, drop_schema

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_schema(op.get_bind(), context.config.attributes["application_role"])


def downgrade() -> None:
    drop_schema(op.get_bind())
