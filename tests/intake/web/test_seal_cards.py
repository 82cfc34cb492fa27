"""C2, N7: a document that an organisation sealed is told as sealed: neither as signed by a person nor as bearing nothing."""

from __future__ import annotations

import re

import pytest

from intake.service import Service
from signing.inspect import inspect_signatures
from signing.reported_seals import holding_seals
from signing.seal import seal_pdf
from signing.seal_key import SealKey
from tests.intake.web.conftest import CODE, Browser
from tests.intake.web.test_signature_verification import verify
from tests.pki.authority import AT, sign_pdf_as, trust_store
from tests.signing.documents import plain_pdf

FIRM = SealKey.create("ALFA SRL", "ALFA SRL", AT)
SEALED = seal_pdf(plain_pdf(), FIRM, at=AT, reason="Verbale", name="ALFA SRL")
NOBODYS = "Non è la firma di una persona"


@pytest.fixture
def service(standing_service: Service) -> Service:
    return standing_service


def headings(page: str) -> list[str]:
    return re.findall(r"<h[34][^>]*>([^<]*)</h[34]>", page[page.index("scheda-firma") :])


def test_c2_the_seal_of_a_firm_is_a_seal_and_says_what_it_is_not(browser: Browser) -> None:
    page = verify(browser, SEALED).text
    assert headings(page) == ["Sigillato da ALFA SRL, con riserve", "Sigillo di ALFA SRL"]
    assert "Sigillo integro, con riserve" in page
    assert NOBODYS in page
    assert "Firmato da" not in page


def test_n7_a_paper_that_this_service_sealed_is_not_called_unsigned(browser: Browser, service: Service) -> None:
    own = seal_pdf(plain_pdf(), service.keys.seal_key(CODE), at=service.clock(), reason="Ricevuta", name="Sportello")
    page = verify(browser, own).text
    assert headings(page) == ["Sigillato da questo servizio", "Sigillo di questo servizio"]
    assert NOBODYS in page
    assert "Non firmato" not in page


def test_c2_a_signature_beside_a_seal_is_a_signature_and_a_broken_seal_is_broken(browser: Browser) -> None:
    signed = verify(browser, sign_pdf_as("rossi", SEALED)).text
    assert headings(signed)[0].startswith("Firmato")
    assert NOBODYS not in signed
    broken = verify(browser, SEALED.replace(b"ore 40", b"ore 48")).text
    assert headings(broken) == ["Sigillo non valido", "Sigillo di ALFA SRL"]
    assert NOBODYS not in broken


def test_c2_what_the_certificate_says_of_itself_decides_before_the_names() -> None:
    report = inspect_signatures(SEALED, trust=trust_store(), at=AT).as_json()
    assert [each["signer"]["common_name"] for each in holding_seals(report)] == ["ALFA SRL"]
    claims = report["signatures"][0]["claims"]
    report["signatures"][0]["claims"] = {**claims, "type": "esign"}
    assert holding_seals(report) == ()
    report["signatures"][0] |= {"qualification": "qualified_seal"}
    assert holding_seals(report) != ()
    of_a_person = inspect_signatures(sign_pdf_as("rossi", plain_pdf()), trust=trust_store(), at=AT).as_json()
    assert holding_seals(of_a_person) == ()
    assert holding_seals(inspect_signatures(plain_pdf(), trust=trust_store(), at=AT).as_json()) == ()
