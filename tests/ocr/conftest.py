"""One trial form for the whole room: typesetting it is the slow part."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from trial_form import TrialForm, trial_form


@pytest.fixture(scope="session")
def form() -> TrialForm:
    """Two pages, 26 workers, one signature box on the last."""
    return trial_form(workers=26)
