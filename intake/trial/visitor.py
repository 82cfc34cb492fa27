"""A visitor of the service: reads pages, fills the forms that are in them, follows links. Nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import httpx
from lxml import html

Upload = tuple[str, bytes]


class TrialFailed(Exception):
    """The service did not do what it says; the message tells what was seen."""


def expect(holds: object, seen: str) -> None:
    """Raises ``TrialFailed`` with what was ``seen`` unless ``holds``."""
    if not holds:
        raise TrialFailed(seen)


@dataclass(frozen=True)
class Page:
    """One answer, parsed."""

    url: str
    status: int
    headers: httpx.Headers
    body: bytes
    tree: Any

    @property
    def text(self) -> str:
        """All that is written on the page, blanks folded."""
        if self.tree is None:
            return ""
        for hidden in self.tree.xpath("//script|//style|//template"):
            hidden.drop_tree()
        return " ".join(self.tree.text_content().split())

    def form(self, button: str) -> Any:
        """The form with a button whose text contains ``button``. Raises ``TrialFailed``."""
        for form in self.tree.forms:
            if _button(form, button) is not None:
                return form
        raise TrialFailed(f"no form with the button «{button}» on {self.url}: {self.text[:300]}")

    def link(self, holding: str) -> str:
        """The address of the first link whose address or text contains ``holding``. Raises ``TrialFailed``."""
        links = self.links(holding)
        expect(links, f"no link with «{holding}» on {self.url}")
        return links[0]

    def links(self, holding: str) -> list[str]:
        return [
            urljoin(self.url, anchor.get("href"))
            for anchor in self.tree.xpath("//a[@href]")
            if holding in anchor.get("href") or holding in " ".join(anchor.text_content().split())
        ]


class Visitor:
    """One browser without JavaScript: cookies, redirects, forms. ``signed_in`` makes it insist on ``no-store``."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.signed_in = False
        self._client = httpx.Client(follow_redirects=True, timeout=60.0)

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str) -> Page:
        """Any page or file of the service, whatever its status."""
        return self._page(self._client.get(urljoin(self.address, path)))

    def open(self, path: str) -> Page:
        """A page that must be there. Raises ``TrialFailed``."""
        page = self.get(path)
        expect(page.status == httpx.codes.OK, f"{path} answers {page.status}: {page.text[:300]}")
        return page

    def submit(
        self,
        page: Page,
        button: str,
        fields: Mapping[str, str | Sequence[str]] | None = None,
        files: Mapping[str, Sequence[Upload]] | None = None,
    ) -> Page:
        """Fills the form of ``button`` with ``fields`` (by name, ticks included) and ``files``, and sends it."""
        form = page.form(button)
        values: dict[str, Any] = {}
        for name, value in form.form_values():
            values.setdefault(name, []).append(value)
        pressed = _button(form, button)
        if pressed is not None and pressed.get("name"):
            values[pressed.get("name")] = [pressed.get("value", "")]
        for name, given in (fields or {}).items():
            values[name] = [given] if isinstance(given, str) else list(given)
        target = urljoin(
            page.url, (pressed.get("formaction") if pressed is not None else None) or form.action or page.url
        )
        if (form.method or "GET").upper() == "GET":
            return self._page(self._client.get(target, params=values))
        parts = [(name, upload) for name, uploads in (files or {}).items() for upload in uploads]
        return self._page(self._client.post(target, data=values, files=parts or None, headers={"Referer": page.url}))

    def wait_for(self, path: str, ready: Callable[[Page], bool], *, seconds: float, what: str) -> Page:
        """Reloads a page until it is ``ready``. Raises ``TrialFailed`` after ``seconds``."""
        until = time.monotonic() + seconds
        page = self.open(path)
        while not ready(page):
            expect(time.monotonic() < until, f"{what} did not come within {seconds:.0f} s: {page.text[:600]}")
            time.sleep(0.5)
            page = self.open(path)
        return page

    def _page(self, answer: httpx.Response) -> Page:
        if self.signed_in:
            kept = answer.headers.get("cache-control", "")
            expect("no-store" in kept, f"{answer.url} may be stored by others: Cache-Control «{kept}»")
        is_html = "html" in answer.headers.get("content-type", "")
        tree = (
            html.document_fromstring(answer.content, base_url=str(answer.url)) if is_html and answer.content else None
        )
        return Page(str(answer.url), answer.status_code, answer.headers, answer.content, tree)


def _button(form: Any, words: str) -> Any:
    for button in form.xpath(".//button|.//input[@type='submit']"):
        if words in " ".join(button.text_content().split()) or words in (button.get("value") or ""):
            return button
    return None
