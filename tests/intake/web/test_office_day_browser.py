"""A day of the protocol office in a real browser: a letter, a certified message, an answer, the balance (T3, B9, C7)."""

from __future__ import annotations

import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from sqlalchemy import select

from intake.arrivals.recognition import recognise_arrival
from intake.certified_mail.desk import read_kept_mail
from intake.certified_mail.models import MailMessage
from intake.checks.run import perform_check
from intake.clock import ROME
from intake.service import Service
from tests.accessibility import NARROW, WIDE, assert_accessible
from tests.chromium import follow
from tests.intake.arrivals.paper_desk import admitting_letters
from tests.intake.certified_mail.certified_messages import envelope, knowing_the_provider, original, receipt
from tests.intake.filings import examination_finds, issued, newest_run
from tests.intake.web.conftest import CODE, Office
from tests.intake.web.test_office_browser import officer_at

pytestmark = pytest.mark.browser

ARRIVALS = f"/ufficio/arrivi/{CODE}"
SCREENSHOTS = os.environ.get("SPORTELLO_SCREENSHOTS")
"""A folder to look at the screens in; unset, they are only checked."""


def look(page: Page, name: str) -> None:
    """The screen is accessible and whole at both widths."""
    assert_accessible(page, name)
    for width in (NARROW, WIDE) if SCREENSHOTS else ():
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}-{width}.png", full_page=True)


def work(service: Service, application_id: uuid.UUID) -> None:
    """What the worker does meanwhile for a matched application."""
    with service.transaction() as session:
        run = newest_run(session, application_id).id
    with examination_finds():
        perform_check(service, run)


def test_t3_b9_a_day_at_the_protocol_desk(chromium: Chromium, office_cases: Office, tmp_path: Path) -> None:
    service = admitting_letters(office_cases.service)
    office = Office(service, office_cases.first, office_cases.altered, office_cases.third)
    application_id, pdf = issued(service, firm="BETA SNC", unit="Deposito")
    (tmp_path / "busta.pdf").write_bytes(pdf)
    (tmp_path / "richiesta.eml").write_bytes(envelope(original(("nota.txt", b"una nota"))))
    (tmp_path / "ricevuta.eml").write_bytes(receipt())
    with officer_at(chromium, office, username="protocollo") as page:
        follow(page.get_by_role("link", name=f"Arrivi {CODE}"))
        look(page, "arrivi-vuoto")
        follow(page.get_by_role("link", name="Nuovo arrivo su carta"))
        look(page, "nuovo-arrivo")
        arrived = service.clock().astimezone(ROME) - timedelta(hours=1)
        page.get_by_label("Giorno di arrivo").fill(f"{arrived:%Y-%m-%d}")
        page.get_by_label("Ora di arrivo").fill(f"{arrived:%H:%M}")
        page.get_by_label("Raccomandata n.").fill("152345678901")
        page.get_by_label("Scansione").set_input_files(tmp_path / "busta.pdf")
        follow(page.get_by_role("button", name="Carica la scansione"), key="Enter")
        page.wait_for_url(f"**{ARRIVALS}/*")
        recognise_arrival(service, uuid.UUID(page.url.rpartition("/")[2]))
        expect(page.get_by_text("Riconosciuto dai codici delle pagine")).to_be_visible()
        look(page, "arrivo-riconosciuto")
        follow(page.get_by_role("button", name="Abbina e controlla"), key="Enter")
        expect(page.get_by_text("I controlli sono in corso")).to_be_visible()
        work(service, application_id)
        file = page.get_by_role("button", name="Registra la domanda con il suo posto")
        expect(file).to_be_visible()
        look(page, "arrivo-da-registrare")
        follow(file, key="Enter")
        expect(page.get_by_role("heading", name="Protocollo n. 0000004")).to_be_visible()
        look(page, "arrivo-registrato")
        with page.expect_download() as label:
            page.get_by_role("link", name="Scarica l'etichetta").click()
        assert label.value.path().read_bytes().startswith(b"%PDF-")

        page.goto(ARRIVALS)
        for name in ("richiesta.eml", "ricevuta.eml"):
            page.get_by_label("Carica un messaggio").set_input_files(tmp_path / name)
            follow(page.get_by_role("button", name="Carica il messaggio"))
            expect(page.get_by_text("Messaggio conservato")).to_be_visible()
        with service.transaction() as session:
            kept = list(session.scalars(select(MailMessage.id)))
        knowing = knowing_the_provider(service, tmp_path / "gestori")
        for each in kept:
            read_kept_mail(knowing, each)
        page.reload()
        page.get_by_text("Ricevute dei gestori PEC").click()
        look(page, "arrivi")
        follow(page.locator("main table a").first)
        look(page, "arrivo-pec")
        page.get_by_label("Mittente", exact=True).fill("Alfa SRL")
        follow(page.get_by_role("button", name="Registra il documento"), key="Enter")
        expect(page.get_by_role("heading", name="Protocollo n. 0000005")).to_be_visible()
        look(page, "arrivo-da-rispondere")
        follow(page.get_by_role("button", name="Registra la risposta in uscita"), key="Enter")
        expect(page.get_by_role("link", name="Scarica la risposta")).to_be_visible()
        page.goto(f"/ufficio/registro/{CODE}/bilancio")
        look(page, "bilancio")
        expect(page.get_by_text("Il conto torna")).to_be_visible()
