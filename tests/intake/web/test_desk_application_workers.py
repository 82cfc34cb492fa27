"""The table of workers at the desk: rows, categories, paste, spreadsheets, errors by cell (S3, S4)."""

from __future__ import annotations

import io
import re

import pytest
from openpyxl import Workbook, load_workbook

from intake.applications.models import Application
from intake.service import Service
from tests.intake.applications_made import WORKERS
from tests.intake.web.conftest import Browser
from tests.intake.web.test_desk_application_path import start

pytestmark = pytest.mark.shared_installation

LINE = "ROSSI\tMARIO\tRSSMRA80A01H501U\tOperaio\tTempo indeterminato\tLavoratore subordinato\t40\t01/06/2015\t120\t"


@pytest.fixture
def address(employer: Browser, service: Service) -> str:
    return start(employer, service)


def workers_of(service: Service, address: str) -> list[dict[str, str]]:
    with service.transaction() as session:
        return list(session.get_one(Application, address.rsplit("/", 1)[-1]).draft["workers"])


def test_rows_are_added_and_taken_out_with_plain_buttons(employer: Browser, service: Service, address: str) -> None:
    step = f"{address}/passo/3"
    rows = {f"workers.{number}.surname": name for number, name in enumerate(("UNO", "DUE", "TRE"), 1)}
    added = employer.post(step, {**rows, "action": "add.workers.10"})
    assert employer.get(added.location).text.count('class="numero-riga"') == 13
    empty = {f"workers.{number}.surname": "" for number in (1, 2, 3)}
    another = employer.post(step, {**empty, "action": "add.workers.1"})
    assert employer.get(another.location).text.count('class="numero-riga"') == 4
    assert employer.post(step, {**rows, "action": "remove.workers.2"}).status_code == 303
    assert [worker["surname"] for worker in workers_of(service, address)] == ["UNO", "TRE"]


def test_a_category_asks_for_its_own_data(employer: Browser, service: Service, address: str) -> None:
    asked = employer.get(f"{address}/lavoratori/1/categoria?workers.1.category=fixed_term").text
    assert 'name="workers.1.extra.contract_end"' in asked
    saved = {
        "workers.1.surname": "UNO",
        "workers.1.category": "fixed_term",
        "workers.1.extra.contract_end": "2020-12-31",
        "workers.1.extra.replaces_absent_worker": "true",
        "action": "save",
    }
    employer.post(f"{address}/passo/3", saved)
    assert workers_of(service, address)[0]["extra"] == {"contract_end": "2020-12-31", "replaces_absent_worker": "true"}
    page = employer.get(f"{address}/passo/3").text
    assert re.search(r'name="workers.1.extra.contract_end" value="2020-12-31"', page)
    assert "Entro la durata del contratto." in page


@pytest.mark.parametrize("heading", ["", "Cognome\tNome\tCodice fiscale\tQualifica\n"])
def test_rows_are_pasted_with_or_without_headings(
    employer: Browser, service: Service, address: str, heading: str
) -> None:
    pasted = f"{heading}{LINE if not heading else 'ROSSI	MARIO	RSSMRA80A01H501U	Operaio'}"
    answer = employer.post(f"{address}/passo/3", {"pasted": pasted, "how": "replace", "action": "import"})
    assert answer.status_code in {200, 303}
    worker = workers_of(service, address)[0]
    assert (worker["surname"], worker["tax_code"], worker["qualification"]) == (
        "ROSSI",
        "RSSMRA80A01H501U",
        "blue_collar",
    )


def test_a_sheet_with_wrong_cells_is_taken_and_each_is_named(employer: Browser, service: Service, address: str) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Cognome", "Nome", "Codice fiscale", "Ore settimanali", "Data assunzione"])
    sheet.append(["ROSSI", "MARIO", "RSSMRA80A01H501U", 40, "01/06/2015"])
    sheet.append(["BIANCHI", "ANNA", "BNCNNA75S61F979X", "molte", "31/02/2015"])
    out = io.BytesIO()
    book.save(out)
    sent = {"file": (io.BytesIO(out.getvalue()), "elenco.xlsx"), "how": "replace", "action": "import"}
    page = employer.post(f"{address}/passo/3", sent)
    assert page.status_code == 200
    assert "Lavoratori letti: 2. Cose da sistemare: 3." in page.text
    assert page.text.count("alert-danger") == 1
    assert page.text.index('id="errori"') < page.text.index('id="passo"')
    for column, label in {"C": "Codice fiscale", "D": "Ore settimanali", "E": "Data di assunzione"}.items():
        assert f"<strong>Foglio, riga 3, colonna {column} ({label}):</strong>" in page.text
    for field in ("tax_code", "weekly_hours", "hired_on"):
        cell = re.search(rf'<(input)[^>]*name="workers.2.{field}"[^>]*>', page.text)
        assert cell
        assert 'aria-invalid="true"' in cell[0], field
        assert f'href="#workers-2-{field}"' in page.text
    assert workers_of(service, address)[1]["hired_on"] == "31/02/2015"


