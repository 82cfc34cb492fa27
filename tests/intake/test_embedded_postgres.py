"""The database that comes with the service: private, with roles that cannot rewrite what was received (house 5, N9)."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from alembic import command
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from intake.database import Database
from intake.embedded_postgres import APPLICATION, OWNER, EmbeddedPostgres, PostgresFailure
from intake.migrations import alembic_config, is_current, migrate
from intake.people.models import Person
from intake.service import Service
from intake.service_user import give_to_service_user
from intake.settings import Settings, read_settings
from intake.start import prepare
from tests.installations import public_folder
from tests.intake.filings import checked, issued, sent


@pytest.fixture(scope="module")
def installed() -> Iterator[tuple[Settings, EmbeddedPostgres]]:
    """An installation of its own whose server this process holds."""
    with public_folder("installed") as folder:
        settings = read_settings(data=folder)
        cut_short = folder / "database" / "cluster.unfinished"
        cut_short.mkdir(parents=True)
        (cut_short / "PG_VERSION").write_text("18\n")
        for each in (cut_short.parent, cut_short):
            give_to_service_user(each)
        with EmbeddedPostgres(folder / "database").running() as server:
            prepare(settings)
            yield settings, server


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_server_listens_only_in_a_private_folder(installed: tuple[Settings, EmbeddedPostgres]) -> None:
    _, server = installed
    postmaster = (server.cluster / "postmaster.pid").read_text().splitlines()
    assert postmaster[5].strip() == "", "no address of the network"
    assert _mode(server.socket_folder) == 0o700
    assert _mode(server.folder / "passwords.json") == 0o600
    assert _mode(server.cluster) == 0o700
    assert not (server.folder / "superuser-password").exists()


def test_a_wrong_password_is_refused(installed: tuple[Settings, EmbeddedPostgres]) -> None:
    _, server = installed
    for role in (OWNER, APPLICATION, "postgres"):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(host=str(server.socket_folder), user=role, password="sbagliata", dbname="sportello")


def test_another_process_finds_the_running_server(installed: tuple[Settings, EmbeddedPostgres]) -> None:
    settings, server = installed
    done = subprocess.run(
        [sys.executable, "-m", "intake.cli", "people", "list"],
        env=os.environ | {"SPORTELLO_DATA": str(settings.data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {"consulente", "istruttore"} <= {person["username"] for person in json.loads(done.stdout)}
    assert server.is_running(), "whoever found it running leaves it running"


def test_what_was_committed_is_there_after_the_server_was_killed(installed: tuple[Settings, EmbeddedPostgres]) -> None:
    _, server = installed
    database = Database(server.url(APPLICATION), server.url(OWNER))
    with database.sessions.begin() as session:
        session.scalars(select(Person).where(Person.username == "datore")).one().email = "nuova@example.org"
    postmaster = int((server.cluster / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    assert server.ensure_running(), "it was started again"
    with database.sessions.begin() as session:
        assert session.scalars(select(Person.email).where(Person.username == "datore")).one() == "nuova@example.org"
    database.engine.dispose()


def test_n2_a_server_that_lost_one_of_its_processes_is_waited_for(installed: tuple[Settings, EmbeddedPostgres]) -> None:
    _, server = installed
    database = Database(server.url(APPLICATION), server.url(OWNER))
    postmaster = (server.cluster / "postmaster.pid").read_text().split()[0]
    with database.engine.connect() as connection:
        _killed(connection.scalar(text("SELECT pg_backend_pid()")))
        connection.invalidate()
    assert not server.ensure_running(), "it came back by itself: whoever holds it goes on holding it"
    database.engine.dispose()
    with database.sessions.begin() as session:
        assert session.scalars(select(Person.username).where(Person.username == "datore")).one()
    assert (server.cluster / "postmaster.pid").read_text().split()[0] == postmaster
    database.engine.dispose()


def _killed(process: int) -> None:
    """Ends a process of the server's, and waits until the server has noticed: it takes leave of each that ended."""
    os.kill(process, signal.SIGKILL)
    last_look = time.monotonic() + 30
    while Path(f"/proc/{process}").exists():
        assert time.monotonic() < last_look, "the server never noticed"
        time.sleep(0.01)


@dataclass(frozen=True, slots=True)
class NoticesLate(EmbeddedPostgres):
    """A server that answers, and crashes just when the answer was given: the ``crashes`` first times."""

    crashes: list[int]

    def _ensure_database(self) -> None:
        if self.crashes:
            self.crashes.pop()
            address = self.url("postgres", "postgres").set(drivername="postgresql")
            with psycopg.connect(address.render_as_string(hide_password=False)) as connection:
                _killed(connection.info.backend_pid)
                connection.execute("SELECT 1")
        EmbeddedPostgres._ensure_database(self)


