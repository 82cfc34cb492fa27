"""Revenue stamps on page pictures: bars and print, turned and several, and what only looks like one (C3)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from ocr.pages import open_pages
from ocr.revenue_stamp import (
    find_revenue_stamps,
    printed_amount,
    printed_identifier,
    printed_instant,
    stamp_in_lines,
    stamps_in_picture,
)
from ocr.tesseract import TextLine
from tests.ocr.revenue_stamps_drawn import Label, Pasted, as_jpeg, as_pdf, label_picture, page_picture

MM = 72 / 25.4
TEXT = "Domanda di cassa integrazione in deroga\nn. 0123456 del 7 aprile 2020"


def overlap(box, left: float, top: float) -> float:
    """Share of the true place of a label (55 x 40 mm) that the box found covers, over their union."""
    true = (left * MM, top * MM, (left + 55) * MM, (top + 40) * MM)
    found = (box.left, box.top, box.right, box.bottom)
    across = max(0.0, min(true[2], found[2]) - max(true[0], found[0]))
    down = max(0.0, min(true[3], found[3]) - max(true[1], found[1]))
    areas = [(each[2] - each[0]) * (each[3] - each[1]) for each in (true, found)]
    return across * down / (sum(areas) - across * down)


def test_c3_a_label_on_a_scanned_pdf_is_read_by_both_witnesses_at_its_place() -> None:
    (page,) = open_pages(as_pdf(page_picture(Pasted(Label()), text=TEXT)), name="scansione.pdf")
    (stamp,) = find_revenue_stamps(page)
    assert (stamp.from_code, stamp.from_text, stamp.witnesses_agree) == ("01200123456789", "01200123456789", True)
    assert stamp.amount == Decimal("16.00")
    assert stamp.issued_at == datetime.fromisoformat("2020-04-06T10:11:12+02:00")
    assert overlap(stamp.box, 130, 20) > 0.85


def test_c3_labels_are_found_at_any_turn_and_several_on_one_page() -> None:
    labels = (
        Pasted(Label("01200000000015", "10,00"), 20, 30, turn=2.5),
        Pasted(Label("01200000000023", "4,62"), 130, 30, turn=-3),
        Pasted(Label("01200000000031"), 30, 120, turn=91),
        Pasted(Label("01200000000049"), 120, 220, turn=180),
    )
    stamps = stamps_in_picture(np.asarray(page_picture(*labels, text=TEXT)), 300)
    found = {stamp.identifier: (stamp.amount, stamp.witnesses_agree) for stamp in stamps}
    assert found.keys() == {each.label.identifier for each in labels}
    assert [found[each.label.identifier][0] for each in labels[:2]] == [Decimal("10.00"), Decimal("4.62")]
    assert all(agree is not False for _, agree in found.values())


def test_c3_a_coarse_and_soft_photograph_still_gives_the_bars() -> None:
    page = page_picture(Pasted(Label(), turn=1.5), text=TEXT).resize((1654, 2339), Image.Resampling.BILINEAR)
    soft = page.filter(ImageFilter.GaussianBlur(0.9))
    (opened,) = open_pages(as_jpeg(soft, 200, quality=45), name="foto.jpg")
    (stamp,) = find_revenue_stamps(opened)
    assert stamp.from_code == "01200123456789"


def test_c3_spoilt_bars_are_found_by_their_layout_and_the_print_answers() -> None:
    (stamp,) = stamps_in_picture(np.asarray(page_picture(Pasted(Label(barred=True), 30, 150, 3), text=TEXT)), 300)
    assert (stamp.from_code, stamp.from_text, stamp.witnesses_agree) == (None, "01200123456789", None)


def test_c3_bars_and_print_that_differ_are_both_told() -> None:
    forged = Pasted(Label("01200123456789", printed="01200123456780"))
    (stamp,) = stamps_in_picture(np.asarray(page_picture(forged)), 300)
    assert (stamp.from_code, stamp.from_text) == ("01200123456789", "01200123456780")
    assert stamp.witnesses_agree is False


def test_c3_tables_bars_and_text_are_no_labels() -> None:
    page = page_picture(text=TEXT * 8)
    pen = ImageDraw.Draw(page)
    for row in range(20):
        pen.line((200, 1500 + row * 60, 2200, 1500 + row * 60), fill=30, width=3)
    for column in range(40):
        pen.line((200 + column * 50, 1500, 200 + column * 50, 2640), fill=30, width=3)
        pen.rectangle((300 + column * 13, 2800, 304 + column * 13, 2880), fill=0)
    assert stamps_in_picture(np.asarray(page), 300) == ()
    assert stamps_in_picture(np.full((3508, 2480), 255, np.uint8), 300) == ()


def test_c3_a_photocopy_without_bars_is_told_by_its_words() -> None:
    said = ("MARCA DA BOLLO € 16,00", "Agenzia Entrate", "IDENTIFICATIVO : O12OO12345678g".replace("g", "9"))
    lines = [TextLine(text, 0.9, (100, 100 + 50 * row, 500, 140 + 50 * row)) for row, text in enumerate(said)]
    stamp = stamp_in_lines(lines, 200)
    assert stamp is not None
    assert (stamp.from_text, stamp.amount) == ("01200123456789", Decimal("16.00"))
    assert stamp.box.as_list() == pytest.approx([36, 36, 180, 86.4])
    assert stamp_in_lines(lines[2:], 200) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("IDENTIFICATIVO : 01200123456789", "01200123456789"),
        ("IDENTIFICATIV0: 0l2OOI23456789", "01200123456789"),
        ("0 1 20 012345 678 9", "01200123456789"),
        ("00082401 06/04/2020 10:11:12", None),
        ("Telefono 0123456789", None),
        ("IBAN 012001234567890123", None),
    ],
)
def test_c3_the_printed_digits_in_spite_of_letters_that_look_like_them(line: str, expected: str | None) -> None:
    assert printed_identifier([line]) == expected


def test_c3_amounts_and_instants_as_printed() -> None:
    assert printed_amount(["€ 14,62"]) == Decimal("14.62")
    assert printed_amount(["Euro 2.00"]) == Decimal("2.00")
    assert printed_amount(["QUATTORDICI/62"]) == Decimal("14.62")
    assert printed_amount(["niente"]) is None
    assert printed_instant(["00082401 31/02/2020 10:11:12", "25/06/2013 10:11:12"]) == datetime.fromisoformat(
        "2013-06-25T10:11:12+02:00"
    )
    assert printed_instant(["99/99/2020"]) is None


def test_c3_a_picture_of_the_label_alone_is_read_whatever_its_size() -> None:
    (page,) = open_pages(
        as_jpeg(label_picture(Label(), 200).rotate(90, expand=True), 200, quality=80), name="marca.jpg"
    )
    (stamp,) = find_revenue_stamps(page)
    assert (stamp.from_code, stamp.from_text, stamp.amount) == ("01200123456789", "01200123456789", Decimal("16.00"))
