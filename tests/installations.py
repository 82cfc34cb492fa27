"""A real installation for the tests: PostgreSQL from the same binaries, migrated once in a run, copied for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as hour
from functools import cache, partial
from pathlib import Path

import psycopg
import pytest
from argon2 import PasswordHasher

from intake import service as service_module
from intake.clock import ROME
from intake.database import Database
from intake.editions import load_editions
from intake.embedded_postgres import APPLICATION, OWNER, SUPERUSER, EmbeddedPostgres, create_database
from intake.log import configure_logging
from intake.migrations import migrate
from intake.notices.pack import NoticePack
from intake.people import passwords
from intake.people.demonstration import add_demo_people
from intake.people.models import Surface
from intake.service import Service, build_service
from intake.settings import TEMPLATES, Settings, read_settings
from signing.seal_pkcs11 import Token
from tests.made_once import made_once
from tests.pki.token import SOFTHSM, soft_token

TEMPLATE = "template_of_tests"
LAST_SECONDS = 30.0
# The same argon2id, told to hurry: hundreds of tests sign in, and none is about how long that takes.
passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
_read_pack = service_module.load_pack
_pack_of_the_product = cache(_read_pack)


def load_pack(folder: Path) -> NoticePack:
    """The notices of the product are read once in a process, not once for each of the installations of its tests."""
    return _pack_of_the_product(folder) if folder.is_relative_to(TEMPLATES) else _read_pack(folder)


service_module.load_pack = load_pack


@contextmanager
def public_folder(prefix: str) -> Iterator[Path]:
    """A temporary folder that the database's own user can enter, which pytest's are not."""
    folder = Path(tempfile.mkdtemp(prefix=f"sportello-{prefix}-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def log_lines() -> None:
    """Log lines as the product writes them: structlog by itself takes seconds to draw an exception with its variables."""
    configure_logging()


@pytest.fixture(autouse=True)
def within_one_day() -> None:
    """What a test does and then counts is of one day."""
    let_the_day_end()


def let_the_day_end() -> None:
    """Begins nothing in the last seconds of a day in Rome."""
    now = datetime.now(UTC)
    midnight = datetime.combine(now.astimezone(ROME).date() + timedelta(days=1), hour.min, ROME)
    left = (midnight - now).total_seconds()
    if left < LAST_SECONDS:
        time.sleep(left)


@pytest.fixture(scope="session")
def postgres(run_folder: Path) -> EmbeddedPostgres:
    """The server of the run; tests make databases in it.

    It does not wait for the disk: what must outlive a power cut is proven on whole installations (tests/acceptance).
    """
    return EmbeddedPostgres(made_once(run_folder, "postgres", start_server))


def start_server(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.ensure_running()
    with superuser(server) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("ALTER SYSTEM SET max_wal_size = '256MB'")
        connection.execute("SELECT pg_reload_conf()")


@contextmanager
def superuser(server: EmbeddedPostgres) -> Iterator[psycopg.Connection]:
    url = server.url(SUPERUSER, "postgres").set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def template_keys(run_folder: Path, postgres: EmbeddedPostgres) -> Path:
    """A migrated database with the notices and the demonstration people in it, and the keys that belong to it."""
    return read_settings(data=made_once(run_folder, "template", partial(make_template, postgres))).keys


def make_template(server: EmbeddedPostgres, folder: Path) -> None:
    with superuser(server) as connection:
        create_database(connection, TEMPLATE)
    settings = read_settings(data=folder)
    database = Database(server.url(APPLICATION, TEMPLATE), server.url(OWNER, TEMPLATE))
    with database.owner_engine() as owner:
        migrate(owner, APPLICATION)
    service = build_service(settings, database)
    load_editions(service, at=service.clock())
    with service.transaction() as session:
        add_demo_people(session, settings.keys, at=service.clock())
    for door in Surface:
        service.keys.cookie_secret(door.value)  # made when first asked for: every copy is to have the same
    database.engine.dispose()


def copy_database(server: EmbeddedPostgres, template: str, name: str) -> Database:
    """The database ``name``, a copy of ``template``, to which nobody may be connected."""
    with superuser(server) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{OWNER}" STRATEGY FILE_COPY')
        connection.execute(f'GRANT CONNECT ON DATABASE "{name}" TO "{APPLICATION}"')
    return Database(server.url(APPLICATION, name), server.url(OWNER, name))


@contextmanager
def copied_database(server: EmbeddedPostgres) -> Iterator[Database]:
    """A database of its own, migrated and filled; gone afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    made = copy_database(server, TEMPLATE, name)
    yield made
    made.engine.dispose()
    with superuser(server) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def service_of_the_file(
    postgres: EmbeddedPostgres, template_keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """One installation for the tests of a file that is marked ``shared_installation``."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(template_keys, folder / "keys")
    with copied_database(postgres) as database:
        yield build_service(read_settings(data=folder), database)


def shares_its_installation(request: pytest.FixtureRequest) -> bool:
    marked, alone = (request.node.get_closest_marker(name) for name in ("shared_installation", "own_installation"))
    return marked is not None and alone is None


@pytest.fixture
def database(request: pytest.FixtureRequest, postgres: EmbeddedPostgres, template_keys: Path) -> Iterator[Database]:
    """A database of this test alone, migrated and filled; of its file, where that is so marked."""
    if shares_its_installation(request):
        yield request.getfixturevalue("service_of_the_file").database
    else:
        with copied_database(postgres) as database:
            yield database


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path, template_keys: Path) -> Settings:
    """Settings of an installation under ``tmp_path``, with copies of the template's keys."""
    if shares_its_installation(request):
        return request.getfixturevalue("service_of_the_file").settings
    shutil.copytree(template_keys, tmp_path / "keys")
    return read_settings(data=tmp_path)


@pytest.fixture
def service(request: pytest.FixtureRequest, settings: Settings, database: Database) -> Service:
    """A whole installation: notices loaded live and as rehearsal, demonstration people, keys, empty document store."""
    if shares_its_installation(request):
        return request.getfixturevalue("service_of_the_file")
    return build_service(settings, database)


@pytest.fixture
def empty_database(postgres: EmbeddedPostgres) -> Iterator[Database]:
    """A database with nothing in it, not even the schema."""
    name = f"empty_{uuid.uuid4().hex[:12]}"
    with superuser(postgres) as connection:
        create_database(connection, name)
    made = Database(postgres.url(APPLICATION, name), postgres.url(OWNER, name))
    yield made
    made.engine.dispose()
    with superuser(postgres) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def conformance() -> Path:
    """The folder with the collection of standards and samples."""
    folder = os.environ.get("SPORTELLO_CONFORMANCE")
    if not folder:
        pytest.skip("SPORTELLO_CONFORMANCE names no collection")
    return Path(folder)


@pytest.fixture(scope="session")
def token() -> Token:
    """A token behind PKCS #11 with the key of a seal in it."""
    if not SOFTHSM.exists():
        pytest.skip("SoftHSM2 is not installed (Debian softhsm2): PKCS #11 is not tried")
    return soft_token()
