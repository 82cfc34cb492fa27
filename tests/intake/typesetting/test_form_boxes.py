"""C1: each printed value stands in the box the map gives it, and no value of the data is left off the page."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from intake.typesetting.application_form import IssuedFormDocument
from intake.typesetting.compiler import TypesettingError
from intake.typesetting.printed import print_application
from ocr.form_map import Box, FormMap, FormZone
from tests.intake.typesetting.synthetic_application import (
    PrintedText,
    issue,
    make_application,
    make_worker,
    without_spaces,
)

LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZÀÈÉÌÒÙÁÍÓÚÑÇÖÜÄÅØŠŽČĆĐŁŚŻĂÂÎȘȚËÇĞİŐŰ"
WORD = st.text(alphabet=LATIN, min_size=1, max_size=60)
NAMES = st.lists(WORD, min_size=1, max_size=4).map(lambda words: " ".join(words)[:60].strip()) | st.tuples(
    WORD, WORD
).map(lambda halves: f"{halves[0][:20]}’{halves[1][:20]}-{halves[0][:10]}")


def disagreements(form: IssuedFormDocument) -> list[tuple[str, str, str]]:
    shown = PrintedText(form.pdf)
    read = ((field, shown.in_box(field.page, field.box)) for field in form.form_map.fields)
    return [(f.name, f.value, text) for f, text in read if without_spaces(text) != without_spaces(f.value)]


def leaves(node: Any, path: str = "") -> dict[str, str]:
    if isinstance(node, str):
        return {path: node}
    pairs = node.items() if isinstance(node, dict) else enumerate(node, start=1)
    found: dict[str, str] = {}
    for key, value in pairs:
        found |= leaves(value, f"{path}.{key}" if path else str(key))
    return found


@pytest.mark.parametrize("name", ["short_form", "long_form", "rehearsal_form"])
def test_every_box_shows_its_value_and_nothing_else(name: str, request: pytest.FixtureRequest) -> None:
    form: IssuedFormDocument = request.getfixturevalue(name)
    assert disagreements(form) == []


@pytest.mark.parametrize("workers", [1, 3, 40])
def test_every_value_of_the_data_is_a_field(workers: int) -> None:
    data = make_application(workers)
    form = issue(data)
    printed = {path: text for path, text in leaves(print_application(data)).items() if not path.endswith(".key")}
    assert {field.name: field.value for field in form.form_map.fields} == printed


def test_an_empty_value_keeps_its_cell(short_form: IssuedFormDocument) -> None:
    empty = [field for field in short_form.form_map.fields if field.value == ""]
    assert {"employer.phone", "workers.2.category", "declarations.2.law"} <= {field.name for field in empty}
    assert all(field.box.bottom - field.box.top > 6 and field.box.right - field.box.left > 20 for field in empty)


@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@example([("ŁUKASZEWICZ-PRZYBYLSKA", "ROSSI - BIANCHI"), ("A-B-C-D-E-F-G-H-I-K-L-M-N-O-P-Q-R", "Ù")], "ALFA-BETA")
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=12), NAMES)
def test_odd_names_wrap_inside_their_cell(names: list[tuple[str, str]], firm: str) -> None:
    data = make_application(1)
    data["employer"] = {**data["employer"], "name": firm}
    data["workers"] = [
        make_worker(row, surname=surname, given_name=given_name) for row, (surname, given_name) in enumerate(names)
    ]
    assert disagreements(issue(data)) == []


def test_a_single_word_of_sixty_letters_breaks_inside_its_cell() -> None:
    surname = "WOLFESCHLEGELSTEINHAUSENBERGERDORFFVORALTERNWARENGEWISSENHAFT"
    data = make_application(2) | {"workers": [make_worker(0, surname=surname), make_worker(1)]}
    form = issue(data)
    assert disagreements(form) == []
    wrapped, plain = (
        field for field in form.form_map.fields if field.name in {"workers.1.surname", "workers.2.surname"}
    )
    assert wrapped.box.bottom - wrapped.box.top > 2 * (plain.box.bottom - plain.box.top)


def test_boxes_of_values_never_overlap(long_form: IssuedFormDocument) -> None:
    for page in range(1, long_form.pages + 1):
        boxes = [field.box for field in long_form.form_map.on_page(page)]
        clashes = [
            (a, b) for number, a in enumerate(boxes) for b in boxes[number + 1 :] if overlap(a, b, tolerance=0.05)
        ]
        assert clashes == []


def test_codes_and_marks_keep_their_quiet_zone(long_form: IssuedFormDocument) -> None:
    module = 0.5 * 72 / 25.4
    for page in range(1, long_form.pages + 1):
        codes = long_form.form_map.zones_on_page(page, "page_code")
        others = [field.box for field in long_form.form_map.on_page(page)]
        others += [zone.box for zone in long_form.form_map.zones_on_page(page, "marker", "table", "signature")]
        assert len(codes) == 2
        assert len(long_form.form_map.zones_on_page(page, "marker")) == 4
        for code in codes:
            assert code.box.right - code.box.left == pytest.approx(41 * module, abs=0.02)
            assert not any(overlap(widened(code.box, 4 * module), box) for box in others)


def test_the_worker_table_repeats_its_header_and_counts_all_rows(long_form: IssuedFormDocument) -> None:
    tables = [zone for zone in long_form.form_map.zones if zone.kind == "table"]
    rows = [field for field in long_form.form_map.fields if field.name.startswith("workers.")]
    shown = PrintedText(long_form.pdf)
    assert len(tables) == len({field.page for field in rows}) >= 2
    for table in tables:
        inside = [field.box for field in rows if field.page == table.page]
        header = Box(table.box.left, table.box.top, table.box.right, min(box.top for box in inside))
        assert "Codice fiscale" in shown.in_box(table.page, header)
        assert all(contains(table.box, box) for box in inside)
    assert {int(field.name.split(".")[1]) for field in rows} == set(range(1, 41))


def test_signature_and_stamps_have_their_places() -> None:
    exempt = issue(make_application(40))
    duty = {"way": "contrassegno", "statement": "16,00 euro", "identifier": "01200000000001", "law": "D.P.R. 642/1972"}
    stamped = issue(make_application(40, stamp_duty=duty))
    signature = only(exempt.form_map, "signature")
    assert (signature.name, signature.page) == ("legal_representative", exempt.pages)
    reserved = {zone.name: zone.page for zone in exempt.form_map.zones if zone.kind == "office_stamp"}
    assert reserved == {"arrival": exempt.pages, "place_and_date": exempt.pages}
    assert [zone for zone in exempt.form_map.zones if zone.kind == "revenue_stamp"] == []
    assert only(stamped.form_map, "revenue_stamp").page == 1


def test_a_list_without_workers_is_refused() -> None:
    with pytest.raises(TypesettingError) as refused:
        issue(make_application(0))
    assert refused.value.code == "typesetting.no_workers"
    assert "lavoratore" in refused.value.remedy


def test_a_text_longer_than_a_page_is_refused() -> None:
    with pytest.raises(TypesettingError) as refused:
        issue(make_application(1, measure={"title": "Cassa", "cause": "chiusura disposta " * 800}))
    assert refused.value.code == "typesetting.value_too_long"
    assert "measure.cause" in refused.value.message


@pytest.mark.parametrize("words", range(20, 320, 60))
def test_no_value_is_split_between_pages(words: int) -> None:
    form = issue(make_application(2, measure={"title": "Cassa", "cause": "parola " * words}))
    assert disagreements(form) == []


def test_a_sign_no_font_has_is_named() -> None:
    with pytest.raises(TypesettingError) as refused:
        issue(make_application(1) | {"workers": [make_worker(0, surname="ROSSI 李")]})
    assert refused.value.code == "typesetting.letter_missing"
    assert "«李»" in refused.value.message


def only(form_map: FormMap, kind: str) -> FormZone:
    (zone,) = (zone for zone in form_map.zones if zone.kind == kind)
    return zone


def overlap(a: Box, b: Box, tolerance: float = 0.0) -> bool:
    return (
        min(a.right, b.right) - max(a.left, b.left) > tolerance
        and min(a.bottom, b.bottom) - max(a.top, b.top) > tolerance
    )


def contains(outer: Box, inner: Box) -> bool:
    return (
        outer.left <= inner.left + 0.1
        and outer.top <= inner.top + 0.1
        and inner.right <= outer.right + 0.1
        and inner.bottom <= outer.bottom + 0.1
    )


def widened(box: Box, by: float) -> Box:
    return Box(box.left - by, box.top - by, box.right + by, box.bottom + by)
