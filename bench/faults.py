"""The web process and the database are killed (SIGKILL) at random while people transmit; after each restart, what is there.

Whoever is told nothing tries again, as people do. Nothing that somebody was told as registered may be missing afterwards,
no number may be missing or given twice, and the register must verify: by the same code that runs on any other day.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import text

from bench.click_day_cases import Consultant
from bench.click_day_installation import SEE_OTHER, Day, SignedIn, opening_day, sign_in, start_web
from bench.measure import arguments, median, tell
from intake.database import embedded_server
from protocol_register.verification import verify_register

CONFLICT = 409
VICTIMS = ("web", "database", "both")


@dataclass
class Told:
    """What people were told: registered now, registered before (they had tried twice), or something unforeseen."""

    registered: set[uuid.UUID] = field(default_factory=set)
    already: set[uuid.UUID] = field(default_factory=set)
    no_answer: int = 0
    unforeseen: list[int] = field(default_factory=list)


@dataclass
class Seen:
    """What was found after one restart."""

    seconds: float
    lost: int
    gaps: int
    duplicates: int
    intact: bool
    last: int


def main() -> int:
    """Prints the table. 1 when anything was lost, doubled, missing, or the register did not verify."""
    parser = arguments("Kills at random under load, and what is there after each restart.")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--each", type=int, default=400, help="applications of each client")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    told, chance = Told(), random.Random(chosen.seed)
    with opening_day(clients=chosen.clients, each=chosen.each) as day:
        process = start_web(day.settings)
        held = [sign_in(day.settings.port, person.username) for person in day.people]
        stop = threading.Event()
        crowd = threading.Thread(target=lambda: asyncio.run(_crowd(day, held, told, stop)))
        crowd.start()
        victims, seen = Counter[str](), []
        for _ in range(chosen.kills):
            time.sleep(chance.uniform(0.2, 1.5))
            victim = chance.choice(VICTIMS)
            victims[victim] += 1
            started = time.monotonic()
            process = _kill_and_restart(day, process, victim)
            seen.append(_look(day, told, time.monotonic() - started))
        stop.set()
        crowd.join()
        seen.append(_look(day, told, 0.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    ours = _figures(victims, seen, told)
    tell("faults", runs=chosen.kills, ours=ours, against={}, ratio={}, as_json=chosen.json)
    return 0 if ours["holds"] else 1


def _figures(victims: Counter[str], seen: list[Seen], told: Told) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "kills": sum(victims.values()),
        **{f"kills_of_{victim}": victims[victim] for victim in VICTIMS},
        "told_registered": len(told.registered),
        "told_registered_before": len(told.already),
        "requests_without_answer": told.no_answer,
        "unforeseen_answers": len(told.unforeseen),
        "lost": sum(each.lost for each in seen),
        "gaps": sum(each.gaps for each in seen),
        "duplicates": sum(each.duplicates for each in seen),
        "tree_intact": sum(each.intact for each in seen),
        "looked": len(seen),
        "last_number": seen[-1].last,
        "seconds_to_be_back": median([each.seconds for each in seen[:-1]]),
    }
    wrong = figures["lost"] + figures["gaps"] + figures["duplicates"] + figures["unforeseen_answers"]
    return figures | {"holds": wrong == 0 and figures["tree_intact"] == figures["looked"]}


def _kill_and_restart(day: Day, process: subprocess.Popen[bytes], victim: str) -> subprocess.Popen[bytes]:
    if victim != "web":
        os.kill(day.postmaster, signal.SIGKILL)
    if victim != "database":
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if victim != "web":
        embedded_server(day.settings).ensure_running()
    if victim != "database":
        return start_web(day.settings)
    while not _answers(day.settings.port):
        time.sleep(0.05)
    return process


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/salute").is_success
    except httpx.TransportError:
        return False


def _look(day: Day, told: Told, seconds: float) -> Seen:
    """What people were told is counted before the register is read: it can only hold more."""
    confirmed = {str(each) for each in told.registered | told.already}
    day.service.database.engine.dispose()
    with day.service.database.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT application_id, number FROM submission WHERE register_code = :code"), {"code": day.code}
        ).all()
        check = verify_register(connection, day.code)
    numbers = [row.number for row in rows]
    lost = confirmed - {str(row.application_id) for row in rows}
    last = max(numbers, default=0)
    return Seen(seconds, len(lost), last - len(set(numbers)), len(numbers) - len(set(numbers)), check.holds, last)


async def _crowd(day: Day, held: list[SignedIn], told: Told, stop: threading.Event) -> None:
    people = zip(day.people, held, strict=True)
    await asyncio.gather(*(_person(day.settings.port, person, who, told, stop) for person, who in people))


async def _person(port: int, person: Consultant, who: SignedIn, told: Told, stop: threading.Event) -> None:
    chance = random.Random(person.username)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"Cookie": who.cookie}) as browser:
        for application in person.applications:
            while not stop.is_set() and not await _tried(browser, application, who.token, told):  # noqa: ASYNC110 - no flag
                await asyncio.sleep(0.3)
            await asyncio.sleep(chance.uniform(0, 0.5))


async def _tried(browser: httpx.AsyncClient, application: uuid.UUID, token: str, told: Told) -> bool:
    """False when there was no answer that tells anything: then one tries again."""
    page = f"/domande/{application}"
    try:
        answer = await browser.post(f"{page}/invio", data={"csrf_token": token}, timeout=30)
    except httpx.TransportError:
        told.no_answer += 1
        return False
    if answer.status_code == SEE_OTHER and answer.headers["location"].endswith(page):
        told.registered.add(application)
    elif answer.status_code == CONFLICT and "già stata inviata" in answer.text:
        told.already.add(application)
    elif answer.status_code in {httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.INTERNAL_SERVER_ERROR}:
        told.no_answer += 1
        return False
    else:
        told.unforeseen.append(answer.status_code)
    return True


if __name__ == "__main__":
    sys.exit(main())
