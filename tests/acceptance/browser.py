"""Debian's Chromium driven by Playwright, with a picture of every screen kept under ``var/screenshots``."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Playwright

from intake.settings import PROJECT

PICTURES = PROJECT / "var" / "screenshots"
WIDTHS = {"1280": (1280, 900), "390": (390, 844)}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@contextmanager
def browser_page(playwright: Playwright, width: str, **context: object) -> Iterator[Page]:
    """A fresh browser window of one of ``WIDTHS``; anything it asks of another host fails."""
    executable = os.environ.get("SPORTELLO_CHROMIUM") or shutil.which("chromium")
    browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
    wide, high = WIDTHS[width]
    opened = browser.new_context(viewport={"width": wide, "height": high}, accept_downloads=True, **context)
    page = opened.new_page()
    try:
        yield page
    finally:
        opened.close()
        browser.close()


def picture(page: Page, width: str, name: str) -> Path:
    """Keeps a picture of the whole page."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}-{width}.png"
    page.screenshot(path=path, full_page=True)
    return path
