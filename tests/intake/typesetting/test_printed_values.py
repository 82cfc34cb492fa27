"""C1: how values are written on paper, and the vector outlines of the codes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.typesetting.compiler import TypesettingError, probe_typesetter, typeset
from intake.typesetting.outlines import trace
from intake.typesetting.printed import print_application, print_date, print_instant, print_number
from intake.typesetting.symbols import qr_symbol
from tests.intake.typesetting.synthetic_application import make_application, make_worker

MATRICES = st.integers(1, 12).flatmap(
    lambda size: st.lists(st.lists(st.booleans(), min_size=size, max_size=size), min_size=size, max_size=size)
)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_printed_date_says_the_same_day(day: date) -> None:
    assert datetime.strptime(print_date(day.isoformat()), "%d/%m/%Y").replace(tzinfo=UTC).date() == day


@given(st.decimals(min_value=0, max_value=100000, places=2))
def test_a_printed_number_says_the_same_quantity(number: object) -> None:
    printed = print_number(str(number))
    assert "." not in printed
    assert printed.replace(",", ".") == str(number)


def test_instants_are_told_in_italian_civil_time() -> None:
    assert print_instant(datetime(2020, 3, 29, 0, 59, 59, tzinfo=UTC)) == "29 marzo 2020, ore 01:59:59"
    assert print_instant(datetime(2020, 3, 29, 1, 0, 0, tzinfo=UTC)) == "29 marzo 2020, ore 03:00:00"
    assert print_instant(datetime(2020, 4, 8, 7, 0, 3, 412999, tzinfo=UTC), milliseconds=True).endswith("09:00:03,412")


def test_invisible_signs_are_not_printed() -> None:
    worker = make_worker(0, surname=" DE\u00a0\u200b  LU\u00adCA\x00 ", given_name="NICOLO\u0300")
    printed = print_application(make_application(1) | {"workers": [worker]})["workers"][0]
    assert (printed["surname"], printed["given_name"]) == ("DE LUCA", "NICOLÒ")


def test_an_unknown_choice_is_named() -> None:
    data = make_application(1, agreement={"kind": "verbal", "date": None, "unions": []})
    with pytest.raises(ValueError, match="'verbal'"):
        print_application(data)


@given(MATRICES)
def test_an_outline_encloses_exactly_the_dark_cells(matrix: list[list[bool]]) -> None:
    outline = trace(matrix)
    picture = np.zeros((len(matrix) * 8, len(matrix) * 8), np.uint8)
    if outline.loops:
        cv2.fillPoly(picture, [np.array(loop, np.int32) * 8 - 1 for loop in outline.loops], 255)
    centres = picture[3::8, 3::8] > 0
    assert centres.tolist() == matrix


def test_a_page_code_has_the_size_the_scanner_was_measured_with() -> None:
    assert qr_symbol("SP1" + "A" * 129).size == 41


def test_the_typesetter_in_use_has_the_fonts_of_the_forms() -> None:
    probe = probe_typesetter()
    assert {"Titillium Web", "DejaVu Sans Mono"} <= set(probe.families)
    assert "Liberation Sans" not in probe.families


def test_a_template_that_does_not_compile_is_our_error() -> None:
    with pytest.raises(TypesettingError) as failed:
        typeset("application.typ", "application", {"texts": {}}, at=datetime(2020, 4, 7, tzinfo=UTC))
    assert failed.value.code == "typesetting.failed"
    assert failed.value.__cause__ is not None
