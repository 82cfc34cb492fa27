"""Days, numbers and the running text of agreements (issue part 8: several wordings for each field, slips of reading)."""

from __future__ import annotations

from datetime import date

import pytest
from agreement_papers import page_of
from hypothesis import given
from hypothesis import strategies as st

from ocr.agreement.dates import MONTHS, dates_in
from ocr.agreement.numbers import VALUES, numbers_in
from ocr.agreement.text import Found, plain_of, running_text
from ocr.text_words import around

DAYS = st.dates(date(2001, 1, 1), date(2099, 12, 31))
FORMS = (
    lambda d: f"{d:%d/%m/%Y}",
    lambda d: f"{d.day}.{d.month}.{d.year}",
    lambda d: f"{d:%d-%m-%Y}",
    lambda d: f"{d:%d%m.%Y}",
    lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{d.day}° {MONTHS[d.month - 1].upper()} {d.year}",
    lambda d: f"giorno {d.day} del mese di {MONTHS[d.month - 1]} dell'anno {d.year}",
)


@given(DAYS, st.sampled_from(FORMS), st.sampled_from(("il ", "addì ", "dal", "(", "Nuoro, ")))
def test_a_day_is_found_in_every_form_wherever_it_stands(day, form, before):
    (found,) = dates_in(plain_of(f"{before}{form(day)}, si sono incontrati"))
    assert found.day == day


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("il giorno tre del mese di aprile dell'anno duemilaventi", date(2020, 4, 3)),
        ("L'anno 2020, il giorno trentuno del mese di marzo", date(2020, 3, 31)),
        ("il primo aprile 2020", date(2020, 4, 1)),
        ("O3/O4/2O2O", date(2020, 4, 3)),
        ("3 apriie 2020", date(2020, 4, 3)),
        ("31.032020", date(2020, 3, 31)),
        ("22-marzo 2020", date(2020, 3, 22)),
        ("3 / 4 / 20", date(2020, 4, 3)),
    ],
)
def test_days_in_words_and_days_read_with_slips(written, day):
    assert [found.day for found in dates_in(plain_of(written))] == [day]


def test_a_day_without_year_takes_that_of_the_other_end_and_says_so():
    first, last = dates_in(plain_of("dal 23 marzo al 24 maggio 2020"))
    assert (first.day, last.day) == (date(2020, 3, 23), date(2020, 5, 24))
    assert "year_of_next_date" in first.rules
    assert first.weight < last.weight


def test_the_first_day_of_a_period_may_be_a_number_alone():
    first, last = dates_in(plain_of("dal 9 al 31 marzo 2020"))
    assert (first.day, last.day) == (date(2020, 3, 9), date(2020, 3, 31))
    assert "day_alone" in first.rules


@pytest.mark.parametrize(
    "written", ["31/02/2020", "45 aprile 2020", "art. 22 del D.L. 18/2020", "tel. 0784 123456", "12 dipendenti"]
)
def test_what_is_no_day_is_not_made_one(written):
    assert dates_in(plain_of(written)) == ()


@given(st.sampled_from(sorted(set(VALUES) - {"un", "una"})))
def test_numbers_in_letters_are_worth_what_they_say(word):
    (found,) = numbers_in(plain_of(f"per {word} lavoratori"))
    assert found.value == VALUES[word]


@pytest.mark.parametrize(
    ("written", "value", "agrees"),
    [
        ("n. 12 (dodici) dipendenti", 12, True),
        ("n° 12 dipendenti", 12, None),
        ("nr. 12 (tredici) dipendenti", 12, False),
        ("dodici (12) dipendenti", 12, True),
        ("ventitré dipendenti", 23, None),
        ("l2 dipendenti", 12, None),
    ],
)
def test_figures_and_letters_are_held_against_each_other(written, value, agrees):
    (found,) = numbers_in(plain_of(written))
    assert (found.value, found.agrees) == (value, agrees)


@pytest.mark.parametrize("written", ["il 30% delle ore", "3,5 ore", "03/04/2020", "P. IVA 01234567897"])
def test_parts_of_other_things_are_no_numbers(written):
    assert [found.value for found in numbers_in(plain_of(written))] == []


@given(st.text(max_size=200))
def test_the_plain_text_keeps_every_place(shown):
    assert len(plain_of(shown)) == len(shown)


def test_a_divided_word_is_joined_and_has_the_boxes_of_both_parts():
    page = page_of("Verbale di accor-", "do sindacale", "pag. 1 di 2", "firmato a Nuoro")
    text = running_text([page])
    assert text.shown == "Verbale di accordo sindacale\nfirmato a Nuoro\n"
    start = text.shown.index("accordo")
    read = text.extracted(Found("accordo", start, start + len("accordo"), 1.0, ("a_rule",)))
    parts = [word.box for word in page.words if word.text in {"accor-", "do"}]
    assert read.raw == "accordo"
    assert read.box == around(parts)
    assert (read.source, read.page, read.engine, read.rules) == ("accordo.pdf", 1, "pdf", ("a_rule",))
