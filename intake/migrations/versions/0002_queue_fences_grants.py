"""The job queue, append-only fences, and what the application role may do"""

import sqlalchemy as sa
from alembic import context, op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("application_event", "submission", "reviewed_value", "finding")
CHANGEABLE = {
    "application": ("state", "draft", "draft_version", "updated_at"),
    "check_run": (*("state", "started_at", "finished_at", "step", "steps_done", "steps_total", "verdicts", "reading"),),
    "employer": ("name", "vat_number"),
    "holding": ("released_at",),
    "issued_form": ("superseded_at",),
    "mandate": ("revoked_at",),
    "notice_edition": ("pack_digest", "retired_at"),
    "password_link": ("used_at",),
    "person": (*("username", "given_name", "surname", "email", "password_hash", "accredited_at", "disabled_at"),),
    "receipt": ("pdf_sha256", "made_at"),
    "returned_document": ("replaced_at",),
    "role_grant": ("revoked_at",),
    "sign_in": ("last_seen_at", "ended_at"),
}


def upgrade() -> None:
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["application_role"])
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute(
        sa.text("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
        END
        $$
        """)
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
    for table in (*CHANGEABLE, *APPEND_ONLY):
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {role}")
    for table, columns in CHANGEABLE.items():
        op.execute(f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {role}")
    op.execute(f"GRANT SELECT ON alembic_version TO {role}")
    for table in _queue_tables():
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}")
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")


def downgrade() -> None:
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["application_role"])
    op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
    op.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}")
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER append_only ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
    op.execute(f"DROP TABLE {', '.join(_queue_tables())} CASCADE")
    for kind, name in op.get_bind().execute(
        sa.text("""
        SELECT 'FUNCTION', p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname = 'public' AND p.proname LIKE 'procrastinate\\_%'
        UNION ALL
        SELECT 'TYPE', t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
         WHERE n.nspname = 'public' AND t.typname LIKE 'procrastinate\\_%' AND t.typtype IN ('e', 'c')
        """)
    ):
        op.execute(f"DROP {kind} IF EXISTS {name} CASCADE")


def _queue_tables() -> list[str]:
    found = op.get_bind().execute(
        sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'procrastinate\\_%'")
    )
    return [name for (name,) in found]
