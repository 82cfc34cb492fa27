"""Run by Alembic; the connection comes from the caller, so that migrations need no configuration file."""

from alembic import context

from intake.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
