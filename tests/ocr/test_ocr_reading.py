"""What comes back, read against what was issued: clean returns, alterations at their boxes, pages lost and found."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image
from trial_form import KEYS, ROWS_A_PAGE, TrialForm, trial_form

import ocr.cell_reading
from ocr.form_map import Box
from ocr.reading import form_data_of, form_map_of, identify_pages, read_returned, rows_of
from ocr.results import ReturnedReading
from ocr.simulation import CellEdit, simulate_scan
from ocr.tesseract import TesseractUnavailable

pytestmark = pytest.mark.whole

OUTSIDE = Box(60, 720, 280, 744)


def _scan(form: TrialForm, **options: object) -> bytes:
    scan = simulate_scan(form.pdf, **{"seed": 7, "dpi": 200, "level": "clean"} | options)
    assert isinstance(scan, bytes)
    return scan


def _read(form: TrialForm, *files: bytes) -> ReturnedReading:
    named = [(f"file{number}", data) for number, data in enumerate(files, start=1)]
    return read_returned(named, form.form_map, KEYS, issued_pdf=form.pdf)


def _edit(form: TrialForm, name: str, text: str) -> CellEdit:
    field = form.field(name)
    return CellEdit(field.page, field.box, text, field.font, field.size)


def _pages(pdf: bytes, *order: tuple[int, int]) -> bytes:
    """The pages of ``pdf`` in another order, each (page from 1, turned by degrees)."""
    with pikepdf.open(io.BytesIO(pdf)) as source:
        target = pikepdf.new()
        for number, turned in order:
            target.pages.append(source.pages[number - 1])
            target.pages[-1].rotate(turned, relative=True)
        out = io.BytesIO()
        target.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def page() -> TrialForm:
    """One page with as many workers as it holds."""
    return trial_form(workers=ROWS_A_PAGE, form="PROVA-2026-000003")


@pytest.fixture(scope="module")
def other_values(page: TrialForm) -> dict[str, str]:
    """What the doctored scans say: other hours, a tax code with another digit, hours where there were none, another day."""
    hours, code, empty, day = (
        "workers.3.weekly_hours",
        "workers.5.tax_code",
        next(field.name for field in page.form_map.fields if not field.value),
        "workers.8.hired_on",
    )
    issued = page.field(code).value
    return {
        hours: "48" if page.field(hours).value != "48" else "36",
        code: issued[:7] + ("3" if issued[7] != "3" else "8") + issued[8:],
        empty: "120",
        day: "31/12/1999",
    }


@pytest.fixture(scope="module", params=["clean", "medium"])
def doctored(request: pytest.FixtureRequest, page: TrialForm, other_values: dict[str, str]) -> bytes:
    """The page with each of ``other_values`` printed over the issued one, and words added outside the values."""
    edits = [_edit(page, name, text) for name, text in other_values.items()]
    words = CellEdit(1, OUTSIDE, "salvo conguaglio a fine anno", "sans", 11.0)
    return _scan(page, level=request.param, dpi=300, edits=[*edits, words])


@pytest.fixture(scope="module")
def found(page: TrialForm, doctored: bytes) -> ReturnedReading:
    return _read(page, doctored)


@pytest.fixture(scope="module")
def scan(form: TrialForm) -> bytes:
    """Both pages of the form, untouched and not signed."""
    return _scan(form)


@pytest.fixture(scope="module")
def shuffled(form: TrialForm, scan: bytes) -> ReturnedReading:
    """Its second page upside down in one file, its first lying on its side in another."""
    return _read(form, _pages(scan, (2, 180)), _pages(scan, (1, 90)))


@pytest.fixture(scope="module")
def digital(form: TrialForm) -> tuple[ReturnedReading, list[tuple[int, int]]]:
    """The issued file itself as read, and what was told of the progress."""
    told: list[tuple[int, int]] = []
    files = [("a.pdf", form.pdf)]
    reading = read_returned(
        files, form.form_map, KEYS, issued_pdf=form.pdf, progress=lambda done, of: told.append((done, of))
    )
    return reading, told


def test_c4_the_map_and_the_data_travel_inside_the_form(form, scan):
    assert form_map_of(form.pdf) == form.form_map
    data = form_data_of(form.pdf)
    assert data is not None
    assert len(data["workers"]) == 26
    assert form_map_of(b"%PDF-1.4 nothing") is None
    assert form_map_of(scan) is None


def test_c4_a_digital_return_is_read_from_its_text_layer(digital):
    reading, told = digital
    assert told == [(1, 2), (2, 2)]
    assert {page.text_from for page in reading.pages} == {"pdf"}
    assert {cell.status for cell in reading.cells} == {"agrees", "empty"}
    assert all(cell.read == cell.issued and cell.source == "pdf" for cell in reading.cells)
    assert not reading.alterations
    assert not reading.signatures[0].present


@pytest.mark.parametrize(("level", "dpi"), [("clean", 300), ("medium", 300), ("phone", 300), ("clean", 200)])
def test_c4_every_cell_of_an_untouched_scan_is_read(page, level, dpi):
    reading = _read(page, _scan(page, level=level, dpi=dpi, signatures=page.signature_zones, signer="A"))
    assert {seen.text_from for seen in reading.pages} == {"ocr"}
    assert len(reading.cells) == len(page.form_map.fields)
    assert [cell.name for cell in reading.cells if cell.read != cell.issued] == []
    assert not reading.missing_pages
    assert not reading.alterations
    assert reading.signatures[0].present
    assert all(seen.problem is None for seen in reading.pages)


def test_c4_rows_are_given_in_the_public_format(form, digital):
    rows = rows_of(digital[0].cells)
    assert [row["row"] for row in rows] == list(range(1, 27))
    issued = form.field("workers.3.hired_on").value
    day, month, year = issued.split("/")
    assert rows[2]["hired_on"]["value"] == f"{year}-{month}-{day}"
    assert rows[2]["surname"]["box"] == form.field("workers.3.surname").box.as_list()
    assert rows[2]["contract"] is None


def test_n1_values_printed_over_are_found_at_their_boxes_with_what_they_say(page, other_values, found):
    changed = {each.field: (each.box, each.issued, each.seen) for each in found.alterations if each.kind == "changed"}
    assert changed == {
        name: (page.field(name).box, page.field(name).value, text)
        for name, text in other_values.items()
        if page.field(name).value
    }
    assert {cell.name for cell in found.cells if cell.status not in ("agrees", "empty")} == set(other_values)


def test_n1_a_value_written_into_an_empty_cell_is_an_addition(page, other_values, found):
    (empty,) = (name for name in other_values if not page.field(name).value)
    assert [each.kind for each in found.alterations if each.field == empty] == ["added"]


def test_n1_words_added_outside_the_values_are_found(found):
    (outside,) = (each for each in found.alterations if not each.field)
    assert (outside.page, outside.kind) == (1, "added")
    assert OUTSIDE.left <= outside.box.left <= outside.box.right <= OUTSIDE.right
    assert OUTSIDE.top <= outside.box.top <= outside.box.bottom <= OUTSIDE.bottom


def test_n1_a_digital_return_whose_picture_was_changed_under_its_text_is_found(page):
    field = page.field("workers.2.requested_hours")
    with pikepdf.open(io.BytesIO(page.pdf)) as document:
        height = page.form_map.height
        box = field.box
        cover = (
            f"q 1 1 1 rg {box.left + 2} {height - box.bottom + 2} {box.right - box.left - 4} "
            f"{box.bottom - box.top - 4} re f Q"
        )
        document.pages[0].contents_add(cover.encode())
        out = io.BytesIO()
        document.save(out)
    assert field.value
    reading = _read(page, out.getvalue())
    assert [each.field for each in reading.alterations] == [field.name]
    assert next(cell for cell in reading.cells if cell.name == field.name).status == "doubtful"


def test_n1_a_digital_return_with_another_value_typed_in_is_found(page):
    other = trial_form(workers=ROWS_A_PAGE, form=page.form_map.form, replaced={"workers.4.weekly_hours": "99"})
    reading = _read(page, other.pdf)
    assert [(each.field, each.seen) for each in reading.alterations] == [("workers.4.weekly_hours", "99")]


def test_n1_missing_doubled_foreign_blank_and_unknown_pages_are_named(form, scan):
    stranger = trial_form(workers=3, seed=9, form="PROVA-2026-000002")
    blank = io.BytesIO()
    Image.new("L", (827, 1169), 252).save(blank, "PNG")
    letter = io.BytesIO()
    lines = np.full((1169, 827), 255, np.uint8)
    for top in range(200, 900, 30):
        lines[top : top + 4, 100:700] = 0
    Image.fromarray(lines).save(letter, "PNG")
    second = _pages(scan, (2, 0), (2, 0))
    reading = _read(form, second, stranger.pdf, blank.getvalue(), letter.getvalue())
    assert [page.belongs for page in reading.pages] == ["ours", "ours", "foreign", "blank", "unknown"]
    assert reading.missing_pages == (1,)
    assert reading.doubled_pages == (2,)
    assert reading.foreign_pages == (("file2", 1),)
    assert {cell.page for cell in reading.cells} == {2}


def test_n1_a_page_code_signed_by_a_stranger_makes_a_page_foreign(form):
    keys = (Ed25519PrivateKey.generate().public_key(),)
    reading = read_returned([("a.pdf", form.pdf)], form.form_map, keys, issued_pdf=form.pdf)
    assert {page.belongs for page in reading.pages} == {"foreign"}
    assert reading.missing_pages == (1, 2)
    assert not reading.cells


def test_n1_shuffled_and_upside_down_pages_in_several_files_are_read_as_well(scan, shuffled):
    assert [(page.code.code.page, page.rotation) for page in shuffled.pages] == [(2, 180), (1, 90)]
    assert [cell.name for cell in shuffled.cells if cell.read != cell.issued] == []
    assert not shuffled.alterations
    assert [page.rotation for page in identify_pages([("x", _pages(scan, (2, 180)))], KEYS)] == [180]


def test_n1_an_unsigned_scan_says_that_the_signature_box_is_empty(shuffled):
    assert [(each.name, each.present) for each in shuffled.signatures] == [("legal_representative", False)]


def test_n1_without_tesseract_the_reading_goes_on_and_says_what_is_missing(page, monkeypatch):
    def missing(*_args: object) -> tuple[str, float]:
        raise TesseractUnavailable("Tesseract non è installato.", "Installa i pacchetti.")

    monkeypatch.setattr(ocr.cell_reading, "line_by_tesseract", missing)
    reading = _read(page, _scan(page, edits=[_edit(page, "workers.3.surname", "VERDINI PAOLA")]))
    assert [each.field for each in reading.alterations] == ["workers.3.surname"]
    assert "Tesseract" in str(reading.pages[0].problem)
    assert sum(cell.status == "agrees" for cell in reading.cells) > 100


def test_c4_without_the_issued_bytes_scans_are_read_and_compared_with_the_map(page, other_values, doctored):
    few = replace(page.form_map, fields=tuple(each for each in page.form_map.fields if each.kind == "date")[5:10])
    reading = read_returned([("scan.pdf", doctored)], few, KEYS)
    day = "workers.8.hired_on"
    assert [(each.field, each.seen) for each in reading.alterations] == [(day, other_values[day])]
    assert {cell.source for cell in reading.cells} == {"ocr"}
    assert sum(cell.status == "agrees" for cell in reading.cells) >= 3
