"""An edition of a notice: the live one, or a rehearsal on its own clock with its own register.

A notice's clock moves only windows, terms and duty rules; register, log, signatures and sessions run on real time.

A rehearsal's offset is a fixed span of time, not of civil hours: when summer time begins or ends on one of the two clocks,
their hours differ by one until it does on the other, and a term at the notice's midnight falls at one or at twenty-three of the
real clock. Keeping the hours alike would cost more: on the night of the change an hour of the notice would come twice, or
never, so that a term could have passed and then run again, and an instant of the notice would name two real ones. Screens
and papers of a rehearsal show both instants.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from intake.notices import wording
from intake.notices.pack import NoticeFile
from intake.notices.sourced import ROME, rome_instant

DAYS_AFTER_OPENING = 5


@dataclass(frozen=True, slots=True)
class Edition:
    """One run of a notice. ``offset`` is what its clock adds to real time: zero when live."""

    notice: str
    kind: Literal["live", "rehearsal"]
    offset: timedelta
    register_code: str
    number: int


def live_edition(pack: NoticeFile) -> Edition:
    """The edition that counts, on real time."""
    return Edition(pack.id, "live", timedelta(0), pack.register_code, 0)


def rehearsal_edition(pack: NoticeFile, loaded_at: datetime, number: int = 1) -> Edition:
    """A rehearsal whose clock, when it is loaded, stands at least five days after the opening.

    The day has the weekday and the hour of real time, so that people read familiar ones; where that would pass the closing,
    the clock stands half way through the window.
    """
    opens_at = rome_instant(pack.windows.opens_at.value)
    closes_at = rome_instant(pack.windows.closes_at.value) if pack.windows.closes_at else None
    target = _same_weekday_and_hour(wording.in_rome(loaded_at), opens_at + timedelta(days=DAYS_AFTER_OPENING))
    if closes_at is not None and target >= closes_at:
        target = opens_at + (closes_at - opens_at) / 2
    offset = target.astimezone(UTC) - loaded_at.astimezone(UTC)
    return Edition(pack.id, "rehearsal", offset, f"{pack.register_code}-PROVA-{number}", number)


def rehearsal_before_opening(pack: NoticeFile, loaded_at: datetime, before: timedelta, number: int) -> Edition:
    """A rehearsal whose clock, when it is loaded, stands ``before`` its opening: people can try the opening itself."""
    target = rome_instant(pack.windows.opens_at.value) - before
    offset = target.astimezone(UTC) - loaded_at.astimezone(UTC)
    return Edition(pack.id, "rehearsal", offset, f"{pack.register_code}-PROVA-{number}", number)


def notice_clock(edition: Edition, at: datetime) -> datetime:
    """The instant on the notice's own clock, on Italian time, of a real instant."""
    return wording.in_rome(at.astimezone(UTC) + edition.offset)


def real_instant(edition: Edition, on_notice_clock: datetime) -> datetime:
    """The real instant, on Italian time, of an instant of the notice's clock."""
    return wording.in_rome(on_notice_clock.astimezone(UTC) - edition.offset)


def is_over(pack: NoticeFile, edition: Edition, at: datetime) -> bool:
    """Whether the edition's window has passed at a real instant: a rehearsal then gives way to the next edition."""
    closes_at = rome_instant(pack.windows.closes_at.value) if pack.windows.closes_at else None
    return closes_at is not None and notice_clock(edition, at) >= closes_at


def _same_weekday_and_hour(loaded: datetime, not_before: datetime) -> datetime:
    start: date = not_before.date()
    day = start + timedelta(days=(loaded.weekday() - start.weekday()) % 7)
    target = datetime.combine(day, loaded.time(), tzinfo=ROME)
    return target if target >= not_before else datetime.combine(day + timedelta(days=7), loaded.time(), tzinfo=ROME)