def test_n2_a_server_that_crashes_just_after_it_answered_is_waited_for(
    installed: tuple[Settings, EmbeddedPostgres],
) -> None:
    _, server = installed
    assert not NoticesLate(server.folder, [1]).ensure_running()
    with pytest.raises(psycopg.OperationalError):
        NoticesLate(server.folder, [1, 1]).ensure_running()
    assert not server.ensure_running()


def test_a_database_of_another_version_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    server.cluster.mkdir()
    (server.cluster / "PG_VERSION").write_text("11\n")
    with pytest.raises(PostgresFailure, match=r"di PostgreSQL 11.*pg_upgrade"):
        server.ensure_running()
    assert [path.name for path in server.cluster.iterdir()] == ["PG_VERSION"]


def test_n2_a_first_start_cut_short_before_its_roles_were_made_is_ended(
    installed: tuple[Settings, EmbeddedPostgres],
) -> None:
    _, server = installed
    with psycopg.connect(
        server.url("postgres", "postgres").set(drivername="postgresql").render_as_string(hide_password=False),
        autocommit=True,
    ) as connection:
        connection.execute(f"ALTER ROLE {APPLICATION} RENAME TO aside")
        try:
            assert not server.ensure_running()
            assert connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APPLICATION,)).fetchone()
        finally:
            connection.execute(f"DROP ROLE {APPLICATION}")
            connection.execute(f"ALTER ROLE aside RENAME TO {APPLICATION}")


@pytest.mark.shared_installation
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE intruder (id int)",
        "ALTER TABLE application ADD COLUMN intruder int",
        "DROP TABLE submission",
        "UPDATE application_event SET name = 'x'",
        "DELETE FROM application_event",
        "TRUNCATE submission",
        "UPDATE submission SET number = 1",
        "DELETE FROM reviewed_value",
        "UPDATE finding SET code = 'x'",
        "UPDATE returned_document SET sha256 = 'x'",
        "DELETE FROM returned_document",
        "UPDATE issued_form SET data = '{}'",
        "UPDATE application SET employer_id = gen_random_uuid()",
        "UPDATE receipt SET facts = '{}'",
        "UPDATE person SET tax_code = 'x'",
        "DELETE FROM person",
    ],
)
def test_the_application_role_cannot_change_the_schema_or_what_was_received(database: Database, statement: str) -> None:
    with (
        database.engine.connect() as connection,
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
    ):
        connection.execute(text(statement))


def test_events_and_submissions_are_only_ever_added_even_by_their_owner(service: Service) -> None:
    application_id, _ = issued(service)
    checked(service, application_id)
    sent(service, application_id)
    with service.database.owner_engine() as owner:
        for statement in (
            "UPDATE submission SET snapshot = '{}'",
            "DELETE FROM application_event",
            "UPDATE application_event SET at = now()",
            "TRUNCATE reviewed_value",
        ):
            with owner.connect() as connection, pytest.raises(IntegrityError, match="only ever added"):
                connection.execute(text(statement))


def test_what_was_transmitted_before_its_unit_stood_beside_it_is_compared_all_the_same(service: Service) -> None:
    """S9: the next filing of a unit waits for those of before the upgrade too, and they can still not be changed."""
    application_id, _ = issued(service)
    checked(service, application_id)
    sent(service, application_id)
    compared = text("SELECT unit, last_day FROM submission")
    with service.database.owner_engine() as owner:
        with owner.begin() as connection:
            written = connection.execute(compared).one()
            command.downgrade(alembic_config(connection, APPLICATION), "0023")
        migrate(owner, APPLICATION)
        with owner.connect() as connection:
            assert connection.execute(compared).one() == written
            assert written.unit == "forno di via sonnino"
            with pytest.raises(IntegrityError, match="only ever added"):
                connection.execute(text("UPDATE submission SET unit = ''"))


def test_migrations_go_down_and_up_again(database: Database) -> None:
    with database.owner_engine() as owner:
        migrate(owner, APPLICATION, "base")
        with owner.connect() as connection:
            assert inspect(connection).get_table_names() == ["alembic_version"]
            left = connection.scalars(
                text(
                    "SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'"
                )
            )
            assert list(left) == []
        assert not is_current(owner)
        migrate(owner, APPLICATION)
        migrate(owner, APPLICATION)
    assert is_current(database.engine)
    with pytest.raises(DBAPIError), database.engine.connect() as connection:
        connection.execute(text("UPDATE application_event SET name = 'x'"))
