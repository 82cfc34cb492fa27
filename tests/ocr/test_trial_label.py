"""C3, S8: a label for trying is read as any other, in its place on the form and alone on a sheet, and says that it is PROVA."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pikepdf
import pytest

from ocr.form_map import Box
from ocr.pages import open_pages
from ocr.revenue_stamp import RevenueStamp, find_revenue_stamps
from ocr.trial_label import MARK, TrialLabel, label_picture, label_sheet, pasted

LABEL = TrialLabel("01990123456789", Decimal("16.00"), datetime(2020, 4, 6, 10, 11, 12, tzinfo=ZoneInfo("Europe/Rome")))
PLACE = Box(50, 60, 50 + 57 * 72 / 25.4, 60 + 42 * 72 / 25.4)


def seen(pdf: bytes, page: int = 1) -> RevenueStamp:
    (stamp,) = find_revenue_stamps(open_pages(pdf, name="prova")[page - 1])
    return stamp


def test_c3_a_label_alone_on_a_sheet_is_read_by_both_witnesses() -> None:
    stamp = seen(label_sheet(LABEL, ("Scansione della marca da bollo", "ROSSI MARIO")))
    assert (stamp.identifier, stamp.witnesses_agree, stamp.amount) == (LABEL.identifier, True, LABEL.amount)
    assert stamp.issued_at == LABEL.issued_at


@pytest.mark.parametrize("amount", ["16.00", "14.62"])
def test_c3_a_label_pasted_on_the_form_is_read_in_its_place(amount: str) -> None:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(595, 842))
        document.add_blank_page(page_size=(595, 842))
        document.save(out)
    label = TrialLabel(LABEL.identifier, Decimal(amount), LABEL.issued_at)
    pdf = pasted(out.getvalue(), label, 2, PLACE)
    stamp = seen(pdf, 2)
    assert (stamp.identifier, stamp.amount) == (LABEL.identifier, Decimal(amount))
    assert stamp.box.left > PLACE.left - 3
    assert stamp.box.right < PLACE.right + 3
    assert stamp.box.top > PLACE.top - 3
    assert find_revenue_stamps(open_pages(pdf, name="prova")[0]) == ()


def test_c3_a_label_is_marked_in_red_letters_that_no_real_one_has() -> None:
    picture = np.asarray(label_picture(LABEL)).astype(int)
    red = (picture[..., 0] > 150) & (picture[..., 1] < 90) & (picture[..., 2] < 90)
    assert red.sum() > 2000
    assert MARK == "PROVA"
