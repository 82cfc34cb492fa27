"""A whole installation for a few minutes: own folder, own port, started by the same command that people use."""

from __future__ import annotations

import os
import shutil
import signal
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

from intake.trial.visitor import TrialFailed

START_SECONDS = 120.0
STOP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Installation:
    """Where it answers and where its data are."""

    address: str
    data: Path
    process: subprocess.Popen[bytes]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs ``sportello`` beside it, on the same data."""
        return subprocess.run(
            [sys.executable, "-m", "intake.cli", *arguments],
            env=os.environ | {"SPORTELLO_DATA": str(self.data)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def throwaway_installation() -> Iterator[Installation]:
    """Starts it, waits until it answers, stops it and removes its data. Raises ``TrialFailed`` when it does not start."""
    with kept_port() as port:
        yield from _installed(port)


@contextmanager
def kept_port() -> Iterator[int]:
    """A port of this machine that nobody else is given until the end, whose server may come and go.

    A socket is bound to it and never listens: the system gives it to nobody who asks for any free port, and lets a server
    that names it listen there, since both allow the address to be used again (socket(7), SO_REUSEADDR).
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        yield port


def _installed(port: int) -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="sportello-prova-"))
    folder.chmod(0o711)
    log = folder / "output.log"
    process = subprocess.Popen(
        [sys.executable, "-m", "intake.cli", "up", "--port", str(port), "--data", str(folder / "var")],
        env={name: value for name, value in os.environ.items() if not name.startswith("SPORTELLO_")},
        stdin=subprocess.DEVNULL,
        stdout=log.open("wb"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(address, process, log)
        yield Installation(address, folder / "var", process)
    finally:
        stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ctrl-C, and harder only if that does not end it."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    with httpx.Client(timeout=2.0) as visitor:
        while time.monotonic() < until:
            if process.poll() is not None:
                raise TrialFailed(f"the service ended at start: {log.read_text(errors='replace')[-1500:]}")
            if answers(visitor, address):
                return
            time.sleep(0.2)
    raise TrialFailed(
        f"the service did not answer within {START_SECONDS:.0f} s: {log.read_text(errors='replace')[-1500:]}"
    )


def answers(visitor: httpx.Client, address: str) -> bool:
    """Whether the service at ``address`` says that it is well."""
    try:
        return visitor.get(f"{address}/salute").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
