"""The whole path as a person does it, from the README alone, wide and narrow (C1 to C7, T2, N1, N3, N11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from intake.clock import system_clock
from intake.people.demonstration import demo_password
from intake.receipt_check import check_receipt
from intake.trial import data
from intake.trial.throwaway import Installation
from tests.acceptance.browser import browser_page, picture
from tests.accessibility import faults
from tests.chromium import follow

pytestmark = pytest.mark.browser
CHECKED = 180_000
FIRM = "ALFA SRL"
REPRESENTATIVE = ("Mario", "Rossi", "RSSMRA68C02I452O")


class Walk:
    """Looks at every screen it comes to, wide and narrow: pictures, accessibility, no sideways scrolling."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.problems: list[str] = []
        self.number = ""

    def look(self, name: str) -> None:
        found = faults(self.page, lambda width: picture(self.page, str(width), name))
        self.problems += [f"{name}: {fault}" for fault in found]

    def expect_number(self) -> None:
        """The protocol number of this application is on the page."""
        expect(self.page.locator("main")).to_contain_text(self.number)

    def sign_in(self, username: str, password: str, path: str = "/accesso") -> None:
        self.page.goto(f"{self.address}{path}")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", password)
        self.press("Accedi")

    def fill(self, values: dict[str, str]) -> None:
        for name, value in values.items():
            field = self.page.locator(f"[name='{name}']").first
            kind = field.evaluate("element => element.type")
            if kind == "select-one":
                field.select_option(value)
            elif kind == "radio":
                self.page.locator(f"[name='{name}'][value='{value}']").check(force=True)
            elif kind == "checkbox":
                field.check(force=True)
            else:
                field.fill(value)

    def press(self, name: str) -> None:
        follow(self.page.locator("main").get_by_role("button", name=re.compile(f"^{name}")).first)


def test_from_the_first_page_to_the_officer(installation: Installation, chromium: Browser, tmp_path: Path) -> None:
    password = demo_password(installation.data / "keys")
    with browser_page(chromium, "1280") as page:
        walk = Walk(page, installation.address)
        page.goto(installation.address)
        walk.look("01-avvisi")
        walk.sign_in("consulente", password)
        walk.look("02-area")
        compile_and_issue(walk)
        with page.expect_download() as download:
            page.get_by_role("link", name=re.compile("Scarica il modulo")).first.click()
        assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
        return_and_send(walk, tmp_path)
        walk.page.context.clear_cookies()
        office(walk, password)
        assert walk.problems == []


def compile_and_issue(walk: Walk) -> None:
    page = walk.page
    page.goto(f"{walk.address}/domande/nuova?edizione=SAR20-PROVA-1")
    walk.look("03-nuova")
    page.get_by_label(FIRM).check(force=True) if page.get_by_label(FIRM).count() else page.locator(
        "[name=azienda]"
    ).select_option(label=FIRM)
    walk.press("Inizia")
    walk.look("04-passo-1")
    walk.fill(data.firm_step(REPRESENTATIVE))
    walk.press("Salva e continua")
    page.wait_for_url("**/passo/2*")
    walk.fill({name: _iso(value) for name, value in data.PERIODS_STEP.items()})
    walk.look("05-passo-2")
    walk.press("Salva e continua")
    page.wait_for_url("**/passo/3*")
    category = "Lavoratore subordinato a tempo pieno e indeterminato"
    sheet = {
        "name": "lavoratori.csv",
        "mimeType": "text/csv",
        "buffer": data.WORKERS_CSV.format(category=category).encode(),
    }
    page.locator("details.importa summary").click()
    page.locator("input[type=file]").first.set_input_files(sheet)
    walk.press("Importa")
    expect(page.locator("[name='workers.1.surname']").first).to_have_value("ESPOSITO")
    walk.look("06-passo-3")
    walk.press("Salva e continua")
    page.wait_for_url("**/passo/4*")
    walk.fill(data.AGREEMENT_STEP)
    walk.look("07-passo-4")
    walk.press("Salva e continua")
    page.wait_for_url("**/passo/5*")
    walk.look("08-passo-5-riepilogo")
    walk.press("Emetti il modulo")
    expect(page.get_by_role("link", name=re.compile("Scarica il modulo")).first).to_be_visible()
    walk.look("09-passo-5-modulo")


def return_and_send(walk: Walk, tmp_path: Path) -> None:
    page = walk.page
    page.goto(re.sub(r"/passo/\d.*", "/passo/6", page.url))
    walk.look("10-passo-6")
    walk.press("Firma di prova")
    for width in ("1280", "390"):
        page.set_viewport_size({"width": int(width), "height": 900})
        picture(page, width, "11-controlli-in-corso")
    expect(page.locator("progress")).to_have_count(0, timeout=CHECKED)
    expect(page.get_by_role("button", name="Invia la domanda")).to_be_enabled(timeout=CHECKED)
    walk.look("12-ritorno")
    for box in page.locator("[name=conferma]").all():
        box.check(force=True)
    walk.press("Invia la domanda")
    expect(page.locator("main")).to_contain_text(re.compile(r"registrata con il n\. \d{7}"))
    walk.number = re.findall(r"registrata con il n\. (\d{7})", page.locator("main").inner_text())[0]
    link = page.locator(".ricevuta", has_text="«registrato»").get_by_role("link")
    expect(link).to_be_visible(timeout=60_000)
    walk.look("13-registrata")
    with page.expect_download() as download:
        link.click()
    receipt = tmp_path / "ricevuta.pdf"
    download.value.save_as(receipt)
    assert check_receipt(receipt.read_bytes(), at=system_clock()).holds
    page.goto(f"{walk.address}/verifica")
    page.locator("input[type=file]").set_input_files(receipt)
    walk.press("Verifica")
    walk.expect_number()
    walk.look("14-verifica")


def office(walk: Walk, password: str) -> None:
    page = walk.page
    walk.sign_in("protocollo", password, "/ufficio/accesso")
    page.goto(f"{walk.address}/ufficio/registro/SAR20-PROVA-1")
    walk.expect_number()
    walk.look("15-registro")
    page.context.clear_cookies()
    walk.sign_in("istruttore", password, "/ufficio/accesso")
    walk.look("16-ufficio")
    page.goto(f"{walk.address}/ufficio/coda/SAR20-PROVA-1")
    walk.look("17-coda")
    walk.press("Prendi la prossima")
    walk.expect_number()
    expect(page.locator("main")).to_contain_text("ESPOSITO")
    page.wait_for_load_state("networkidle")
    walk.look("18-verifica-dati")


def _iso(value: str) -> str:
    found = re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", value)
    return f"{found[3]}-{found[2]}-{found[1]}" if found else value