def test_what_a_sheet_may_say_is_named_and_rules_stand_in_the_same_panel(
    employer: Browser, service: Service, address: str
) -> None:
    """T6: words that no list offers are answered with those admitted; a worker twice is told beside them."""
    typed = {"workers.1.surname": "ROSSI", "workers.1.tax_code": "RSSMRA80A01H501U"}
    wrong = "ROSSI\tMARIO\tRSSMRA80A01H501U\tMezzadro\tTempo indeterminato\t\t40\t01/06/2015\t80"
    sent = {**typed, "pasted": wrong, "how": "append", "action": "import"}
    page = employer.post(f"{address}/passo/3", sent).text
    panel = page[page.index('id="errori"') : page.index('id="passo"')]
    assert re.search(
        r"riga 1, colonna D \(Qualifica\):</strong> <a href=\"#workers-2-qualification\">«Mezzadro»", panel
    )
    assert "Nel foglio si può scrivere: «Operaio», «Impiegato»" in panel
    assert "scelga dall" not in panel
    assert re.search(r'<a href="#workers-2-tax_code">Riga 2\. Il codice fiscale \w+ compare 2 volte\.', panel)
    assert page.count("alert-danger") == 1


def test_what_cannot_be_read_changes_nothing_and_keeps_what_was_typed(
    employer: Browser, service: Service, address: str
) -> None:
    step = f"{address}/passo/3"
    employer.post(step, {"workers.1.surname": "UNO", "action": "save"})
    binary = {"file": (io.BytesIO(b"PK\x03\x04not a sheet"), "elenco.xlsx"), "action": "import"}
    refused = employer.post(step, {"workers.1.surname": "UNO", "workers.2.surname": "DUE", **binary})
    assert refused.status_code == 422
    assert "non è un foglio di calcolo" in refused.text
    assert [worker["surname"] for worker in workers_of(service, address)] == ["UNO", "DUE"]
    empty = employer.post(step, {"workers.1.surname": "UNO", "workers.2.surname": "TRE", "action": "import"})
    assert empty.status_code == 422
    assert "niente da importare" in empty.text
    assert [worker["surname"] for worker in workers_of(service, address)] == ["UNO", "TRE"]


def test_the_model_filled_in_is_read_back(employer: Browser, service: Service, address: str) -> None:
    model = employer.get(f"{address}/lavoratori/modello.xlsx")
    book = load_workbook(io.BytesIO(model.data))
    sheet = book.worksheets[0]
    for row, (surname, given_name, tax_code) in enumerate(WORKERS, 2):
        words = ("Operaio", "Tempo indeterminato", "Apprendista", 40, "01/06/2015", 120, None)
        for column, value in enumerate((surname, given_name, tax_code, *words), 1):
            sheet.cell(row, column, value)
    out = io.BytesIO()
    book.save(out)
    sent = {"file": (io.BytesIO(out.getvalue()), "elenco.xlsx"), "how": "append", "action": "import"}
    done = employer.post(f"{address}/passo/3", {"workers.1.surname": "PRIMA", **sent})
    assert done.status_code == 303, done.text
    found = workers_of(service, address)
    assert [worker["surname"] for worker in found] == ["PRIMA", *(worker[0] for worker in WORKERS)]
    assert {worker["category"] for worker in found[1:]} == {"apprentice"}
    assert employer.get(f"{address}/lavoratori/modello.csv").data.decode("utf-8-sig").startswith("Cognome;Nome;")


def test_a_hundred_workers_are_one_page(employer: Browser, service: Service, address: str) -> None:
    lines = "\n".join(f"COGNOME{number}\tNOME\t\tOperaio" for number in range(100))
    employer.post(f"{address}/passo/3", {"pasted": lines, "action": "import"})
    page = employer.get(f"{address}/passo/3").text
    assert 'id="workers-100-surname"' in page
    assert "100 lavoratori" in page
    assert len(page) < 900_000
