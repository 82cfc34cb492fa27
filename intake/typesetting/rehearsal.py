"""How a rehearsal's papers say that they are one: a watermark, a sentence, both clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from intake.notices.models import NoticeEdition
from intake.typesetting.printed import print_instant
from intake.typesetting.symbols import rehearsal_watermark


@dataclass(frozen=True, slots=True)
class RehearsalMark:
    """Both clocks of a rehearsal: the notice's shifted instant and the real one."""

    notice_time: datetime
    real_time: datetime


def rehearsal_mark(edition: NoticeEdition, at: datetime) -> RehearsalMark | None:
    """Both clocks of ``edition`` at the real instant ``at``; None for a live one."""
    return RehearsalMark(edition.own_clock(at), at) if edition.is_rehearsal else None


def rehearsal_input(rehearsal: RehearsalMark | None) -> dict[str, str] | None:
    """What the templates print of a rehearsal, nothing for a live notice."""
    if rehearsal is None:
        return None
    return {
        "notice_time": print_instant(rehearsal.notice_time),
        "real_time": print_instant(rehearsal.real_time),
        "watermark": rehearsal_watermark(),
    }
