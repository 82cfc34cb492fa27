"""What anyone may read of a register: the signed head of its log, and the cases taken out of their order, without names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications.models import Submission
from intake.cases.models import Holding
from intake.cases.queue import REASON_WORDS, ReasonCode
from protocol_register.search import checkpoint_text


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """A case examined before its turn. ``reason``: the words of the published code, never the officer's free text."""

    number: str
    year: int
    taken_at: datetime
    reason: str


def register_head(session: Session, register_code: str) -> str | None:
    """The newest signed head (C2SP checkpoint); None while the register holds no entry or does not exist."""
    return checkpoint_text(session.connection(), register_code)


def taken_out_of_order(session: Session, register_code: str) -> tuple[OutOfOrder, ...]:
    """Every such act of one register, oldest first."""
    rows = session.execute(
        select(Submission, Holding.taken_at, Holding.reason_code)
        .join(Holding, Holding.application_id == Submission.application_id)
        .where(Submission.register_code == register_code, Holding.out_of_order)
        .order_by(Holding.taken_at, Submission.number)
    )
    return tuple(
        OutOfOrder(submission.number_shown, submission.year, taken_at, REASON_WORDS[ReasonCode(str(code))])
        for submission, taken_at, code in rows
    )
