"""How stamp duty stands is judged once, where the marks are judged, and kept with the run; older runs still show (C3, T4)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from intake.checks.stamp_duty import judge_marks
from intake.checks.stamp_marks import SeenMark, StampQuestion
from intake.checks.stamp_standing import StampStanding, standing_kept, standing_of
from intake.web.stamp_view import shown_stamps
from signing.stamp_duty.mark import StampKind, StampMark, StampStatus
from tests.intake.checks.test_stamp_findings import DAY, question

LABEL, NOTE = StampKind.contrassegno, StampKind.virtual
VALID, DOUBTFUL, INVALID = StampStatus.valid, StampStatus.doubtful, StampStatus.invalid
DOCUMENT = "5f0cf5b2-5ae0-4b3e-9c2e-0d8a3b7d4a11"


@pytest.mark.parametrize(
    ("marks", "due", "paid", "standing"),
    [
        ([(LABEL, VALID)], "0", "16", StampStanding.NOT_DUE),
        ([], "16", "0", StampStanding.MISSING),
        ([(LABEL, INVALID)], "16", "0", StampStanding.MISSING),
        ([(LABEL, VALID)], "16", "16", StampStanding.IN_ORDER),
        ([(LABEL, VALID)], "16", "14.62", StampStanding.TO_CHECK),
        ([(LABEL, DOUBTFUL)], "16", "16", StampStanding.TO_CHECK),
        ([(NOTE, VALID)], "16", "0", StampStanding.IN_ORDER),
        ([(NOTE, VALID), (LABEL, INVALID)], "16", "0", StampStanding.TO_CHECK),
        ([(LABEL, VALID)], None, "16", StampStanding.TO_CHECK),
    ],
)
def test_c3_the_standing_follows_marks_and_duty(marks, due: str | None, paid: str, standing: StampStanding) -> None:
    told = standing_of(marks, due=Decimal(due) if due is not None else None, paid=Decimal(paid))
    assert told is standing


def kept(asked: StampQuestion, *marks: StampMark) -> dict:
    return judge_marks([SeenMark(DOCUMENT, mark) for mark in marks], asked, {}).as_json(asked)


def test_c3_a_run_keeps_its_standing_and_an_older_one_without_it_is_judged_by_the_same_rule() -> None:
    stored = kept(question(), StampMark(LABEL, VALID, identifier="01200123456789", amount=Decimal("16.00")))
    assert stored["standing"] == "in_order"
    older = {key: value for key, value in stored.items() if key != "standing"}
    assert standing_kept(older) is StampStanding.IN_ORDER
    assert shown_stamps(older) == shown_stamps(stored)
    assert standing_kept(older | {"paid": "2.00"}) is StampStanding.TO_CHECK
    assert kept(question(due=None))["standing"] == "not_due"
    assert DAY.isoformat() == stored["on"]


def test_c3_the_page_shows_what_was_stored_and_judges_nothing() -> None:
    shown = shown_stamps(kept(question()) | {"standing": "to_check"})
    assert shown is not None
    assert shown.standing is StampStanding.TO_CHECK
