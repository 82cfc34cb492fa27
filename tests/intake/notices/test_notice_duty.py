"""Stamp duty by date: C3, T3, T4 and the exemption of 9 April 2020."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from intake.notices.pack import NoticePack
from intake.notices.rules import channel_problems, stamp_duty_due, stamp_duty_problems


def test_in_2009_14_62_euros_are_due(toscana: NoticePack) -> None:
    rule = stamp_duty_due(toscana, date(2009, 7, 20))
    assert (rule.due, rule.amount, rule.law) == (True, Decimal("14.62"), "D.M. 24 maggio 2005")
    assert "14,62" in rule.message
    assert stamp_duty_due(toscana, date(2013, 6, 26)).amount == Decimal("16.00")


@pytest.mark.parametrize("name", ["sardegna", "basilicata"])
def test_in_2020_due_until_8_april_exempt_from_9(name: str, request: pytest.FixtureRequest) -> None:
    pack: NoticePack = request.getfixturevalue(name)
    due, exempt = stamp_duty_due(pack, date(2020, 4, 8)), stamp_duty_due(pack, date(2020, 4, 9))
    assert (due.due, due.amount, due.to_day) == (True, Decimal("16.00"), date(2020, 4, 8))
    assert (exempt.due, exempt.amount, exempt.ways) == (False, None, ("exempt",))
    assert "23, art. 41, c. 3" in exempt.law
    assert "dal 9 aprile 2020" in exempt.message


def test_a_day_before_every_regime_is_refused(toscana: NoticePack) -> None:
    with pytest.raises(ValueError, match="2005-05-31"):
        stamp_duty_due(toscana, date(2005, 5, 31))


@pytest.mark.parametrize(
    ("way", "on", "code"),
    [
        ({}, date(2020, 4, 8), "stamp_duty.way_missing"),
        ({"way": "exempt"}, date(2020, 4, 8), "stamp_duty.due"),
        ({"way": "virtual"}, date(2020, 4, 9), "stamp_duty.not_due"),
        ({"way": "coins"}, date(2020, 4, 8), "stamp_duty.way_not_admitted"),
        ({"way": "contrassegno"}, date(2020, 4, 8), "stamp_duty.identifier_missing"),
    ],
)
def test_stamp_duty_informs_and_never_stops(sardegna: NoticePack, way: dict[str, str], on: date, code: str) -> None:
    (problem,) = stamp_duty_problems(sardegna, {"stamp_duty": way}, on)
    assert (problem.code, problem.effect) == (code, "informs")


def test_a_way_that_fits_says_nothing(sardegna: NoticePack) -> None:
    paid = {"stamp_duty": {"way": "contrassegno", "identifier": "01200123456789"}}
    assert stamp_duty_problems(sardegna, paid, date(2020, 4, 8)) == ()
    assert stamp_duty_problems(sardegna, {"stamp_duty": {"way": "exempt"}}, date(2020, 4, 9)) == ()


def test_t4_online_only_with_virtual_duty_else_the_letter_to_its_address(toscana: NoticePack) -> None:
    assert channel_problems(toscana, "online", {"stamp_duty": {"way": "virtual"}}) == ()
    (problem,) = channel_problems(toscana, "online", {"stamp_duty": {"way": "contrassegno"}})
    assert problem.effect == "refuses"
    assert "Raccomandata A/R" in problem.remedy
    assert "Via G. Pico della Mirandola, 24" in problem.remedy
    assert channel_problems(toscana, "letter", {"stamp_duty": {"way": "contrassegno"}}) == ()


def test_b9_other_channels_are_answered_but_are_no_application(basilicata: NoticePack) -> None:
    (problem,) = channel_problems(basilicata, "pec", {})
    assert (problem.code, problem.effect) == ("channel.not_an_application", "refuses")
    assert "Servizi online" in problem.remedy


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"way": "digital"}, None),
        ({"way": "digital", "identifier": "01200002186093"}, None),
        ({"way": "digital", "identifier": "la marca"}, "stamp_duty.identifier_malformed"),
        ({"way": "contrassegno", "identifier": "0120 0123 456789"}, None),
        ({"way": "contrassegno", "identifier": "0120"}, "stamp_duty.identifier_malformed"),
        ({"way": "virtual"}, "stamp_duty.authorization_missing"),
        ({"way": "virtual", "identifier": "Agenzia delle Entrate di Nuoro n. 7 del 02/01/2019"}, None),
    ],
)
def test_c3_what_the_form_declares_of_each_way(sardegna: NoticePack, given: dict[str, str], code: str | None) -> None:
    found = stamp_duty_problems(sardegna, {"stamp_duty": given}, date(2020, 4, 8))
    assert [(problem.code, problem.effect) for problem in found] == ([(code, "informs")] if code else [])
