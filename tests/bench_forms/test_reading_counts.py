"""N12: what is published as accuracy is counted honestly, what goes wrong above all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.forms import Altered, ReturnedForm, ScannedPage, Sheet, issued_form
from bench.forms.geometry import Geometry
from bench.forms.returned import values_on
from bench.reading_cases import Observation, Papers
from bench.reading_counts import counted, same_text
from bench.reading_figures import Gathered, wilson
from ocr.form_map import Box
from ocr.page_codes import PageCode, ReadPageCode
from ocr.results import Alteration, PageSeen, ReadCell, ReturnedReading

SOURCE = ("scan.pdf", 1)


@pytest.fixture(scope="module")
def form():
    return issued_form(5, workers=4)


def sheet(page=1, altered=()):
    return Sheet(page, 2, np.zeros((1, 1, 3), np.uint8), (1.0, 1.0), tuple(altered))


def returned(form, one):
    scan = ScannedPage(one, "clean", 300, None, 300, 88, Geometry(np.eye(3), 300.0))
    return ReturnedForm(form, (scan,), b"", values_on(form, [one]))


def cell(field, **changes):
    read = ReadCell(field.name, field.page, field.box, field.value, field.value, 1.0, "agrees", "verified", SOURCE)
    return replace(read, **changes)


def reading(form, *, alterations=(), seen_page=1, **changed):
    """A perfect reading of page 1 but for ``changed``: field name (dots as __) to what differs of its cell."""
    named = {name.replace("__", "."): change for name, change in changed.items()}
    cells = tuple(cell(field, **named.get(field.name, {})) for field in form.form_map.on_page(1))
    code = ReadPageCode(PageCode(form.form_map.form, seen_page, form.form_map.pages), True)
    page = PageSeen("scan.pdf", 1, code, "ours", "ocr", 0.0, 0, 0.99, None)
    return ReturnedReading((page,), (), (), (), cells, tuple(alterations), (), 0.1)


def altered(form, name, written, kind="digit_replaced", ink="printed"):
    field = form.field(name)
    return Altered(kind, 1, (name,), field.box, field.value, written, ink)


def test_n12_a_perfect_reading_of_an_untouched_page_has_no_alarm(form):
    counts = counted(returned(form, sheet()), reading(form))
    assert counts["genuine"] == counts["genuine_exact"] == len(form.form_map.on_page(1)) > 50
    assert counts["genuine_alarmed"] == counts["untouched_pages_alarmed"] == 0
    assert counts["genuine_codes"] == counts["genuine_codes_exact"] > 0


def test_n12_a_value_called_doubtful_is_an_alarm_and_not_exact_even_when_read_right(form):
    counts = counted(returned(form, sheet()), reading(form, workers__1__surname={"status": "doubtful"}))
    assert counts["genuine_exact"] == counts["genuine"] - 1
    assert counts["genuine_alarmed"] == counts["untouched_pages_alarmed"] == 1


def test_n12_a_stray_mark_alone_alarms_the_page(form):
    stray = Alteration(1, Box(300, 300, 310, 310), "", "", "", "added", SOURCE)
    counts = counted(returned(form, sheet()), reading(form, alterations=[stray]))
    assert counts["genuine_alarmed"] == 0
    assert counts["untouched_pages_alarmed"] == counts["stray_marks"] == 1


def test_n12_a_page_taken_for_another_is_not_identified(form):
    assert counted(returned(form, sheet()), reading(form))["pages_identified"] == 1
    assert counted(returned(form, sheet()), reading(form, seen_page=2))["pages_identified"] == 0


def test_n12_a_change_called_by_its_field_is_found_and_one_passed_over_is_not(form):
    name = "workers.1.requested_hours"
    change = altered(form, name, "999")
    back = returned(form, sheet(altered=[change]))
    field = form.field(name)
    told = Alteration(1, field.box, name, field.value, "999", "changed", SOURCE)
    differing = {"read": "999", "status": "differs"}
    found = counted(back, reading(form, alterations=[told], workers__1__requested_hours=differing))
    missed = counted(back, reading(form))
    assert (found["digit_replaced_found"], found["changes_found"], found["changed_values_exact"]) == (1, 1, 1)
    assert (missed["digit_replaced_found"], missed["changes_found"], missed["changed_values_exact"]) == (0, 0, 0)
    assert found["digit_replaced"] == missed["digit_replaced"] == 1


def test_n12_an_alarm_elsewhere_does_not_find_an_added_row(form):
    added = Altered("row_added", 1, (), Box(100, 700, 200, 712), "", "ROSSI ANNA", "blue")
    back = returned(form, sheet(altered=[added]))
    near, far = (Alteration(1, Box(120, top, 190, top + 10), "", "", "", "added", SOURCE) for top in (701, 500))
    assert counted(back, reading(form, alterations=[near]))["row_added_found"] == 1
    assert counted(back, reading(form, alterations=[far]))["row_added_found"] == 0


def test_n12_pen_over_a_digit_is_counted_apart_and_by_colour(form):
    pen = altered(form, "workers.1.weekly_hours", "88", kind="pen_over_digit", ink="blue")
    counts = counted(returned(form, sheet(altered=[pen])), reading(form))
    assert counts["pen_over_digit"] == counts["pen_over_digit_blue"] == 1
    assert counts["pen_over_digit_found"] == counts["changes"] == 0


def test_n12_a_code_read_as_another_valid_one_is_a_wrong_repair(form):
    name = "workers.1.tax_code"
    other = form.field("workers.2.tax_code").value
    invalid = form.field(name).value[:-1] + "0"
    wrong = counted(returned(form, sheet()), reading(form, workers__1__tax_code={"read": other, "status": "differs"}))
    plain = counted(returned(form, sheet()), reading(form, workers__1__tax_code={"read": invalid, "status": "differs"}))
    assert wrong["codes_repaired_wrongly"] == 1
    assert plain["codes_repaired_wrongly"] == 0
    assert wrong["genuine_codes_exact"] == plain["genuine_codes_exact"] == wrong["genuine_codes"] - 1


def test_n12_goals_that_fall_short_are_called_so(form):
    papers = Papers(5, "untouched", "pdfium", (1,))
    perfect = counted(returned(form, sheet()), reading(form))
    spoilt = counted(returned(form, sheet()), reading(form, workers__1__surname={"status": "doubtful"}))
    good = Gathered([Observation(papers, "fax", 300, perfect, 0.5)]).goals()
    poor = Gathered([Observation(papers, "fax", 300, spoilt, 2.0)]).goals()
    assert all(goal["reached"] for goal in good)
    short = {goal["what"] for goal in poor if not goal["reached"]}
    assert "processor seconds for an untouched page" in short
    assert "false alarms: untouched pages" in short
    assert all(goal["dpi"] == 300 for goal in good)


def test_n12_values_replaced_by_the_dozen_are_not_counted_as_single_changes(form):
    change = altered(form, "workers.1.requested_hours", "999")
    counts = counted(returned(form, sheet(altered=[change])), reading(form))
    gathered = Gathered([Observation(Papers(5, "reprinted", "pdfium", (1,)), "clean", 300, counts, 0.5)])
    figures = gathered.figures(300)["clean"]
    assert "changes found" not in figures
    assert figures["reprinted values found"] == {"share": 0.0, "of": 1}


def test_n12_the_likely_range_is_wide_for_few_things_and_holds_the_share():
    assert wilson(1.0, 60) == pytest.approx((0.9398, 1.0), abs=1e-4)
    assert wilson(0.0, 3000)[1] == pytest.approx(0.00128, abs=1e-5)
    for share, of in ((0.5, 10), (0.9, 20), (0.999, 5000)):
        low, high = wilson(share, of)
        assert low < share < high


def test_n12_accents_count_and_the_kind_of_apostrophe_does_not():
    assert same_text("D'ORAZIO", "D’ORAZIO")
    assert same_text(" ANNA  LUCIA ", "ANNA LUCIA")
    assert not same_text("NICCOLO", "NICCOLÒ")
