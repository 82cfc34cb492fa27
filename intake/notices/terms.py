"""Terms that explain themselves: what is counted, what is not and why, when the last instant is."""

from __future__ import annotations

import calendar as month_calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from intake.notices import wording
from intake.notices.civil_calendar import CivilCalendar
from intake.notices.measure import TermRule
from intake.notices.pack import NoticeFile
from intake.notices.sourced import ROME


@dataclass(frozen=True, slots=True)
class TermDay:
    """One day of the term: counted, or not and why (also a last day that had to move)."""

    day: date
    counted: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class Term:
    """A term. ``ends_at`` is the first instant out of it: until then it is not passed."""

    kind: str
    starts_at: datetime
    ends_at: datetime
    last_day: date
    days: tuple[TermDay, ...]
    message: str
    law: str
    when_passed: str

    def is_passed(self, at: datetime) -> bool:
        """Whether the term has passed at an aware instant of the notice's clock."""
        return at >= self.ends_at


@dataclass(frozen=True, slots=True)
class Pause:
    """A while in which a term does not run, by aware instants, and why in words that follow the days it took."""

    starts_at: datetime
    ends_at: datetime
    reason: str

    def holds(self, day: date) -> bool:
        """Whether it takes a day of Rome: the days on which it begins and ends are whole days of it."""
        return wording.in_rome(self.starts_at).date() <= day <= wording.in_rome(self.ends_at).date()


@dataclass(frozen=True, slots=True)
class Receipt:
    """When an outgoing communication counts as received, and by which event."""

    at: datetime
    event: str
    message: str
    law: str


def calendar_of(pack: NoticeFile) -> CivilCalendar:
    """The calendar of the notice's office, its patron saint included (a term uses it only where its rule says so)."""
    return CivilCalendar(pack.administration.patron_saint_city)


def term(
    pack: NoticeFile,
    kind: str,
    from_instant: datetime,
    calendar: CivilCalendar | None = None,
    pauses: Sequence[Pause] = (),
) -> Term:
    """The term ``kind`` of the notice from an aware instant (notice's clock).

    The first day is excluded and the last included (art. 2963 c.c.); hours are counted from instant to instant. Days and
    hours of ``pauses`` do not count; one that has not ended yet is given as ending when it is asked.
    Raises KeyError for a kind that the notice does not have.
    """
    rule = pack.terms[kind]
    start = wording.in_rome(from_instant)
    if rule.unit == "hours":
        return _hours(kind, rule, start, pauses)
    office = calendar or calendar_of(pack)
    kept = office if rule.patron_saint_is_holiday else CivilCalendar()
    days = (
        _working_days(rule, start.date(), kept, pauses)
        if rule.unit == "working_days"
        else _calendar_days(rule, start.date(), kept, pauses)
    )
    last = days[-1].day
    ends_at = datetime.combine(last + timedelta(days=1), time.min, tzinfo=ROME)
    return Term(
        kind, start, ends_at, last, days, _message(rule, start, last, days, pauses), rule.citation, rule.when_passed
    )


def receipt_of(
    pack: NoticeFile, available_at: datetime, first_opened_at: datetime | None, at: datetime
) -> Receipt | None:
    """The receipt of a communication made available at one instant, or None while nothing counts as receipt yet."""
    rule = pack.receipt
    candidates: list[tuple[datetime, str]] = []
    if rule.first_opening and first_opened_at is not None:
        candidates.append((wording.in_rome(first_opened_at), "aperta la prima volta"))
    if rule.availability_after_days is not None:
        day = wording.in_rome(available_at).date() + timedelta(days=rule.availability_after_days)
        deemed = max(datetime.combine(day, time.min, tzinfo=ROME), wording.in_rome(available_at))
        candidates.append(
            (deemed, f"disponibile da {wording.counted(rule.availability_after_days, 'giorno', 'giorni')}")
        )
    reached = [candidate for candidate in candidates if candidate[0] <= at]
    if not reached:
        return None
    instant, event = min(reached)
    return Receipt(instant, event, f"Ricevuta {wording.moment(instant)}: {event}. {rule.explanation}", rule.citation)


