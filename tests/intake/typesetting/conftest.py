from __future__ import annotations

from datetime import UTC, datetime

import pytest

from intake.typesetting.application_form import IssuedFormDocument
from intake.typesetting.rehearsal import RehearsalMark
from tests.intake.typesetting.synthetic_application import issue, make_application


@pytest.fixture(scope="session")
def short_form() -> IssuedFormDocument:
    return issue(make_application(3))


@pytest.fixture(scope="session")
def long_form() -> IssuedFormDocument:
    return issue(make_application(40))


@pytest.fixture(scope="session")
def rehearsal_form() -> IssuedFormDocument:
    mark = RehearsalMark(datetime(2020, 4, 8, 7, 0, 1, tzinfo=UTC), datetime(2026, 11, 21, 10, 0, 2, tzinfo=UTC))
    return issue(make_application(3), mark)
