"""S9, S15: periods counted in weeks, each day once; the measure's own days; slips of the pen; filing again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.notices.pack import NoticePack
from intake.notices.periods import Period, covered, shared
from intake.notices.rules import (
    EarlierFiling,
    RuleProblem,
    calendar_weeks,
    count_weeks,
    earlier_filing_problems,
    earliest_suspension,
    period_problems,
    readable_periods,
)


def codes(problems: tuple[RuleProblem, ...]) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in problems]


@pytest.mark.parametrize(
    ("days", "weeks"), [(1, 1), (7, 1), (8, 2), (56, 8), (57, 9), (63, 9), (64, 9), (65, 9), (66, 10), (70, 10)]
)
def test_57_to_65_days_are_nine_weeks(sardegna: NoticePack, days: int, weeks: int) -> None:
    assert calendar_weeks(sardegna, days) == weeks


def test_weeks_are_counted_both_ways(sardegna: NoticePack) -> None:
    """23 February 2020 is a Sunday: 63 days hold 45 working days of five a week, 54 of six."""
    periods = readable_periods([{"from": "2020-02-23", "to": "2020-04-25"}])
    five, six = count_weeks(sardegna, periods), count_weeks(sardegna, periods, week_days=6)
    assert (five.days, five.calendar_weeks, five.working_days, five.consumed_weeks) == (63, 9, 45, Fraction(9))
    assert (six.working_days, six.consumed_weeks) == (54, Fraction(9))
    with pytest.raises(ValueError, match="5 or 6"):
        count_weeks(sardegna, periods, week_days=7)


def test_discontinuous_periods_add_up_to_nine_weeks_at_most(sardegna: NoticePack) -> None:
    first = {"from": "2020-03-02", "to": "2020-04-05", "mode": "zero_hours"}
    second = {"from": "2020-05-04", "to": "2020-06-02", "mode": "reduction"}
    assert period_problems(sardegna, [first, second]) == ()
    (problem,) = period_problems(sardegna, [first, second | {"to": "2020-06-03"}])
    assert problem.code == "period.over_limit"
    assert "66 giorni, cioè 10 settimane: il massimo è 9" in problem.message
    assert "65 giorni" in problem.remedy


DAYS_NEARBY = st.dates(date(2020, 2, 20), date(2020, 4, 10))
PERIODS = st.lists(st.tuples(DAYS_NEARBY, DAYS_NEARBY).map(sorted), max_size=5)


@given(some=PERIODS, others=PERIODS, week_days=st.sampled_from([5, 6]))
def test_s9_spans_hold_each_day_once(
    sardegna: NoticePack, some: list[list[date]], others: list[list[date]], week_days: int
) -> None:
    def days(spans: Iterable[tuple[int, int]]) -> list[int]:
        return [day for first, last in spans for day in range(first, last + 1)]

    asked, before = ([Period(0, first, last) for first, last in each] for each in (some, others))
    each_day = {day for one in asked for day in range(one.first.toordinal(), one.last.toordinal() + 1)}
    assert days(covered(asked)) == sorted(each_day)
    assert days(shared(covered(asked), covered(before))) == sorted(each_day & set(days(covered(before))))
    counted = count_weeks(sardegna, asked, week_days)
    working = sum(date.fromordinal(day).weekday() < week_days for day in each_day)
    assert (counted.days, counted.working_days) == (len(each_day), working)


@pytest.mark.parametrize("day", ["0001-01-01", "0202-03-02", "9020-03-02", "9999-12-31"])
def test_a_year_that_nobody_means_is_told_and_stops_no_page(sardegna: NoticePack, day: str) -> None:
    """At the ends of the calendar the day after does not exist."""
    rows = [{"from": day, "to": day, "mode": "zero_hours"}]
    told = [("data.missing", "periods.1.from"), ("data.missing", "periods.1.to")]
    assert codes(period_problems(sardegna, rows)) == told
    assert earliest_suspension({"periods": rows}) is None


@pytest.mark.parametrize(
    ("period", "code", "field"),
    [
        ({"from": "2020-02-22", "to": "2020-03-01"}, "period.before_first_day", "periods.1.from"),
        ({"from": "2020-08-20", "to": "2020-09-01"}, "period.after_last_day", "periods.1.to"),
        ({"from": "2020-04-10", "to": "2020-04-09"}, "period.order", "periods.1.to"),
        ({"from": "10/04/2020", "to": "2020-04-11"}, "data.missing", "periods.1.from"),
        ({"from": "2020-04-10", "to": "2020-04-11", "mode": "holiday"}, "data.missing", "periods.1.mode"),
    ],
)
def test_each_rule_on_a_period(sardegna: NoticePack, period: dict[str, str], code: str, field: str) -> None:
    assert codes(period_problems(sardegna, [{"mode": "zero_hours"} | period])) == [(code, field)]


@pytest.mark.parametrize(
    "period", [{"from": "2020-02-23", "to": "2020-03-01"}, {"from": "2020-08-20", "to": "2020-08-31"}]
)
def test_the_first_and_the_last_day_of_the_measure_are_included(sardegna: NoticePack, period: dict[str, str]) -> None:
    assert period_problems(sardegna, [{"mode": "zero_hours"} | period]) == ()


def test_periods_may_not_share_a_day(sardegna: NoticePack) -> None:
    rows = [
        {"from": "2020-04-10", "to": "2020-04-20", "mode": "zero_hours"},
        {"from": "2020-03-10", "to": "2020-04-10", "mode": "zero_hours"},
    ]
    assert codes(period_problems(sardegna, rows)) == [("period.overlap", "periods.1.from")]
    assert earliest_suspension({"periods": rows}) == date(2020, 3, 10)


@given(days=st.integers(1, 400))
def test_more_days_are_never_fewer_weeks(sardegna: NoticePack, days: int) -> None:
    assert calendar_weeks(sardegna, days) <= calendar_weeks(sardegna, days + 1)


# S9, S15: filing again


def test_s9_no_new_application_before_the_earlier_period_ends(sardegna: NoticePack) -> None:
    running = EarlierFiling("0000127", "registered", date(2020, 5, 3))
    (problem,) = earlier_filing_problems(sardegna, [running], date(2020, 5, 3))
    assert problem.code == "filing.earlier_period_running"
    assert "n. 0000127" in problem.message
    assert earlier_filing_problems(sardegna, [running], date(2020, 5, 4)) == ()


@pytest.mark.parametrize("state", ["denied", "withdrawn", "revoked"])
def test_s15_after_these_states_one_may_file_again(sardegna: NoticePack, state: str) -> None:
    assert (
        earlier_filing_problems(sardegna, [EarlierFiling("0000127", state, date(2020, 5, 3))], date(2020, 4, 20)) == ()
    )