def _hours(kind: str, rule: TermRule, start: datetime, pauses: Sequence[Pause]) -> Term:
    ends_at = start.astimezone(UTC) + timedelta(hours=rule.length)
    for pause in sorted(pauses, key=lambda each: each.starts_at):
        begins = max(pause.starts_at, start)
        if begins < ends_at and pause.ends_at > begins:
            ends_at += pause.ends_at - begins
    ends_at = wording.in_rome(ends_at)
    waited = [each for each in pauses if each.starts_at < ends_at and each.ends_at > start]
    message = (
        f"Entro {wording.moment(ends_at)} ({wording.counted(rule.length, 'ora', 'ore')} da {wording.moment(start)}: "
        f"{rule.starts_from}; {rule.citation}).{''.join(map(_time_not_counted, waited))}"
    )
    return Term(kind, start, ends_at, ends_at.date(), (), message, rule.citation, rule.when_passed)


def _working_days(rule: TermRule, first: date, kept: CivilCalendar, pauses: Sequence[Pause]) -> tuple[TermDay, ...]:
    days: list[TermDay] = []
    remaining, day = rule.length, first
    while remaining:
        day += timedelta(days=1)
        reason = (
            kept.holiday_name(day)
            or ("sabato" if kept.is_saturday(day) and not rule.saturday_is_working else None)
            or _why_it_waits(day, pauses)
        )
        days.append(TermDay(day, reason is None, reason))
        remaining -= reason is None
    return tuple(days)


def _calendar_days(rule: TermRule, first: date, kept: CivilCalendar, pauses: Sequence[Pause]) -> tuple[TermDay, ...]:
    remaining = rule.length if rule.unit == "calendar_days" else (_months_later(first, rule.length) - first).days
    days: list[TermDay] = []
    day = first
    while remaining:
        day += timedelta(days=1)
        waits = _why_it_waits(day, pauses)
        days.append(TermDay(day, waits is None, waits))
        remaining -= waits is None
    while reason := _why_it_moves(rule, days[-1].day, kept, pauses):
        last = days.pop()
        days.append(TermDay(last.day, last.counted, reason))
        days.append(TermDay(last.day + timedelta(days=1), counted=False, reason=None))
    return tuple(days)


def _why_it_moves(rule: TermRule, last: date, kept: CivilCalendar, pauses: Sequence[Pause]) -> str | None:
    if rule.move_if_holiday and (name := kept.holiday_name(last)):
        return name
    if rule.move_if_saturday and kept.is_saturday(last):
        return "sabato"
    return _why_it_waits(last, pauses)


def _why_it_waits(day: date, pauses: Sequence[Pause]) -> str | None:
    return next((pause.reason for pause in pauses if pause.holds(day)), None)


def _months_later(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, month_calendar.monthrange(year, month + 1)[1]))


_UNITS = {
    "working_days": ("giorno lavorativo", "giorni lavorativi"),
    "calendar_days": ("giorno", "giorni"),
    "months": ("mese", "mesi"),
}


def _time_not_counted(pause: Pause) -> str:
    since, until = map(wording.moment, (pause.starts_at, pause.ends_at))
    return f" Non si conta il tempo da {since} a {until}: {pause.reason}."


def _days_not_counted(pause: Pause, days: tuple[TermDay, ...]) -> str:
    waited = [step.day for step in days if step.reason == pause.reason and pause.holds(step.day)]
    if not waited:
        return ""
    return f" Non si contano i giorni {wording.since(waited[0])} {wording.to(waited[-1])}: {pause.reason}."


def _message(rule: TermRule, start: datetime, last: date, days: tuple[TermDay, ...], pauses: Sequence[Pause]) -> str:
    length = wording.counted(rule.length, *_UNITS[rule.unit])
    waits = {pause.reason for pause in pauses}
    skipped = [f"{wording.day(step.day)} ({step.reason})" for step in days if step.reason and step.reason not in waits]
    verb = "Non si contano" if rule.unit == "working_days" else "Il termine si è spostato perché cadeva in"
    why = f" {verb}: {', '.join(skipped)}." if skipped else ""
    why += "".join(_days_not_counted(pause, days) for pause in pauses)
    return (
        f"Entro {wording.day(last, weekday=True)}, ore 23:59 ({length} {wording.since(start.date())}, giorno escluso: "
        f"{rule.starts_from}; {rule.citation}).{why}"
    )
