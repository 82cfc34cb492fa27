"""The small rules that decide what a letter, a line and a code on a scan say (C4)."""

from __future__ import annotations

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ocr.alignment import STRAIGHT, Alignment, at_dpi, bends, laid_over
from ocr.decoding import decoded_grey
from ocr.form_map import Box, FormField
from ocr.ink import rules_in
from ocr.letter_check import LetterCheck, room_after
from ocr.letter_rivals import DIGITS, LETTERS, OMOCODIA, read_alike, rivals_at
from ocr.overdrawn import overdrawn_mm2, overinked
from ocr.pages import Character
from ocr.parts import parts_of
from ocr.scan_lines import without_scan_lines
from ocr.tax_code_repair import names_of_rows, repaired_tax_code


def _field(value: str, kind: str = "code", name: str = "workers.1.tax_code") -> FormField:
    return FormField(name, 1, Box(0, 0, 90, 20), value, kind, "mono", 8.0)


def _letters(*excesses: float) -> tuple[LetterCheck, ...]:
    return tuple(LetterCheck("5", 0.97, "6", 0.6, 0.9, excess) for excess in excesses)


def test_c4_only_what_could_be_written_there_is_a_rival():
    code = _field("RSSMRA80A01G94LX")
    assert rivals_at(code, 0) == LETTERS
    assert rivals_at(code, 6) == DIGITS
    assert "A" in (rivals_at(code, 8) or "")
    assert "Z" not in (rivals_at(code, 8) or "Z")
    assert rivals_at(code, 14) == OMOCODIA
    assert rivals_at(_field("38,5", "number"), 0) == DIGITS
    assert rivals_at(_field("38,5", "number"), 2) is None
    assert rivals_at(_field("ROSSI", "text"), 0) is None


def test_c4_the_place_of_the_last_letter_ends_before_the_rule_of_its_cell():
    cell, line = _field("RSSMRA80A01G94LX"), replace(_field("ROSSI"), box=Box(0, 0, 90, 10))
    last, before = Character("X", 80, 5, 85, 15), Character("L", 75, 5, 80, 15)
    assert room_after(cell, before, last) == 5
    assert room_after(cell, last, None) == 9
    assert room_after(cell, replace(last, left=20, right=25), before) == 55
    assert room_after(cell, replace(last, left=20, right=25), None) == 16
    assert room_after(line, last, None) == 16


def test_c4_letters_that_say_the_same_are_no_rivals():
    assert read_alike("À", "a", "mono")
    assert read_alike(",", ".", "mono")
    assert read_alike("l", "I", "sans")
    assert read_alike("S", "5", "sans")
    assert not read_alike("S", "5", "mono")
    assert not read_alike("O", "D", "sans")


def test_c4_a_letter_with_more_ink_than_its_like_is_overdrawn():
    cells = [("mono", _letters(0.02, 0.03, 0.02)), ("mono", _letters(0.03, 0.31, 0.02)), ("mono", ())]
    assert overdrawn_mm2(cells) == (0.0, pytest.approx(0.285, abs=0.01), 0.0)


def test_c4_on_a_page_whose_print_spreads_a_wide_letter_is_no_pen():
    spread = _letters(0.05, 0.14, 0.09, 0.18, 0.03, 0.12, 0.22, 0.07)
    assert overdrawn_mm2([("mono", spread)]) == (0.0,)


def _inked(*shares: float, letter: str = "5") -> tuple[LetterCheck, ...]:
    return tuple(LetterCheck(letter, 0.97, "6", 0.6, 0.9, 0.0, share) for share in shares)


def test_n1_a_digit_that_has_a_third_more_ink_than_its_like_was_written_over():
    print_ = [("mono", _inked(1.1, 1.12, 1.08, 1.1)), ("mono", _inked(1.09, 1.11))]
    assert overinked([*print_, ("mono", _inked(1.46, 1.1))]) == (0.0, 0.0, pytest.approx(0.36, abs=0.02))
    assert overinked([*print_, ("mono", _inked(1.3))])[-1] == 0.0
    assert overinked([*print_, ("mono", _inked(1.9, letter=","))])[-1] == 0.0
    assert overinked([*print_, ("sans", _inked(1.9, 1.1, 1.1, 1.1))])[-1] == 0.0


def test_n1_where_all_ink_is_uneven_more_of_it_is_no_pen():
    assert overinked([("mono", _inked(0.8, 1.2, 1.0, 0.9, 1.1, 1.45, 0.7, 1.3))]) == (0.0,)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 36), st.integers(0, 36), st.integers(1, 9), st.integers(1, 9)), max_size=8))
def test_c4_parts_are_those_that_numbering_every_pixel_finds(boxes):
    dark = np.zeros((48, 48), np.uint8)
    for top, left, high, wide in boxes:
        dark[top : top + high, left : left + wide] = 255
        dark[top + 1 : top + high - 1, left + 1 : left + wide - 1] = 0
    count, labels = cv2.connectedComponents(dark, connectivity=8)
    found = np.zeros(dark.shape, dtype=int)
    for number, (place, part) in enumerate(parts_of(dark), start=1):
        found[place][part] = number
    assert found.max() == count - 1
    assert ((found > 0) == (labels > 0)).all()
    assert len({*zip(found.ravel().tolist(), labels.ravel().tolist(), strict=True)}) == count


