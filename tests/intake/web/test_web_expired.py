"""A sign-in that ends while somebody works: told, and the way back to the same page (B8)."""

from __future__ import annotations

import pytest

from intake.service import Service
from tests.intake.web.conftest import Browser

HERE = "/domande/nuova?edizione=SAR20-PROVA-1"


@pytest.fixture
def service(standing_service: Service) -> Service:
    return standing_service


def test_who_was_typing_is_told_and_comes_back_to_the_same_page(browser: Browser) -> None:
    answer = browser.client.post("/domande/nuova", headers={"Referer": f"http://localhost{HERE}"})
    assert answer.location == "/accesso?next=/domande/nuova?edizione%3DSAR20-PROVA-1"
    assert "L&#39;accesso è scaduto e l&#39;ultima modifica non è stata salvata." in browser.get(answer.location).text
    assert browser.sign_in("datore", to="/domande/nuova?edizione%3DSAR20-PROVA-1").location == HERE


def test_the_part_of_a_page_that_asks_by_itself_leads_back_to_its_page(browser: Browser) -> None:
    asked = {"HX-Request": "true", "Referer": f"http://localhost{HERE}"}
    answer = browser.get("/area", headers=asked)
    assert answer.headers["HX-Redirect"] == "/accesso?next=/domande/nuova?edizione%3DSAR20-PROVA-1"
    page = browser.get("/accesso").text
    assert "L&#39;accesso è scaduto. Acceda di nuovo" in page


def test_another_site_never_becomes_the_way_back(browser: Browser) -> None:
    answer = browser.client.post("/domande/nuova", headers={"Referer": "https://altrove.example/domande/nuova"})
    assert answer.location == "/accesso"


def test_who_simply_comes_for_a_page_is_told_nothing_of_an_end(browser: Browser) -> None:
    assert "scaduto" not in browser.get(browser.get("/area").location).text
