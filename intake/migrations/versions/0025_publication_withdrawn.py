"""Publications of a notice's signed documents that were withdrawn, with the act and the reason"""

import sqlalchemy as sa
from alembic import context, op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "publication_withdrawal",
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["signed_publication.id"], name=op.f("fk_publication_withdrawal_publication_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_withdrawal")),
        sa.UniqueConstraint("publication_id", name=op.f("uq_publication_withdrawal_publication_id")),
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON publication_withdrawal "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["application_role"])
    op.execute(f"GRANT SELECT, INSERT ON publication_withdrawal TO {role}")


def downgrade() -> None:
    op.drop_table("publication_withdrawal")
