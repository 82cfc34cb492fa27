"""Times that signatures and time-stamps state: without a zone they are Rome's, and some had not come yet when we were asked."""

from collections.abc import Iterable
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from zoneinfo import ZoneInfo

from signing.problems import problem
from signing.report import Problem

CLOCK_TOLERANCE = timedelta(minutes=5)
"""Clocks of signers, of time-stamping authorities and ours need not agree to the second."""

ROME = ZoneInfo("Europe/Rome")


def stated_time(written: datetime) -> datetime | None:
    """The time as written; without a zone it is the hour of Rome, where who signs for an Italian office most likely is.

    None in the first and in the last year that a date can have: nobody signed then, and elsewhere the hour may not exist.
    """
    if written.year in {MINYEAR, MAXYEAR}:
        return None
    return written if written.tzinfo else written.replace(tzinfo=ROME)


def in_rome(time: datetime) -> datetime:
    """The same instant (aware) in Rome; as it is at the ends of the calendar, where the hour of Rome may not exist."""
    return time if time.year in {MINYEAR, MAXYEAR} else time.astimezone(ROME)


def is_future(time: datetime, at: datetime) -> bool:
    """Whether `time` is later than the question, asked `at`, by more than clocks may differ (both aware)."""
    return time - at > CLOCK_TOLERANCE


def future_times(claimed: datetime | None, stamped: Iterable[datetime], at: datetime) -> tuple[Problem, ...]:
    """What is to be told of a claimed signing time, and of the latest time-stamp, where they are still to come `at`."""
    told = []
    if claimed is not None and is_future(claimed, at):
        told.append(problem("claimed_time_in_future", _technical(claimed, at), claimed=_moment(claimed)))
    latest = max(stamped, default=None)
    if latest is not None and is_future(latest, at):
        told.append(problem("timestamp_in_future", _technical(latest, at), stamped=_moment(latest)))
    return tuple(told)


def _technical(time: datetime, at: datetime) -> str:
    return f"{time.isoformat()} > {at.isoformat()}"


def _moment(time: datetime) -> str:
    return in_rome(time).strftime("%d/%m/%Y %H:%M")
