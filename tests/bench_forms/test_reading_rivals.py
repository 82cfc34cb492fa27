"""N12: the tools that we compare with get every word they read right counted as right."""

from __future__ import annotations

import io

import numpy as np
import pikepdf
import pytest
from PIL import Image

from bench.forms import ScannedPage, Sheet, issued_form
from bench.forms.__main__ import _figures
from bench.forms.geometry import Geometry
from bench.forms.weasyprint_form import _page
from bench.reading_cases import papers_of
from bench.reading_rivals import Word, cells_exact
from intake.typesetting.printed import print_application

DPI = 300


@pytest.fixture(scope="module")
def form():
    return issued_form(6, workers=5)


@pytest.fixture(scope="module")
def scan():
    sheet = Sheet(1, 2, np.zeros((1, 1, 3), np.uint8), (1.0, 1.0))
    return ScannedPage(sheet, "clean", DPI, Image.new("L", (8, 8)), DPI, 88, Geometry(np.eye(3), DPI))


def words_of(form, *, spoilt=lambda text: text):
    """Each value's words where they are printed, one below the other as a narrow cell breaks them."""
    words = []
    for field in form.form_map.on_page(1):
        texts = field.value.split()
        for place, text in enumerate(texts):
            y = field.box.top + (place + 0.5) * (field.box.bottom - field.box.top) / len(texts)
            x = (field.box.left + field.box.right) / 2
            words.append(Word(spoilt(text), x * DPI / 72, y * DPI / 72, 1.0))
    return words


def test_n12_a_page_read_perfectly_has_every_cell_exact_whatever_the_order_of_words(form, scan):
    values = {field.name: field.value for field in form.form_map.on_page(1)}
    words = words_of(form)
    exact, cells = cells_exact(words[::-1], scan, form, values)
    assert exact == cells == len(values)


def test_n12_what_was_read_of_the_rules_is_forgiven_and_a_wrong_letter_is_not(form, scan):
    values = {field.name: field.value for field in form.form_map.on_page(1)}
    with_rules = words_of(form, spoilt=lambda text: f"|{text}]")
    assert cells_exact(with_rules, scan, form, values) == (len(values), len(values))
    wrong = words_of(form, spoilt=lambda text: text.replace("0", "O"))
    spoilt = sum("0" in value for value in values.values())
    assert spoilt > 5
    assert cells_exact(wrong, scan, form, values) == (len(values) - spoilt, len(values))


def test_n12_nothing_read_leaves_only_the_empty_cells_right(form, scan):
    values = {field.name: field.value for field in form.form_map.on_page(1)}
    assert cells_exact([], scan, form, values)[0] == sum(not value for value in values.values())


def test_n12_weasyprint_sets_the_same_values(form):
    page = _page(print_application(form.data))
    assert all(f'<td class="code">{worker["tax_code"]}</td>' in page for worker in form.data["workers"])
    assert form.data["employer"]["pec"] in page


def test_n12_what_a_form_claims_to_be_is_read_from_it(form):
    told = _figures(form.pdf, 0.5)
    assert (told["claims PDF/A"], told["claims PDF/UA"], told["forms per second"]) == ("3a", "1", 2.0)
    plain, written = pikepdf.new(), io.BytesIO()
    plain.add_blank_page()
    plain.save(written)
    assert _figures(written.getvalue(), 1.0)["claims PDF/A"] == "no"


def test_n12_each_seed_is_read_untouched_altered_and_reprinted_by_either_printer():
    odd, even = papers_of(901, quick=True), papers_of(902, quick=True)
    assert [papers.treatment for papers in odd] == ["untouched", "altered", "reprinted"]
    assert {papers.path for papers in odd} == {"poppler"}
    assert {papers.path for papers in even} == {"pdfium"}
    assert all(papers.colour for papers in (*odd, *even) if papers.treatment == "altered")
    assert "pytesseract" in odd[0].rivals
