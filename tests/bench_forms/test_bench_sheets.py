"""N12: a generated sheet says of itself what was done to it, and nothing else was done."""

from __future__ import annotations

import numpy as np
import pytest

from bench.forms import KINDS, SHEET_DPI, printed, reprinted_sheet, values_on
from bench.forms.issuing import forged_form
from bench.forms.marks import signed_and_stamped
from ocr.form_map import Box

pytestmark = pytest.mark.whole


def test_n12_a_page_with_room_gets_every_kind_of_alteration_in_rows_of_their_own(altered):
    assert {each.kind for each in altered.altered} == set(KINDS)
    rows = [each.fields[0].split(".")[1] for each in altered.altered if each.fields]
    assert len(rows) == len(set(rows))


def test_n12_ink_differs_from_the_untouched_sheet_only_where_the_truth_says(altered, untouched):
    changed = np.abs(altered.picture.astype(np.int16) - untouched.picture).max(axis=2) > 60
    for each in altered.altered:
        place = _pixels(each.box)
        assert changed[place].any(), each
        changed[place] = False
    assert not changed.any()


def test_n12_the_truth_of_a_changed_value_is_what_is_written_now(form, altered):
    values = values_on(form, [altered])
    for each in altered.altered:
        if each.kind == "row_struck":
            assert {values[name] for name in each.fields} == {""}
        elif each.fields:
            assert values[each.fields[0]] == each.written != form.field(each.fields[0]).value
    replaced = {name for each in altered.altered for name in each.fields}
    assert all(
        values[each.name] == each.value for each in form.form_map.on_page(altered.page) if each.name not in replaced
    )


def test_n12_a_reprinted_page_replaces_about_a_third_of_the_workers_values(form, page):
    sheet = reprinted_sheet(form, page, seed=41)
    candidates = len(form.workers_on(page)) * 6
    assert 0.15 * candidates < len(sheet.altered) < 0.5 * candidates
    assert {each.ink for each in sheet.altered} == {"printed"}


def test_n12_a_forgery_that_would_move_other_values_is_not_made(form):
    row = form.workers_on(1)[0]
    assert forged_form(form, {f"workers.{row}.surname": "MARTINELLI DELLA TORRE PETRUCCI"}) is None
    assert forged_form(form, {f"workers.{row}.requested_hours": "999"}) is not None


def test_n12_the_same_seed_prints_the_same_sheet_and_another_seed_another(form, page):
    first, again, other = (printed(form, page, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.picture, again.picture)
    assert not np.array_equal(first.picture, other.picture)
    assert first.scale != other.scale


def test_n12_most_signature_boxes_are_signed_and_the_sheet_says_which(form):
    last = printed(form, form.form_map.pages, seed=3)
    sheets = [signed_and_stamped(last, form, seed=seed) for seed in range(8)]
    place = _pixels(next(zone.box for zone in form.form_map.zones if zone.kind == "signature"))
    inked = [bool((sheet.picture[place] != last.picture[place]).any()) for sheet in sheets]
    assert [bool(sheet.signed) for sheet in sheets] == inked
    assert 0 < sum(inked) < len(inked)


def _pixels(box: Box) -> tuple[slice, slice]:
    margin = 3.0
    left, top, right, bottom = (
        edge * SHEET_DPI / 72 for edge in (box.left - margin, box.top - margin, box.right + margin, box.bottom + margin)
    )
    return slice(round(top), round(bottom)), slice(round(left), round(right))
