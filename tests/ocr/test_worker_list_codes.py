"""The codice fiscale of a list: set right by position, proved by check character and name, never guessed (T4, C5)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.lists.people import workers
from ocr.tax_codes import is_tax_code, looks_like_tax_code, name_key, read_tax_code

PERSON = workers(random.Random(4), 1)[0]
NAME = (PERSON.surname, PERSON.given_name)
LOOKALIKES = {
    "0": "O",
    "1": "I",
    "5": "S",
    "8": "B",
    "2": "Z",
    "O": "0",
    "I": "1",
    "S": "5",
    "B": "8",
    "Z": "2",
    "G": "6",
}


@given(st.integers(0, 10_000))
def test_c5_letters_and_figures_mistaken_for_each_other_are_set_right_by_position(seed: int) -> None:
    person = workers(random.Random(seed), 1)[0]
    confused = "".join(LOOKALIKES.get(letter, letter) for letter in person.tax_code)
    read = read_tax_code([confused], [(person.surname, person.given_name)])
    assert read is not None
    assert read.guessed or not read.proved or read.value == person.tax_code
    assert read.proved or any(letter in "LMNPQRSTUV" for letter in person.tax_code[9:15])


@given(st.integers(0, 10_000), st.integers(0, 15), st.integers(0, 15), st.data())
def test_c5_a_code_with_two_wrong_characters_is_never_passed_off_as_proved(
    seed: int, one: int, other: int, data: st.DataObject
) -> None:
    person = workers(random.Random(seed), 1)[0]
    letters = list(person.tax_code)
    for place in {one, other} - {0, 1, 2, 3, 4, 5}:
        letters[place] = data.draw(st.sampled_from("AEFKXWY" if letters[place].isalpha() else "3479"))
    spoilt = "".join(letters)
    read = read_tax_code([spoilt], [(person.surname, person.given_name)])
    wrong = sum(a != b for a, b in zip(spoilt, person.tax_code, strict=True))
    if wrong == 2 and read is not None and read.proved and not is_tax_code(spoilt):
        assert sum(a != b for a, b in zip(read.value, spoilt, strict=True)) <= 1 + _misplaced(spoilt, read.value)


def _misplaced(spoilt: str, value: str) -> int:
    return sum(a.isalpha() != b.isalpha() for a, b in zip(spoilt, value, strict=True))


def test_c5_one_changed_character_needs_the_name_as_witness() -> None:
    wrong = PERSON.tax_code[:8] + ("P" if PERSON.tax_code[8] == "R" else "R") + PERSON.tax_code[9:]
    assert not is_tax_code(wrong)
    alone = read_tax_code([wrong], [])
    assert alone is not None
    assert not alone.proved


def test_c5_of_two_readings_the_one_that_proves_itself_counts() -> None:
    spoilt = PERSON.tax_code[:-1] + ("A" if PERSON.tax_code[-1] != "A" else "B")
    read = read_tax_code([spoilt, PERSON.tax_code], [NAME])
    assert read is not None
    assert (read.value, read.proved, read.named) == (PERSON.tax_code, True, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("RSS MRA 80A01 H501U", True),
        ("RSSMRA8OAO1H5O1U", True),
        ("R55MRA80A01H501U", True),
        ("OFFICINEMECCANICHE", False),
        ("IT60X0542811101000000123456", False),
        ("01234567890", False),
        ("indeterminato", False),
    ],
)
def test_c5_codes_are_told_from_other_words(text: str, told: bool) -> None:
    assert looks_like_tax_code(text) is told


def test_c5_accents_and_apostrophes_do_not_change_the_name_key() -> None:
    assert name_key("D’Angelo", "Niccolò") == name_key("DANGELO", "NICCOLO") == "DNGNCL"
