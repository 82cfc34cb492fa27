"""N12: the made-up applications are such as people file, and nobody's."""

from __future__ import annotations

import random

from codicefiscale.codicefiscale import encode_firstname, encode_lastname, is_omocode
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.it import codicefiscale

from bench.forms.applications import made_application, made_person, made_workers


@given(st.integers(min_value=0, max_value=10**6))
@settings(max_examples=20, deadline=None)
def test_n12_every_person_has_a_tax_code_that_fits_the_names(seed):
    person = made_person(random.Random(seed))
    code = person["tax_code"]
    assert codicefiscale.is_valid(code)
    assert code[:3] == encode_lastname(person["surname"])
    assert code[3:6] == encode_firstname(person["given_name"])


def test_n12_names_have_accents_apostrophes_two_words_and_two_letters():
    rng = random.Random(5)
    people = [made_person(rng) for _ in range(300)]
    surnames = {person["surname"] for person in people}
    assert {"NICCOLÒ", "D’ANGELO", "DE LUCA", "RE"} <= surnames
    omocodes = sum(is_omocode(person["tax_code"]) for person in people)
    assert 1 <= omocodes <= 15


@given(st.integers(min_value=0, max_value=10**6))
@settings(max_examples=6, deadline=None)
def test_n12_an_application_lists_3_to_90_workers_once_each_and_adds_their_hours(seed):
    data = made_application(seed)
    workers = data["workers"]
    assert 3 <= len(workers) <= 90
    assert len({worker["tax_code"] for worker in workers}) == len(workers)
    assert data["totals"]["requested_hours"] == str(sum(int(worker["requested_hours"]) for worker in workers))
    assert data == made_application(seed)


def test_n12_some_payrolls_are_in_the_order_of_hiring():
    orders = set()
    for seed in range(40):
        rows = made_workers(random.Random(seed), 12)
        by_name = [row["surname"] for row in rows]
        orders.add("name" if by_name == sorted(by_name) else "hiring")
    assert orders == {"name", "hiring"}
