"""Runs the story on a throw-away installation and says in JSON what held, step by step."""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable

import click

from intake.trial.story import STEPS, Step, Trial
from intake.trial.throwaway import throwaway_installation
from intake.trial.visitor import TrialFailed, Visitor

Between = Callable[[Trial, str], None]


def check_installation() -> int:
    """The exit code of ``bin/up --check``: 0 when every step held; the summary goes to standard output."""
    summary = run_story(STEPS)
    click.echo(json.dumps(summary, ensure_ascii=False, indent=2))
    return 0 if summary["ok"] else 1


def run_story(steps: tuple[Step, ...], between: Between | None = None) -> dict[str, object]:
    """Runs ``steps`` in order until one fails. ``between`` is called after each step that held."""
    started = time.monotonic()
    told: list[dict[str, object]] = []
    try:
        with throwaway_installation() as installation:
            address = installation.address
            told.append({"name": "il servizio risponde", "seconds": _since(started), "detail": "dati usa e getta"})
            with Visitor(address) as desk, Visitor(address) as stranger, Visitor(address) as office:
                trial = Trial(installation, desk, stranger, office)
                for name, step in steps:
                    told.append(_step(name, step, trial))
                    if between:
                        between(trial, name)
    except StepFailed as failed:
        told.append(failed.told)
        return _summary(told, started, ok=False)
    except TrialFailed as failed:
        told.append({"name": "il servizio risponde", "seconds": _since(started), "detail": str(failed), "ok": False})
        return _summary(told, started, ok=False)
    return _summary(told, started, ok=True)


class StepFailed(Exception):
    """One step did not hold."""

    def __init__(self, told: dict[str, object]) -> None:
        self.told = told
        super().__init__(str(told["detail"]))


def _step(name: str, step: Callable[[Trial], str], trial: Trial) -> dict[str, object]:
    started = time.monotonic()
    try:
        detail = step(trial)
    except TrialFailed as failed:
        raise StepFailed({"name": name, "seconds": _since(started), "detail": str(failed), "ok": False}) from failed
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        detail = f"{type(error).__name__}: {error}"
        raise StepFailed({"name": name, "seconds": _since(started), "detail": detail, "ok": False}) from error
    return {"name": name, "seconds": _since(started), "detail": detail, "ok": True}


def _summary(told: list[dict[str, object]], started: float, *, ok: bool) -> dict[str, object]:
    return {"ok": ok, "steps": told, "seconds": _since(started)}


def _since(started: float) -> float:
    return round(time.monotonic() - started, 2)
