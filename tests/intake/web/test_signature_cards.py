"""N7, C2: the card of each returned file with its signatures, at the desk and in the office, and its papers to keep."""

from __future__ import annotations

import io
import re

import pikepdf
import pytest
from lxml import etree

from intake.applications.models import Application
from intake.service import Service
from intake.typesetting.signature_report import ETSI_ATTACHMENT, REPORT_ATTACHMENT
from signing.seal import verify_seal
from tests.intake.web.conftest import CODE, Browser, Office
from tests.intake.web.test_desk_application_path import issue, start, type_everything, work

VR = "{http://uri.etsi.org/19102/v1.2.1#}"


def test_n7_the_office_sees_each_file_with_its_envelopes_and_keeps_a_sealed_report(standing_office: Office) -> None:
    browser, service = standing_office.browser("istruttore"), standing_office.service
    case = f"/ufficio/pratiche/{standing_office.first}"
    listed = browser.get(case).text
    assert re.search(r"domanda\.pdf(?:\.p7m)? · [^·<]+ · Firmato", listed)
    document = re.search(rf'href="({case}/documenti/[0-9a-f-]+)"', listed)
    assert document
    page = browser.get(document[1]).text
    for words in ("ROSSI MARIO", "Dettaglio tecnico", "Con che cosa abbiamo controllato", "Impronta SHA-256 del file"):
        assert words in page, words
    pdf = browser.get(f"{document[1]}/verifica.pdf")
    assert pdf.status_code == 200
    assert verify_seal(pdf.data, service.keys.seals(CODE).known(), service.clock()).holds
    with pikepdf.open(io.BytesIO(pdf.data)) as report:
        assert set(report.attachments) == {REPORT_ATTACHMENT, ETSI_ATTACHMENT}
        attached = report.attachments[ETSI_ATTACHMENT].get_file().read_bytes()
    xml = browser.get(f"{document[1]}/verifica.xml")
    assert attached == xml.data
    read = etree.fromstring(xml.data)
    assert read.tag == f"{VR}ValidationReport"
    assert read.findtext(f".//{VR}Signer") == "ROSSI MARIO"


@pytest.mark.parametrize("ending", ["pdf", "xml"])
def test_the_papers_of_a_case_are_for_those_who_may_read_it(standing_office: Office, ending: str) -> None:
    with standing_office.service.transaction() as session:
        cases = [session.get_one(Application, each) for each in (standing_office.first, standing_office.altered)]
        own, of_another = (
            f"/domande/{case.id}/documenti/{case.current_documents[0].id}/verifica.{ending}" for case in cases
        )
    representative = standing_office.browser("datore", office=False)
    assert representative.get(own).status_code == 200
    assert representative.get(of_another).status_code == 404
    assert standing_office.browser().get(own).status_code in {302, 303}


def test_n7_at_the_desk_each_file_has_its_card_and_its_report(employer: Browser, service: Service) -> None:
    begun = start(employer, service)
    type_everything(employer, service, begun)
    issue(employer, begun)
    assert employer.post(f"{begun}/prova", {"what": "busta"}).status_code == 303
    work(service)
    page = employer.get(f"{begun}/passo/6").text
    card = page[page.index("scheda-firma") :]
    for words in ("ROSSI MARIO", "busta .p7m (CAdES)", "documento PDF", "Scarica il rapporto di verifica"):
        assert words in card, words
    report = re.search(rf'href="({begun}/documenti/[^"]+/verifica\.pdf)"', page)
    assert report
    answered = employer.get(report[1])
    assert answered.headers["Cache-Control"] == "no-store"
    assert answered.data.startswith(b"%PDF-")
    assert employer.get(report[1].replace(".pdf", ".xml")).status_code == 200
    gone = re.sub(r"documenti/[^/]+/", "documenti/00000000-0000-4000-8000-000000000000/", report[1])
    assert employer.get(gone).status_code == 404
