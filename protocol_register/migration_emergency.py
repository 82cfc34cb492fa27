"""The second step of the register's schema: the emergency register, and waiting for a day to be complete.

For the host's migration, after `migration.create_schema`: `add_emergency` in upgrade, `remove_emergency` in downgrade.
"""

from sqlalchemy import Connection

from protocol_register.emergency_tables import emergency_period, emergency_series
from protocol_register.migration import CHANGED, EMPTIED, trigger
from protocol_register.tables import SCHEMA

TABLES = (emergency_series, emergency_period)

WAIT_FOR_COMMITS = """
CREATE FUNCTION protocol_register.wait_for_commits(register_code text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM 1 FROM protocol_register.register_head h WHERE h.register = register_code FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'PR002', MESSAGE = 'Il registro ' || register_code || ' non esiste.';
    END IF;
END $$
"""


def add_emergency(connection: Connection, app_role: str) -> None:
    """Create the tables of the emergency register, their fences, and what `app_role` may do with them."""
    role = connection.dialect.identifier_preparer.quote(app_role)
    for table in TABLES:
        table.create(connection)
        connection.exec_driver_sql(trigger("refuse_change", CHANGED, table.name))
        connection.exec_driver_sql(trigger("refuse_change", EMPTIED, table.name, "STATEMENT"))
        connection.exec_driver_sql(f"GRANT SELECT, INSERT ON {SCHEMA}.{table.name} TO {role}")
    connection.exec_driver_sql(WAIT_FOR_COMMITS)
    connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {SCHEMA}.wait_for_commits(text) FROM PUBLIC")
    connection.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION {SCHEMA}.wait_for_commits(text) TO {role}")


def remove_emergency(connection: Connection) -> None:
    """Take away what `add_emergency` made, with all it holds."""
    connection.exec_driver_sql(f"DROP FUNCTION {SCHEMA}.wait_for_commits(text)")
    for table in reversed(TABLES):
        table.drop(connection)
