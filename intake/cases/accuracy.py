"""How often readings are wrong, measured on what officers confirmed or corrected: by engine and by field (N12).

Only values that a person compared with the original count. Those that the checks called sure are drawn at random for
comparison, so that their error is that of all sure values; those called doubtful or different are all looked at.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.applications.models import Application
from intake.cases.models import ReviewedValue
from intake.checks.models import ExtractedValue, ValueStatus
from intake.notices.models import NoticeEdition
from ocr.written_values import same_value, standard_value

LEAST = 30
"""Compared values below which no error is told: the interval would say next to nothing."""

_Z = 1.959963984540054
_SURE = frozenset({ValueStatus.AGREES, ValueStatus.EMPTY, ValueStatus.READ, ValueStatus.NOT_FOUND})
_ROW = re.compile(r"\.\d+")


@dataclass(frozen=True, slots=True)
class Compared:
    """One value that a person compared with the original. ``read`` None: nothing could be read there."""

    engine: str
    field: str
    sure: bool
    read: str | None
    seen: str


@dataclass(frozen=True, slots=True)
class Measured:
    """Values of one column (``field`` without row numbers) read by one engine, called ``sure`` or not by the checks.

    ``read``: compared values that the engine read; ``wrong`` of them; ``unread``: where it read nothing and something stood.
    """

    engine: str
    field: str
    sure: bool
    read: int
    wrong: int
    unread: int

    @property
    def enough(self) -> bool:
        return self.read >= LEAST

    @property
    def error(self) -> float | None:
        """Share of wrong readings; None while too few were compared."""
        return self.wrong / self.read if self.enough else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson_interval(self.wrong, self.read) if self.enough else None


def wilson_interval(wrong: int, total: int) -> tuple[float, float]:
    """Where the true share lies with 95% confidence (E. B. Wilson, JASA 22, 1927). Raises ``ValueError`` for no values."""
    if total <= 0 or not 0 <= wrong <= total:
        raise ValueError("a share needs values")
    share, square = wrong / total, _Z * _Z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = _Z / (1 + square / total) * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    low = 0.0 if wrong == 0 else middle - half
    return low, 1.0 if wrong == total else middle + half


def compared_values(session: Session, *, rehearsals: bool) -> Iterable[Compared]:
    """The newest word on every value that says what the document bears, of live editions or of rehearsals."""
    newest = select(func.max(ReviewedValue.id)).group_by(ReviewedValue.application_id, ReviewedValue.subject)
    kind = "rehearsal" if rehearsals else "live"
    rows = session.execute(
        select(
            ExtractedValue.engine,
            ExtractedValue.field,
            ExtractedValue.status,
            ExtractedValue.value,
            ReviewedValue.seen,
        )
        .join(ExtractedValue, ExtractedValue.id == ReviewedValue.extracted_id)
        .join(Application, Application.id == ReviewedValue.application_id)
        .join(NoticeEdition, NoticeEdition.id == Application.edition_id)
        .where(ReviewedValue.id.in_(newest), NoticeEdition.kind == kind)
    )
    return [
        Compared(engine, field, status in _SURE, value, seen)
        for engine, field, status, value, seen in rows
        if seen is not None
    ]


def measured(compared: Iterable[Compared]) -> tuple[Measured, ...]:
    """One row for each engine, column and sureness, ordered by them."""
    groups: dict[tuple[str, str, bool], list[Compared]] = defaultdict(list)
    for each in compared:
        groups[each.engine, _ROW.sub("", each.field), each.sure].append(each)
    return tuple(_measured(*key, groups[key]) for key in sorted(groups))


def by_engine(rows: Iterable[Measured]) -> tuple[Measured, ...]:
    """The same, all columns of an engine together; ``field`` empty."""
    groups: dict[tuple[str, bool], list[Measured]] = defaultdict(list)
    for row in rows:
        groups[row.engine, row.sure].append(row)
    return tuple(
        Measured(
            engine,
            "",
            sure,
            sum(each.read for each in groups[engine, sure]),
            sum(each.wrong for each in groups[engine, sure]),
            sum(each.unread for each in groups[engine, sure]),
        )
        for engine, sure in sorted(groups)
    )


def measured_json(row: Measured) -> dict[str, Any]:
    """The row for programs: shares from 0 to 1, None while too few values were compared."""
    return {
        "engine": row.engine,
        "field": row.field or None,
        "sure": row.sure,
        "compared": row.read + row.unread,
        "wrong": row.wrong,
        "unread": row.unread,
        "error": row.error,
        "interval_95": list(row.interval) if row.interval else None,
    }


def _measured(engine: str, field: str, sure: bool, group: list[Compared]) -> Measured:
    read = [each for each in group if each.read is not None or not each.seen]
    wrong = sum(not _right(each) for each in read)
    return Measured(engine, field, sure, len(read), wrong, len(group) - len(read))


def _right(each: Compared) -> bool:
    """Spaces, and how a date or a number is written, do not make a reading wrong."""
    read = each.read or ""
    return same_value(read, each.seen) or same_value(
        standard_value(each.field, read), standard_value(each.field, each.seen)
    )
