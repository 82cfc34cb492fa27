"""Work on bytes of strangers in a process of its own: a file that crashes, hangs or swells a library harms nobody else."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from intake.log import configure_logging

MOST_MEMORY = 4 * 1024**3
_LOOKS_EVERY = 0.05
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["intake.checks.loaded_before"])
_PAGE = os.sysconf("SC_PAGE_SIZE")

Given = TypeVar("Given")
Result = TypeVar("Result")
Tell = Callable[..., None]


class ApartFailed(Exception):
    """The process died, ran out of time or memory, or met a defect of ours; ``reason`` is for the log."""

    def __init__(self, reason: str, *, ours: bool = False) -> None:
        self.reason = reason
        self.ours = ours
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for each piece of work; bytes, beyond what the process starts with, that it may hold in memory (watched from
    outside) and that it may take of address space (refused by the kernel at once)."""

    seconds: float
    resident: int | None = None
    address_space: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Result]):
    """What became of one piece of work: its result, or why there is none; ``told`` is what it said on the way, last first."""

    result: Result | None
    failure: ApartFailed | None
    told: tuple[tuple[Any, ...], ...] = ()


def run_apart(
    work: Callable[[Given, Tell], Result],
    given: Given,
    hear: Tell,
    *,
    seconds: float,
    resident: int | None = None,
    forked: bool = False,
) -> Result:
    """``work(given, tell)`` in a child with limits; what it tells is heard here. ``work`` is a function of a module.

    ``resident``: bytes it may hold in memory beyond what it starts with. ``forked``: as a copy of this process, for a
    program with one thread.
    Raises ``ApartFailed``; the child never outlives the call.
    """
    with _Child(work, [given], Limits(seconds, resident), forked=forked) as child:
        return cast("Result", child.answer(hear))


def run_each_apart(
    work: Callable[[Given, Tell], Result], pieces: Sequence[Given], limits: Limits, *, together: int = 25
) -> Iterator[Outcome[Result]]:
    """The outcome of each piece, in order, for a program with one thread: a child does up to ``together`` of them, and one
    that dies, hangs or swells is ended with the piece it was at and replaced."""
    done = 0
    while done < len(pieces):
        with _Child(work, pieces[done : done + together], limits, forked=True) as child:
            for _ in range(len(child.pieces)):
                told: list[tuple[Any, ...]] = []
                done += 1
                try:
                    result = child.answer(lambda *values, told=told: told.insert(0, values))
                except ApartFailed as failure:
                    yield Outcome(None, failure, tuple(told))
                    if not failure.ours:
                        break
                else:
                    yield Outcome(cast("Result", result), None, tuple(told))


class _Child:
    """A process that does pieces of work one after the other. It is ended with the block, whatever it is doing."""

    def __init__(
        self, work: Callable[[Any, Tell], object], pieces: Sequence[Any], limits: Limits, *, forked: bool
    ) -> None:
        context: Any = multiprocessing.get_context("fork") if forked else _CONTEXT
        self.pieces, self.limits = pieces, limits
        self._receiver, sender = context.Pipe(duplex=False)
        self._process: BaseProcess = context.Process(target=_child, args=(sender, work, pieces, limits), daemon=True)
        self._process.start()
        self._resident_at_start = _resident(self._process.pid)
        sender.close()

    def __enter__(self) -> _Child:
        return self

    def __exit__(self, *_: object) -> None:
        self._receiver.close()
        _end(self._process)

    def answer(self, hear: Tell) -> object:
        """The result of the next piece. Raises ``ApartFailed``."""
        until = time.monotonic() + self.limits.seconds
        while True:
            self._await_word(until)
            try:
                kind, value = self._receiver.recv()
            except (EOFError, OSError) as error:
                raise ApartFailed("the process died") from error
            match kind:
                case "told":
                    hear(*value)
                case "done":
                    return value
                case "failed":
                    raise ApartFailed(str(value), ours=True)

    def _await_word(self, until: float) -> None:
        receiver: Connection = self._receiver
        most = None if self.limits.resident is None else self._resident_at_start + self.limits.resident
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise ApartFailed("no answer in time")
            if most is not None and _resident(self._process.pid) > most:
                raise ApartFailed("too much memory")
            if receiver.poll(min(_LOOKS_EVERY, left)):
                return


def _resident(pid: int | None) -> int:
    """Bytes that a process holds in memory; 0 once it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * _PAGE


def _end(child: BaseProcess) -> None:
    """With its own children: a program that it started must not outlive it."""
    if child.pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()
    child.join()


def _restrict(limits: Limits, pieces: int) -> None:
    memory = MOST_MEMORY if limits.address_space is None else _address_space() + limits.address_space
    seconds = int(limits.seconds * pieces)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds + 5, seconds + 10))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _child(sender: Connection, work: Callable[[Any, Tell], object], pieces: Sequence[Any], limits: Limits) -> None:
    os.setsid()
    configure_logging()
    _restrict(limits, len(pieces))
    for piece in pieces:
        try:
            result = work(piece, lambda *values: sender.send(("told", values)))
            sender.send(("done", result))
        except (MemoryError, BrokenPipeError):
            os._exit(1)
        except Exception as error:  # noqa: BLE001 - the parent decides; the message carries no content of the file
            sender.send(("failed", f"{type(error).__name__} in {_place(error)}"))


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
