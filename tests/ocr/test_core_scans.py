"""Scans that are hard: spoilt codes, a fax with lines, a pen that follows a printed digit (C4, N1)."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image
from trial_form import KEYS, TrialForm, trial_form

from ocr.form_map import FormField
from ocr.pages import open_pages
from ocr.picture_file import resized
from ocr.reading import read_returned
from ocr.results import ReturnedReading

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def small() -> TrialForm:
    """One page, eight workers."""
    return trial_form(workers=8, form="PROVA-2026-000077")


def _drawn(form: TrialForm, dpi: float) -> np.ndarray:
    return resized(open_pages(form.pdf, name="issued")[0].image(2 * dpi), 0.5).copy()


def _scan(page: np.ndarray, *, degrees: float) -> np.ndarray:
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.98)
    return cv2.GaussianBlur(cv2.warpAffine(page, turn, (width, height), borderValue=255), (0, 0), 0.8)


def _read(form: TrialForm, picture: np.ndarray, *, bits: str = "L") -> ReturnedReading:
    out = io.BytesIO()
    Image.fromarray(picture).convert(bits).save(out, "PNG")
    return read_returned([("scan.png", out.getvalue())], form.form_map, KEYS, issued_pdf=form.pdf)


def _middle(field: FormField, dpi: float) -> int:
    return round((field.box.top + field.box.bottom) / 2 * dpi / 72)


def test_n1_a_page_whose_codes_are_both_spoilt_is_known_by_its_printed_number(small):
    page = _drawn(small, 200)
    for zone in small.form_map.zones_on_page(1, "page_code"):
        edges = [round(edge * 200 / 72) for edge in zone.box.as_list()]
        page[(edges[1] + edges[3]) // 2 - 12 : (edges[1] + edges[3]) // 2 + 12, edges[0] : edges[2]] = 0
    reading = _read(small, _scan(page, degrees=0.7))
    assert [(seen.belongs, seen.code) for seen in reading.pages] == [("ours", None)]
    assert "numero stampato" in str(reading.pages[0].problem)
    assert [cell.name for cell in reading.cells if cell.read != cell.issued] == []
    other = trial_form(workers=8, form="PROVA-2026-000071")
    assert [seen.belongs for seen in _read(other, _scan(page, degrees=0.7)).pages] == ["unknown"]


def test_c4_a_fax_with_a_line_drawn_and_one_dropped_alarms_in_no_more_than_the_cells_it_covers(small):
    dpi = 204
    page = _scan(_drawn(small, dpi), degrees=-2.0)
    sent = np.where(page < 170, 0, 255).astype(np.uint8)
    sent[:, 700:702] = 0
    row = _middle(small.field("workers.4.surname"), dpi)
    sent[row : row + 2] = 255
    reading = _read(small, sent, bits="1")
    assert {each.field.rpartition(".")[0] for each in reading.alterations} <= {"workers.4", "employer"}
    assert sum(cell.read == cell.issued for cell in reading.cells) >= 0.94 * len(reading.cells)


def test_n1_a_pen_that_follows_a_printed_digit_is_found(small):
    dpi = 300
    page = _drawn(small, dpi)
    field = next(each for each in small.form_map.fields if each.name.endswith("hired_on") and "0" in each.value)
    place = field.value.index("0")
    digit = [each for each in open_pages(small.pdf, name="issued")[0].characters() if _inside(field, each)][place]
    middle = ((digit.left + digit.right) / 2 * dpi / 72, (digit.top + digit.bottom) / 2 * dpi / 72)
    axes = (round(2.0 * dpi / 72), round(3.4 * dpi / 72))
    cv2.ellipse(page, (round(middle[0]), round(middle[1])), axes, 0, 0, 360, 40, round(0.4 * dpi / 25.4), cv2.LINE_AA)
    reading = _read(small, _scan(page, degrees=0.8))
    assert [each.field for each in reading.alterations] == [field.name]


def _inside(field: FormField, character: object) -> bool:
    across = (character.left + character.right) / 2  # type: ignore[attr-defined]
    down = (character.top + character.bottom) / 2  # type: ignore[attr-defined]
    return field.box.left <= across <= field.box.right and field.box.top <= down <= field.box.bottom


def test_n1_a_coloured_pen_that_covers_print_and_is_as_dark_is_found(small):
    dpi = 200
    grey = _scan(_drawn(small, dpi), degrees=0.0)
    written = small.field("workers.2.requested_hours")
    left, top, right, bottom = (round(edge * dpi / 72) for edge in written.box.as_list())
    page = np.repeat(grey[:, :, None], 3, axis=2)
    cell = page[top + 4 : bottom - 4, left + 4 : right - 4]
    share = (255 - cell.astype(np.float32)) / 255
    cell[...] = (255 - share * (255 - np.array([20, 34, 140], np.float32))).astype(np.uint8)
    reading = _read(small, page, bits="RGB")
    assert [each.field for each in reading.alterations] == [written.name]
