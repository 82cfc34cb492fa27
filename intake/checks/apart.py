"""Work on bytes of strangers in a process of its own: a file that crashes, hangs or swells a library harms nobody else."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar, cast

MOST_MEMORY = 4 * 1024**3
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["intake.checks.examination", "intake.cases.page_drawing"])

Given = TypeVar("Given")
Result = TypeVar("Result")
Tell = Callable[..., None]


class ApartFailed(Exception):
    """The process died, ran out of time or memory, or met a defect of ours; ``reason`` is for the log."""

    def __init__(self, reason: str, *, ours: bool = False) -> None:
        self.reason = reason
        self.ours = ours
        super().__init__(reason)


def run_apart(
    work: Callable[[Given, Tell], Result], given: Given, hear: Tell, *, seconds: float, forked: bool = False
) -> Result:
    """``work(given, tell)`` in a child with limits; what it tells is heard here. ``work`` is a function of a module.

    ``forked``: as a copy of this process, for a program with one thread. Raises ``ApartFailed``; the child never outlives
    the call.
    """
    context: Any = multiprocessing.get_context("fork") if forked else _CONTEXT
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(sender, work, given, seconds), daemon=True)
    child.start()
    sender.close()
    try:
        return cast("Result", _listen(receiver, hear, time.monotonic() + seconds))
    finally:
        receiver.close()
        _end(child)


def _end(child: BaseProcess) -> None:
    """With its own children: a program that it started must not outlive it."""
    if child.pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()
    child.join()


def _listen(receiver: Connection, hear: Tell, until: float) -> object:
    while receiver.poll(max(0.0, until - time.monotonic())):
        try:
            kind, value = receiver.recv()
        except (EOFError, OSError) as error:
            raise ApartFailed("the process died") from error
        match kind:
            case "told":
                hear(*value)
            case "done":
                return value
            case "failed":
                raise ApartFailed(str(value), ours=True)
    raise ApartFailed("no answer in time")


def _child(sender: Connection, work: Callable[[Any, Tell], object], given: object, seconds: float) -> None:
    os.setsid()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 5, int(seconds) + 10))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        result = work(given, lambda *values: sender.send(("told", values)))
    except MemoryError:
        os._exit(1)
    except Exception as error:  # noqa: BLE001 - the parent decides; the message carries no content of the file
        sender.send(("failed", f"{type(error).__name__} in {_place(error)}"))
    else:
        sender.send(("done", result))


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
