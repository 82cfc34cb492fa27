"""The fourth step of the register's schema: the entries of one direction are found newest first.

For the host's migration, after `migration_together`: `add_search` in upgrade, `remove_search` in downgrade. The index by
legal instant goes: the order of examination is kept by whoever examines, and every registration paid for it.
"""

from sqlalchemy import Connection

from protocol_register.tables import SCHEMA

BY_DIRECTION = f"CREATE INDEX IF NOT EXISTS entry_direction ON {SCHEMA}.entry (register, direction, instant)"
BY_RANK = f"CREATE INDEX entry_rank ON {SCHEMA}.entry (register, legal_instant, year, number)"


def add_search(connection: Connection) -> None:
    """Index the entries by direction and instant, and no longer by rank."""
    connection.exec_driver_sql(BY_DIRECTION)
    connection.exec_driver_sql(f"DROP INDEX IF EXISTS {SCHEMA}.entry_rank")


def remove_search(connection: Connection) -> None:
    """Go back to the index by rank."""
    connection.exec_driver_sql(BY_RANK)
    connection.exec_driver_sql(f"DROP INDEX {SCHEMA}.entry_direction")
