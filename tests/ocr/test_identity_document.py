"""C8: whose identity document a copy shows and until when it is valid; what cannot be read is said plainly."""

from __future__ import annotations

from dataclasses import replace

import pytest
from drawn_identity import Holder, drawn, jpeg, on_sheet, zone_of_card, zone_of_passport
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ocr.papers.identity_document import IdentityReading, Person, identity_documents, read_identity_document
from ocr.papers.identity_mrz import check_digit, machine_readable
from ocr.papers.stack import sort_stack

HOLDER = Holder()
ROSSI = Person("Mario Rossi", HOLDER.tax_code)
NOBODY = Person("Giulia Ferrari", "FRRGLI79E54B354X")


def read(*pictures: Image.Image, people: tuple[Person, ...] = (ROSSI,)) -> IdentityReading:
    files = [(f"{place}.jpg", jpeg(picture)) for place, picture in enumerate(pictures)]
    return read_identity_document(sort_stack(files, ()).pages, people)


@pytest.mark.whole
def test_c8_an_electronic_card_is_read_by_its_zone():
    found = read(on_sheet(*drawn("electronic", HOLDER, dpi=200), dpi=200))
    said = {name: getattr(found, name) for name in ("kind", "surname", "given_name", "born", "expires")}
    assert {name: each.value for name, each in said.items()} == {
        "kind": "electronic_identity_card",
        "surname": "ROSSI",
        "given_name": "MARIO",
        "born": "1980-01-01",
        "expires": "2031-01-01",
    }
    assert said["expires"].rules == ("machine_readable_zone",)
    assert said["expires"].box is not None
    assert found.holder == ROSSI
    assert set(found.holder_by) == {"names", "tax_code", "birth_day"}


@pytest.mark.whole
@pytest.mark.parametrize(
    ("kind", "named"),
    [("paper", "paper_identity_card"), ("licence", "driving_licence"), ("passport", "passport")],
)
def test_c8_other_documents_are_read_by_their_labels(kind, named):
    found = read(*drawn(kind, HOLDER))
    assert (found.kind.value, found.surname.value, found.given_name.value) == (named, "ROSSI", "MARIO")
    assert found.expires.value == "2031-01-01"
    assert found.holder == ROSSI
    assert "number" not in found.as_json()


@pytest.mark.whole
def test_c8_front_and_back_in_two_files_are_one_document_and_two_people_are_two():
    front, back = drawn("electronic", HOLDER)
    files = [("f.jpg", jpeg(front)), ("r.jpg", jpeg(back))]
    (one,) = identity_documents(sort_stack(files, ()).pages, (ROSSI,))
    assert {place for place, _ in one.pages} == {"f.jpg", "r.jpg"}
    other = replace(HOLDER, surname="VERDI", given_name="ANNA")
    pages = sort_stack([*files[:1], ("x.jpg", jpeg(drawn("licence", other)[0]))], ()).pages
    first, second = identity_documents(pages, (ROSSI,))
    assert (first.holder, first.other_holder) == (ROSSI, False)
    assert (second.holder, second.other_holder) == (None, True)


def test_c8_nothing_legible_is_said_and_nothing_invented():
    found = read(Image.new("RGB", (500, 320), (222, 232, 240)), Image.effect_noise((500, 320), 40).convert("RGB"))
    assert not found.legible
    assert (found.kind, found.expires, found.holder, found.other_holder) == (None, None, None, False)


def test_the_zone_of_a_card_and_of_a_passport_say_the_same():
    for lines in (zone_of_card(HOLDER), zone_of_passport(HOLDER)):
        zone = machine_readable(lines)
        assert zone is not None
        assert (zone.surname, zone.given_name, zone.sex) == ("ROSSI", "MARIO", "M")
        assert (zone.born, zone.expires) == (HOLDER.born, HOLDER.expires)


def test_slips_of_readers_in_the_zone_are_forgiven_where_the_check_digit_holds():
    first, days, names = zone_of_card(replace(HOLDER, surname="DE ROSSI", given_name="MARIA LUISA"))
    slipped = [first.replace("<", "«"), days.replace("0", "O").replace("1", "I"), names.replace("<<<<<", "<<K<<")]
    zone = machine_readable(slipped)
    assert zone is not None
    assert (zone.surname, zone.given_name) == ("DE ROSSI", "MARIA LUISA")
    assert (zone.born, zone.expires) == (HOLDER.born, HOLDER.expires)


def test_the_check_digit_is_that_of_the_standard():
    """The specimen of ICAO Doc 9303, part 3, 4.9 and appendix A."""
    assert check_digit("520727") == 3
    assert check_digit("AB2134<<<") == 5


@given(st.integers(0, 5), st.integers(1, 9))
def test_a_day_whose_check_digit_fails_is_not_told(place, added):
    first, days, names = zone_of_card(HOLDER)
    wrong = str((int(days[8 + place]) + added) % 10)
    zone = machine_readable((first, days[: 8 + place] + wrong + days[9 + place :], names))
    assert zone is not None
    assert zone.expires in (None, HOLDER.expires)
    assert zone.expires is None or added % 10 == 0
    assert zone.born == HOLDER.born


@given(st.lists(st.text(max_size=20), max_size=4), st.lists(st.text(max_size=20), max_size=4))
def test_a_zone_is_found_among_any_other_lines_and_never_made_of_them(before, after):
    zone = machine_readable((*before, *zone_of_card(HOLDER), *after))
    assert zone is not None
    assert (zone.surname, zone.born, zone.expires) == (HOLDER.surname, HOLDER.born, HOLDER.expires)
    assert set(zone.lines) <= {len(before), len(before) + 1, len(before) + 2}
    assert machine_readable((*before, *after)) is None
