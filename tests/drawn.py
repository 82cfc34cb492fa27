"""What hypothesis draws: the same at every run and on every machine, however busy, so that a failure is no accident.

``--hypothesis-profile=default`` draws anew and so looks for what no test has met yet.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

REPEATABLE = "repeatable"
settings.register_profile(REPEATABLE, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def pytest_configure(config: pytest.Config) -> None:
    """Before any test is collected: what a test is decorated with adds to the profile of that moment."""
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile(REPEATABLE)
