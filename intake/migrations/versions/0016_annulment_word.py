"""The director general's word on an annulled registration"""

import sqlalchemy as sa
from alembic import context, op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "annulment_word",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("register_code", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("new_year", sa.Integer(), nullable=True),
        sa.Column("new_number", sa.Integer(), nullable=True),
        sa.Column("letter_year", sa.Integer(), nullable=False),
        sa.Column("letter_number", sa.Integer(), nullable=False),
        sa.Column("letter_sha256", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'stands') = (new_number IS NOT NULL)", name=op.f("ck_annulment_word_new_number")
        ),
        sa.CheckConstraint("num_nulls(new_year, new_number) IN (0, 2)", name=op.f("ck_annulment_word_new_place_whole")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_annulment_word_application_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_annulment_word_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annulment_word")),
        sa.UniqueConstraint(
            "register_code", "year", "number", name=op.f("uq_annulment_word_register_code_year_number")
        ),
        sa.UniqueConstraint(
            "register_code", "new_year", "new_number", name=op.f("uq_annulment_word_register_code_new_year_new_number")
        ),
    )
    op.create_index("ix_annulment_word_application", "annulment_word", ["application_id"])
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["application_role"])
    op.execute(f"GRANT SELECT, INSERT ON annulment_word TO {role}")
    op.execute(f"GRANT UPDATE (opened_at) ON annulment_word TO {role}")
    op.execute(
        "UPDATE application SET state = 'annulment_awaited' FROM submission, protocol_register.annulment "
        "WHERE submission.application_id = application.id AND annulment.register = submission.register_code "
        "AND annulment.year = submission.year AND annulment.number = submission.number"
    )


def downgrade() -> None:
    """Cases go back to where their last annulment found them."""
    op.execute(
        "UPDATE application SET state = found.state_before FROM (SELECT DISTINCT ON (application_id) application_id, "
        "COALESCE(state_before, 'registered') AS state_before FROM application_event WHERE name = 'registration_annulled' "
        "ORDER BY application_id, sequence DESC) found "
        "WHERE found.application_id = application.id AND application.state IN ('annulment_awaited', 'annulled')"
    )
    op.drop_table("annulment_word")
