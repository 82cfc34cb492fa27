"""An application in a real browser: saved while typing, the same without scripts, accessible, whole on a telephone."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from sqlalchemy import select

from intake.applications.models import Application
from intake.people.demonstration import demo_password
from intake.service import Service
from tests.accessibility import assert_accessible
from tests.chromium import follow
from tests.intake.applications_made import complete_draft
from tests.intake.web.test_desk_application_path import flat, work

pytestmark = pytest.mark.browser


CONTROLS = """controls => controls.filter(each => each.type !== "hidden" && !each.readOnly && !each.disabled)
  .map(each => ({name: each.name, kind: each.type}))"""


def test_typing_saves_itself_and_what_appears_meanwhile_is_accessible(page: Page, standing_service: Service) -> None:
    here = begin(page, standing_service)
    page.goto(f"{here}/passo/1?controlla=1")
    expect(page.locator("#errori")).to_be_focused()
    page.fill("[name='employer.sector']", "Panifici")
    page.press("[name='employer.sector']", "Tab")
    expect(page.locator("#versione")).to_have_value("2")
    expect(page.locator("[name='employer.ateco']")).to_be_focused()
    expect(page.locator("#salvato")).to_contain_text(re.compile(r"Salvato alle \d\d:\d\d"))
    fill(page, standing_service, here)
    go_on(page, f"{here}/passo/2")
    fill(page, standing_service, here)
    go_on(page, f"{here}/passo/3")
    page.select_option("[name='workers.1.category']", "fixed_term")
    expect(page.locator("[name='workers.1.extra.contract_end']")).to_be_visible()
    assert_accessible(page)
    page.select_option("[name='workers.1.category']", "ordinary")
    expect(page.locator("[name='workers.1.extra.contract_end']")).to_have_count(0)
    fill(page, standing_service, here)
    go_on(page, f"{here}/passo/4")
    fill(page, standing_service, here)
    go_on(page, f"{here}/passo/5")
    follow(page.get_by_role("button", name="Emetti il modulo"))
    expect(page.get_by_role("heading", name="Che cosa fare adesso")).to_be_visible()
    page.goto(f"{here}/passo/6")
    follow(page.get_by_role("button", name="Firma di prova", exact=True))
    expect(page.locator("progress")).to_be_visible()
    assert_accessible(page)
    work_apart(standing_service)
    expect(page.locator("#stato progress")).to_have_count(0, timeout=10_000)
    expect(page.locator("#ricevute")).to_contain_text("Scarica la ricevuta", timeout=10_000)
    follow(page.get_by_role("button", name="Invia la domanda"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Domanda n.")


def test_cells_pasted_into_the_table_fill_it(page: Page, standing_service: Service) -> None:
    here = begin(page, standing_service)
    page.goto(f"{here}/passo/3")
    lines = "ROSSI\tMARIO\tRSSMRA80A01H501U\tOperaio\tTempo determinato\t\t40\t01/06/2015\t120"
    paste = """(cell, text) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
    }"""
    page.locator("[name='workers.1.surname']").evaluate(paste, lines)
    expect(page.locator("[name='workers.1.hired_on']")).to_have_value("2015-06-01")
    expect(page.locator("[name='workers.1.contract']")).to_have_value("fixed_term")
    expect(page.locator("#conto")).to_contain_text("1 lavoratore, 120 ore")
    page.locator("[name='workers.1.surname']").evaluate(paste, "\n".join([lines] * 9))
    expect(page.locator("#pasted")).to_be_focused()


def test_the_same_without_scripts(chromium: Chromium, address: str, standing_service: Service) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    here = begin(page, standing_service, firm="BETA")
    for step in (1, 2, 3, 4):
        fill(page, standing_service, here)
        go_on(page, f"{here}/passo/{step + 1}")
    follow(page.get_by_role("button", name="Emetti il modulo"))
    page.goto(f"{here}/passo/6")
    follow(page.get_by_role("button", name="Firma di prova in busta"))
    expect(page.locator("noscript")).to_have_count(1)
    work_apart(standing_service)
    follow(page.get_by_role("link", name="Aggiorna"))
    follow(page.get_by_role("button", name="Invia la domanda"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Domanda n.")
    context.close()


def begin(page: Page, service: Service, firm: str = "ALFA") -> str:
    """Signs the consultant in and opens a draft; its path."""
    page.goto("/accesso")
    page.fill("[name=username]", "consulente")
    page.fill("[name=password]", demo_password(service.settings.keys))
    follow(page.get_by_role("button", name="Accedi"))
    page.goto("/domande/nuova")
    page.check("[name=edizione][value^=SAR20-PROVA]", force=True)
    page.locator("label", has_text=firm).click()
    follow(page.get_by_role("button", name="Inizia la domanda"))
    page.wait_for_url("**/passo/1")
    return "/" + page.url.split("/", 3)[3].removesuffix("/passo/1")


def fill(page: Page, service: Service, here: str) -> None:
    """Types all that the step asks for."""
    with service.transaction() as session:
        application = session.scalars(select(Application).where(Application.id == here.rsplit("/", 1)[-1])).one()
        typed = flat(complete_draft(application.draft))
    for control in page.locator("#passo [name]").evaluate_all(CONTROLS):
        value = typed.get(control["name"])
        if not value:
            continue
        place = page.locator(f"#passo [name='{control['name']}']").first
        if control["kind"] == "checkbox":
            place.check(force=True)
        elif control["kind"] == "select-one":
            place.select_option(value)
        else:
            place.fill(value)


def work_apart(service: Service) -> None:
    """The worker's jobs in a thread of their own: the browser's event loop runs in this one."""
    with ThreadPoolExecutor(1) as apart:
        apart.submit(work, service).result()


def go_on(page: Page, target: str) -> None:
    page.get_by_role("button", name="Salva e continua").click()
    page.wait_for_url(f"**{target}")