def test_c4_a_faxs_lines_go_and_the_strokes_they_cross_stay():
    page = np.zeros((600, 420), np.uint8)
    page[40:560, 30:390:12] = 255
    ruled = page.copy()
    ruled[300:302] = 255
    ruled[200:202] = 0
    mended = without_scan_lines(ruled)
    assert np.array_equal(mended.ink, page)


def test_c4_a_rule_that_ends_before_the_edge_and_a_stroke_of_a_pen_stay():
    page = np.zeros((600, 420), np.uint8)
    page[100:102, 40:380] = 255
    cv2.line(page, (0, 300), (419, 320), 255, 2)
    assert np.array_equal(without_scan_lines(page).ink, page)


def _print(size: tuple[int, int] = (1240, 877)) -> np.ndarray:
    rng = np.random.default_rng(5)
    page = np.zeros(size, np.uint8)
    for top in range(60, size[0] - 60, 22):
        for left in range(50, size[1] - 70, 26):
            page[top : top + 12, left : left + int(rng.integers(3, 14))] = 255
            page[top + int(rng.integers(0, 9)) : top + 12, left : left + 18] = 255
    return page


def test_c4_a_curled_page_is_laid_over_the_issued_one():
    issued = _print()
    rows, columns = np.mgrid[0 : issued.shape[0], 0 : issued.shape[1]].astype(np.float32)
    curled = cv2.remap(
        issued,
        columns + 2.5 * np.sin(rows / 500),
        rows + 5 * np.sin(columns / 400),
        cv2.INTER_LINEAR,
    )
    as_it_lies = Alignment(np.eye(3), 24, 0.0)
    bent = bends(curled, issued, as_it_lies, 150.0)
    size = (issued.shape[1], issued.shape[0])
    likeness = [
        np.corrcoef(laid_over(curled, as_it_lies, each, size).ravel(), issued.ravel())[0, 1]
        for each in (STRAIGHT, bent)
    ]
    assert likeness[0] < 0.75
    assert likeness[1] > 0.97


@pytest.mark.parametrize("width", [1043, 1046])
def test_c4_a_flat_page_is_not_bent_by_the_size_it_is_looked_at(width):
    issued = _print()
    scan = cv2.resize(issued, (width, 1479), interpolation=cv2.INTER_AREA)
    across, down = issued.shape[1] / scan.shape[1], issued.shape[0] / scan.shape[0]
    matrix = np.array([[across, 0, across / 2 - 0.5], [0, down, down / 2 - 0.5], [0, 0, 1]])
    as_it_lies, size = Alignment(matrix, 24, 0.0), issued.shape[::-1]
    bent = bends(scan, issued, as_it_lies, 150.0)
    there, as_flat = (laid_over(scan, as_it_lies, each, size) for each in (bent, STRAIGHT))
    off = [
        np.hypot(*cv2.phaseCorrelate(*(np.float32(laid[place]) for laid in (there, as_flat)))[0])
        for place in (np.s_[40:300, 30:300], np.s_[900:1200, 560:840])
    ]
    assert max(off) < 0.12


def test_c4_a_page_without_print_is_not_bent():
    blank = np.zeros((1240, 877), np.uint8)
    assert bends(blank, blank, Alignment(np.eye(3), 24, 0.0), 150.0).weights is None


def test_c4_an_alignment_holds_at_another_resolution():
    there = at_dpi(Alignment(np.eye(3), 4, 1.0), 300.0, 150.0)
    assert there.matrix @ np.array([0.5, 0.5, 1.0]) == pytest.approx([0.0, 0.0, 1.0])
    assert there.residual == 0.5


def test_c4_grey_is_the_same_whether_decoded_whole_or_converted():
    picture = Image.fromarray(np.mgrid[40:200:64j, 60:190:48j, 80:120:3j][:3].mean(axis=0).astype(np.uint8))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95)
    with Image.open(out) as once, Image.open(out) as twice:
        difference = decoded_grey(once).astype(int) - np.asarray(twice.convert("L"))
    assert np.abs(difference).max() <= 2
    with Image.open(out) as half:
        assert decoded_grey(half, 0.5).shape == (32, 24)


def test_c4_a_tax_code_is_set_right_only_where_its_row_bears_witness():
    rows = [_field("ROSSI", "text", "workers.1.surname"), _field("MARIO", "text", "workers.1.given_name")]
    code = _field("RSSMRA80A01H501U")
    names = names_of_rows([*rows, code])
    assert repaired_tax_code(code, ["R5SMRA8OA01H5O1U"], names) == "RSSMRA80A01H501U"
    assert repaired_tax_code(code, ["R5SMRA8OA01H5O1U"], {}) is None
    assert repaired_tax_code(code, ["BNCLCU80A01H501U"], names) is None
    assert repaired_tax_code(_field("12345", "code"), ["12345"], names) is None


def test_c4_rules_are_told_from_letters_that_stand_on_them():
    page = np.zeros((200, 300), np.uint8)
    page[100, 20:280] = page[40:160, 150] = 120
    page[90:100, 60:64] = page[90:92, 60:90] = 250
    rules = rules_in(page, 200)
    assert rules[100, 20:280].all()
    assert rules[40:160, 150].all()
    assert not rules[:99, :149].any()
