"""Examining a document in a process of its own."""

from __future__ import annotations

from collections.abc import Callable

from intake.checks.apart import ApartFailed, run_apart
from intake.checks.examination import Request, examine
from intake.checks.finding import Examination


class ExaminationFailed(Exception):
    """The examination gave no answer; ``reason`` is for the log."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def examine_apart(request: Request, progress: Callable[[str, int, int], None], *, seconds: float) -> Examination:
    """``examine`` in a child with limits. Raises ``ExaminationFailed``; the child never outlives the call."""
    try:
        answer = run_apart(examine, request, progress, seconds=seconds)
    except ApartFailed as failure:
        raise ExaminationFailed(failure.reason) from failure
    if not isinstance(answer, Examination):
        raise ExaminationFailed("not an examination")
    return answer
