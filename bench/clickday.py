"""Opening day: many people transmit at once through the real pages. Beside it, the ceiling of the same server.

The installation is a throw-away one: its own PostgreSQL with fsync on, the product's web process, real sign-ins.
The worker, which makes the receipts' PDF afterwards, is not started: its jobs are enqueued all the same.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from bench.click_day_cases import PASSWORD, Consultant, prepare_cases
from bench.click_day_web import TABLE
from bench.load import Answer, post, send_all
from bench.measure import arguments, median, percentile, processor_seconds, tell
from intake.database import Database, open_database
from intake.service import build_service
from intake.service_user import give_to_service_user
from intake.settings import Settings, read_settings
from intake.start import enter_data_folder, prepare
from protocol_register.verification import verify_register

SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a browser holds after signing in: its cookie and the token of its forms."""

    cookie: str
    token: str


def main() -> int:
    """Prints the figures. 1 when something was lost, doubled or out of order."""
    parser = arguments("Transmissions at once, beside the ceiling of the same server.")
    parser.add_argument("--transmissions", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=50, help="at most 60: so many sign in from one address")
    parser.add_argument("--runs", type=int, default=5, help="turns in which the work is divided")
    chosen = parser.parse_args()
    each = -(-chosen.transmissions // chosen.clients)
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
            code, consultants = prepare_cases(service, consultants=chosen.clients, each=each)
            with _web(settings) as web:
                postmaster = int((settings.data / "database" / "cluster" / "postmaster.pid").read_text().split()[0])
                ours, ceiling = _in_turns(settings, consultants, chosen.runs, {"web": web, "database": postmaster})
            ours |= _checked(database, code, consultants) | {"fsync_ms": _fsync_milliseconds(settings.data)}
    ratio = {"of_the_ceiling": ours["per_second"] / ceiling["per_second"]}
    tell("clickday", runs=chosen.runs, ours=ours, against={"ceiling": ceiling}, ratio=ratio, as_json=chosen.json)
    return 1 if any(ours[wrong] for wrong in ("errors", "gaps", "duplicates", "out_of_order", "lost")) else 0


def _in_turns(
    settings: Settings, people: list[Consultant], runs: int, processes: dict[str, int]
) -> tuple[dict[str, Any], dict[str, Any]]:
    held = [_sign_in(settings.port, person.username) for person in people]
    each = len(people[0].applications)
    cuts = [round(each * part / runs) for part in range(runs + 1)]
    ours, ceiling = _Turns(processes), _Turns(processes)
    for start, end in pairwise(cuts):
        ceiling.send(settings.port, [_requests(who, ["/soffitto"] * (end - start)) for who in held])
        paths = [[f"/domande/{each}/invio" for each in person.applications[start:end]] for person in people]
        ours.send(settings.port, [_requests(who, sent) for who, sent in zip(held, paths, strict=True)])
    return ours.figures(), ceiling.figures()


@dataclass
class _Turns:
    """Answers turn by turn, and the processor time that each process used for them, in seconds."""

    processes: dict[str, int]
    answers: list[list[Answer]] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)

    def send(self, port: int, clients: list[list[bytes]]) -> None:
        before = {name: processor_seconds(pid) for name, pid in self.processes.items()}
        self.answers.append(send_all(port, clients))
        for name, pid in self.processes.items():
            self.used[name] += processor_seconds(pid) - before[name]

    def figures(self) -> dict[str, Any]:
        seconds = [answer.seconds for answers in self.answers for answer in answers]
        spans = [max(a.ended for a in answers) - min(a.sent for a in answers) for answers in self.answers]
        return {
            "requests": len(seconds),
            "per_second": median([len(answers) / span for answers, span in zip(self.answers, spans, strict=True)]),
            "p50_ms": 1000 * percentile(seconds, 0.50),
            "p95_ms": 1000 * percentile(seconds, 0.95),
            "p99_ms": 1000 * percentile(seconds, 0.99),
            "errors": sum(answer.status != SEE_OTHER for answers in self.answers for answer in answers),
            **{f"{name}_cpu_ms": 1000 * used / len(seconds) for name, used in self.used.items()},
        }


def _requests(who: SignedIn, paths: list[str]) -> list[bytes]:
    form = f"csrf_token={who.token}".encode()
    return [post(path, host="127.0.0.1", cookie=who.cookie, form=form) for path in paths]


def _checked(database: Database, code: str, people: list[Consultant]) -> dict[str, Any]:
    """What the register itself says afterwards."""
    with database.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT number, registered_at FROM submission WHERE register_code = :code ORDER BY number"),
            {"code": code},
        ).all()
        check = verify_register(connection, code)
    numbers, instants = [row.number for row in rows], [row.registered_at for row in rows]
    return {
        "gaps": len(set(range(1, len(numbers) + 1)) - set(numbers)),
        "duplicates": len(numbers) - len(set(numbers)),
        "out_of_order": sum(after <= before for before, after in pairwise(instants)),
        "lost": sum(len(person.applications) for person in people) - len(numbers),
        "first_number": numbers[0],
        "last_number": numbers[-1],
        "register_holds": check.holds,
    }


def _sign_in(port: int, username: str) -> SignedIn:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser:
        token = _token(browser.get("/accesso").text)
        entered = browser.post("/accesso", data={"csrf_token": token, "username": username, "password": PASSWORD})
        if entered.status_code != SEE_OTHER:
            raise SystemExit(f"{username} cannot sign in: {entered.status_code}")
        token = _token(browser.get("/domande/nuova").text)
        return SignedIn("; ".join(f"{name}={value}" for name, value in browser.cookies.items()), token)


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise SystemExit("the page has no form")
    return found.group(1)


@contextmanager
def _web(settings: Settings) -> Iterator[int]:
    environment = os.environ | {"SPORTELLO_DATA": str(settings.data), "SPORTELLO_PORT": str(settings.port)}
    process = subprocess.Popen([sys.executable, "-m", "bench.click_day_web"], env=environment)
    try:
        _wait(settings.port, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/salute").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit("the web process does not answer")


def _fsync_milliseconds(folder: Path, times: int = 100) -> float:
    """Median of writing 8 kB at the end of a file and waiting for the disk."""
    took = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(times):
            started = time.monotonic()
            file.write(bytes(8192))
            file.flush()
            os.fdatasync(file.fileno())
            took.append(time.monotonic() - started)
    return 1000 * median(took)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
