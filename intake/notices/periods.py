"""Periods of suspension or reduction: how many weeks they are, and whether the notice admits them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from intake.notices import wording
from intake.notices.draft import Data, day_at, rows_at, text_at
from intake.notices.findings import rule_problem
from intake.notices.outcomes import RuleProblem
from intake.notices.pack import NoticeFile


@dataclass(frozen=True, slots=True)
class Period:
    """A span of civil days, both ends included; ``row`` is its place in the application, from 1."""

    row: int
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


Span = tuple[int, int]
"""A first and a last day, both included, as ordinals of ``datetime.date``."""


@dataclass(frozen=True, slots=True)
class WeekCount:
    """The two counts in use: calendar weeks asked for, and weeks consumed by days of work suspended (days / 5 or 6)."""

    days: int
    calendar_weeks: int
    working_days: int
    consumed_weeks: Fraction
    message: str


def readable_periods(rows: Sequence[Data]) -> tuple[Period, ...]:
    """The periods with both dates, in the right order, by first day."""
    found = (
        Period(n, day, last)
        for n, row in enumerate(rows, 1)
        if (day := day_at(row, "from")) and (last := day_at(row, "to"))
    )
    return tuple(sorted((p for p in found if p.first <= p.last), key=lambda p: (p.first, p.last)))


def earliest_suspension(data: Data) -> date | None:
    """The first day of the earliest period, from which the term to apply runs; None while there is none."""
    starts = [day for row in rows_at(data, "periods") if (day := day_at(row, "from"))]
    return min(starts, default=None)


def covered(periods: Iterable[Period]) -> tuple[Span, ...]:
    """The days of all ``periods`` together, each once: spans in their order, no two of which touch."""
    spans: list[Span] = []
    for first, last in sorted((each.first.toordinal(), each.last.toordinal()) for each in periods):
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    return tuple(spans)


def shared(some: Sequence[Span], others: Sequence[Span]) -> tuple[Span, ...]:
    """The days in both, of two results of ``covered``."""
    meeting = ((max(a[0], b[0]), min(a[1], b[1])) for a in some for b in others)
    return tuple(sorted(span for span in meeting if span[0] <= span[1]))


def days_in(spans: Iterable[Span]) -> int:
    """How many days they are."""
    return sum(last - first + 1 for first, last in spans)


def calendar_weeks(pack: NoticeFile, days: int) -> int:
    """Weeks of seven days, a begun one counted; a span within the tolerance is exactly the maximum (INPS msg 2825/2020)."""
    weeks = pack.weeks
    low, high = weeks.full_span_from_days, weeks.full_span_to_days
    if low and high and low.value <= days <= high.value:
        return weeks.maximum.value
    return -(-days // 7)


def count_weeks(pack: NoticeFile, periods: Sequence[Period], week_days: int = 5) -> WeekCount:
    """Both counts over the distinct days of ``periods``; ``week_days`` is 5 or 6 (INPS circ. 58/2009). Else ValueError."""
    if week_days not in (5, 6):
        raise ValueError("a working week has 5 or 6 days")
    spans = covered(periods)
    days = days_in(spans)
    working = sum(_working_days_to(last, week_days) - _working_days_to(first - 1, week_days) for first, last in spans)
    calendar, consumed = calendar_weeks(pack, days), Fraction(working, week_days)
    message = (
        f"{wording.counted(days, 'giorno', 'giorni')} di calendario, cioè "
        f"{wording.counted(calendar, 'settimana', 'settimane')}; "
        f"{wording.counted(working, 'giorno lavorativo', 'giorni lavorativi')} su una settimana di {week_days}."
    )
    return WeekCount(days, calendar, working, consumed, message)


def _working_days_to(day: int, week_days: int) -> int:
    """Working days from the first of all ordinals, a Monday, to ``day``."""
    weeks, rest = divmod(day, 7)
    return weeks * week_days + min(rest, week_days)


def period_problems(pack: NoticeFile, periods: Sequence[Data]) -> tuple[RuleProblem, ...]:
    """What is wrong with the periods (``data["periods"]``) by themselves."""
    if not periods:
        return (
            rule_problem(
                pack,
                "data.missing",
                "periods",
                "Non c'è nessun periodo di sospensione o riduzione.",
                "Aggiunga almeno un periodo, con il primo e l'ultimo giorno.",
                law=pack.periods.first_day.citation,
            ),
        )
    readable = readable_periods(periods)
    return (
        *(problem for row, period in enumerate(periods, 1) for problem in _row_problems(pack, row, period)),
        *_overlaps(pack, readable),
        *_discontinuity(pack, readable),
        *_over_limit(pack, readable),
    )


def _row_problems(pack: NoticeFile, row: int, period: Data) -> Iterator[RuleProblem]:
    source = pack.periods.first_day.citation
    first, last = day_at(period, "from"), day_at(period, "to")
    for name, value, words in (("from", first, "il primo giorno"), ("to", last, "l'ultimo giorno")):
        if value is None:
            message = f"Nel periodo {row} manca {words}, o la data non è scritta bene."
            yield rule_problem(pack, "data.missing", f"periods.{row}.{name}", message, "Scriva la data.", law=source)
    if text_at(period, "mode") not in ("zero_hours", "reduction"):
        message = f"Nel periodo {row} non è detto se l'attività è sospesa o ridotta."
        yield rule_problem(
            pack, "data.missing", f"periods.{row}.mode", message, "Scelga sospensione o riduzione.", law=source
        )
    if first and last and last < first:
        message = f"Il periodo {row} finisce {wording.the(last)}, prima di cominciare."
        yield rule_problem(
            pack, "period.order", f"periods.{row}.to", message, "Corregga una delle due date.", law=source
        )
    bounds = pack.periods
    if first and first < bounds.first_day.value:
        message = (
            f"Il periodo {row} comincia {wording.day(first)}, ma il trattamento decorre "
            f"{wording.since(bounds.first_day.value)}."
        )
        remedy = "Sposti il primo giorno: i giorni precedenti non si possono chiedere qui."
        yield rule_problem(pack, "period.before_first_day", f"periods.{row}.from", message, remedy, law=source)
    if last and bounds.last_day and last > bounds.last_day.value:
        message = (
            f"Il periodo {row} finisce {wording.the(last)}, ma il trattamento arriva al massimo "
            f"{wording.to(bounds.last_day.value)}."
        )
        remedy = "Anticipi l'ultimo giorno."
        yield rule_problem(
            pack, "period.after_last_day", f"periods.{row}.to", message, remedy, law=bounds.last_day.citation
        )


def _overlaps(pack: NoticeFile, periods: tuple[Period, ...]) -> Iterator[RuleProblem]:
    for before, after in pairwise(periods):
        if after.first <= before.last:
            message = (
                f"I periodi {before.row} e {after.row} hanno giorni in comune: "
                f"{wording.day(after.first)} è in entrambi."
            )
            remedy = "Corregga le date: ogni giorno va in un solo periodo."
            yield rule_problem(
                pack,
                "period.overlap",
                f"periods.{after.row}.from",
                message,
                remedy,
                law=pack.weeks.discontinuous.citation,
            )


def _discontinuity(pack: NoticeFile, periods: tuple[Period, ...]) -> Iterator[RuleProblem]:
    rule = pack.weeks.discontinuous
    if rule.value:
        return
    for before, after in pairwise(periods):
        if (after.first - before.last).days > 1:
            message = (
                f"Tra i periodi {before.row} e {after.row} c'è un intervallo, ma l'avviso chiede un periodo continuo."
            )
            remedy = "Chieda un solo periodo; per gli altri giorni faccia un'altra domanda."
            yield rule_problem(
                pack, "period.discontinuous", f"periods.{after.row}.from", message, remedy, law=rule.citation
            )


def _over_limit(pack: NoticeFile, periods: tuple[Period, ...]) -> Iterator[RuleProblem]:
    maximum = pack.weeks.maximum
    asked = count_weeks(pack, periods)
    if asked.calendar_weeks <= maximum.value:
        return
    message = (
        f"I periodi sono {asked.days} giorni, cioè {asked.calendar_weeks} settimane: il massimo è {maximum.value}."
    )
    longest = pack.weeks.full_span_to_days
    remedy = f"Riduca i periodi: in tutto al massimo {longest.value if longest else maximum.value * 7} giorni."
    yield rule_problem(pack, "period.over_limit", "periods", message, remedy, law=maximum.citation)
