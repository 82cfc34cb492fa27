"""Windows of a browser before a whole installation, with a picture of every screen kept under ``var/screenshots``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from intake.settings import PROJECT

PICTURES = PROJECT / "var" / "screenshots"
WIDTHS = {"1280": (1280, 900), "390": (390, 844)}


@contextmanager
def browser_page(chromium: Browser, width: str, **context: object) -> Iterator[Page]:
    """A fresh window of one of ``WIDTHS``, with cookies of its own."""
    wide, high = WIDTHS[width]
    opened = chromium.new_context(viewport={"width": wide, "height": high}, accept_downloads=True, **context)
    try:
        yield opened.new_page()
    finally:
        opened.close()


def picture(page: Page, width: str, name: str) -> Path:
    """Keeps a picture of the whole page."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}-{width}.png"
    page.screenshot(path=path, full_page=True)
    return path
