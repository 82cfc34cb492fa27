"""Examining a document in a process of its own: a file that crashes, hangs or swells a library harms nobody else."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from intake.checks.examination import Request, examine
from intake.checks.finding import Examination

MOST_MEMORY = 4 * 1024**3
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["intake.checks.examination"])


class ExaminationFailed(Exception):
    """The process died, ran out of time or memory, or met a defect of ours; ``reason`` is for the log."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def examine_apart(request: Request, progress: Callable[[str, int, int], None], *, seconds: float) -> Examination:
    """``examine`` in a child with limits. Raises ``ExaminationFailed``; the child never outlives the call."""
    receiver, sender = _CONTEXT.Pipe(duplex=False)
    child = _CONTEXT.Process(target=_child, args=(sender, request, seconds), daemon=True)
    child.start()
    sender.close()
    try:
        return _listen(receiver, progress, time.monotonic() + seconds)
    finally:
        receiver.close()
        child.kill()
        child.join()


def _listen(receiver: Connection, progress: Callable[[str, int, int], None], until: float) -> Examination:
    while receiver.poll(max(0.0, until - time.monotonic())):
        try:
            kind, value = receiver.recv()
        except EOFError as error:
            raise ExaminationFailed("the process died") from error
        match kind:
            case "progress":
                progress(*value)
            case "done":
                return _examination(value)
            case "failed":
                raise ExaminationFailed(str(value))
    raise ExaminationFailed("no answer in time")


def _examination(value: object) -> Examination:
    if not isinstance(value, Examination):
        raise ExaminationFailed("not an examination")
    return value


def _child(sender: Connection, request: Request, seconds: float) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 5, int(seconds) + 10))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        result = examine(request, lambda step, done, total: sender.send(("progress", (step, done, total))))
    except Exception as error:  # noqa: BLE001 - the parent decides; the message carries no content of the file
        sender.send(("failed", f"{type(error).__name__} in {_place(error)}"))
    else:
        sender.send(("done", result))


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
