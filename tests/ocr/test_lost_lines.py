"""Lines that a fax drew or lost are neither for nor against what is printed there (C4)."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from trial_form import TrialForm, trial_form

from ocr.form_map import FormField
from ocr.ink import Ink, softened
from ocr.issued_form import IssuedForm
from ocr.letter_check import LaidPage, LetterPlace, compared_once
from ocr.letter_rivals import rivals_at
from ocr.scan_lines import without_scan_lines
from ocr.verification import CellCheck, ComparedPage, check_cells, pixels

_DPI = 200.0
_SIGMA = 0.7


def _strokes() -> Ink:
    page = np.zeros((600, 420), np.uint8)
    page[40:560, 30:390] = np.where(np.arange(360) % 12 < 3, 255, 0)
    return page


@pytest.mark.parametrize("columns", [slice(200, None), slice(None, 270)])
def test_c4_of_a_line_lost_from_some_place_to_its_end_the_strokes_come_back(columns):
    page = _strokes()
    scan = page.copy()
    scan[300:302, columns] = 0
    mended = without_scan_lines(scan)
    assert np.array_equal(mended.ink, page)
    assert mended.unseen is not None
    assert mended.unseen[300:302, columns].all()
    assert not mended.unseen[:300].any()
    assert not mended.unseen[302:].any()


def test_c4_strokes_that_end_in_one_row_are_no_lost_line():
    page = _strokes()
    page[300:302, 200:330] = 0
    page[400:440, 200:] = 0
    mended = without_scan_lines(page)
    assert np.array_equal(mended.ink, page)
    assert mended.unseen is None


_ISSUED = "FEOCQG63L28A680E"
_REPRINTED = "FFOCOC63L23A080E"


def _form(code: str) -> TrialForm:
    return trial_form(workers=8, form="PROVA-2026-000079", replaced={"workers.2.tax_code": code})


@pytest.fixture(scope="module")
def form() -> TrialForm:
    """One page, eight workers."""
    return _form(_ISSUED)


@pytest.fixture(scope="module")
def issued(form: TrialForm) -> IssuedForm:
    return IssuedForm.of(form.form_map, form.pdf)


@pytest.fixture(scope="module")
def reprinted() -> Ink:
    """The same page with the letters E, Q, G, 8 and 6 of one code printed as F, O, C, 3 and 0."""
    other = _form(_REPRINTED)
    return _ink(IssuedForm.of(other.form_map, other.pdf))


def _ink(issued: IssuedForm) -> Ink:
    drawn = issued.ink(1, _DPI)
    assert drawn is not None
    return drawn


def _checked(issued: IssuedForm, paper: Ink, field: FormField, lost: slice, *, known: bool = True) -> CellCheck:
    """The cell of a page that a fax lost some rows of, counted from the top of the field's letters; ``known`` to be lost."""
    scan, unseen = paper.copy(), np.zeros(paper.shape, dtype=bool)
    place = pixels(field.box, _DPI, paper.shape, margin_mm=-0.5)
    top = place[0].start + int(np.flatnonzero(_ink(issued)[place].max(axis=1) > 128)[0])
    scan[top + lost.start : top + lost.stop] = 0
    unseen[top + lost.start : top + lost.stop] = True
    expected = softened(_ink(issued), _SIGMA)
    page = ComparedPage.of(softened(scan, _SIGMA), expected, _DPI, scan_dpi=_DPI, unseen=unseen if known else None)
    (check,) = check_cells(page, [field], issued.letters(1), issued.letter_comparison(_DPI, _SIGMA))
    return check


@pytest.mark.parametrize("lost", [slice(0, 3), slice(6, 9), slice(13, 16)])
def test_c4_what_a_fax_lost_of_its_letters_does_not_change_a_code(form, issued, lost):
    field = form.field("workers.2.tax_code")
    spoilt = _checked(issued, _ink(issued), field, lost, known=False)
    assert not spoilt.letters_stand(0.95)
    spared = _checked(issued, _ink(issued), field, lost)
    assert spared.letters_stand(0.95)
    assert spared.weakest > max(0.95, spoilt.weakest)
    assert (spared.lacking_mm2, spared.close_call) == (0.0, False)


@pytest.mark.parametrize("lost", [slice(0, 3), slice(6, 9), slice(13, 16)])
def test_c4_a_code_printed_anew_is_found_below_a_lost_line(form, issued, reprinted, lost):
    check = _checked(issued, reprinted, form.field("workers.2.tax_code"), lost)
    assert check.clearly_other
    found = {(each.issued, each.other) for each in check.letters if each.evidence < -0.5}
    assert {("Q", "O"), ("8", "3"), ("6", "0")} <= found


def test_c4_a_letter_of_which_all_that_tells_it_was_lost_is_left_to_a_second_reader(form, issued):
    field = form.field("workers.2.tax_code")
    check = _checked(issued, _ink(issued), field, slice(14, 20))
    assert "E" in {each.issued for each in check.letters if each.untold}
    assert check.close_call


@pytest.mark.parametrize("darkest_paper", [90, 120])
def test_c4_a_letter_in_doubt_is_compared_half_a_pixel_higher_and_lower_too(form, issued, darkest_paper):
    field = form.field("workers.2.tax_code")
    drawn = _ink(issued)
    lower = np.asarray(cv2.warpAffine(drawn, np.array([[1.0, 0, 0], [0, 1, 1]]), drawn.shape[::-1]), dtype=np.uint8)
    sent = np.where(softened(lower, 0.9) > darkest_paper, 255, 0).astype(np.uint8)
    places = [
        LetterPlace(field, letter, (0.0, 0.0), 5.0, rivals_at(field, number))
        for number, letter in enumerate(issued.letters(1)[field.name])
    ]
    comparison, page = issued.letter_comparison(_DPI, _SIGMA), LaidPage(sent, softened(drawn, _SIGMA))
    in_place = [each.evidence for each in compared_once(comparison.letters, page, places) if each]
    looked_again = [each.evidence for each in comparison.check(page, places) if each]
    assert len(looked_again) == len(in_place) == 16
    assert min(looked_again) > 0.25 > min(in_place)
