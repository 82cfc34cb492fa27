"""The schema's history, and the one way to bring a database to its newest version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

_FOLDER = Path(__file__).parent


def alembic_config(connection: Connection, application_role: str) -> Config:
    """Alembic working on an open connection of the owner role; grants go to ``application_role``."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["application_role"] = application_role
    return config


def migrate(owner: Engine, application_role: str, revision: str = "head") -> None:
    """Brings the schema to ``revision`` in one transaction; two processes at once wait for each other."""
    with owner.begin() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7023581)")
        config = alembic_config(connection, application_role)
        if revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


def is_current(engine: Engine) -> bool:
    """Whether the database has the schema this code was written for."""
    head = ScriptDirectory(str(_FOLDER)).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head
