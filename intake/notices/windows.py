"""When drafts may be prepared and applications transmitted, and the last day for one application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from intake.notices import wording
from intake.notices.civil_calendar import CivilCalendar
from intake.notices.findings import rule_problem
from intake.notices.outcomes import RuleProblem
from intake.notices.pack import NoticeFile
from intake.notices.sourced import ROME, rome_instant

Phase = Literal["not_yet", "drafts_only", "open", "closed"]


@dataclass(frozen=True, slots=True)
class WindowState:
    """The notice's window at one instant. ``opens_at`` is included, ``closes_at`` excluded; both aware."""

    phase: Phase
    message: str
    law: str
    draft_from: datetime | None
    opens_at: datetime
    closes_at: datetime | None

    @property
    def drafts_allowed(self) -> bool:
        return self.phase in ("drafts_only", "open")

    @property
    def transmission_allowed(self) -> bool:
        return self.phase == "open"


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last day to transmit one application; ``ends_at`` is the first instant excluded, None without a term."""

    day: date | None
    ends_at: datetime | None
    binding: Literal["days_from_start", "final_date", "none"]
    message: str
    law: str


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether an application may be transmitted at an instant, and why not."""

    allowed: bool
    problem: RuleProblem | None
    window: WindowState
    last_day: LastDay | None


def window_at(pack: NoticeFile, local_instant: datetime) -> WindowState:
    """The window at an aware instant of the notice's clock, with an Italian sentence."""
    now = wording.in_rome(local_instant)
    windows = pack.windows
    draft_from = rome_instant(windows.draft_from.value) if windows.draft_from else None
    opens_at = rome_instant(windows.opens_at.value)
    closes_at = rome_instant(windows.closes_at.value) if windows.closes_at else None
    law = windows.opens_at.citation
    phase: Phase
    if closes_at is not None and windows.closes_at is not None and now >= closes_at:
        phase, law = "closed", windows.closes_at.citation
        message = f"Il termine per le domande è scaduto {_last_moment(closes_at)} ({law})."
    elif now >= opens_at:
        until = f", fino a {_last_moment(closes_at)}" if closes_at else ""
        phase, message = "open", f"Le domande si possono inviare{until}."
    elif draft_from is not None and now >= draft_from:
        phase = "drafts_only"
        message = f"Può preparare la domanda e caricare i documenti. L'invio apre {wording.moment(opens_at)} ({law})."
    else:
        drafts = f" Può prepararla da {wording.moment(draft_from)}." if draft_from else ""
        phase, message = "not_yet", f"Le domande si inviano da {wording.moment(opens_at)} ({law}).{drafts}"
    return WindowState(phase, message, law, draft_from, opens_at, closes_at)


def last_day_for(pack: NoticeFile, earliest_suspension: date) -> LastDay:
    """The earlier of the days counted from the first suspension day (excluded) and the notice's final date."""
    windows = pack.windows
    closes_at = rome_instant(windows.closes_at.value) if windows.closes_at else None
    if windows.days_from_start is None:
        return _final_date(pack, closes_at)
    length = windows.days_from_start.value
    counted = earliest_suspension + timedelta(days=length)
    last, moved = _moved(pack, counted)
    ends_at = _midnight_after(last)
    law = windows.days_from_start.citation
    if closes_at is not None and windows.closes_at is not None and closes_at <= ends_at:
        final = _last_included_day(closes_at)
        message = (
            f"L'ultimo giorno per questa domanda è {wording.day(final, weekday=True)}: i {length} giorni "
            f"{wording.since(earliest_suspension)} finirebbero {wording.day(counted)}, ma la data finale viene prima "
            f"({windows.closes_at.citation})."
        )
        if closes_at == ends_at:
            message = f"L'ultimo giorno per questa domanda è {wording.day(final, weekday=True)} ({windows.closes_at.citation})."
        return LastDay(final, closes_at, "final_date", message, windows.closes_at.citation)
    message = (
        f"L'ultimo giorno per questa domanda è {wording.day(last, weekday=True)} "
        f"({length} giorni {wording.since(earliest_suspension)}, {law}).{moved}"
    )
    return LastDay(last, ends_at, "days_from_start", message, law)


def may_transmit(pack: NoticeFile, instant: datetime, earliest_suspension: date | None) -> Admission:
    """Whether the window and the term of this application admit a transmission at ``instant`` (notice's clock).

    Without ``earliest_suspension`` (a draft with no period yet) only the window is judged.
    """
    window = window_at(pack, instant)
    last_day = last_day_for(pack, earliest_suspension) if earliest_suspension else None
    problem: RuleProblem | None = None
    if not window.transmission_allowed:
        late = window.phase == "closed"
        code, remedy = (
            ("window.closed", _TOO_LATE) if late else ("window.not_open", "Torni all'apertura: la bozza resta qui.")
        )
        problem = rule_problem(pack, code, "periods", window.message, remedy, law=window.law)
    elif last_day and last_day.ends_at and wording.in_rome(instant) >= last_day.ends_at:
        problem = _expired(pack, last_day, earliest_suspension)
    return Admission(problem is None, problem, window, last_day)


_TOO_LATE = "Non si può più inviare. Può provare il servizio con l'avviso di prova o scrivere all'ufficio."


def _expired(pack: NoticeFile, last_day: LastDay, start: date | None) -> RuleProblem:
    days = pack.windows.days_from_start
    counted = f"{days.value} giorni {wording.since(start)}, " if days and start else ""
    expired = f" {wording.the(last_day.day)}" if last_day.day else ""
    message = f"Il termine per questa domanda è scaduto{expired} ({counted}{last_day.law})."
    remedy = "Controlli il primo giorno di sospensione: il termine si conta dal più vecchio. Se è giusto, la domanda è tardiva."
    return rule_problem(pack, "window.start_too_old", "periods", message, remedy, law=last_day.law)


def _final_date(pack: NoticeFile, closes_at: datetime | None) -> LastDay:
    if closes_at is None or pack.windows.closes_at is None:
        return LastDay(None, None, "none", "L'avviso non indica un ultimo giorno.", pack.windows.opens_at.citation)
    final, law = _last_included_day(closes_at), pack.windows.closes_at.citation
    message = f"L'ultimo giorno per questa domanda è {wording.day(final, weekday=True)} ({law})."
    return LastDay(final, closes_at, "final_date", message, law)


def _moved(pack: NoticeFile, counted: date) -> tuple[date, str]:
    rule = pack.windows.move_if_holiday
    if rule is None or not rule.value:
        return counted, ""
    last = CivilCalendar().next_not_holiday(counted)
    if last == counted:
        return counted, ""
    return (
        last,
        (
            f" {wording.day(counted, weekday=True).capitalize()} è festivo: il termine passa "
            f"{wording.to(last)} ({rule.citation})."
        ),
    )


def _midnight_after(last: date) -> datetime:
    return datetime.combine(last + timedelta(days=1), time.min, tzinfo=ROME)


def _last_included_day(closes_at: datetime) -> date:
    return (closes_at - timedelta(microseconds=1)).date()


def _last_moment(closes_at: datetime) -> str:
    if closes_at.time() == time.min:
        return wording.day(_last_included_day(closes_at), weekday=True)
    return wording.moment(closes_at)
