"""The protocol office's pages of daily registers and of the emergency register (C6, T3)."""

from __future__ import annotations

import io

import pytest

from intake.clock import ROME
from intake.protocol.daily import close_days
from intake.service import Service
from tests.intake.applications_made import rehearsal_of
from tests.intake.filings import SARDEGNA
from tests.intake.protocol.test_daily_register import days_later, registered
from tests.intake.protocol.test_emergency_import import filled
from tests.intake.web.conftest import CODE, Browser, token_of

PAGE = f"/ufficio/registro/{CODE}/emergenza"
DAYS = f"/ufficio/registro/{CODE}/giornalieri"


@pytest.fixture
def protocol_office(browser: Browser) -> Browser:
    assert browser.sign_in("protocollo", office=True).status_code == 303
    return browser


def test_c6_a_day_of_emergency_from_the_sheet_to_the_numbers(service: Service, protocol_office: Browser) -> None:
    assert "Nessun foglio è pronto" in protocol_office.get(PAGE).text
    for rows in ("0", "0020000"):
        assert protocol_office.post(f"{PAGE}/foglio", {"rows": rows}, page=PAGE).status_code == 422
    assert protocol_office.post(f"{PAGE}/foglio", {"rows": "4"}, page=PAGE).status_code == 303
    year = service.clock().astimezone(ROME).year
    assert protocol_office.get(f"{PAGE}/{year}-1/xlsx").data.startswith(b"PK")
    assert protocol_office.get(f"{PAGE}/{year}-2/xlsx").status_code == 404
    empty = protocol_office.get(f"{PAGE}/{year}-1/csv").data

    def send(data: bytes):
        form = {"csrf_token": token_of(protocol_office.get(PAGE)), "foglio": (io.BytesIO(data), "foglio.csv")}
        return protocol_office.client.post(f"{PAGE}/importa", data=form)

    refused = send(filled(empty, service.clock(), hours=("09:40", "09:10")))
    assert refused.status_code == 422
    assert "precede la registrazione" in refused.text
    assert "Nessun numero è stato dato" in refused.text
    assert send(b"").status_code == 422
    assert send(filled(empty, service.clock())).status_code == 303
    page = protocol_office.get(PAGE).text
    assert "2 registrazioni hanno il loro numero ordinario" in page
    assert f"E{year}-1-0002 → 0000002/" in page
    found = protocol_office.get(f"/ufficio/registro/{CODE}?numero=e{year}-1-0002").text
    assert "0000002" in found
    assert "0000001" not in found
    assert "registro di emergenza" in protocol_office.get(f"/ufficio/registro/{CODE}").text


def test_c6_a_closed_day_is_shown_with_its_files(service: Service, protocol_office: Browser) -> None:
    assert "Nessun giorno è ancora chiuso" in protocol_office.get(DAYS).text
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
    registered(service, edition)
    (daily,) = close_days(days_later(service, 1))
    page = protocol_office.get(DAYS).text
    assert "consegnato" in page
    assert protocol_office.get(f"{DAYS}/{daily.day}/volume/1").data == service.store.get(*daily.pdf_sha256s)
    assert protocol_office.get(f"{DAYS}/{daily.day}/xml").data == service.store.get(daily.xml_sha256)
    for missing in (f"{daily.day}/volume/2", "1999-01-01/xml", "ieri/xml"):
        assert protocol_office.get(f"{DAYS}/{missing}").status_code == 404


def test_c7_an_officer_reads_but_does_not_import(browser: Browser) -> None:
    assert browser.sign_in("istruttore", office=True).status_code == 303
    page = browser.get(PAGE)
    assert page.status_code == 200
    assert "Importa il foglio" not in page.text
    assert browser.post(f"{PAGE}/foglio", {"rows": "4"}).status_code == 403
