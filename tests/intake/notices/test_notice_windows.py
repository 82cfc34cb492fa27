"""The window and the last day: B4, S6, S8."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.notices.pack import NoticePack
from intake.notices.rules import last_day_for, may_transmit, window_at
from intake.notices.sourced import ROME

OPENING = datetime(2020, 4, 8, 9, tzinfo=ROME)
CLOSING = datetime(2020, 9, 1, tzinfo=ROME)
INSTANT = timedelta(microseconds=1)


def test_s8_the_opening_instant_is_included(sardegna: NoticePack) -> None:
    assert window_at(sardegna, OPENING).transmission_allowed
    before = window_at(sardegna, OPENING - INSTANT)
    assert (before.phase, before.transmission_allowed) == ("drafts_only", False)


def test_b4_before_the_opening_drafts_only(sardegna: NoticePack) -> None:
    state = window_at(sardegna, datetime(2020, 4, 5, 12, tzinfo=ROME))
    assert state.drafts_allowed
    assert "mercoledì 8 aprile 2020, ore 9:00" in state.message
    assert window_at(sardegna, datetime(2020, 3, 1, tzinfo=ROME)).phase == "not_yet"


def test_s6_the_first_instant_after_the_last_day_is_excluded(sardegna: NoticePack) -> None:
    assert window_at(sardegna, CLOSING - INSTANT).phase == "open"
    closed = window_at(sardegna, CLOSING)
    assert closed.phase == "closed"
    assert closed.message == "Il termine per le domande è scaduto lunedì 31 agosto 2020 (art. 3 dell'avviso)."


def test_wall_times_are_italian_whatever_the_zone_of_the_instant(sardegna: NoticePack) -> None:
    """On 8 April Italy is on summer time: 9:00 there is 7:00 UTC, and 8:00 UTC would be an hour late."""
    assert window_at(sardegna, datetime(2020, 4, 8, 7, tzinfo=UTC)).phase == "open"
    assert window_at(sardegna, datetime(2020, 4, 8, 6, 59, 59, tzinfo=UTC)).phase == "drafts_only"
    assert window_at(sardegna, datetime(2020, 8, 31, 22, tzinfo=UTC)).phase == "closed"


def test_an_instant_without_zone_is_refused(sardegna: NoticePack) -> None:
    with pytest.raises(ValueError, match="time zone"):
        window_at(sardegna, datetime(2020, 4, 8, 9))  # noqa: DTZ001 - what is refused


def test_s6_ninety_days_from_23_february_end_on_saturday_23_may(sardegna: NoticePack) -> None:
    last = last_day_for(sardegna, date(2020, 2, 23))
    assert (last.day, last.binding) == (date(2020, 5, 23), "days_from_start")
    assert last.ends_at == datetime(2020, 5, 24, tzinfo=ROME)
    assert "sabato 23 maggio 2020 (90 giorni dal 23 febbraio 2020, art. 3 dell'avviso)" in last.message


def test_s6_ninety_days_that_end_on_a_holiday_go_on_to_the_next_working_day(sardegna: NoticePack) -> None:
    """24 February plus 90 days is Sunday 24 May (art. 2963 c.c.); 4 March plus 90 is 2 June, a national holiday."""
    sunday = last_day_for(sardegna, date(2020, 2, 24))
    assert sunday.day == date(2020, 5, 25)
    assert "festivo" in sunday.message
    assert last_day_for(sardegna, date(2020, 3, 4)).day == date(2020, 6, 3)


def test_s6_in_any_case_by_31_august(sardegna: NoticePack) -> None:
    last = last_day_for(sardegna, date(2020, 6, 15))
    assert (last.day, last.binding, last.ends_at) == (date(2020, 8, 31), "final_date", CLOSING)
    assert "la data finale viene prima" in last.message


def test_a_late_application_is_told_which_term_expired(sardegna: NoticePack) -> None:
    first = date(2020, 2, 23)
    assert may_transmit(sardegna, datetime(2020, 5, 23, 23, 59, 59, 999999, tzinfo=ROME), first).allowed
    late = may_transmit(sardegna, datetime(2020, 5, 24, tzinfo=ROME), first)
    assert late.problem is not None
    assert late.problem.code == "window.start_too_old"
    assert late.problem.effect == "refuses"
    assert late.problem.message == (
        "Il termine per questa domanda è scaduto il 23 maggio 2020 (90 giorni dal 23 febbraio 2020, art. 3 dell'avviso)."
    )


def test_out_of_the_window_nothing_is_transmitted(sardegna: NoticePack) -> None:
    early, late = (may_transmit(sardegna, at, None).problem for at in (OPENING - INSTANT, CLOSING))
    assert early is not None
    assert late is not None
    assert (early.code, late.code) == ("window.not_open", "window.closed")


def test_a_notice_without_counted_days_has_its_final_date_only(toscana: NoticePack) -> None:
    last = last_day_for(toscana, date(2009, 7, 20))
    assert (last.day, last.binding) == (date(2010, 12, 31), "final_date")


@given(start=st.dates(date(2020, 2, 23), date(2020, 8, 31)))
def test_the_last_day_is_never_past_the_final_one_nor_before_the_counted_one(sardegna: NoticePack, start: date) -> None:
    last = last_day_for(sardegna, start)
    assert last.day is not None
    assert min(start + timedelta(days=90), date(2020, 8, 31)) <= last.day <= date(2020, 8, 31)
    assert last.ends_at == datetime.combine(last.day + timedelta(days=1), datetime.min.time(), tzinfo=ROME)


@given(at=st.datetimes(datetime(2019, 1, 1), datetime(2021, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_exactly_one_phase_and_transmission_only_within(sardegna: NoticePack, at: datetime) -> None:
    assert window_at(sardegna, at).transmission_allowed == (OPENING <= at < CLOSING)
