"""Web, worker and database are killed between steps of the path: everything accepted is there afterwards (N10, rule 8)."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx

from intake.trial import papers
from intake.trial.check import run_story
from intake.trial.story import (
    Trial,
    application_compiled,
    checked,
    consultant_signs_in,
    form_issued,
    receipt_of_files,
    registered_receipt_verified,
    transmitted,
    upload,
)
from intake.trial.throwaway import answers
from intake.trial.visitor import expect

BACK_SECONDS = 90
OWING = {"modulo", "caricamento", "trasmissione"}


def test_killed_between_any_two_steps_nothing_accepted_is_lost() -> None:
    summary = run_story(
        (
            ("accesso", consultant_signs_in),
            ("compilazione", application_compiled),
            ("modulo", form_issued),
            ("caricamento", uploaded),
            ("controlli", checks_finish),
            ("ricevuta di caricamento", receipt_of_files),
            ("trasmissione", transmitted),
            ("ricevuta di registrazione", registered_receipt_verified),
            ("registro", register_holds),
        ),
        between=kill_everything,
    )
    assert summary["ok"], summary


def uploaded(trial: Trial) -> str:
    """Killed right after: the checks have only been asked for."""
    upload(
        trial.desk, trial.filed["alfa"], [("domanda.pdf.p7m", papers.enveloped(trial.filed["alfa"].form, papers.ROSSI))]
    )
    return "caricato"


def checks_finish(trial: Trial) -> str:
    page = checked(trial.desk, trial.filed["alfa"])
    expect("legale rappresentante" in page.text, page.text[:500])
    return "controlli terminati dopo la ripresa"


def register_holds(trial: Trial) -> str:
    done = trial.installation.command("register", "verify", "SAR20-PROVA-1", "--json")
    expect(done.returncode == 0, done.stdout + done.stderr)
    return "registro verificato"


def kill_everything(trial: Trial, step: str) -> None:
    """``kill -9`` of the web and worker processes with all their children, and of the database server.

    After the steps that leave something owed; with ``SPORTELLO_EVERY_STEP`` set, after every one.
    """
    if step not in OWING and not os.environ.get("SPORTELLO_EVERY_STEP"):
        return
    postmaster = int((trial.installation.data / "database" / "cluster" / "postmaster.pid").read_text().split()[0])
    started = _children(trial.installation.process.pid)
    assert len(started) >= 2, "web and worker run"
    for process in [*started, *(each for parent in started for each in _children(parent)), postmaster]:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue  # it ended with its parent
    _wait_until_back(trial.installation.address, set(started), trial.installation.process.pid)


def _wait_until_back(address: str, killed: set[int], supervisor: int) -> None:
    until = time.monotonic() + BACK_SECONDS
    with httpx.Client(timeout=5.0) as visitor:
        while time.monotonic() < until:
            alive = set(_children(supervisor))
            if len(alive) >= 2 and not alive & killed and answers(visitor, address):
                return
            time.sleep(0.3)
    raise AssertionError("the service did not come back")


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            facts = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(facts[1]) == parent and facts[0] != "Z":
            found.append(int(stat.parent.name))
    return found
