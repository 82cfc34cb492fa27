"""Terms as pages say them: real instants across the change of the clocks, last days, articles (B4, N8, N11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_babel import Babel

from intake.clock import ROME
from intake.notices.load import load_pack
from intake.notices.models import NoticeEdition
from intake.notices.windows import window_at
from intake.settings import TEMPLATES
from intake.web.editions import ShownEdition
from intake.web.frame import words


@pytest.fixture(scope="module")
def page() -> Flask:
    app = Flask(__name__)
    Babel(app, default_locale="it")
    return app


def test_the_opening_of_a_rehearsal_is_told_in_real_time_across_the_change_of_the_clocks() -> None:
    pack = load_pack(TEMPLATES / "notices" / "sardegna-2020")
    edition = NoticeEdition(
        clock_offset=-timedelta(days=2408, hours=1), kind="rehearsal", register_code="SAR20-PROVA-1"
    )
    window = window_at(pack, datetime(2020, 4, 19, 10, tzinfo=ROME))
    shown = ShownEdition(edition, pack, window)
    real = shown.real(window.opens_at)
    assert edition.own_clock(real.astimezone(UTC)) == window.opens_at
    assert window_at(pack, edition.own_clock(real)).phase == "open"
    assert window_at(pack, edition.own_clock(real - timedelta(seconds=1))).phase == "drafts_only"


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (datetime(2020, 9, 1, tzinfo=ROME), "entro lunedì 31 agosto 2020"),
        (datetime(2027, 4, 6, 1, tzinfo=ROME), "prima delle ore 1:00 di martedì 6 aprile 2027"),
    ],
)
def test_a_term_is_told_by_its_last_day_or_by_its_hour(page: Flask, end: datetime, told: str) -> None:
    with page.test_request_context():
        assert words.by(end).striptags() == told


@pytest.mark.parametrize(("day", "told"), [(8, "dell'8 aprile 2020, ore 09:00"), (9, "del 9 aprile 2020, ore 09:00")])
def test_the_instant_of_a_registration_has_its_article(page: Flask, day: int, told: str) -> None:
    with page.test_request_context():
        assert words.of_instant(datetime(2020, 4, day, 9, tzinfo=ROME)).striptags().startswith(told)


def test_the_kind_of_a_file_is_told_as_people_call_it() -> None:
    assert words.media("application/pdf") == "PDF"
    assert words.media("application/x-unheard-of") == "application/x-unheard-of"
