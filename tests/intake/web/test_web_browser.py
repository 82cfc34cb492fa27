"""A real browser on every page of the frame: accessible, closed to other hosts, whole on a telephone, no scripts needed."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from intake.people.demonstration import demo_password
from intake.service import Service
from intake.web.server import build_wsgi
from tests.accessibility import assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = (
    *("/", "/accesso", "/privacy", "/note-legali", "/accessibilita", "/assistenza", "/niente", "/password/abc"),
    *(f"/avvisi/SAR20{page}" for page in ("", "/vademecum", "/accreditamento", "/uffici", "/privacy")),
)


@pytest.fixture(scope="module")
def address(standing_service: Service) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, build_wsgi(standing_service), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        launched = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        yield launched
        launched.close()


@pytest.fixture
def page(chromium: Chromium, address: str) -> Iterator[Page]:
    """A page that fails the test when it complains or asks another host for anything."""
    context = chromium.new_context(base_url=address, locale="it-IT")
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda asked: complaints.append(asked.url) if not _ours(asked.url, address) else None)
    yield opened
    context.close()
    assert [each for each in complaints if "404 (NOT FOUND)" not in each] == []


def _ours(url: str, address: str) -> bool:
    return url.startswith((address, "data:"))


def sign_in(page: Page, service: Service, username: str, *, office: bool = False) -> None:
    page.goto("/ufficio/accesso" if office else "/accesso")
    page.get_by_label("Nome utente").fill(username)
    page.get_by_label("Password").fill(demo_password(service.settings.keys))
    page.get_by_role("button", name="Accedi").click()
    page.wait_for_url("**/ufficio/" if office else "**/area")


def look(page: Page, path: str) -> None:
    page.goto(path)
    assert_accessible(page, path)


@pytest.mark.parametrize("path", PAGES)
def test_public_pages(page: Page, path: str) -> None:
    look(page, path)


def test_pages_of_who_is_signed_in(page: Page, standing_service: Service) -> None:
    sign_in(page, standing_service, "datore")
    firm = page.locator("a[href^='/aziende/']", has_text="ALFA SRL").first.get_attribute("href")
    assert firm
    for path in ("/area", firm):
        look(page, path)


def test_the_office_starts(page: Page, standing_service: Service) -> None:
    sign_in(page, standing_service, "istruttore", office=True)
    look(page, "/ufficio/")


def test_the_first_key_reaches_the_content(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Vai al contenuto principale"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenuto"


def test_the_menu_of_a_telephone_opens_and_closes(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto("/")
    menu = page.locator("#menu")
    assert not menu.is_visible()
    page.get_by_role("button", name="Mostra o nascondi la navigazione").click()
    menu.wait_for(state="visible")
    page.wait_for_timeout(400)
    page.get_by_role("button", name="Nascondi la navigazione", exact=True).click()
    menu.wait_for(state="hidden")


def test_signing_in_and_delegating_without_javascript(
    chromium: Chromium, address: str, standing_service: Service
) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False, viewport={"width": 390, "height": 900})
    plain = context.new_page()
    sign_in(plain, standing_service, "altra")
    assert plain.get_by_role("link", name="Assistenza").first.is_visible()
    plain.get_by_role("link", name="GAMMA SRL").click()
    plain.get_by_label("Codice fiscale della persona").fill("niente")
    plain.get_by_role("button", name="Dai la delega").click()
    assert plain.get_by_text("Nessuna persona con questo codice fiscale").is_visible()
    plain.get_by_role("button", name="Esci").click()
    plain.wait_for_url("**/accesso")
    context.close()
