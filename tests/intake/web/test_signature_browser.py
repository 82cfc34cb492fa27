"""A real browser before signature reports: accessible, whole on a telephone, and without scripts (N7)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from intake.applications.models import Application
from intake.publication.examination import DepositedFile
from intake.publication.publishing import publish_document
from tests.accessibility import assert_accessible
from tests.chromium import follow
from tests.intake.web.conftest import Office
from tests.intake.web.test_office_browser import officer_at
from tests.pki.authority import AT, sign_p7m_as, sign_pdf_as
from tests.signing.documents import plain_pdf

pytestmark = pytest.mark.browser

SIGNED = sign_pdf_as("rossi", plain_pdf())
NESTED = sign_p7m_as("bianchi", sign_p7m_as("revoked", SIGNED))
ENVELOPED = sign_p7m_as("bianchi", sign_p7m_as("rossi", plain_pdf()))


def test_n7_verdicts_are_accessible_to_strangers_and_in_the_office(chromium: Chromium, standing_office: Office) -> None:
    with standing_office.service.transaction() as session:
        document = session.get_one(Application, standing_office.first).current_documents[0].id
    with officer_at(chromium, standing_office) as page:
        page.goto(f"/ufficio/pratiche/{standing_office.first}/documenti/{document}")
        expect(page.get_by_role("heading", name="ROSSI MARIO")).to_be_visible()
        assert_accessible(page)
        page.goto("/verifica-firma")
        assert_accessible(page)
        page.get_by_label("File da verificare").set_input_files(
            {"name": "domanda.pdf.p7m.p7m", "mimeType": "application/pkcs7-mime", "buffer": NESTED}
        )
        follow(page.get_by_role("button", name="Verifica", exact=True))
        expect(page.get_by_role("heading", name="Firmato, con riserve")).to_be_visible()
        assert_accessible(page)


def test_n7_the_answer_needs_no_scripts(chromium: Chromium, standing_office: Office) -> None:
    with officer_at(chromium, standing_office, scripts=False) as page:
        page.goto("/verifica-firma")
        page.get_by_label("File da verificare").set_input_files(
            {"name": "nota.pdf", "mimeType": "application/pdf", "buffer": plain_pdf()}
        )
        follow(page.get_by_role("button", name="Verifica", exact=True))
        expect(page.get_by_role("heading", name="Non firmato")).to_be_visible()


def test_s22_a_published_act_and_those_before_it_are_accessible(chromium: Chromium, standing_office: Office) -> None:
    for name, data in (("avviso.pdf", SIGNED), ("avviso.pdf.p7m.p7m", ENVELOPED)):
        deposited = DepositedFile(name, data)
        publish_document(standing_office.service, "SAR20", deposited, operator="terminale:prova", at=AT)
    with officer_at(chromium, standing_office) as page:
        page.goto("/avvisi/SAR20/documenti/notice")
        expect(page.get_by_role("heading", name="Pubblicazioni precedenti")).to_be_visible()
        assert_accessible(page)
