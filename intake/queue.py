"""Enqueuing a job inside the transaction that makes it necessary: both are there after the commit, or neither is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from procrastinate import App, SyncPsycopgConnector
from procrastinate.types import JSONValue
from sqlalchemy.orm import Session

from intake.database import driver_of

CHECK_RETURN = "check_return"
MAKE_RECEIPT = "make_receipt"
MAKE_ARRIVAL_RECEIPT = "make_arrival_receipt"
RECOGNISE_ARRIVAL = "recognise_arrival"
READ_MAIL = "read_mail"
READ_WORKER_LIST = "read_worker_list"
FORGET_REHEARSALS = "forget_rehearsals"
CLOSE_DAYS = "close_days"
COLLECT_MAIL = "collect_mail"
KEEP_HEADS = "keep_heads"
REFRESH_TRUST = "refresh_trust"
DROP_FAILED_TICKS = "drop_failed_ticks"
PUBLISH_REHEARSAL_ACT = "publish_rehearsal_act"

_APP = App(connector=SyncPsycopgConnector())


def enqueue(
    session: Session, task: str, *, lock: str | None = None, not_before: datetime | None = None, **arguments: str
) -> None:
    """Adds a job on the session's own connection. Jobs with the same ``lock`` run one after the other.

    Every task must bear being run twice: a worker that dies leaves its job to another.
    """
    _APP.configure_task(task, lock=lock, schedule_at=not_before, connection=driver_of(session)).defer(**arguments)


def enqueue_each(session: Session, task: str, arguments: Sequence[dict[str, JSONValue]]) -> None:
    """Adds a job for each of ``arguments``, in one statement."""
    _APP.configure_task(task, connection=driver_of(session)).batch_defer(*arguments)
