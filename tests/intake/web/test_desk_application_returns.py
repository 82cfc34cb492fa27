"""Step 6: files received, findings, confirmations, refusals, and the helps of a rehearsal (C2, C8, S6, S8, N3, N11)."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import Client

from intake.applications.models import Application, Origin, ReturnedDocument, State
from intake.applications.rehearsal import OnlyInRehearsal, add_trial_attachment, add_trial_scan, add_trial_signature
from intake.people.demonstration import demo_password
from intake.service import Service
from tests.intake.applications_made import person_named
from tests.intake.web.conftest import Browser, doors_of
from tests.intake.web.test_desk_application_path import issue, start, type_everything, work

pytestmark = pytest.mark.shared_installation


@pytest.fixture
def address(employer: Browser, service: Service) -> str:
    """An application of ALFA whose form is issued."""
    begun = start(employer, service)
    type_everything(employer, service, begun)
    issue(employer, begun)
    return begun


def documents_of(service: Service, address: str) -> list[ReturnedDocument]:
    with service.transaction() as session:
        return list(session.get_one(Application, address.rsplit("/", 1)[-1]).current_documents)


def test_a_form_is_missing_and_the_button_says_why(employer: Browser, address: str) -> None:
    page = employer.get(f"{address}/passo/6").text
    assert re.search(r'<button[^>]* disabled aria-describedby="perche-non-si-invia"', page)
    assert "Manca il modulo firmato." in page
    refused = employer.post(f"{address}/invio")
    assert refused.status_code == 422
    assert "La domanda non si può inviare." in refused.text


def test_an_unsigned_form_is_refused_with_its_rule_and_can_be_taken_out(
    employer: Browser, service: Service, address: str
) -> None:
    pdf = employer.get(f"{address}/modulo.pdf").data
    sent = {"tipo": "modulo", "file": (io.BytesIO(pdf), "modulo.pdf")}
    assert employer.post(f"{address}/documenti", sent).status_code == 303
    work(service)
    page = employer.get(f"{address}/passo/6").text
    assert "esito-danger" in page
    refused = employer.post(f"{address}/invio")
    assert refused.status_code == 422
    taken = re.search(rf'action="({address}/documenti/[^"]+/togli)"', page)
    assert taken
    assert employer.post(taken[1]).status_code == 303
    assert documents_of(service, address) == []


def test_several_files_arrive_at_once_and_are_receipted(employer: Browser, service: Service, address: str) -> None:
    files = [(io.BytesIO(f"pagina {number}".encode()), f"pagina-{number}.txt") for number in (1, 2)]
    assert employer.post(f"{address}/documenti", {"tipo": "delegation", "file": files}).status_code == 303
    kept = documents_of(service, address)
    assert [document.attachment_key for document in kept] == ["delegation", "delegation"]
    page = employer.get(f"{address}/passo/6").text
    assert all(document.sha256 in page for document in kept)
    assert "Delega firmata dal legale rappresentante" in page


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"tipo": "modulo"}, "Non è arrivato nessun file."),
        ({"tipo": "altro", "file": "x"}, "non prevede questo allegato"),
    ],
)
def test_an_upload_that_cannot_be_taken_is_told_in_place(
    employer: Browser, address: str, sent: dict[str, object], said: str
) -> None:
    if "file" in sent:
        sent = sent | {"file": (io.BytesIO(b"x"), "x.pdf")}
    answer = employer.post(f"{address}/documenti", sent)
    assert 400 <= answer.status_code < 500
    assert said in answer.text
    assert "File caricati" in answer.text


def test_a_simulated_scan_needs_the_identity_document_and_then_goes(
    employer: Browser, service: Service, address: str
) -> None:
    assert employer.post(f"{address}/prova", {"what": "scansione"}).status_code == 303
    work(service)
    without = employer.get(f"{address}/passo/6").text
    assert "filing.identity_document_missing" in without
    assert employer.post(f"{address}/prova", {"what": "allegato.identity_document"}).status_code == 303
    work(service)
    kept = documents_of(service, address)
    assert {document.origin for document in kept} == {Origin.REHEARSAL_SCAN}
    assert all("PROVA" in document.name for document in kept)
    found = employer.get(f"{address}/passo/6").text
    questions = re.findall(r'name="conferma" value="([^"]+)"', found)
    if questions:
        assert employer.post(f"{address}/invio").status_code == 422
    sent = employer.post(f"{address}/invio", {"conferma": questions})
    assert sent.status_code == 303, sent.text


def test_a_new_trial_signature_takes_the_place_of_the_earlier(
    employer: Browser, service: Service, address: str
) -> None:
    employer.post(f"{address}/prova", {"what": "firma"})
    employer.post(f"{address}/prova", {"what": "busta"})
    (kept,) = documents_of(service, address)
    assert kept.name.endswith("PROVA.pdf.p7m")
    assert kept.origin is Origin.REHEARSAL_SIGNATURE
    assert employer.post(f"{address}/prova", {"what": "altro"}).status_code == 404


def at_another_time(service: Service, at: datetime) -> tuple[Browser, Service]:
    """The representative of ALFA before the same installation at another instant."""
    moved = replace(service, clock=lambda: at)
    browser = Browser(Client(doors_of(moved)), demo_password(service.settings.keys))
    assert browser.sign_in("datore").status_code == 303
    return browser, moved


@pytest.mark.own_installation
def test_nothing_of_a_rehearsal_is_made_on_a_live_notice(service: Service) -> None:
    browser, then = at_another_time(service, datetime(2020, 4, 20, 10, tzinfo=UTC))
    address = start(browser, then, code="SAR20")
    type_everything(browser, then, address)
    issue(browser, address)
    page = browser.get(f"{address}/passo/6").text
    assert "Aiuti per la prova" not in page
    assert "PROVA" not in page
    for what in ("firma", "busta", "scansione", "allegato.identity_document"):
        refused = browser.post(f"{address}/prova", {"what": what})
        assert refused.status_code == 403
        assert "solo nella prova" in refused.text
    at = then.clock()
    with then.transaction() as session:
        person, application_id = person_named(session, "datore"), session.scalars(select(Application.id)).one()
        with pytest.raises(OnlyInRehearsal):
            add_trial_signature(then, session, person, application_id, enveloped=False, at=at)
        with pytest.raises(OnlyInRehearsal):
            add_trial_scan(then, session, person, application_id, at=at)
        with pytest.raises(OnlyInRehearsal):
            add_trial_attachment(then, session, person, application_id, "identity_document", at=at)
    assert documents_of(then, address) == []


def test_outside_the_window_nothing_is_sent_and_the_term_is_told(
    employer: Browser, service: Service, address: str
) -> None:
    employer.post(f"{address}/prova", {"what": "firma"})
    work(service)
    late, _ = at_another_time(service, service.clock() + timedelta(days=60))
    page = late.get(f"{address}/passo/6").text
    assert "Il termine per questa domanda è scaduto" in page
    refused = late.post(f"{address}/invio")
    assert refused.status_code == 422
    assert "90 giorni" in refused.text


@pytest.mark.own_installation
def test_the_progress_is_a_fragment_that_asks_again_until_the_checks_end(
    employer: Browser, service: Service, address: str
) -> None:
    employer.post(f"{address}/prova", {"what": "firma"})
    running = employer.get(f"{address}/stato", headers={"HX-Request": "true"}).text
    assert 'hx-trigger="every' in running
    assert "<progress" in running
    assert employer.post(f"{address}/invio").status_code == 409
    work(service)
    ended = employer.get(f"{address}/stato", headers={"HX-Request": "true"}).text
    assert "hx-trigger" not in ended
    assert "<html" not in ended
    assert employer.post(f"{address}/invio").status_code == 303
    with service.transaction() as session:
        assert session.scalars(select(Application)).one().state is State.REGISTERED
    assert employer.get(f"{address}/stato").headers["HX-Redirect"] == address
    assert employer.get(f"{address}/passo/1").location == address
