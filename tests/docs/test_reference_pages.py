"""The generated pages of the documentation say what the code says (rule 4 of the house)."""

from __future__ import annotations

import pytest

from intake.reference_pages import PAGES
from intake.settings import PROJECT


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_generated_page_is_not_stale(name: str) -> None:
    written = (PROJECT / "docs" / name).read_text()
    assert written == PAGES[name](), f"docs/{name} is stale: run python -m intake.reference_pages"
