"""Debian's Chromium, driven by Playwright: the one without windows where it is installed, at half the cost of the whole one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, expect, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


expect.set_options(timeout=30_000)  # a busy machine may need more than the five seconds of Playwright


@contextmanager
def launched_chromium() -> Iterator[Browser]:
    program = (
        os.environ.get("SPORTELLO_CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def follow(control: Locator, *, key: str = "") -> None:
    """Clicks what leads to a page, or presses ``key`` on it; that page has loaded when this returns.

    A click alone returns while the next page is under way: what is looked at then may be of either.
    """
    with control.page.expect_navigation():
        if key:
            control.press(key)
        else:
            control.click()
