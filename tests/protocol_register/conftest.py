"""A database of the run's server with an owner and a service role, and an empty register for each test."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import URL, Engine, create_engine

from intake.embedded_postgres import SUPERUSER, EmbeddedPostgres
from protocol_register.entries import Channel, Direction, Document, NewEntry, Party, PartyKind, Register, RegisterKind
from protocol_register.keys import RegisterKey
from protocol_register.migration import create_schema
from protocol_register.migration_emergency import add_emergency
from protocol_register.migration_together import add_together
from protocol_register.registration import create_register
from protocol_register.tables import metadata
from tests.installations import superuser
from tests.made_once import made_once

CODE = "PROTGEN"
PASSWORD = "registro"
ROLES = (
    f"CREATE ROLE owner LOGIN PASSWORD '{PASSWORD}'",
    f"CREATE ROLE app LOGIN PASSWORD '{PASSWORD}'",
    "GRANT SET ON PARAMETER session_replication_role TO owner",
)


@pytest.fixture(scope="session")
def register_database(run_folder: Path, postgres: EmbeddedPostgres) -> URL:
    """A database of this process alone. Its owner is no superuser; it may only take triggers down, as someone tampering
    would."""

    def make_roles(_: Path) -> None:
        with superuser(postgres) as connection:
            for statement in ROLES:
                connection.execute(statement)

    made_once(run_folder, "roles_of_the_register", make_roles)
    name = f"register_{uuid4().hex[:12]}"
    with superuser(postgres) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER owner")
    return postgres.url(SUPERUSER, name)


@pytest.fixture(scope="session")
def server_engine(register_database: URL) -> Iterator[Engine]:
    """The owner's engine on the database, with the schema made."""
    engine = engine_on(register_database, "owner")
    with engine.begin() as connection:
        create_schema(connection, "app")
        add_emergency(connection, "app")
        add_together(connection, "app")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def service_engine(register_database: URL, server_engine: Engine) -> Iterator[Engine]:
    """The service role's engine on the database."""
    engine = engine_on(register_database, "app")
    yield engine
    engine.dispose()


@pytest.fixture
def owner_engine(server_engine: Engine) -> Iterator[Engine]:
    """The owner's engine; whatever the test wrote is emptied after it, with the fences down."""
    yield server_engine
    with server_engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in metadata.sorted_tables:
            connection.execute(table.delete())


@pytest.fixture
def app_engine(owner_engine: Engine, service_engine: Engine) -> Engine:
    """The service role's engine, over the same schema."""
    return service_engine


@pytest.fixture
def key() -> RegisterKey:
    """The key of the test's register."""
    return RegisterKey.generate(CODE)


@pytest.fixture
def register(owner_engine: Engine, key: RegisterKey) -> Register:
    """A live register, created on purpose by the owner."""
    with owner_engine.begin() as connection:
        return create_register(
            connection, CODE, kind=RegisterKind.LIVE, administration="r_prova", aoo="A1B2C3D", key=key
        )


@pytest.fixture
def incoming() -> NewEntry:
    """An application as it arrives online, from an invented firm."""
    return NewEntry(
        direction=Direction.IN,
        channel=Channel.ONLINE,
        sender=Party(kind=PartyKind.COMPANY, name="Panificio Verdi S.r.l.", tax_code="00000000000"),
        subject="Domanda di CIG in deroga – unità di Potenza",
        operator="system",
        document=Document(name="domanda.pdf", sha256="ab" * 32, size=182_233, media_type="application/pdf"),
        attachments=(Document(name="accordo.pdf", sha256="cd" * 32, size=9_001, media_type="application/pdf"),),
    )


def engine_on(database: URL, role: str) -> Engine:
    """An engine of one of the two roles."""
    return create_engine(database.set(username=role, password=PASSWORD), pool_size=60)
