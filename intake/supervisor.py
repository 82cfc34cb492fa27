"""`bin/up`: database, web and worker as one thing that starts, stays up and stops together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
import structlog

from intake.database import embedded_server
from intake.embedded_postgres import EmbeddedPostgres, PostgresFailure
from intake.settings import Settings

log = structlog.get_logger()

POLL_SECONDS = 0.5
PAUSE_BEFORE_RESTART = 1.0
STOP_SECONDS = 30.0


@dataclass(slots=True)
class Supervised:
    """One child process, started again whenever it ends by itself."""

    name: str
    arguments: tuple[str, ...]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "intake.cli", *self.arguments], env=self.environment, start_new_session=True
        )

    def keep_running(self) -> None:
        """Starts it again if it ended, not more often than once in a while."""
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None:
            log.warning("child_ended", child=self.name, code=self.process.returncode)
        if time.monotonic() - self.started_at >= PAUSE_BEFORE_RESTART:
            self.start()

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self) -> None:
        """Waits until it has ended as asked, and ends it where it takes too long."""
        if self.process is None:
            return
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def supervise(settings: Settings, *, ready: Callable[[], None]) -> None:
    """Runs web and worker until a signal says stop. The caller holds the database open; if it dies, it is started again."""
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: stopping.append(received))
    environment = _environment(settings)
    children = [Supervised(name, (name,), environment) for name in ("serve", "work")]
    server = None if settings.database_url else embedded_server(settings)
    try:
        for child in children:
            child.start()
        ready()
        while not stopping:
            time.sleep(POLL_SECONDS)
            if server and not server.is_running():
                log.warning("database_ended")
                _start_again(server)
            for child in children:
                child.keep_running()
    finally:
        for child in children:
            child.ask_to_end()
        for child in children:
            child.end()


def _start_again(server: EmbeddedPostgres) -> None:
    """What does not start now is tried again: the web process goes on and says that it waits for its database."""
    try:
        server.ensure_running()
    except (PostgresFailure, psycopg.Error) as error:
        log.warning("database_does_not_start", exc_info=error)


def _environment(settings: Settings) -> dict[str, str]:
    return os.environ | {
        "SPORTELLO_DATA": str(settings.data),
        "SPORTELLO_HOST": settings.host,
        "SPORTELLO_PORT": str(settings.port),
        "SPORTELLO_SUPERVISED": "1",
        "OMP_THREAD_LIMIT": "1",
    }
