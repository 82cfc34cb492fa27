"""A list that comes as a scan lying on its head: read with its evidence, its doubts asked (T4, C4)."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from bench.lists.files import MadeList, as_pdf, made_list
from bench.lists.layouts import LAYOUTS
from bench.lists.measure import compared
from bench.lists.scans import scanned_pages
from ocr.pages import open_pages
from ocr.worker_list.reading import WorkerListReading, read_worker_list

pytestmark = pytest.mark.whole

MADE = made_list(next(each for each in LAYOUTS if each.name == "ruled"), 18, count=8)


@pytest.fixture(scope="module")
def scan() -> bytes:
    upright = scanned_pages(as_pdf(MADE), level="clean", dpi=200, seed=18)[0].picture
    out = io.BytesIO()
    upright.rotate(180).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def reading(scan: bytes) -> WorkerListReading:
    return read_worker_list([("scansione.png", scan)])


def test_t4_every_row_is_there_and_no_wrong_value_passes_unasked(reading: WorkerListReading) -> None:
    made: MadeList = MADE
    counted, _ = compared(made.truth, reading, 0.0)
    assert (len(reading.rows), counted.strangers, counted.wrong_unasked, counted.wrong_codes) == (8, 0, 0, 0)
    assert counted.cells_exact >= 0.97 * counted.cells


def test_c4_boxes_lead_to_the_ink_on_the_page_as_it_came(reading: WorkerListReading, scan: bytes) -> None:
    page = open_pages(scan, name="scansione.png")[0]
    grey, scale = page.image(100), 100 / 72
    for row in reading.rows:
        assert row.rotation == 180
        box = row.fields["tax_code"].box
        assert box is not None
        cut = grey[
            round(box.top * scale) : round(box.bottom * scale), round(box.left * scale) : round(box.right * scale)
        ]
        assert (np.asarray(cut) < 150).mean() > 0.08
    first, last = reading.rows[0].box, reading.rows[-1].box
    assert first is not None
    assert last is not None
    assert first.top > last.bottom


def test_t4_what_two_engines_read_alike_says_so(reading: WorkerListReading) -> None:
    fields = [field for row in reading.rows for field in row.fields.values()]
    assert {field.engine for field in fields} <= {"tesseract", "rapidocr"}
    assert all("two_engines" not in field.rules or field.confidence >= 0.9 for field in fields)


def test_c4_a_picture_of_something_else_is_no_list() -> None:
    out = io.BytesIO()
    Image.fromarray(np.full((1200, 900), 250, np.uint8)).save(out, "PNG")
    read = read_worker_list([("bianca.png", out.getvalue())])
    assert [problem.code for problem in read.problems] == ["no_list"]
