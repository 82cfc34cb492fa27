"""A throw-away installation for opening-day measurements: real PostgreSQL with fsync on, the product's web process."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import text

from bench.click_day_cases import PASSWORD, Consultant, prepare_cases
from bench.click_day_web import TABLE
from intake.database import open_database
from intake.service import Service, build_service
from intake.service_user import give_to_service_user
from intake.settings import Settings, read_settings
from intake.start import enter_data_folder, prepare

SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a browser holds after signing in: its cookie and the token of its forms."""

    cookie: str
    token: str


@dataclass(frozen=True, slots=True)
class Day:
    """The installation on the eve: its service, the register's code, people with applications ready to go."""

    settings: Settings
    service: Service
    code: str
    people: list[Consultant]

    @property
    def postmaster(self) -> int:
        """The process of the database server."""
        return int((self.settings.data / "database" / "cluster" / "postmaster.pid").read_text().split()[0])


@contextmanager
def opening_day(*, clients: int, each: int) -> Iterator[Day]:
    """As root it becomes the service's own user, for good. The web process is not started: see ``web``."""
    with tempfile.TemporaryDirectory(prefix="sportello-clickday-", dir="/tmp") as folder:
        give_to_service_user(Path(folder))
        settings = read_settings(data=Path(folder) / "var", port=_free_port())
        enter_data_folder(settings)
        with open_database(settings) as database:
            prepare(settings)
            with database.owner_engine() as owner, owner.begin() as connection:
                connection.execute(text(TABLE))
                connection.execute(text("GRANT INSERT ON bench_ceiling TO PUBLIC"))
            service = build_service(settings, database)
            code, people = prepare_cases(service, consultants=clients, each=each)
            yield Day(settings, service, code, people)


def start_web(settings: Settings) -> subprocess.Popen[bytes]:
    """The web process, answering; a process group of its own."""
    environment = os.environ | {"SPORTELLO_DATA": str(settings.data), "SPORTELLO_PORT": str(settings.port)}
    with (settings.data / "web.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.click_day_web"], env=environment, stderr=log, start_new_session=True
        )
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{settings.port}/salute").is_success:
                return process
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit("the web process does not answer")


@contextmanager
def web(settings: Settings) -> Iterator[int]:
    """The web process for the time of a block; its identifier."""
    process = start_web(settings)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def worker(settings: Settings) -> Iterator[int]:
    """The product's own worker for the time of a block; its identifier."""
    environment = os.environ | {"SPORTELLO_DATA": str(settings.data)}
    with (settings.data / "worker.log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-m", "intake.cli", "work"], env=environment, stderr=log)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def sign_in(port: int, username: str) -> SignedIn:
    """As a person does, with the password of all these people."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser:
        token = form_token(browser.get("/accesso").text)
        entered = browser.post("/accesso", data={"csrf_token": token, "username": username, "password": PASSWORD})
        if entered.status_code != SEE_OTHER:
            raise SystemExit(f"{username} cannot sign in: {entered.status_code}")
        token = form_token(browser.get("/domande/nuova").text)
        return SignedIn("; ".join(f"{name}={value}" for name, value in browser.cookies.items()), token)


def form_token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise SystemExit("the page has no form")
    return found.group(1)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
