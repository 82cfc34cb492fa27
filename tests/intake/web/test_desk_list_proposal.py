"""A list as the firm has it at the desk: uploaded, read apart, corrected, confirmed; nothing enters unasked (T4, S3)."""

from __future__ import annotations

import io
import re
from uuid import UUID

import pytest
from openpyxl import Workbook
from PIL import Image

from bench.lists.files import as_pdf, made_list
from bench.lists.layouts import LAYOUTS
from intake.applications.list_proposal import perform_reading
from intake.applications.list_proposal_models import ListProposal, ProposalState
from intake.applications.models import Application
from intake.service import Service
from tests.intake.web.conftest import Browser
from tests.intake.web.test_desk_application_path import start

pytestmark = [pytest.mark.whole, pytest.mark.shared_installation]

MADE = made_list(next(each for each in LAYOUTS if each.name == "grouped"), 5, count=12)


@pytest.fixture
def address(employer: Browser, service: Service) -> str:
    return start(employer, service)


def read_one(employer: Browser, service: Service, address: str, name: str, data: bytes) -> str:
    """Uploads a list and has it read; the address of its proposal."""
    sent = employer.post(
        f"{address}/lavoratori/elenco", {"file": (io.BytesIO(data), name)}, page=f"{address}/lavoratori/elenco"
    )
    assert sent.status_code == 303, sent.text
    assert "Stiamo leggendo" in employer.get(sent.location).text
    perform_reading(service, UUID(sent.location.rsplit("/", 1)[-1]))
    return sent.location


def workers_of(service: Service, address: str) -> list[dict[str, str]]:
    with service.transaction() as session:
        return list(session.get_one(Application, address.rsplit("/", 1)[-1]).draft["workers"])


def shown_values(page: str) -> dict[str, str]:
    typed = dict(re.findall(r'name="(workers\.\d+\.\w+)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select[^>]*name="(workers\.\d+\.\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        typed[name] = chosen[1] if chosen else ""
    return typed


def test_t4_a_pdf_becomes_rows_that_the_person_confirms(employer: Browser, service: Service, address: str) -> None:
    proposal = read_one(employer, service, address, "elenco.pdf", as_pdf(MADE))
    page = employer.get(proposal).text
    assert "Abbiamo letto 12 lavoratori" in page
    assert "Titolo di un gruppo" in page
    assert workers_of(service, address) == []
    typed = shown_values(page)
    assert typed["workers.1.tax_code"] == MADE.people[0].tax_code
    confirmed = employer.post(
        proposal, {**typed, "salta.12": "1", "workers.2.surname": "CORRETTA", "action": "add"}, page=proposal
    )
    assert confirmed.status_code == 303
    kept = workers_of(service, address)
    assert [worker["tax_code"] for worker in kept] == [person.tax_code for person in MADE.people[:11]]
    assert kept[1]["surname"] == "CORRETTA"
    assert kept[0]["qualification"] in {"blue_collar", "white_collar", "middle_manager"}
    assert kept[0]["hired_on"] == MADE.people[0].hired_on
    again = employer.post(proposal, {**typed, "action": "add"}, page=f"{address}/lavoratori/elenco")
    assert (again.status_code, "già stata usata" in again.text) == (422, True)
    assert workers_of(service, address) == kept


def test_t4_doubts_are_said_beside_the_cell_and_shown_as_they_stand(
    employer: Browser, service: Service, address: str
) -> None:
    book = Workbook()
    book.worksheets[0].append(["Nominativo", "Cod. fisc.", "Ore sett."])
    book.worksheets[0].append(["ROSSI MARIO", "RSSMRA80A01H501X", "quaranta"])
    out = io.BytesIO()
    book.save(out)
    page = employer.get(read_one(employer, service, address, "elenco.xlsx", out.getvalue())).text
    assert "Nell&#39;elenco leggiamo «RSSMRA80A01H501X»" in page
    assert "Nell&#39;elenco leggiamo «quaranta»" in page
    assert "riga-vista" not in page


def test_t4_a_picture_of_the_row_is_served_to_its_owner_alone(
    employer: Browser, service: Service, address: str
) -> None:
    proposal = read_one(employer, service, address, "elenco.pdf", as_pdf(MADE))
    shown = employer.get(f"{proposal}/riga/3.webp")
    assert (shown.status_code, shown.mimetype, shown.data[:4]) == (200, "image/webp", b"RIFF")
    cell = employer.get(f"{proposal}/riga/3.webp?campo=tax_code")
    with Image.open(io.BytesIO(shown.data)) as row, Image.open(io.BytesIO(cell.data)) as part:
        assert row.width > 1000
        assert 100 < part.width < row.width
        assert part.convert("L").getextrema()[0] < 100
    assert employer.get(f"{proposal}/riga/3.webp?campo=altro").status_code == 404
    assert employer.get(f"{proposal}/riga/99.webp").status_code == 404
    stranger = Browser(type(employer.client)(employer.client.application), employer.password)
    assert stranger.sign_in("altra").status_code == 303
    assert stranger.get(proposal).status_code == 404
    assert stranger.get(f"{proposal}/riga/3.webp").status_code == 404


def test_t4_what_is_no_list_says_so_and_what_to_do(employer: Browser, service: Service, address: str) -> None:
    page = employer.get(read_one(employer, service, address, "foto.bin", b"\x00\x01" * 40)).text
    assert "non è un documento che possiamo leggere" in page
    nothing = employer.post(f"{address}/lavoratori/elenco", {"action": "x"}, page=f"{address}/lavoratori/elenco")
    assert nothing.status_code == 422
    assert "Non è arrivato nessun file" in nothing.text


def test_t4_a_newer_list_puts_the_older_proposal_aside(employer: Browser, service: Service, address: str) -> None:
    here = f"{address}/lavoratori/elenco"
    first, second = (
        employer.post(here, {"file": (io.BytesIO(as_pdf(MADE)), name)}, page=here).location
        for name in ("1.pdf", "2.pdf")
    )
    discarded = employer.post(second, {"action": "discard"}, page=second)
    assert discarded.status_code == 303
    with service.transaction() as session:
        states = [session.get_one(ListProposal, UUID(one.rsplit("/", 1)[-1])).state for one in (first, second)]
    assert states == [ProposalState.SET_ASIDE] * 2
    with service.transaction() as session:
        session.get_one(ListProposal, UUID(second.rsplit("/", 1)[-1])).state = ProposalState.USED
    too_late = employer.post(second, {"action": "discard"}, page=second)
    assert (too_late.status_code, "è già stata usata o messa da parte" in too_late.text) == (422, True)
    assert workers_of(service, address) == []
