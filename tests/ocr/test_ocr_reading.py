"""What comes back, read against what was issued: clean returns, alterations at their boxes, pages lost and found."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image
from trial_form import KEYS, TrialForm, trial_form

import ocr.cell_reading
from ocr.reading import form_data_of, form_map_of, identify_pages, read_returned, rows_of
from ocr.simulation import CellEdit, simulate_scan
from ocr.tesseract import TesseractUnavailable

pytestmark = pytest.mark.whole


def _scan(form: TrialForm, **options: object) -> bytes:
    scan = simulate_scan(form.pdf, **{"seed": 7, "dpi": 200, "level": "clean"} | options)
    assert isinstance(scan, bytes)
    return scan


def _read(form: TrialForm, *files: bytes):
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


def test_c4_the_map_and_the_data_travel_inside_the_form(form):
    assert form_map_of(form.pdf) == form.form_map
    data = form_data_of(form.pdf)
    assert data is not None
    assert len(data["workers"]) == 26
    assert form_map_of(b"%PDF-1.4 nothing") is None
    assert form_map_of(_scan(form, dpi=72)) is None


def test_c4_a_digital_return_is_read_from_its_text_layer(form):
    reading = _read(form, form.pdf)
    assert {page.text_from for page in reading.pages} == {"pdf"}
    assert {cell.status for cell in reading.cells} == {"agrees", "empty"}
    assert all(cell.read == cell.issued and cell.source == "pdf" for cell in reading.cells)
    assert not reading.alterations
    assert not reading.signatures[0].present


@pytest.mark.parametrize(("level", "dpi"), [("clean", 300), ("medium", 300), ("clean", 200)])
def test_c4_every_cell_of_an_untouched_scan_is_read(form, level, dpi):
    reading = _read(form, _scan(form, level=level, dpi=dpi, signatures=form.signature_zones, signer="A"))
    assert len(reading.cells) == len(form.form_map.fields)
    assert [cell.name for cell in reading.cells if cell.read != cell.issued] == []
    assert not reading.missing_pages
    assert not reading.alterations
    assert reading.signatures[0].present
    assert all(page.problem is None for page in reading.pages)


def test_c4_rows_are_given_in_the_public_format(form):
    rows = rows_of(_read(form, form.pdf).cells)
    assert [row["row"] for row in rows] == list(range(1, 27))
    issued = form.field("workers.3.hired_on").value
    day, month, year = issued.split("/")
    assert rows[2]["hired_on"]["value"] == f"{year}-{month}-{day}"
    assert rows[2]["surname"]["box"] == form.field("workers.3.surname").box.as_list()
    assert rows[2]["contract"] is None


@pytest.mark.parametrize("level", ["clean", "medium"])
def test_n1_a_cell_printed_over_is_found_at_its_box_with_what_it_says(form, level):
    name = "workers.3.weekly_hours"
    new = "48" if form.field(name).value != "48" else "36"
    reading = _read(form, _scan(form, level=level, dpi=300, edits=[_edit(form, name, new)]))
    assert [(each.field, each.box, each.issued, each.seen, each.kind) for each in reading.alterations] == [
        (name, form.field(name).box, form.field(name).value, new, "changed")
    ]
    assert [cell.name for cell in reading.cells if cell.status not in ("agrees", "empty")] == [name]


def test_n1_one_digit_of_a_tax_code_is_found(form):
    name = "workers.5.tax_code"
    issued = form.field(name).value
    new = issued[:7] + ("3" if issued[7] != "3" else "8") + issued[8:]
    reading = _read(form, _scan(form, dpi=300, edits=[_edit(form, name, new)]))
    assert [(each.field, each.seen) for each in reading.alterations] == [(name, new)]


def test_n1_a_value_written_into_an_empty_cell_is_an_addition(form):
    empty = next(field for field in form.form_map.fields if not field.value)
    reading = _read(form, _scan(form, edits=[_edit(form, empty.name, "120")]))
    assert [(each.field, each.kind) for each in reading.alterations] == [(empty.name, "added")]


def test_n1_words_added_outside_the_values_are_found(form):
    from ocr.form_map import Box

    place = Box(60, 720, 280, 744)
    reading = _read(form, _scan(form, edits=[CellEdit(1, place, "salvo conguaglio a fine anno", "sans", 11.0)]))
    assert len(reading.alterations) == 1
    found = reading.alterations[0]
    assert (found.page, found.field, found.kind) == (1, "", "added")
    assert place.left <= found.box.left <= found.box.right <= place.right
    assert place.top <= found.box.top <= found.box.bottom <= place.bottom


def test_n1_a_digital_return_whose_picture_was_changed_under_its_text_is_found(form):
    field = form.field("workers.2.requested_hours")
    with pikepdf.open(io.BytesIO(form.pdf)) as document:
        height = form.form_map.height
        box = field.box
        cover = (
            f"q 1 1 1 rg {box.left + 2} {height - box.bottom + 2} {box.right - box.left - 4} "
            f"{box.bottom - box.top - 4} re f Q"
        )
        document.pages[0].contents_add(cover.encode())
        out = io.BytesIO()
        document.save(out)
    reading = _read(form, out.getvalue())
    changed = [each.field for each in reading.alterations]
    assert changed == ([field.name] if field.value else [])
    assert next(cell for cell in reading.cells if cell.name == field.name).status in ("doubtful", "empty")


def test_n1_a_digital_return_with_another_value_typed_in_is_found(form):
    other = trial_form(workers=26, seed=1, replaced={"workers.4.weekly_hours": "99"})
    reading = _read(form, other.pdf)
    assert [(each.field, each.seen) for each in reading.alterations] == [("workers.4.weekly_hours", "99")]


def test_n1_missing_doubled_foreign_blank_and_unknown_pages_are_named(form):
    stranger = trial_form(workers=3, seed=9, form="PROVA-2026-000002")
    blank = io.BytesIO()
    Image.new("L", (827, 1169), 252).save(blank, "PNG")
    letter = io.BytesIO()
    page = np.full((1169, 827), 255, np.uint8)
    for top in range(200, 900, 30):
        page[top : top + 4, 100:700] = 0
    Image.fromarray(page).save(letter, "PNG")
    second = _pages(_scan(form), (2, 0), (2, 0))
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


def test_n1_shuffled_and_upside_down_pages_in_several_files_are_read_as_well(form):
    scan = _scan(form)
    reading = _read(form, _pages(scan, (2, 180)), _pages(scan, (1, 90)))
    assert [(page.code.code.page, page.rotation) for page in reading.pages] == [(2, 180), (1, 90)]
    assert [cell.name for cell in reading.cells if cell.read != cell.issued] == []
    assert not reading.alterations
    assert [page.rotation for page in identify_pages([("x", _pages(scan, (2, 180)))], KEYS)] == [180]


def test_n1_telephone_pictures_are_read(form):
    pictures = simulate_scan(
        form.pdf, seed=4, dpi=300, level="phone", signatures=form.signature_zones, signer="B", output="jpeg"
    )
    assert isinstance(pictures, list)
    reading = _read(form, *pictures)
    assert {page.text_from for page in reading.pages} == {"ocr"}
    assert [cell.name for cell in reading.cells if cell.read != cell.issued] == []
    assert not reading.alterations
    assert reading.signatures[0].present


def test_n1_an_unsigned_scan_says_that_the_signature_box_is_empty(form):
    reading = _read(form, _scan(form))
    assert [(each.name, each.present) for each in reading.signatures] == [("legal_representative", False)]


def test_n1_without_tesseract_the_reading_goes_on_and_says_what_is_missing(form, monkeypatch):
    def missing(*_args: object) -> tuple[str, float]:
        raise TesseractUnavailable("Tesseract non è installato.", "Installa i pacchetti.")

    monkeypatch.setattr(ocr.cell_reading, "line_by_tesseract", missing)
    reading = _read(form, _scan(form, edits=[_edit(form, "workers.3.surname", "VERDINI PAOLA")]))
    assert [each.field for each in reading.alterations] == ["workers.3.surname"]
    assert "Tesseract" in str(reading.pages[0].problem)
    assert sum(cell.status == "agrees" for cell in reading.cells) > 100


def test_c4_without_the_issued_bytes_scans_are_read_and_compared_with_the_map(form):
    few = replace(form.form_map, fields=tuple(each for each in form.form_map.fields if each.kind == "date")[:6])
    edit = _edit(form, few.fields[2].name, "31/12/1999")
    reading = read_returned([("scan.pdf", _scan(form, dpi=300, edits=[edit]))], few, KEYS)
    assert [(each.field, each.seen) for each in reading.alterations] == [(few.fields[2].name, "31/12/1999")]
    assert {cell.source for cell in reading.cells} == {"ocr"}
    assert sum(cell.status == "agrees" for cell in reading.cells) >= 4


def test_c4_progress_is_told_page_by_page(form):
    told: list[tuple[int, int]] = []
    read_returned([("a.pdf", form.pdf)], form.form_map, KEYS, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]
