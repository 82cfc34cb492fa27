"""N12: the scans look like scans, and where their pixels stand is known."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image

from bench.forms import KEYS, LEVELS, ReturnedForm, pdf_file, picture_file, scanned
from bench.forms.returned import values_on
from bench.reading_counts import counted
from ocr.reading import read_returned

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def scans(untouched):
    return {level: scanned(untouched, level=level, dpi=200, seed=1) for level in LEVELS}


@pytest.mark.parametrize("level", LEVELS)
def test_n12_corner_marks_lie_where_the_geometry_says(scans, form, page, level):
    scan = scans[level]
    picture = cv2.GaussianBlur(np.asarray(scan.picture.convert("L")), (0, 0), 0.8)
    marks = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_6X6_50))
    corners, numbers, _ = marks.detectMarkers(picture)
    zones = {zone.name: zone.box for zone in form.form_map.zones_on_page(page, "marker")}
    found = {
        str(number): corner[0] for number, corner in zip(numbers.ravel(), corners, strict=True) if str(number) in zones
    }
    assert len(found) >= 2
    for name, seen in found.items():
        box = zones[name]
        middle = scan.geometry.on_issued(seen.astype(np.float64)).mean(axis=0)
        assert np.abs(middle - [(box.left + box.right) / 2, (box.top + box.bottom) / 2]).max() < 0.6


def test_n12_a_fax_has_one_bit_and_its_own_resolution(scans):
    fax = scans["fax"]
    assert fax.picture.mode == "1"
    assert fax.true_dpi == 160
    with Image.open(io.BytesIO(picture_file(fax))) as stored:
        assert stored.format == "TIFF"
        assert stored.mode == "1"


def test_n12_a_low_contrast_scan_has_grey_ink_on_grey_paper(scans):
    tones = np.percentile(np.asarray(scans["low_contrast"].picture.convert("L")), (1, 50))
    assert 80 < tones[0] < 150
    assert 140 < tones[1] < 210


def test_n12_scans_are_the_same_for_the_same_seed(untouched, scans):
    again = scanned(untouched, level="medium", dpi=200, seed=1)
    other = scanned(untouched, level="medium", dpi=200, seed=2)
    assert picture_file(again) == picture_file(scans["medium"]) != picture_file(other)
    assert pdf_file([again]) == pdf_file([scans["medium"]])


def test_n12_a_pdf_of_scans_holds_one_picture_a_page_at_its_size(scans):
    with pikepdf.open(io.BytesIO(pdf_file([scans["clean"], scans["fax"]]))) as document:
        sizes = [(float(page.mediabox[2]), float(page.mediabox[3])) for page in document.pages]
        pictures = [list(page.get_images().values()) for page in document.pages]
    assert [len(each) for each in pictures] == [1, 1]
    assert np.allclose(sizes, [(595, 842)] * 2, atol=2)


def test_n12_what_is_read_of_a_clean_untouched_page_counts_as_right(form, scans):
    scan = scans["clean"]
    back = ReturnedForm(form, (scan,), pdf_file([scan]), values_on(form, [scan.sheet]))
    reading = read_returned([("scan.pdf", back.pdf)], form.form_map, KEYS, issued_pdf=form.pdf)
    counts = counted(back, reading)
    assert counts["pages_identified"] == counts["pages"] == 1
    assert counts["genuine"] == len(form.form_map.on_page(scan.sheet.page))
    assert counts["genuine_exact"] > 0.95 * counts["genuine"]
