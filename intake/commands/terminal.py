"""How commands speak to the terminal: plain sentences, the contract's exit codes, never a traceback."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

import click
from sqlalchemy.exc import OperationalError

from intake.editions import RegisterKeyMissing
from intake.embedded_postgres import PostgresFailure
from intake.errors import Refusal
from intake.keys import KeyMissing
from intake.notices.problems import PackProblems
from intake.service import Service
from intake.service_user import NoServiceUser
from intake.settings import Settings, WrongSettings, read_settings
from intake.start import CannotStart, enter_data_folder, open_service
from protocol_register.errors import RegisterError

DONE, DOES_NOT_HOLD, WRONG_USE, UNREADABLE = 0, 1, 2, 3

P = ParamSpec("P")
R = TypeVar("R")
_SAID = (
    CannotStart,
    KeyMissing,
    NoServiceUser,
    PackProblems,
    PostgresFailure,
    RegisterError,
    RegisterKeyMissing,
    WrongSettings,
)


def stop(message: str, code: int = DOES_NOT_HOLD) -> NoReturn:
    """Says ``message`` on standard error and ends with ``code``."""
    click.echo(message, err=True)
    sys.exit(code)


def plain_failures(command: Callable[P, R]) -> Callable[P, R]:
    """What is known to go wrong is said in a sentence; only a defect of ours shows more."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Refusal as refusal:
            stop(f"{refusal.sentence} {refusal.what_to_do}")
        except _SAID as error:
            stop(str(error))
        except OperationalError as error:
            stop(f"Il database non risponde: {str(error.orig).splitlines()[0] if error.orig else error}")

    return run


@contextmanager
def installation(settings: Settings | None = None) -> Iterator[Service]:
    """The installation that the environment names, as its own user."""
    chosen = settings or read_settings()
    enter_data_folder(chosen)
    with open_service(chosen) as service:
        yield service


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json_text(document, indent=2))


def json_text(document: Any, indent: int | None = None) -> str:
    """JSON that any terminal can write: what is no text, as in a file name of another encoding, is escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=indent, default=str)
    return text.encode("utf-8", "backslashreplace").decode()
