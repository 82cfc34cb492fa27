"""C6: the schema goes up and down, grants no more than is needed, and its functions cannot be led astray."""

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from protocol_register.entries import NewEntry, RegisterKind
from protocol_register.keys import RegisterKey
from protocol_register.migration import create_schema, drop_schema
from protocol_register.migration_emergency import add_emergency, remove_emergency
from protocol_register.migration_search import add_search, remove_search
from protocol_register.migration_together import add_together, remove_together
from protocol_register.registration import create_register, register_document
from protocol_register.tables import SCHEMA, metadata


def test_c6_schema_goes_down_with_data_and_up_again(owner_engine: Engine, incoming: NewEntry) -> None:
    key = RegisterKey.generate("PROVA")
    facts = {"kind": RegisterKind.REHEARSAL, "administration": "r_prova", "aoo": "A1B2C3D"}
    with owner_engine.connect() as connection:
        for _ in range(2):
            create_register(connection, "PROVA", key=key, **facts)
            assert register_document(connection, "PROVA", incoming, key=key).number == 1
            drop_schema(connection)
            assert SCHEMA not in inspect(connection).get_schema_names()
            create_schema(connection, "app")
            add_emergency(connection, "app")
            add_together(connection, "app")
        add_search(connection)
        remove_search(connection)
        add_search(connection)
        remove_together(connection, "app")
        remove_emergency(connection)
        add_emergency(connection, "app")
        add_together(connection, "app")
        connection.rollback()


def test_c6_what_is_in_the_database_is_what_the_tables_say(owner_engine: Engine) -> None:
    inspector = inspect(owner_engine)
    stored = {
        table: {column["name"] for column in inspector.get_columns(table, SCHEMA)}
        for table in inspector.get_table_names(SCHEMA)
    }
    assert stored == {table.name: {column.name for column in table.c} for table in metadata.sorted_tables}


def test_c6_the_service_s_rights_are_exactly_these(owner_engine: Engine) -> None:
    statement = text(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
        "WHERE grantee = 'app' AND table_schema = :schema AND privilege_type <> 'SELECT'"
    )
    with owner_engine.begin() as connection:
        granted = {tuple(row) for row in connection.execute(statement, {"schema": SCHEMA})}
    inserted = ("entry", "annulment", "classification", "checkpoint", "emergency_series", "emergency_period")
    assert granted == {(table, "INSERT") for table in inserted}


def test_c6_every_function_pins_its_search_path_and_is_not_public(owner_engine: Engine) -> None:
    statement = text(
        "SELECT p.proname, p.proconfig, has_function_privilege('public', p.oid, 'EXECUTE') "
        "FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = :schema"
    )
    with owner_engine.begin() as connection:
        functions = connection.execute(statement, {"schema": SCHEMA}).all()
    assert len(functions) == 11
    assert {tuple(config) for _, config, _ in functions} == {("search_path=pg_catalog, pg_temp",)}
    assert not any(public for _, _, public in functions)


def test_c6_a_role_that_does_not_exist_is_refused(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        drop_schema(connection)
        with pytest.raises(DBAPIError, match="does not exist"):
            create_schema(connection, 'nobody"; DROP ROLE app; --')
