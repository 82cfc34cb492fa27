"""Italian in the source, English complete beside it; instants, amounts and sizes in words."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from babel.messages.pofile import read_po
from flask import Flask

from intake.errors import Refusal, refusals
from intake.service import Service
from intake.web.frame.extraction import missing, sentences
from intake.web.frame.language import catalogue_file
from intake.web.frame.words import day, euro, instant, moment, size
from tests.intake.web.conftest import Browser


@pytest.fixture
def service(standing_service: Service) -> Service:
    return standing_service


def test_every_sentence_has_its_english() -> None:
    """To add what is missing: ``python -m intake.web.frame.extraction``, then write the English."""
    assert len(list(sentences())) > 200
    assert missing("en") == []


def test_no_refusal_hides_another_of_the_same_code() -> None:
    """The table of errors and the catalogue hold one of each code."""
    assert list(sentences())
    told = {kind.code: kind for kind in refusals()}
    waiting, hidden = list(Refusal.__subclasses__()), []
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        hidden += [kind] if "code" in vars(kind) and told[kind.code] is not kind else []
    assert hidden == []


def test_placeholders_of_a_translation_are_those_of_the_sentence() -> None:
    with catalogue_file("en").open("rb") as source:
        catalogue = read_po(source)
    for message in catalogue:
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        made = message.string if isinstance(message.string, tuple) else (message.string,)
        for original, translated in [pair for pair in zip(originals, made, strict=True) if pair[1]]:
            names = r"%\((\w+)\)s|\{(\w+)\}"
            assert set(re.findall(names, original)) == set(re.findall(names, translated)), original


def test_the_language_is_chosen_once_and_kept(browser: Browser) -> None:
    assert '<html lang="it">' in browser.get("/").text
    english = browser.get("/assistenza?lingua=en&riferimento=1A2B3C4D").text
    assert '<html lang="en">' in english
    assert "Frequent questions" in english
    assert 'href="/assistenza?riferimento=1A2B3C4D&amp;lingua=it"' in english
    assert '<html lang="en">' in browser.get("/").text
    assert '<html lang="it">' in browser.get("/?lingua=it").text
    assert '<html lang="it">' in browser.get("/?lingua=xx").text


def test_refusals_speak_the_readers_language(browser: Browser) -> None:
    assert "This page does not exist" in browser.get("/niente?lingua=en").text


def test_a_notice_without_english_stays_italian_and_says_so(browser: Browser) -> None:
    page = browser.get("/avvisi/SAR20/vademecum?lingua=en").text
    assert '<div class="testo" lang="it">' in page


@pytest.mark.parametrize(
    ("filtered", "italian", "english"),
    [
        (lambda: day(date(2020, 5, 1)), "venerdì 1° maggio 2020", "Friday 1 May 2020"),
        (
            lambda: moment(datetime(2020, 4, 14, 21, 59, tzinfo=UTC)),
            "martedì 14 aprile 2020, ore 23:59",
            "Tuesday 14 April 2020, 23:59 (Rome time)",
        ),
        (
            lambda: instant(datetime(2020, 4, 8, 7, 0, 3, 412_999, tzinfo=UTC)),
            "8 aprile 2020, ore 09:00:03,412",
            "8 April 2020, 09:00:03.412",
        ),
        (lambda: euro(Decimal(1204330)), "1.204.330,00\xa0€", "€1,204,330.00"),
        (lambda: size(999), "999 byte", "999 bytes"),
        (lambda: size(1_500), "1,5 kB", "1.5 kB"),
        (lambda: size(182_233), "182 kB", "182 kB"),
        (lambda: size(31_457_280), "31 MB", "31 MB"),
        (lambda: size(5_000_000_000_000), "5.000 GB", "5,000 GB"),
    ],
)
def test_words_for_instants_amounts_and_sizes(desk: Flask, filtered: object, italian: str, english: str) -> None:
    for query, expected in (("it", italian), ("en", english)):
        with desk.test_request_context(f"/?lingua={query}"):
            assert expected in filtered()
