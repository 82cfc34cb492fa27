"""Stamp duty on the pages: the filer's card, the officer's block and second use, the list of authorisations (C3, N5, T4)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import select
from werkzeug.test import Client

from intake.applications.draft import open_draft, save_draft
from intake.applications.issue import issue_form
from intake.applications.models import Application
from intake.applications.returns import Incoming, receive
from intake.applications.transmission import transmit
from intake.cases.models import Settlement
from intake.cases.queue import ReasonCode, take_chosen
from intake.cases.review import review_of, settle
from intake.cases.stamp_uses import CODE
from intake.checks.examination import examine
from intake.checks.models import CheckRun
from intake.checks.readiness import readiness_of
from intake.checks.run import perform_check
from intake.editions import open_rehearsal_before_opening
from intake.embedded_postgres import EmbeddedPostgres
from intake.people.demonstration import demo_password
from intake.people.models import Employer
from intake.service import Service
from intake.stamp_ledger.ledger import Use, record_uses
from intake.web.server import build_wsgi
from tests.intake.applications_made import complete_draft, person_named
from tests.intake.filings import copies
from tests.intake.web.conftest import Browser, installation
from tests.ocr.revenue_stamps_drawn import Label, Pasted, as_pdf, page_picture
from tests.pki.stamp_authority import digital_stamp

pytestmark = pytest.mark.xdist_group("stamp")
LABEL = "01200123456789"
DIGITAL = "01200002186093"


@dataclass(frozen=True)
class Stamped:
    """Two registered cases of one rehearsal on 8 April 2020 that bear one label."""

    service: Service
    first: uuid.UUID
    second: uuid.UUID

    def browser(self, username: str, *, office: bool = False) -> Browser:
        browser = Browser(Client(build_wsgi(self.service)), demo_password(self.service.settings.keys))
        assert browser.sign_in(username, office=office).status_code == 303
        return browser


def in_process(request, progress, *, seconds):
    return examine(request, progress)


def with_label(draft):
    return complete_draft(draft) | {"stamp_duty": {"way": "contrassegno", "identifier": f"{LABEL}, {DIGITAL}"}}


def file_one(service: Service) -> uuid.UUID:
    """An application whose label was scanned on a sheet of its own, with a digital stamp bought for something else."""
    at = service.clock()
    edition = open_rehearsal_before_opening(service, service.packs["sardegna-2020"], timedelta(hours=-2), at=at)
    with service.transaction() as session:
        person = person_named(session, "consulente")
        employer = session.scalars(select(Employer).where(Employer.name == "ALFA SRL")).one()
        application = open_draft(session, person, session.merge(edition), employer.id, at=at)
        save_draft(session, person, application.id, with_label, version=None, at=at)
        form = issue_form(service, session, person, application.id, at=at)
        pdf, application_id = service.store.get(form.pdf_sha256), application.id
    authority = service.keys.rehearsal_authority(edition.register_code)
    files = [
        Incoming("domanda.pdf", authority.sign_pdf(pdf, "Mario", "Rossi", "RSSMRA68C02I452O", at)),
        Incoming("marca.pdf", as_pdf(page_picture(Pasted(Label()), text="Marca annullata")), "stamp_duty_proof"),
        Incoming("bollo.xml", digital_stamp(b"un altro documento"), "stamp_duty_digital"),
    ]
    with service.transaction() as session:
        receive(service, session, person_named(session, "consulente"), application_id, files, at=at)
        run_id = session.scalars(select(CheckRun.id).where(CheckRun.application_id == application_id)).one()
    with patch("intake.checks.run.examine_apart", in_process):
        perform_check(service, run_id)
    return application_id


def send(service: Service, application_id: uuid.UUID) -> None:
    with service.transaction() as session:
        person, application = person_named(session, "consulente"), session.get_one(Application, application_id)
        asked = [each.key for each in readiness_of(service, session, application, person, at=service.clock()).asking]
        transmit(service, session, person, application_id, confirmed=asked, at=service.clock())


@pytest.fixture(scope="module")
def stamped(
    postgres: EmbeddedPostgres, template_keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stamped]:
    with installation(postgres, template_keys, tmp_path_factory.mktemp("stamped"), "stamped") as service:
        first = file_one(service)
        (second,) = copies(service, first, 1, unit="Secondo forno")
        with service.transaction() as session:
            other = session.get_one(Application, second)
            use = Use("contrassegno", LABEL, other.current_documents[0].id, seen=True)
            record_uses(session, other, [use], at=service.clock())
        yield Stamped(service, first, second)


@pytest.fixture(scope="module")
def registered(stamped: Stamped) -> Stamped:
    for each in (stamped.first, stamped.second):
        send(stamped.service, each)
    return stamped


def test_c3_the_filers_card_says_what_was_found_and_what_to_do(stamped: Stamped) -> None:
    page = stamped.browser("consulente").get(f"/domande/{stamped.first}/passo/6").text
    card = page.partition('<section class="scheda-bollo"')[2].partition("</section>")[0]
    for said in ("Contrassegno telematico", LABEL, "16,00", "valido", "marca.pdf", "Marca da bollo digitale", DIGITAL):
        assert said in card, said
    assert "acquistata per un documento che non è fra questi" in card
    assert "è dovuta: 16,00" in card
    assert "stamp_duty." not in page.partition('<section class="scheda-bollo"')[0]
    with stamped.service.transaction() as session:
        run = session.scalars(select(CheckRun).where(CheckRun.application_id == stamped.first)).one()
        codes = {each.code for each in run.findings if each.code.startswith("stamp_duty.")}
    assert codes == {
        "stamp_duty.digital_issuer_unknown",
        "stamp_duty.digital_of_other_document",
        "stamp_duty.identifier_agrees",
    }


def test_n5_both_officers_see_a_second_use_and_no_filer_does(registered: Stamped) -> None:
    stamped = registered
    officer = stamped.browser("istruttore", office=True)
    first = officer.get(f"/ufficio/pratiche/{stamped.first}").text
    second = officer.get(f"/ufficio/pratiche/{stamped.second}").text
    assert all(f"Il contrassegno n. {LABEL} è già in un&#39;altra pratica" in page for page in (first, second))
    assert "0000002" in first.partition("è già in un")[2][:200]
    (place,) = set(re.findall(rf"/ufficio/pratiche/{stamped.first}/bollo/\d+", first))
    picture = officer.get(place)
    assert (picture.status_code, picture.mimetype) == (200, "image/webp")
    assert officer.get(f"/ufficio/pratiche/{stamped.first}/bollo/7").status_code == 404
    found = officer.get(f"/ufficio/bollo?marca={LABEL[:4]}+{LABEL[4:]}").text
    assert f"/ufficio/pratiche/{stamped.first}" in found
    assert f"/ufficio/pratiche/{stamped.second}" in found
    filer = stamped.browser("consulente")
    for address in (f"/domande/{stamped.first}", f"/domande/{stamped.second}", "/area"):
        page = filer.get(address).text
        assert "altra pratica" not in page
        assert CODE not in page


def test_n5_the_officer_who_holds_the_case_settles_a_second_use(registered: Stamped) -> None:
    stamped, service = registered, registered.service
    with service.transaction() as session:
        officer = person_named(session, "istruttore")
        application = session.get_one(Application, stamped.first)
        reason = {"reason_code": ReasonCode("connected_case"), "reason": "Stessa marca"}
        take_chosen(session, officer, stamped.first, at=service.clock(), patience=0, **reason)
        form, run = application.current_form, session.scalars(select(CheckRun)).first()
        (second_use,) = [each for each, _ in review_of(session, application, form, run).findings if each.code == CODE]
        subject = f"finding:{second_use.id}"
        settle(
            session,
            officer,
            stamped.first,
            subject,
            Settlement.ACCEPTED,
            value=None,
            note="Regolarizzata",
            at=service.clock(),
        )
        session.flush()
        settled = {each.code: done for each, done in review_of(session, application, form, run).findings}
    assert settled[CODE].note == "Regolarizzata"


def test_t4_the_office_keeps_its_list_of_authorisations(stamped: Stamped) -> None:
    browser = stamped.browser("protocollo", office=True)
    typed = {
        **dict.fromkeys(("codice", "al"), ""),
        "ufficio": "Agenzia delle Entrate di Firenze", "numero": "123/2009", "data": "2009-02-10",
        "titolare": "STUDIO VERDI", "dal": "2009-03-01",
    }  # fmt: skip
    refused = browser.post("/ufficio/bollo/autorizzazioni", typed | {"titolare": ""})
    assert (refused.status_code, "Compili questo campo." in refused.text) == (422, True)
    assert 'value="123/2009"' in refused.text
    assert browser.post("/ufficio/bollo/autorizzazioni", typed).status_code == 303
    assert browser.post("/ufficio/bollo/autorizzazioni", typed).status_code == 409
    page = browser.get("/ufficio/bollo").text
    action = page.partition('action="/ufficio/bollo/autorizzazioni/')[2].partition('"')[0]
    closing = f"/ufficio/bollo/autorizzazioni/{action}"
    assert browser.post(closing, {"ultimo": "2009-12-31", "motivo": ""}).status_code == 422
    assert browser.post(closing, {"ultimo": "2009-12-31", "motivo": "Revocata"}).status_code == 303
    assert "Chiusa" in browser.get("/ufficio/bollo").text
    assert browser.post(closing, {"ultimo": "2009-12-31", "motivo": "Ancora"}).status_code == 404


@pytest.mark.parametrize(
    ("username", "reads", "keeps"), [("revisore", 200, 403), ("direttore", 200, 403), ("cpi", 403, 403)]
)
def test_t4_who_reads_the_list_and_who_keeps_it(stamped: Stamped, username: str, reads: int, keeps: int) -> None:
    browser = stamped.browser(username, office=True)
    assert browser.get("/ufficio/bollo").status_code == reads
    assert browser.post("/ufficio/bollo/autorizzazioni", {"numero": "1"}).status_code == keeps
