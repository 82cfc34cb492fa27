"""The error of readings as officers' words measure it: counted once, with its interval, or not told at all (N6, N12)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.cases.accuracy import LEAST, Compared, by_engine, measured, measured_json, wilson_interval


def compared(read: str | None, seen: str, *, field: str = "workers.1.tax_code", sure: bool = True) -> Compared:
    return Compared("tesseract", field, sure, read, seen)


@pytest.mark.parametrize(
    ("wrong", "total", "low", "high"),
    [(0, 30, 0.0, 0.11352), (1, 100, 0.001767, 0.054486), (10, 50, 0.112438, 0.330370), (30, 30, 0.88648, 1.0)],
)
def test_n12_the_interval_is_wilson_s(wrong: int, total: int, low: float, high: float) -> None:
    assert wilson_interval(wrong, total) == pytest.approx((low, high), abs=1e-5)


@given(st.integers(1, 10_000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_n12_the_interval_holds_the_share_and_narrows_with_more_values(counts: tuple[int, int]) -> None:
    wrong, total = counts
    low, high = wilson_interval(wrong, total)
    assert 0 <= low <= wrong / total <= high <= 1
    lower, higher = wilson_interval(wrong * 4, total * 4)
    assert higher - lower < high - low


@pytest.mark.parametrize(("wrong", "total"), [(0, 0), (3, 2), (-1, 5)])
def test_n12_there_is_no_share_of_nothing(wrong: int, total: int) -> None:
    with pytest.raises(ValueError, match="share"):
        wilson_interval(wrong, total)


def test_n12_rows_of_a_table_count_as_one_column_and_unread_is_not_wrong() -> None:
    values = [compared("A", "A", field=f"workers.{row}.tax_code") for row in range(1, 28)]
    values += [compared("B", "A"), compared(None, "A"), compared(None, "")]
    (row,) = measured(values)
    assert (row.field, row.read, row.wrong, row.unread) == ("workers.tax_code", 29, 1, 1)
    assert not row.enough
    assert row.error is None
    assert measured_json(row) == {
        "engine": "tesseract",
        "field": "workers.tax_code",
        "sure": True,
        "compared": 30,
        "wrong": 1,
        "unread": 1,
        "error": None,
        "interval_95": None,
    }


def test_n12_with_enough_values_the_error_is_told() -> None:
    values = [compared("A", "A")] * (LEAST - 1) + [compared("B", "A")]
    (row,) = measured(values)
    assert row.error == pytest.approx(1 / LEAST)
    assert row.interval is not None
    assert math.isclose(measured_json(row)["error"], 1 / LEAST)


def test_n12_what_was_sure_and_what_was_flagged_are_never_mixed() -> None:
    values = [compared("A", "A"), compared("B", "A", sure=False), compared("x", "x", field="employer.name")]
    assert [(row.field, row.sure, row.wrong) for row in measured(values)] == [
        ("employer.name", True, 0),
        ("workers.tax_code", False, 1),
        ("workers.tax_code", True, 0),
    ]
    assert [(row.sure, row.read, row.wrong) for row in by_engine(measured(values))] == [(False, 1, 1), (True, 2, 0)]


@pytest.mark.parametrize(
    ("field", "read", "seen", "right"),
    [
        ("workers.1.hired_on", "01/06/2015", "2015-06-01", True),
        ("workers.1.requested_hours", "37,5", "37.5", True),
        ("employer.name", "ALFA  SRL", "ALFA SRL", True),
        ("employer.name", "ALFA SRL", "ALFA SPA", False),
        ("workers.1.tax_code", "RSSMRA68C02I452O", "RSSMRA68C02I4520", False),
    ],
)
def test_n12_how_a_value_is_written_does_not_make_it_wrong(field: str, read: str, seen: str, right: bool) -> None:
    (row,) = measured([compared(read, seen, field=field)])
    assert row.wrong == (not right)
