"""One throw-away installation and one browser for the acceptance tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from intake.trial.throwaway import Installation, throwaway_installation
from tests.chromium import launched_chromium


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with throwaway_installation() as started:
        yield started


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched_chromium() as browser:
        yield browser
