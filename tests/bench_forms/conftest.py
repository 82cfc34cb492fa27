"""One form and one altered sheet for the whole room: printing is the slow part."""

from __future__ import annotations

import pytest

from bench.forms import BenchForm, Sheet, issued_form, sheet_of

SEED = 41
WORKERS = 26


@pytest.fixture(scope="session")
def form() -> BenchForm:
    return issued_form(SEED, workers=WORKERS)


@pytest.fixture(scope="session")
def page(form: BenchForm) -> int:
    """The page with most workers."""
    return max(range(1, form.form_map.pages + 1), key=lambda number: len(form.workers_on(number)))


@pytest.fixture(scope="session")
def untouched(form: BenchForm, page: int) -> Sheet:
    return sheet_of(SEED, page, workers=WORKERS)


@pytest.fixture(scope="session")
def altered(form: BenchForm, page: int) -> Sheet:
    return sheet_of(SEED, page, treatment="altered", workers=WORKERS)
