"""An altered value is read in the form's own print, and no reader is believed alone (C4, C5)."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from trial_form import TrialForm, trial_form

from ocr.cell_reading import agreed, without_edge_strokes
from ocr.form_map import FormField
from ocr.ink import Ink, levelled, softened
from ocr.issued_form import IssuedForm
from ocr.letter_rivals import DIGITS, LETTERS, tax_code_letters
from ocr.print_reading import Letterset, PrintedLetter, PrintedLine, PrintRead, accented, printed_line
from ocr.reprinted_cells import PrintReader, one_value_near, values_by_column
from ocr.tesseract import LineRead
from ocr.verification import ComparedPage, pixels

_DPI = 200.0
_SIGMA = 0.7


@pytest.fixture(scope="module")
def form() -> TrialForm:
    """One page, eight workers."""
    return trial_form(workers=8, form="PROVA-2026-000078")


@pytest.fixture(scope="module")
def issued(form: TrialForm) -> IssuedForm:
    return IssuedForm.of(form.form_map, form.pdf)


def _reader(issued: IssuedForm, paper: Ink) -> PrintReader:
    drawn = issued.ink(1, _DPI)
    assert drawn is not None
    page = ComparedPage.of(softened(paper, _SIGMA), softened(drawn, _SIGMA), _DPI, scan_dpi=_DPI)
    known = values_by_column(issued.form_map.fields)
    return PrintReader(page, page.clean, issued.letters(1), issued.letter_comparison(_DPI, _SIGMA), 0.7, known)


def _reprinted(issued: IssuedForm, place: FormField, source: FormField) -> Ink:
    """The page with the value of ``source`` printed where that of ``place`` was."""
    paper = issued.ink(1, _DPI)
    assert paper is not None
    paper = paper.copy()
    there, here = (pixels(each.box, _DPI, paper.shape, margin_mm=-0.5) for each in (place, source))
    copied = paper[here].copy()
    paper[there] = 0
    paper[there[0].start : there[0].start + copied.shape[0], there[1].start : there[1].start + copied.shape[1]] = copied
    return paper


@pytest.mark.parametrize("column", ["surname", "tax_code", "hired_on"])
def test_c4_a_value_printed_again_with_the_same_template_is_read_surely(form, issued, column):
    place, source = form.field(f"workers.2.{column}"), form.field(f"workers.5.{column}")
    found = _reader(issued, _reprinted(issued, place, source)).read(place)
    assert found is not None
    assert (found.text, found.surely) == (source.value, True)


def test_c4_ink_that_no_letter_explains_leaves_a_reading_unsure(form, issued):
    place = form.field("workers.3.hired_on")
    paper = issued.ink(1, _DPI).copy()
    inside = pixels(place.box, _DPI, paper.shape, margin_mm=-0.5)
    cv2.line(paper[inside], (4, 3), (paper[inside].shape[1] - 4, paper[inside].shape[0] - 3), 255, 2)
    found = _reader(issued, paper).read(place)
    assert found is None or not found.surely


def test_c4_a_pale_and_soft_scan_is_stretched_to_full_black():
    drawn = np.zeros((400, 400), np.uint8)
    for top in range(100, 300, 12):
        drawn[top : top + 2, 20:380] = 255
    soft = softened(drawn, 1.0)
    strokes = soft > 128
    assert soft.max() < 200
    pale = np.asarray(soft * 0.35, dtype=np.uint8)
    assert float(np.median(levelled(pale, soft)[strokes])) == pytest.approx(float(np.median(soft[strokes])), rel=0.05)
    assert np.array_equal(levelled(pale, np.zeros_like(soft)), pale)


def _letterset() -> Letterset:
    pictures = np.zeros((3, 2, 12, 8), np.float32)
    pictures[0, :, 4:11, 1:3] = 1.0
    pictures[1, :, 4:11, 1:7] = 1.0
    pictures[2] = pictures[0]
    pictures[2, :, 0:3, 0:4] = 1.0
    return Letterset(("I", "M", "Ì"), pictures, np.array([5.0, 8.0, 5.0]))


def test_c4_the_line_that_leaves_least_ink_unexplained_is_read_with_its_accent():
    letters = _letterset()
    cell = np.zeros((20, 40), np.uint8)
    for number, left in ((1, 3), (0, 11), (2, 16)):
        cell[2:14, left : left + 8] = np.maximum(cell[2:14, left : left + 8], letters.pictures[number, 0] * 255)
    line = accented(cell, printed_line(cell, letters, range(5)), letters)
    assert (line.top, "".join(letter.text for letter in line.letters)) == (2, "MIÌ")
    plain = PrintedLine((PrintedLetter("Ì", 11.0),), 2)
    assert accented(cell, plain, letters).letters[0].text == "I"


def test_c4_what_stands_at_the_edge_of_a_cell_is_a_rule():
    cell = np.zeros((40, 90), np.uint8)
    cell[2:18, 1:3] = cell[25:39, 87:89] = 200
    cell[10:30, 14:18] = 200
    assert np.array_equal(np.flatnonzero(without_edge_strokes(cell, 200).any(axis=0)), np.arange(14, 18))


def test_c5_places_of_a_tax_code_take_letters_or_digits():
    assert tax_code_letters(0) == LETTERS
    assert tax_code_letters(6) > DIGITS
    assert "O" not in tax_code_letters(6)


def test_c5_a_code_badly_read_is_never_made_a_siblings():
    brother, sister, other = "RSSMRA80A01H501U", "RSSMRA80A41H501Y", "BNCLCU75D10F205X"
    codes = frozenset({brother, sister, other})
    assert one_value_near("RSSMRA80A01H501Y", codes, brother, most=2) is None
    assert one_value_near("RSSMRA80A41H501Y", codes, brother, most=2) is None
    assert one_value_near("BNCLCU75D10F2O5X", codes, brother, most=2) == other
    assert one_value_near("RSSMRA80A01H501Y", codes, other, most=2) is None
    assert one_value_near("BNCLCU75D10F2O5X", frozenset({other}), other, most=2) is None


def test_c5_of_three_readers_two_must_agree(form):
    code = form.field("workers.1.tax_code")
    printed = PrintRead("RSSMRA80A01H501U", 0.9, False)
    asked: list[str] = []

    def again(said: str):
        def read(field: FormField) -> LineRead:
            asked.append(field.name)
            return LineRead(said, 0.95)

        return read

    same = agreed(code, printed, LineRead("RSSMRA8OAO1H5O1U", 0.7), again("X"))
    assert (same.text, same.confidence >= 0.9, asked) == (printed.text, True, [])
    assert agreed(code, printed, LineRead("RSSMRB", 0.9), again("R55MRA80A01H501U")).text == printed.text
    assert (
        agreed(code, printed, LineRead("BNCLCU80A01H501U", 0.9), again("BNCLCU80A01H501U")).text == "BNCLCU80A01H501U"
    )
    assert agreed(code, printed, LineRead("BNCLCU", 0.9), again("VRDLCU")).confidence < 0.6
