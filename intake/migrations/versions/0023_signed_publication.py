"""The signed documents of a notice, published with their signatures verified"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signed_publication",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("document_key", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("enclosed_name", sa.String(), nullable=True),
        sa.Column("enclosed_sha256", sa.String(), nullable=True),
        sa.Column("enclosed_size", sa.Integer(), nullable=True),
        sa.Column("enclosed_media_type", sa.String(), nullable=True),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_signed_publication_number")),
        sa.CheckConstraint(
            "verdict IN ('signed', 'signed_with_reservations')", name=op.f("ck_signed_publication_verdict")
        ),
        sa.CheckConstraint(
            "num_nulls(enclosed_name, enclosed_sha256, enclosed_size, enclosed_media_type) IN (0, 4)",
            name=op.f("ck_signed_publication_enclosed_whole"),
        ),
        sa.ForeignKeyConstraint(["edition_id"], ["notice_edition.id"], name=op.f("fk_signed_publication_edition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_publication")),
        sa.UniqueConstraint(
            "edition_id",
            "document_key",
            "number",
            name=op.f("uq_signed_publication_edition_id_document_key_number"),
        ),
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON signed_publication "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["application_role"])
    op.execute(f"GRANT SELECT, INSERT ON signed_publication TO {role}")


def downgrade() -> None:
    op.drop_table("signed_publication")
