"""Rehearsal: the same notice on its own clock, in its own register (N11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intake.notices.edition import is_over, live_edition, notice_clock, real_instant, rehearsal_edition
from intake.notices.pack import NoticePack
from intake.notices.rules import may_transmit, window_at
from intake.notices.sourced import ROME, rome_instant

LOADED = datetime(2026, 11, 21, 23, 15, tzinfo=UTC)


def test_live_runs_on_real_time_in_its_own_register(sardegna: NoticePack) -> None:
    live = live_edition(sardegna)
    assert (live.kind, live.register_code, live.offset) == ("live", "SAR20", timedelta(0))
    assert notice_clock(live, LOADED) == LOADED
    assert not may_transmit(sardegna, notice_clock(live, LOADED), None).allowed
    assert is_over(sardegna, live, LOADED)


@pytest.mark.parametrize("name", ["sardegna", "basilicata", "toscana"])
def test_a_rehearsal_loaded_today_is_open_with_familiar_weekday_and_hour(
    name: str, request: pytest.FixtureRequest
) -> None:
    pack: NoticePack = request.getfixturevalue(name)
    edition = rehearsal_edition(pack, LOADED, number=2)
    now, loaded = notice_clock(edition, LOADED), LOADED.astimezone(ROME)
    assert edition.register_code == f"{pack.register_code}-PROVA-2"
    assert len(edition.register_code) <= 16
    assert (now.weekday(), now.time()) == (loaded.weekday(), loaded.time())
    assert window_at(pack, now).phase == "open"
    assert not is_over(pack, edition, LOADED)


def test_a_rehearsal_ends_with_its_window(sardegna: NoticePack) -> None:
    edition = rehearsal_edition(sardegna, LOADED)
    closing = real_instant(edition, datetime(2020, 9, 1, tzinfo=ROME))
    assert not is_over(sardegna, edition, closing - timedelta(microseconds=1))
    assert is_over(sardegna, edition, closing)


def test_when_summer_time_begins_the_notices_clock_skips_nothing_and_its_hour_differs_by_one(
    sardegna: NoticePack,
) -> None:
    loaded = datetime(2027, 3, 26, 10, tzinfo=ROME)
    edition = rehearsal_edition(sardegna, loaded)
    night = [datetime(2027, 3, 28, 0, 30, tzinfo=UTC) + timedelta(hours=n) for n in range(3)]
    shown = [notice_clock(edition, each).astimezone(UTC) for each in night]
    assert [later - sooner for sooner, later in pairwise(shown)] == [timedelta(hours=1)] * 2
    after = datetime(2027, 3, 29, 10, tzinfo=ROME)
    assert (notice_clock(edition, loaded).hour, notice_clock(edition, after).hour) == (10, 9)
    midnight = notice_clock(edition, after).replace(hour=0) + timedelta(days=1)
    assert real_instant(edition, midnight).hour == 1


@example(loaded=datetime(2021, 10, 27, 19, tzinfo=UTC))  # three days and five hours later an hour comes twice
@given(loaded=st.datetimes(datetime(2019, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_offset_is_fixed_and_lands_five_to_twelve_days_after_the_opening(
    sardegna: NoticePack, loaded: datetime
) -> None:
    edition = rehearsal_edition(sardegna, loaded)
    since_opening = notice_clock(edition, loaded) - rome_instant(sardegna.windows.opens_at.value)
    assert timedelta(days=5) <= since_opening <= timedelta(days=12, hours=1)
    later = loaded + timedelta(days=3, hours=5)
    moved = notice_clock(edition, later).astimezone(UTC) - notice_clock(edition, loaded).astimezone(UTC)
    assert moved == timedelta(days=3, hours=5)
    assert real_instant(edition, notice_clock(edition, later)).astimezone(UTC) == later
