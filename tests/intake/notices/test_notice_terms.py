"""Terms that explain themselves: S11, S12, S18, S19, N8."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.notices.civil_calendar import CivilCalendar
from intake.notices.pack import NoticePack
from intake.notices.rules import Pause, receipt_of, term
from intake.notices.sourced import ROME

INSTANTS = st.datetimes(datetime(2009, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def changed(pack: NoticePack, kind: str, **rule: object) -> NoticePack:
    return pack.model_copy(update={"terms": {**pack.terms, kind: pack.terms[kind].model_copy(update=rule)}})


def test_s11_five_working_days_over_easter_2020(sardegna: NoticePack) -> None:
    """From Monday 6 April: 7, 8, 9, 10, then Easter week end and Monday do not count, 14 is the fifth."""
    asked = term(sardegna, "integration", datetime(2020, 4, 6, 11, tzinfo=ROME))
    assert asked.last_day == date(2020, 4, 14)
    assert asked.ends_at == datetime(2020, 4, 15, tzinfo=ROME)
    assert [day.reason for day in asked.days if not day.counted] == ["sabato", "Pasqua", "Lunedì dell'Angelo"]
    assert asked.message.startswith("Entro martedì 14 aprile 2020, ore 23:59 (5 giorni lavorativi dal 6 aprile 2020")
    assert "Lunedì dell'Angelo" in asked.message


def test_s11_never_before_the_last_instant(sardegna: NoticePack) -> None:
    asked = term(sardegna, "integration", datetime(2020, 4, 6, 11, tzinfo=ROME))
    assert not asked.is_passed(datetime(2020, 4, 14, 23, 59, 59, 999999, tzinfo=ROME))
    assert asked.is_passed(datetime(2020, 4, 15, tzinfo=ROME))
    assert "denegata" in asked.when_passed


def test_the_first_day_is_the_one_in_italy(sardegna: NoticePack) -> None:
    """22:30 UTC of 5 April is already the 6th in Italy."""
    assert term(sardegna, "integration", datetime(2020, 4, 5, 22, 30, tzinfo=UTC)).last_day == date(2020, 4, 14)


def test_saturdays_count_where_the_notice_says_so(sardegna: NoticePack) -> None:
    pack = changed(sardegna, "integration", saturday_is_working=True)
    assert term(pack, "integration", datetime(2020, 4, 6, 11, tzinfo=ROME)).last_day == date(2020, 4, 11)


def test_s12_ten_calendar_days_and_a_holiday_at_the_end(sardegna: NoticePack) -> None:
    """From 15 April: Saturday 25 April is a national holiday and 26 a Sunday, so the term goes on to the 27th."""
    told = term(sardegna, "counter_arguments", datetime(2020, 4, 15, 10, tzinfo=ROME))
    assert told.last_day == date(2020, 4, 27)
    assert "spostato" in told.message
    assert term(sardegna, "counter_arguments", datetime(2020, 4, 16, 10, tzinfo=ROME)).last_day == date(2020, 4, 27)


def test_a_term_that_ends_on_saturday_stays_there_unless_the_notice_moves_it(sardegna: NoticePack) -> None:
    start = datetime(2020, 4, 8, 10, tzinfo=ROME)
    assert term(sardegna, "counter_arguments", start).last_day == date(2020, 4, 18)
    moved = changed(sardegna, "counter_arguments", move_if_saturday=True)
    assert term(moved, "counter_arguments", start).last_day == date(2020, 4, 20)


def test_s18_forty_eight_hours_are_real_hours(sardegna: NoticePack) -> None:
    """Across the night when clocks go forward two days hold 47 hours: the term ends an hour later on the clock."""
    adopted = datetime(2020, 3, 28, 10, tzinfo=ROME)
    due = term(sardegna, "inps_transmission", adopted)
    assert due.ends_at == datetime(2020, 3, 30, 11, tzinfo=ROME)
    assert due.ends_at.astimezone(UTC) - adopted.astimezone(UTC) == timedelta(hours=48)


def test_s19_months_end_on_the_same_day_or_on_the_last_of_the_month(sardegna: NoticePack) -> None:
    assert term(sardegna, "sr41", datetime(2020, 4, 15, tzinfo=ROME)).last_day == date(2020, 10, 15)
    pack = changed(sardegna, "sr41", length=1)
    assert term(pack, "sr41", datetime(2020, 1, 30, 9, tzinfo=ROME)).last_day == date(2020, 2, 29)


def test_the_patron_saint_counts_only_where_the_term_says_so(sardegna: NoticePack) -> None:
    """30 October is San Saturnino in Cagliari; in 2020 a Friday."""
    start = datetime(2020, 10, 29, 9, tzinfo=ROME)
    assert term(changed(sardegna, "integration", length=1), "integration", start).last_day == date(2020, 10, 30)
    kept = changed(sardegna, "integration", length=1, patron_saint_is_holiday=True)
    assert term(kept, "integration", start).last_day == date(2020, 11, 2)


def test_an_unknown_term_is_a_key_error(sardegna: NoticePack) -> None:
    with pytest.raises(KeyError):
        term(sardegna, "unheard_of", datetime(2020, 4, 6, tzinfo=ROME))


def test_receipt_is_the_first_opening_or_availability_after_days(sardegna: NoticePack) -> None:
    available = datetime(2020, 4, 6, 9, tzinfo=ROME)
    opened = datetime(2020, 4, 7, 8, tzinfo=ROME)
    assert receipt_of(sardegna, available, None, datetime(2020, 4, 10, tzinfo=ROME)) is None
    by_opening = receipt_of(sardegna, available, opened, datetime(2020, 4, 20, tzinfo=ROME))
    assert by_opening is not None
    assert (by_opening.at, "aperta" in by_opening.event) == (opened, True)
    by_days = receipt_of(sardegna, available, None, datetime(2020, 4, 13, 12, tzinfo=ROME))
    assert by_days is not None
    assert by_days.at == datetime(2020, 4, 13, tzinfo=ROME)
    late_opening = receipt_of(
        sardegna, available, datetime(2020, 4, 15, tzinfo=ROME), datetime(2020, 4, 20, tzinfo=ROME)
    )
    assert late_opening is not None
    assert late_opening.at == by_days.at


@given(at=INSTANTS, length=st.integers(1, 40))
def test_working_days_counted_are_exactly_those_asked(sardegna: NoticePack, at: datetime, length: int) -> None:
    found = term(changed(sardegna, "integration", length=length), "integration", at)
    counted = [day.day for day in found.days if day.counted]
    assert len(counted) == length
    assert counted[-1] == found.last_day
    assert all(day.weekday() < 5 and not CivilCalendar().holiday_name(day) for day in counted)
    assert at.astimezone(ROME).date() not in counted


@given(at=INSTANTS, unit=st.sampled_from(["calendar_days", "months"]), length=st.integers(1, 30))
def test_the_last_day_is_no_holiday_and_moves_only_over_holidays(
    sardegna: NoticePack, at: datetime, unit: Literal["calendar_days", "months"], length: int
) -> None:
    found = term(changed(sardegna, "counter_arguments", unit=unit, length=length), "counter_arguments", at)
    calendar = CivilCalendar()
    assert calendar.holiday_name(found.last_day) is None
    if unit == "calendar_days":
        due = at.astimezone(ROME).date() + timedelta(days=length)
        passed = [due + timedelta(days=n) for n in range((found.last_day - due).days)]
        assert all(calendar.holiday_name(day) for day in passed)


@given(
    earlier=INSTANTS, later=INSTANTS, kind=st.sampled_from(["integration", "counter_arguments", "inps_transmission"])
)
def test_who_receives_later_never_has_an_earlier_term(
    sardegna: NoticePack, earlier: datetime, later: datetime, kind: str
) -> None:
    first, second = sorted((earlier, later))
    assert term(sardegna, kind, first).ends_at <= term(sardegna, kind, second).ends_at
    assert term(sardegna, kind, first).ends_at > first


WAITS = "si attendeva il direttore generale"
PAUSES = st.lists(st.tuples(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=40))), max_size=3).map(
    lambda drawn: [Pause(since, since + length, WAITS) for since, length in drawn]
)


def test_s11_days_in_which_the_case_waits_do_not_count(sardegna: NoticePack) -> None:
    """From Monday 6 April: the 7th counts; annulled on the 8th, decided on the 15th; then 16, 17, 20 and 21."""
    pause = Pause(datetime(2020, 4, 8, 17, tzinfo=ROME), datetime(2020, 4, 15, 9, tzinfo=ROME), WAITS)
    asked = term(sardegna, "integration", datetime(2020, 4, 6, 11, tzinfo=ROME), pauses=[pause])
    assert asked.last_day == date(2020, 4, 21)
    assert f"Non si contano i giorni dall'8 aprile 2020 al 15 aprile 2020: {WAITS}." in asked.message
    assert "11 aprile 2020 (sabato)" in asked.message


def test_s12_a_term_that_had_passed_before_the_annulment_has_passed(sardegna: NoticePack) -> None:
    start = datetime(2020, 4, 15, 10, tzinfo=ROME)
    told = term(sardegna, "counter_arguments", start)
    late = Pause(told.ends_at, told.ends_at + timedelta(days=9), WAITS)
    assert term(sardegna, "counter_arguments", start, pauses=[late]) == told
    at_last = Pause(told.ends_at - timedelta(seconds=1), told.ends_at + timedelta(days=9), WAITS)
    waiting = term(sardegna, "counter_arguments", start, pauses=[at_last])
    assert not waiting.is_passed(at_last.ends_at)


def test_s18_hours_are_added_as_they_were_lost(sardegna: NoticePack) -> None:
    start = datetime(2020, 4, 6, 11, tzinfo=ROME)
    plain = term(sardegna, "inps_transmission", start)
    pause = Pause(start + timedelta(hours=1), start + timedelta(hours=6), WAITS)
    assert term(sardegna, "inps_transmission", start, pauses=[pause]).ends_at == plain.ends_at + timedelta(hours=5)


@given(start=INSTANTS, pauses=PAUSES)
def test_s11_a_pause_never_shortens_a_term_and_no_day_of_it_counts(
    sardegna: NoticePack, start: datetime, pauses: list[Pause]
) -> None:
    for kind in ("integration", "counter_arguments"):
        plain, paused = term(sardegna, kind, start), term(sardegna, kind, start, pauses=pauses)
        assert paused.last_day >= plain.last_day
        assert sum(day.counted for day in paused.days) == sum(day.counted for day in plain.days)
        assert not any(pause.holds(day.day) for pause in pauses for day in paused.days if day.counted)
