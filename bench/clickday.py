"""Opening day: many people transmit at once through the real pages. Beside it, the ceiling of the same server.

The installation is a throw-away one: its own PostgreSQL with fsync on, the product's web process, real sign-ins.
The worker, which makes the receipts' PDF afterwards, does not run meanwhile: its jobs are enqueued all the same.
"""

from __future__ import annotations

import os
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.click_day_cases import Consultant
from bench.click_day_installation import SEE_OTHER, Day, SignedIn, opening_day, sign_in, web, worker
from bench.load import Answer, post, send_all
from bench.measure import arguments, median, percentile, processor_seconds, tell
from intake.settings import Settings
from protocol_register.verification import verify_register


def main() -> int:
    """Prints the figures. 1 when something was lost, doubled or out of order."""
    parser = arguments("Transmissions at once, beside the ceiling of the same server.")
    parser.add_argument("--transmissions", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=50, help="at most 60: so many sign in from one address")
    parser.add_argument("--runs", type=int, default=5, help="turns in which the work is divided")
    parser.add_argument("--receipts", type=int, default=0, help="afterwards, so many receipts made by the worker")
    chosen = parser.parse_args()
    each = -(-chosen.transmissions // chosen.clients)
    with opening_day(clients=chosen.clients, each=each) as day:
        with web(day.settings) as pid:
            ours, ceiling = _in_turns(day.settings, day.people, chosen.runs, {"web": pid, "database": day.postmaster})
        ours |= _checked(day) | {"fsync_ms": _fsync_milliseconds(day.settings.data)}
        if chosen.receipts:
            ours["worker_cpu_ms_a_receipt"] = _worker_milliseconds(day, min(chosen.receipts, ours["requests"]))
    ratio = {"of_the_ceiling": ours["per_second"] / ceiling["per_second"]}
    tell("clickday", runs=chosen.runs, ours=ours, against={"ceiling": ceiling}, ratio=ratio, as_json=chosen.json)
    return 1 if any(ours[wrong] for wrong in ("errors", "gaps", "duplicates", "out_of_order", "lost")) else 0


def _in_turns(
    settings: Settings, people: list[Consultant], runs: int, processes: dict[str, int]
) -> tuple[dict[str, Any], dict[str, Any]]:
    held = [sign_in(settings.port, person.username) for person in people]
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
    used: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def send(self, port: int, clients: list[list[bytes]]) -> None:
        before = {name: processor_seconds(pid) for name, pid in self.processes.items()}
        generator = time.process_time()
        self.answers.append(send_all(port, clients))
        self.used["generator"] += time.process_time() - generator
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


def _checked(day: Day) -> dict[str, Any]:
    """What the register itself says afterwards."""
    with day.service.database.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT number, registered_at FROM submission WHERE register_code = :code ORDER BY number"),
            {"code": day.code},
        ).all()
        heads = connection.scalar(
            text("SELECT count(*) FROM protocol_register.checkpoint WHERE register = :code"), {"code": day.code}
        )
        check = verify_register(connection, day.code)
    numbers, instants = [row.number for row in rows], [row.registered_at for row in rows]
    return {
        "gaps": len(set(range(1, len(numbers) + 1)) - set(numbers)),
        "duplicates": len(numbers) - len(set(numbers)),
        "out_of_order": sum(after <= before for before, after in pairwise(instants)),
        "lost": sum(len(person.applications) for person in day.people) - len(numbers),
        "first_number": numbers[0],
        "last_number": numbers[-1],
        "register_holds": check.holds,
        "registered_together": len(numbers) / (heads or 1),
    }


def _worker_milliseconds(day: Day, receipts: int) -> float:
    """Processor time of the worker for one receipt, its start left out. The database's is not in it."""
    with worker(day.settings) as pid:
        first = _receipts_made(day, 1)
        before = processor_seconds(pid)
        last = _receipts_made(day, first + receipts)
        return 1000 * (processor_seconds(pid) - before) / (last - first)


def _receipts_made(day: Day, wanted: int, seconds: float = 600) -> int:
    """How many there are, once there are as many as wanted. Raises ``SystemExit`` when that takes too long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with day.service.database.engine.connect() as connection:
            made = connection.scalar(
                text("SELECT count(*) FROM receipt WHERE kind = 'registered' AND made_at IS NOT NULL")
            )
        if made and made >= wanted:
            return int(made)
        time.sleep(0.1)
    raise SystemExit("the worker makes no receipts")


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


if __name__ == "__main__":
    sys.exit(main())
