"""A real browser on every page of the frame: accessible, closed to other hosts, whole on a telephone, no scripts needed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from intake.people.demonstration import demo_password
from intake.service import Service
from tests.accessibility import assert_accessible
from tests.chromium import follow

pytestmark = pytest.mark.browser

PAGES = (
    *("/", "/accesso", "/privacy", "/note-legali", "/accessibilita", "/assistenza", "/niente", "/password/abc"),
    *(f"/avvisi/SAR20{page}" for page in ("", "/vademecum", "/accreditamento", "/uffici", "/privacy")),
)


def sign_in(page: Page, service: Service, username: str, *, office: bool = False) -> None:
    page.goto("/ufficio/accesso" if office else "/accesso")
    page.get_by_label("Nome utente").fill(username)
    page.get_by_label("Password").fill(demo_password(service.settings.keys))
    follow(page.get_by_role("button", name="Accedi"))
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
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Mostra o nascondi la navigazione").click()
    menu.wait_for(state="visible")
    close = page.get_by_role("button", name="Nascondi la navigazione", exact=True)
    expect(close).to_be_focused()  # the menu has opened to its end: until then it does not close
    close.click()
    menu.wait_for(state="hidden")


def test_signing_in_and_delegating_without_javascript(
    chromium: Chromium, address: str, standing_service: Service
) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False, viewport={"width": 390, "height": 900})
    plain = context.new_page()
    sign_in(plain, standing_service, "altra")
    expect(plain.get_by_role("link", name="Assistenza").first).to_be_visible()
    follow(plain.get_by_role("link", name="GAMMA SRL"))
    plain.get_by_label("Codice fiscale della persona").fill("niente")
    follow(plain.get_by_role("button", name="Dai la delega"))
    expect(plain.get_by_text("Nessuna persona con questo codice fiscale")).to_be_visible()
    follow(plain.get_by_role("button", name="Esci"))
    plain.wait_for_url("**/accesso")
    context.close()
