"""Commands that work with an installation: opened as its own user, known failures said in a sentence, never a traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import OperationalError

from intake.commands.terminal import stop
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

P = ParamSpec("P")
R = TypeVar("R")
_SAID = (
    CannotStart,
    KeyMissing,
    NoServiceUser,
    PackProblems,
    PostgresFailure,
    RegisterKeyMissing,
    WrongSettings,
)


def plain_failures(command: Callable[P, R]) -> Callable[P, R]:
    """What is known to go wrong is said in a sentence; only a defect of ours shows more."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Refusal as refusal:
            stop(f"{refusal.sentence} {refusal.what_to_do}")
        except RegisterError as error:
            stop(f"{error.message} {error.remedy}")
        except _SAID as error:
            stop(str(error))
        except OperationalError as error:
            stop(f"Il database non risponde: {str(error.orig).splitlines()[0] if error.orig else error}")

    return run


@contextmanager
def installation(settings: Settings | None = None, *, heads: bool = True) -> Iterator[Service]:
    """The installation that the environment names, as its own user. ``heads`` as in ``open_service``."""
    chosen = settings or read_settings()
    enter_data_folder(chosen)
    with open_service(chosen, heads=heads) as service:
        yield service
