"""One throw-away installation and one Playwright for the acceptance tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, sync_playwright

from intake.trial.throwaway import Installation, throwaway_installation


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with throwaway_installation() as started:
        yield started


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started
