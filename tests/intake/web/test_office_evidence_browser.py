"""Evidence in a real browser: from doubt to doubt by keyboard, both sources of a worker, the page of accuracy (C7, N4, N12)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Route, expect

from intake.web.frame.assets import OWN
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


_PIXEL = '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"/>'
_PICTURES = """<!doctype html><script src="/pictures.js"></script>
<img src="/busy" alt=""><svg><image href="/busy-too"/></svg><img src="/broken" alt=""><img src="/ever-busy" alt="">"""


def test_n5_a_picture_that_waited_in_vain_is_asked_for_again_and_a_broken_one_is_not(chromium: Chromium) -> None:
    asked: list[str] = []
    statuses = {"/busy": (503, 200), "/busy-too": (503, 200), "/broken": (422, 422), "/ever-busy": (503, 503)}

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/":
            route.fulfill(body=_PICTURES, content_type="text/html")
        elif path == "/pictures.js":
            route.fulfill(path=OWN / "pictures.js", content_type="text/javascript")
        else:
            status = statuses[path][path in asked]
            asked.append(path)
            route.fulfill(status=status, body=_PIXEL if status == 200 else "occupato", content_type="image/svg+xml")

    context = chromium.new_context()
    context.route("**", answer)
    context.add_init_script(
        "const later = setTimeout; setTimeout = (work, ms, ...given) => later(work, ms / 10, ...given)"
    )
    page = context.new_page()
    with (
        page.expect_response(lambda each: each.url.endswith("/busy") and each.ok),
        page.expect_response(lambda each: each.url.endswith("/busy-too") and each.ok),
        page.expect_response(lambda each: each.url.endswith("/ever-busy") and asked.count("/ever-busy") == 4),
    ):
        page.goto("http://pictures.example/")
    page.wait_for_function("document.images[0].naturalWidth === 7")
    assert [asked.count(path) for path in statuses] == [2, 2, 1, 4]
    context.close()
