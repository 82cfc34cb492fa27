"""A screen as everybody must be able to use it: axe-core finds nothing, and nothing stands beyond the edge of a telephone."""

from __future__ import annotations

from collections.abc import Callable

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WIDE, NARROW = 1280, 390


def violations(page: Page) -> list[str]:
    """A line for each rule of axe-core that the page breaks, with the first element that breaks it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("async () => (await axe.run({resultTypes: ['violations']})).violations")
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]


def too_wide(page: Page) -> bool:
    """Whether the page must be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def faults(page: Page, shown: Callable[[int], object] = lambda _width: None) -> list[str]:
    """Looks narrow and wide; axe-core looks twice only where tables become cards on a telephone. Leaves the page wide.

    ``shown`` is called at each width, to keep a picture.
    """
    found = []
    page.wait_for_load_state()
    reshaped = page.locator("table").count() > 0
    for width in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": 900})
        shown(width)
        if width == WIDE or reshaped:
            found += [f"at {width}: {violation}" for violation in violations(page)]
        if too_wide(page):
            found.append(f"wider than {width}")
    return found


def assert_accessible(page: Page, name: str = "") -> None:
    """``faults`` finds nothing."""
    assert faults(page) == [], name or page.url
