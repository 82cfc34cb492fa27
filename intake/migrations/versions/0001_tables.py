"""The service's tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "employer",
        sa.Column("tax_code", sa.String(), nullable=False),
        sa.Column("vat_number", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer")),
        sa.UniqueConstraint("tax_code", name=op.f("uq_employer_tax_code")),
    )
    op.create_table(
        "notice_edition",
        sa.Column("notice_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("clock_offset", sa.Interval(), nullable=False),
        sa.Column("register_code", sa.String(), nullable=False),
        sa.Column("pack_digest", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind = 'rehearsal' OR clock_offset = interval '0'", name=op.f("ck_notice_edition_live_clock")
        ),
        sa.CheckConstraint("kind IN ('live', 'rehearsal')", name=op.f("ck_notice_edition_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_edition")),
        sa.UniqueConstraint("notice_id", "kind", "number", name=op.f("uq_notice_edition_notice_id_kind_number")),
        sa.UniqueConstraint("register_code", name=op.f("uq_notice_edition_register_code")),
    )
    op.create_table(
        "person",
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("tax_code", sa.String(), nullable=False),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("surname", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accredited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("tax_code", name=op.f("uq_person_tax_code")),
        sa.UniqueConstraint("username", name=op.f("uq_person_username")),
    )
    op.create_table(
        "application",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "issued",
                "registered",
                "examined",
                "integration_awaited",
                "admissible",
                "not_admitted",
                "to_be_denied",
                "authorised",
                "denied",
                "sent_to_inps",
                "closed",
                "under_appeal",
                "revoked",
                "discarded",
                "withdrawn",
                name="state",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("draft", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("draft_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["notice_edition.id"], name=op.f("fk_application_edition_id")),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_application_employer_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name=op.f("fk_application_opened_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
    )
    op.create_index("ix_application_edition_state", "application", ["edition_id", "state"], unique=False)
    op.create_index("ix_application_employer", "application", ["employer_id"], unique=False)
    op.create_table(
        "mandate",
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "capacity",
            sa.Enum("representative", "delegate", name="capacity", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_mandate_employer_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["person.id"], name=op.f("fk_mandate_granted_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mandate_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
    )
    op.create_index(op.f("ix_mandate_person_id"), "mandate", ["person_id"], unique=False)
    op.create_index(
        "uq_mandate_active",
        "mandate",
        ["employer_id", "person_id", "capacity"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "password_link",
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_password_link_lives")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_password_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_link")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_password_link_token_sha256")),
    )
    op.create_table(
        "role_grant",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "filer",
                "cpi_operator",
                "protocol_office",
                "officer",
                "director",
                "director_general",
                "administrator",
                "auditor",
                name="role",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(
        "uq_role_grant_active",
        "role_grant",
        ["person_id", "role"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "sign_in",
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("surface", sa.Enum("desk", "office", name="surface", native_enum=False, length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_sign_in_token_sha256")),
    )
    op.create_index(op.f("ix_sign_in_person_id"), "sign_in", ["person_id"], unique=False)
    op.create_table(
        "application_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "state_before",
            sa.Enum(
                "draft",
                "issued",
                "registered",
                "examined",
                "integration_awaited",
                "admissible",
                "not_admitted",
                "to_be_denied",
                "authorised",
                "denied",
                "sent_to_inps",
                "closed",
                "under_appeal",
                "revoked",
                "discarded",
                "withdrawn",
                name="state",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "state_after",
            sa.Enum(
                "draft",
                "issued",
                "registered",
                "examined",
                "integration_awaited",
                "admissible",
                "not_admitted",
                "to_be_denied",
                "authorised",
                "denied",
                "sent_to_inps",
                "closed",
                "under_appeal",
                "revoked",
                "discarded",
                "withdrawn",
                name="state",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_event_application_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_application_event_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_event")),
        sa.UniqueConstraint("application_id", "sequence", name=op.f("uq_application_event_application_id_sequence")),
    )
    op.create_table(
        "holding",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("out_of_order", sa.Boolean(), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("NOT out_of_order OR length(reason) > 0", name=op.f("ck_holding_reason")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_holding_application_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["person.id"], name=op.f("fk_holding_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holding")),
    )
    op.create_index(op.f("ix_holding_officer_id"), "holding", ["officer_id"], unique=False)
    op.create_index(
        "uq_holding_active", "holding", ["application_id"], unique=True, postgresql_where=sa.text("released_at IS NULL")
    )
    op.create_table(
        "issued_form",
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("pdf_sha256", sa.String(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("form_map", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_issued_form_application_id")),
        sa.ForeignKeyConstraint(["issued_by"], ["person.id"], name=op.f("fk_issued_form_issued_by")),
        sa.PrimaryKeyConstraint("form", name=op.f("pk_issued_form")),
    )
    op.create_index(
        "uq_issued_form_current",
        "issued_form",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "receipt",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind", sa.Enum("received", "registered", name="receiptkind", native_enum=False, length=40), nullable=False
        ),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pdf_sha256", sa.String(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_receipt_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
    )
    op.create_index("ix_receipt_application", "receipt", ["application_id"], unique=False)
    op.create_table(
        "returned_document",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind", sa.Enum("form", "attachment", name="documentkind", native_enum=False, length=40), nullable=False
        ),
        sa.Column("attachment_key", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum(
                "upload", "rehearsal_signature", "rehearsal_scan", "paper", name="origin", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("size >= 0", name=op.f("ck_returned_document_size")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_returned_document_application_id")
        ),
        sa.ForeignKeyConstraint(["received_by"], ["person.id"], name=op.f("fk_returned_document_received_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_document")),
    )
    op.create_index("ix_returned_document_application", "returned_document", ["application_id"], unique=False)
    op.create_table(
        "reviewed_value",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column(
            "settlement",
            sa.Enum("accepted", "corrected", "rejected", name="settlement", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("value", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_reviewed_value_application_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["person.id"], name=op.f("fk_reviewed_value_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewed_value")),
    )
    op.create_index("ix_reviewed_value_subject", "reviewed_value", ["application_id", "subject", "id"], unique=False)
    op.create_table(
        "check_run",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("documents", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting", "running", "done", "given_up", "outdated", name="runstate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("steps_done", sa.Integer(), nullable=False),
        sa.Column("steps_total", sa.Integer(), nullable=False),
        sa.Column("verdicts", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reading", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_check_run_application_id")),
        sa.ForeignKeyConstraint(["form"], ["issued_form.form"], name=op.f("fk_check_run_form")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_run")),
    )
    op.create_index("ix_check_run_application", "check_run", ["application_id", "requested_at"], unique=False)
    op.create_table(
        "submission",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("transmitted_by", sa.Uuid(), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("register_code", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("legal_instant", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_submission_application_id")),
        sa.ForeignKeyConstraint(["form"], ["issued_form.form"], name=op.f("fk_submission_form")),
        sa.ForeignKeyConstraint(["transmitted_by"], ["person.id"], name=op.f("fk_submission_transmitted_by")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_submission")),
        sa.UniqueConstraint("register_code", "year", "number", name=op.f("uq_submission_register_code_year_number")),
    )
    op.create_index("ix_submission_rank", "submission", ["register_code", "legal_instant", "number"], unique=False)
    op.create_table(
        "finding",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "severity",
            sa.Enum("info", "warning", "error", name="severity", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("remedy", sa.String(), nullable=False),
        sa.Column("law", sa.String(), nullable=True),
        sa.Column("technical", sa.String(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("box", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("field", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["returned_document.id"], name=op.f("fk_finding_document_id")),
        sa.ForeignKeyConstraint(["run_id"], ["check_run.id"], name=op.f("fk_finding_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    op.create_index("ix_finding_run", "finding", ["run_id", "position"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_finding_run", table_name="finding")
    op.drop_table("finding")
    op.drop_index("ix_submission_rank", table_name="submission")
    op.drop_table("submission")
    op.drop_index("ix_check_run_application", table_name="check_run")
    op.drop_table("check_run")
    op.drop_index("ix_reviewed_value_subject", table_name="reviewed_value")
    op.drop_table("reviewed_value")
    op.drop_index("ix_returned_document_application", table_name="returned_document")
    op.drop_table("returned_document")
    op.drop_index("ix_receipt_application", table_name="receipt")
    op.drop_table("receipt")
    op.drop_index("uq_issued_form_current", table_name="issued_form", postgresql_where=sa.text("superseded_at IS NULL"))
    op.drop_table("issued_form")
    op.drop_index("uq_holding_active", table_name="holding", postgresql_where=sa.text("released_at IS NULL"))
    op.drop_index(op.f("ix_holding_officer_id"), table_name="holding")
    op.drop_table("holding")
    op.drop_table("application_event")
    op.drop_index(op.f("ix_sign_in_person_id"), table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_index("uq_role_grant_active", table_name="role_grant", postgresql_where=sa.text("revoked_at IS NULL"))
    op.drop_table("role_grant")
    op.drop_table("password_link")
    op.drop_index("uq_mandate_active", table_name="mandate", postgresql_where=sa.text("revoked_at IS NULL"))
    op.drop_index(op.f("ix_mandate_person_id"), table_name="mandate")
    op.drop_table("mandate")
    op.drop_index("ix_application_employer", table_name="application")
    op.drop_index("ix_application_edition_state", table_name="application")
    op.drop_table("application")
    op.drop_table("person")
    op.drop_table("notice_edition")
    op.drop_table("employer")
