"""Evidence in a real browser: from doubt to doubt by keyboard, both sources of a worker, the page of accuracy (C7, N4, N12)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.accessibility import assert_accessible
from tests.chromium import follow
from tests.intake.web.conftest import Office
from tests.intake.web.registered_cases import ALTERED
from tests.intake.web.test_office_browser import officer_at, take_out_of_order

pytestmark = pytest.mark.browser


def test_c7_keys_go_from_doubt_to_doubt_and_back_and_settle(chromium: Chromium, office_cases: Office) -> None:
    with officer_at(chromium, office_cases) as page:
        take_out_of_order(page, office_cases)
        chosen = page.locator(".riga.scelta")
        first = chosen.get_attribute("data-dato")
        assert first == f"field:{ALTERED}"
        waiting = [row.get_attribute("data-dato") for row in page.locator(".riga[data-da-guardare]").all()]
        for key, reached in (("p", waiting[-1] or ""), ("n", first)):
            page.keyboard.press(key)
            expect(chosen).to_have_attribute("data-dato", reached)
            page.wait_for_load_state()
        chosen.get_by_text("Come è stato letto").click()
        expect(chosen.get_by_text("Certezza")).to_be_visible()
        chosen.get_by_text("Il foglio dice proprio").click()
        page.keyboard.press("a")
        expect(page.locator(f'[data-dato="{first}"].riga').get_by_text("Accettato")).to_have_count(1)
        page.goto("/ufficio/accuratezza?prove=1")
        expect(page.get_by_role("cell", name="troppo pochi per dirlo")).not_to_have_count(0)
        assert_accessible(page, "accuracy")


def test_n4_both_sources_open_without_scripts_and_fit_a_telephone(chromium: Chromium, standing_office: Office) -> None:
    with officer_at(chromium, standing_office, scripts=False) as page:
        page.goto(f"/ufficio/pratiche/{standing_office.altered}")
        follow(page.get_by_role("link", name="diverso (ore richieste)"))
        sources = page.locator("#riscontro")
        expect(sources.get_by_role("heading", name="Le fonti su DE LUCA ANTONIO")).to_be_visible()
        expect(sources.get_by_role("img")).to_have_count(2)
        for picture in sources.get_by_role("img").all():
            picture.scroll_into_view_if_needed()
            assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300
    with officer_at(chromium, standing_office) as page:
        page.goto(f"/ufficio/pratiche/{standing_office.altered}?riscontro=2")
        assert_accessible(page, "sources")
