"""A real browser on the office's screens: accessible, whole on a telephone, by keyboard, and without scripts (C7)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from intake.people.demonstration import demo_password
from tests.accessibility import assert_accessible
from tests.chromium import follow
from tests.intake.web.conftest import CODE, Office, doors_of
from tests.intake.web.registered_cases import ALTERED

pytestmark = pytest.mark.browser


@contextmanager
def officer_at(
    chromium: Chromium, office: Office, *, scripts: bool = True, username: str = "istruttore"
) -> Iterator[Page]:
    """Somebody of the office signed in at a served office; ends with nothing left running."""
    server = make_server("127.0.0.1", 0, doors_of(office.service), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    context = chromium.new_context(
        base_url=f"http://127.0.0.1:{server.server_port}", locale="it-IT", java_script_enabled=scripts
    )
    try:
        page = context.new_page()
        page.goto("/ufficio/accesso")
        page.get_by_label("Nome utente").fill(username)
        page.get_by_label("Password").fill(demo_password(office.service.settings.keys))
        follow(page.get_by_role("button", name="Accedi"))
        page.wait_for_url("**/ufficio/")
        yield page
    finally:
        context.close()
        server.shutdown()
        thread.join()


def test_c7_every_other_screen_is_accessible_and_whole_on_a_telephone(
    chromium: Chromium, standing_office: Office
) -> None:
    """The screens that the walk over the whole path (tests/acceptance) does not come to."""
    paths = [
        f"/ufficio/registro/{CODE}?impronta={'0' * 64}",
        f"/ufficio/registro/{CODE}/{standing_office.year}/2",
        "/ufficio/bollo",
        f"/ufficio/coda/{CODE}/scelta/{standing_office.third}",
        f"/ufficio/pratiche/{standing_office.altered}",
        "/verifica/chiavi",
    ]
    with officer_at(chromium, standing_office) as page:
        for path in paths:
            page.goto(path)
            assert_accessible(page, path)


def test_c7_keys_and_pointer_move_row_and_box_together(chromium: Chromium, office_cases: Office) -> None:
    with officer_at(chromium, office_cases) as page:
        take_out_of_order(page, office_cases)
        chosen = page.locator(".riga.scelta")
        assert chosen.get_attribute("data-dato") == f"field:{ALTERED}"
        assert page.locator(".riquadro.scelto").get_attribute("data-dato") == f"field:{ALTERED}"
        page.keyboard.press("c")
        assert page.evaluate("document.activeElement.name") == "valore"
        page.keyboard.press("Escape")
        page.locator(".riquadro.agrees").first.click()
        assert page.locator(".riquadro.scelto").get_attribute("data-dato") == chosen.get_attribute("data-dato")
        assert chosen.get_attribute("data-dato") != f"field:{ALTERED}"
        page.goto(f"/ufficio/pratiche/{office_cases.altered}")
        page.keyboard.press("a")
        expect(page.locator(f'[data-dato="field:{ALTERED}"].riga').get_by_text("Accettato")).to_have_count(1)


def test_c7_the_whole_review_works_without_scripts(chromium: Chromium, office_cases: Office) -> None:
    with officer_at(chromium, office_cases, scripts=False) as page:
        take_out_of_order(page, office_cases)
        follow(page.get_by_role("link", name="Emesso", exact=True))
        assert "vista=emesso" in page.url
        follow(page.get_by_role("link", name="2×"))
        row = page.locator(f'[data-dato="field:{ALTERED}"].riga')
        row.get_by_label("Nota").fill("Ore scritte a mano")
        follow(row.get_by_role("button", name="Respingi con nota"))
        expect(row.get_by_text("Ore scritte a mano")).to_have_count(1)


def take_out_of_order(page: Page, office: Office) -> None:
    page.goto(f"/ufficio/coda/{CODE}/scelta/{office.altered}")
    page.locator("label[for=motivo-2]").click()
    page.get_by_label("Spiegazione").fill("Stessa azienda")
    follow(page.get_by_role("button", name="Prendi in esame"))
    page.wait_for_url("**/pratiche/**")
