"""Declarations of availability that came alone, attached from the arrival's page (T5)."""

from __future__ import annotations

import io

from sqlalchemy import select
from werkzeug.test import Client

from intake.applications.models import Application
from intake.arrivals.models import Arrival
from intake.arrivals.recognition import recognise_arrival
from tests.intake.applications_made import rehearsal_of
from tests.intake.arrivals.test_declarations_alone import KEY, TOSCANA, printed
from tests.intake.checks.test_declaration_findings import issued_in_toscana
from tests.intake.web.conftest import Browser, doors_of, token_of


def test_t5_the_codes_find_the_application_and_one_button_attaches_the_pages(service, browser: Browser) -> None:
    application_id, _ = issued_in_toscana(service)
    with service.transaction() as session:
        arrivals = f"/ufficio/arrivi/{rehearsal_of(session, TOSCANA).register_code}"
    browser.sign_in("protocollo", office=True)
    sent = {
        "csrf_token": token_of(browser.get(arrivals)),
        "canale": "letter",
        "giorno": "2020-04-08",
        "ora": "09:30",
        "file": [(io.BytesIO(printed(service, application_id)), "dichiarazioni.pdf")],
    }
    page = browser.client.post(f"{arrivals}/nuovo", data=sent).location
    with service.transaction() as session:
        recognise_arrival(service, session.scalars(select(Arrival.id)).one())
    shown = browser.get(page).text
    assert "3 pagine su 3" in shown
    assert "ALFA SRL" in shown
    assert "Registri il documento: poi lo allega" in shown
    chosen = {"domanda": str(application_id)}
    assert browser.post(f"{page}/dichiarazioni", chosen, page=page).status_code == 409, "it has no number yet"
    browser.post(f"{page}/registrazione", {"mittente": "ALFA SRL", "oggetto": "Dichiarazioni"}, page=page)
    assert "Allega alla domanda di ALFA SRL" in browser.get(page).text
    assert browser.post(f"{page}/dichiarazioni", {"domanda": "altro"}, page=page).status_code == 404
    assert browser.post(f"{page}/dichiarazioni", chosen, page=page).status_code == 303
    with service.transaction() as session:
        (document,) = session.get_one(Application, application_id).current_documents
        assert document.attachment_key == KEY
    reader = Browser(Client(doors_of(service)), browser.password)
    reader.sign_in("direttore", office=True)
    assert reader.post(f"{page}/dichiarazioni", chosen).status_code == 403
