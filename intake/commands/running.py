"""Commands that start things: all at once, or web and worker alone."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from intake.commands.installed import installation, plain_failures
from intake.commands.terminal import stop
from intake.database import open_database
from intake.loading import nothing_swept
from intake.migrations import migrate
from intake.people.demonstration import PEOPLE, demo_password, demo_people_exist
from intake.settings import Settings, read_settings
from intake.start import check_schema, enter_data_folder, open_service, prepare, refuse_open_demonstration
from intake.supervisor import supervise

PORT_SECONDS = 20.0


@click.command()
@click.option("--check", is_flag=True, help="Prova il lavoro principale su dati usa e getta, poi ferma tutto.")
@click.option("--host", help="Indirizzo su cui il servizio risponde.")
@click.option("--port", type=int, help="Porta su cui il servizio risponde.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Cartella dei dati (di solito var/).")
@plain_failures
def up(check: bool, host: str | None, port: int | None, data: Path | None) -> None:
    """Avvia tutto: database, pagine web, lavori. Ctrl-C ferma tutto."""
    chosen = {key: value for key, value in {"host": host, "port": port, "data": data}.items() if value is not None}
    if check:
        from intake.trial.check import check_installation

        raise SystemExit(check_installation())
    settings = read_settings(**chosen)
    enter_data_folder(settings)
    with _alone(settings), open_database(settings):
        prepare(settings)
        supervise(settings, ready=lambda: _welcome(settings))


@click.command()
@plain_failures
def serve() -> None:
    """Avvia il processo delle pagine web."""
    settings = read_settings()
    enter_data_folder(settings)
    _end_with_supervisor()
    with open_database(settings) as found:
        check_schema(found)
        refuse_open_demonstration(settings, found)
        found.engine.dispose()  # the web process is forked: it opens connections of its own
        with nothing_swept():
            from intake.web.gunicorn_server import run_web
        run_web(settings)


@click.command()
@plain_failures
def work() -> None:
    """Avvia un processo che esegue controlli e ricevute."""
    with nothing_swept():
        from intake.jobs import run_worker
    settings = read_settings()
    enter_data_folder(settings)
    _end_with_supervisor()
    with open_service(settings) as service:
        run_worker(service)


@click.group()
def database() -> None:
    """Il database."""


@database.command("migrate")
@plain_failures
def migrate_database() -> None:
    """Porta lo schema alla versione di questo programma."""
    settings = read_settings()
    enter_data_folder(settings)
    with open_database(settings) as found, found.owner_engine() as owner:
        migrate(owner, found.application_url.username or "sportello_app")
    click.echo("Lo schema del database è aggiornato.")


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Two at once would stop the database under each other; a taken port would be welcomed and answer for somebody else."""
    with (settings.data / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stop(
                f"Sportello è già avviato sui dati di {settings.data}. "
                "Lo fermi dove gira, oppure indichi un'altra cartella con --data."
            )
        if not _becomes_free(settings.host, settings.port):
            stop(f"La porta {settings.port} è di un altro programma: lo fermi, oppure ne indichi un'altra con --port.")
        yield


def _becomes_free(host: str, port: int) -> bool:
    """A service that was killed leaves its port as soon as its web process notices."""
    last_try = time.monotonic() + PORT_SECONDS
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            return True
        if time.monotonic() > last_try:
            return False
        time.sleep(0.2)


def _welcome(settings: Settings) -> None:
    address = f"http://{settings.host}:{settings.port}"
    click.echo(f"Sportello risponde su {address}  (uffici: {address}/ufficio). Ctrl-C per fermare.")
    with installation(settings) as service, service.transaction() as session:
        if not demo_people_exist(session):
            return
    click.echo(f"Persone di prova, tutte con la password {demo_password(settings.keys)}")
    for person in PEOPLE:
        click.echo(f"  {person.username:<15} {person.given_name} {person.surname}, {person.says}")


def _end_with_supervisor() -> None:
    """A supervised child must not outlive a supervisor that was killed."""
    if os.environ.get("SPORTELLO_SUPERVISED"):
        parent_death_signal = 1
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGTERM)
