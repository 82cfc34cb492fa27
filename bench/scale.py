"""The office's pages with a thousand, ten thousand, a hundred thousand cases, over HTTP: how much slower each becomes.

The comparison is with itself: the 95th percentile of a page at each size, divided by that at the smallest; and the
same for what a page takes of the processor, web and database together, which other work on the machine disturbs less.
The balance is counted from each document of one day, which has more of them where there are more cases, and on a full day
what was counted is shown for a minute: how many documents there were, and how long a count takes, is said beside.
"""

from __future__ import annotations

import sys
import time
from typing import Any
from urllib.parse import urlencode

import httpx
from sqlalchemy import create_engine, select

from bench.click_day_cases import PASSWORD
from bench.click_day_installation import SEE_OTHER, Day, form_token, opening_day, web
from bench.measure import arguments, median, percentile, processor_seconds, tell
from bench.scale_filling import fill
from intake.applications.models import Submission
from intake.applications.transmission import transmit
from intake.cases.balance import balance_of
from intake.clock import ROME
from intake.database import embedded_server
from intake.embedded_postgres import DATABASE, SUPERUSER
from intake.notices.models import NoticeEdition
from intake.people.accounts import add_person
from intake.people.models import Person, Role
from intake.people.passwords import hash_password

TRUE_CASES = 10
OFFICER = "misura"


def main() -> int:
    """Prints the figures. 1 when a page does not answer as it should."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--runs", type=int, default=40, help="times that each page is asked for at each size")
    chosen = parser.parse_args()
    sizes = sorted(chosen.sizes)
    figures: dict[int, dict[str, dict[str, Any]]] = {}
    with opening_day(clients=1, each=TRUE_CASES) as day:
        _transmit(day)
        _add_officer(day)
        superuser = create_engine(embedded_server(day.settings).url(SUPERUSER, DATABASE))
        address = f"http://127.0.0.1:{day.settings.port}"
        with web(day.settings) as web_process, httpx.Client(base_url=address, timeout=120) as browser:
            _enter(browser)
            for size in sizes:
                fill(superuser, day.code, patterns=TRUE_CASES, size=size, documents=day.settings.documents)
                figures[size] = {
                    name: _asked(browser, path, chosen.runs, (web_process, day.postmaster))
                    for name, path in _pages(day, size).items()
                }
                _say_count(figures[size]["balance"], day)
        superuser.dispose()
    smallest = figures[sizes[0]]
    ratio = {
        str(size): {
            name: {
                "p95": round(page["p95_ms"] / smallest[name]["p95_ms"], 2),
                "processor": round(page["processor_ms"] / max(smallest[name]["processor_ms"], 0.1), 2),
            }
            for name, page in figures[size].items()
        }
        for size in sizes
    }
    ours = {str(size): pages for size, pages in figures.items()}
    tell("scale", runs=chosen.runs, ours=ours, against={str(sizes[0]): smallest}, ratio=ratio, as_json=chosen.json)
    return 1 if any(page["errors"] for pages in figures.values() for page in pages.values()) else 0


def _transmit(day: Day) -> None:
    (consultant,) = day.people
    for application_id in consultant.applications:
        with day.service.transaction() as session:
            person = session.scalars(select(Person).where(Person.username == consultant.username)).one()
            transmit(day.service, session, person, application_id, confirmed=(), at=day.service.clock())


def _add_officer(day: Day) -> None:
    with day.service.transaction() as session:
        add_person(
            session,
            username=OFFICER,
            tax_code="RSSMRA80A01H501U",
            given_name="Prova",
            surname="Ufficio",
            email="ufficio@example.org",
            roles=(Role.PROTOCOL_OFFICE, Role.OFFICER),
            at=day.service.clock(),
            password_hash=hash_password(PASSWORD),
            demo=True,
        )


def _enter(browser: httpx.Client) -> None:
    token = form_token(browser.get("/ufficio/accesso").text)
    typed = {"csrf_token": token, "username": OFFICER, "password": PASSWORD}
    if browser.post("/ufficio/accesso", data=typed).status_code != SEE_OTHER:
        raise SystemExit("the officer cannot sign in")


def _pages(day: Day, size: int) -> dict[str, str]:
    """What the office opens all day, each with something to find."""
    with day.service.transaction() as session:
        case, year, started = session.execute(
            select(Submission.application_id, Submission.year, Submission.registered_at).order_by(Submission.number)
        ).first()  # type: ignore[misc]
        digest = session.scalars(
            select(Submission.snapshot["documents"][0]["sha256"].astext).where(Submission.number == 1)
        ).first()
    register = f"/ufficio/registro/{day.code}"
    searches = {
        "number": {"numero": f"{size // 2}/{year}"},
        "sender": {"mittente": f"Ditta {size // 2}"},
        "common_word": {"mittente": "Ditta"},
        "subject": {"oggetto": "cassa integrazione"},
        "hash": {"impronta": digest or ""},
        "direction": {"verso": "out"},
        "day": {"dal": f"{started:%Y-%m-%d}", "al": f"{started:%Y-%m-%d}"},
        "older": {"prima": f"{size // 2}/{year}"},
    }
    return {
        "home": "/ufficio/",
        "queue": f"/ufficio/coda/{day.code}",
        "arrivals": f"/ufficio/arrivi/{day.code}",
        "balance": f"{register}/bilancio",
        "case": f"/ufficio/pratiche/{case}",
        "register": register,
        "register_entry": f"{register}/{year}/1",
        "daily_registers": f"{register}/giornalieri",
        **{f"register_by_{name}": f"{register}?{urlencode(sought)}" for name, sought in searches.items()},
    }


def _say_count(balance: dict[str, Any], day: Day) -> None:
    today = day.service.clock().astimezone(ROME).date()
    with day.service.transaction() as session:
        edition = session.scalars(select(NoticeEdition).where(NoticeEdition.register_code == day.code)).one()
        started = time.perf_counter()
        counted = balance_of(session, edition, today, store=day.service.store)
        balance["counted_in_ms"] = round(1000 * (time.perf_counter() - started), 1)
    balance["documents"] = counted.received
    balance["errors"] += not counted.holds


def _asked(browser: httpx.Client, path: str, times: int, processes: tuple[int, int]) -> dict[str, Any]:
    errors, seconds = 0, []
    browser.get(path)
    worked = [processor_seconds(process) for process in processes]
    for _ in range(times):
        started = time.perf_counter()
        answer = browser.get(path)
        seconds.append(time.perf_counter() - started)
        errors += not answer.is_success
    web_ms, database_ms = [
        1000 * (processor_seconds(process) - before) / times for process, before in zip(processes, worked, strict=True)
    ]
    return {
        "p50_ms": round(1000 * median(seconds), 1),
        "p95_ms": round(1000 * percentile(seconds, 0.95), 1),
        "processor_ms": round(web_ms + database_ms, 1),
        "database_ms": round(database_ms, 1),
        "errors": errors,
    }


if __name__ == "__main__":
    sys.exit(main())
