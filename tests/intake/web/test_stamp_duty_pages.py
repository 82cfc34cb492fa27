"""Stamp duty on the pages: the filer's card, the officer's block and second use, the list of authorisations (C3, N5, T4)."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import select
from werkzeug.test import Client

from intake.applications.draft import open_draft, save_draft
from intake.applications.issue import issue_form
from intake.applications.models import Application, IssuedForm
from intake.applications.rehearsal import OnlyInRehearsal
from intake.applications.rehearsal_stamps import NoPlaceForStamp, place_of_stamp, trial_number
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
from intake.checks.stamp_marks import StampFile, StampQuestion, look_for_marks
from intake.clock import ROME
from intake.editions import open_rehearsal_before_opening
from intake.embedded_postgres import EmbeddedPostgres
from intake.people.demonstration import demo_password
from intake.people.models import Employer
from intake.service import Service
from intake.stamp_ledger.ledger import Use, record_uses
from ocr.pages import open_pages
from ocr.revenue_stamp import find_revenue_stamps
from ocr.trial_label import TrialLabel, label_sheet
from signing.trust import TrustStore
from tests.intake.applications_made import complete_draft, person_named
from tests.intake.filings import copies
from tests.intake.web.conftest import Browser, doors_of, installation
from tests.ocr.revenue_stamps_drawn import Label, Pasted, as_pdf, page_picture
from tests.pki.stamp_authority import digital_stamp

LABEL = "01200123456789"
DIGITAL = "01200002186093"


@dataclass(frozen=True)
class Stamped:
    """Two registered cases of one rehearsal on 8 April 2020 that bear one label."""

    service: Service
    first: uuid.UUID
    second: uuid.UUID

    def browser(self, username: str, *, office: bool = False) -> Browser:
        browser = Browser(Client(doors_of(self.service)), demo_password(self.service.settings.keys))
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


def begun(stamped: Stamped) -> uuid.UUID:
    """An application of a stranger who has no stamp."""
    service = stamped.service
    with service.transaction() as session:
        at = service.clock()
        edition = session.get_one(Application, stamped.first).edition
        employer = session.scalars(select(Employer).where(Employer.name == "ALFA SRL")).one()
        return open_draft(session, person_named(session, "datore"), edition, employer.id, at=at).id


def declared(draft, way: str, application_id: uuid.UUID):
    made = complete_draft(draft)
    number = {"identifier": trial_number(application_id)} if way == "contrassegno" else {}
    return made | {"unit": made["unit"] | {"name": f"Forno {way}"}, "stamp_duty": {"way": way, **number}}


def issued(service: Service, application_id: uuid.UUID, way: str) -> IssuedForm:
    with service.transaction() as session:
        person, at = person_named(session, "datore"), service.clock()
        save_draft(
            session, person, application_id, lambda draft: declared(draft, way, application_id), version=None, at=at
        )
        return issue_form(service, session, person, application_id, at=at)


def checked(service: Service, application_id: uuid.UUID) -> CheckRun:
    with service.transaction() as session:
        runs = select(CheckRun).where(CheckRun.application_id == application_id).order_by(CheckRun.requested_at)
        run_id = session.scalars(runs).all()[-1].id
    with patch("intake.checks.run.examine_apart", in_process):
        perform_check(service, run_id)
    with service.transaction() as session:
        return session.get_one(CheckRun, run_id)


@pytest.mark.whole
def test_c3_a_stranger_without_a_label_tries_with_a_drawn_one(stamped: Stamped) -> None:
    service, browser, tried = stamped.service, stamped.browser("datore"), begun(stamped)
    number, here = trial_number(tried), f"/domande/{tried}"
    assert number in browser.get(f"{here}/passo/4").text
    form = issued(service, tried, "contrassegno")
    documents = f"{here}/passo/6"
    assert "marca da bollo di prova" in browser.get(documents).text
    assert browser.post(f"{here}/prova", {"what": "scansione.marca"}, page=documents).status_code == 303
    with service.transaction() as session:
        (scan,) = session.get_one(Application, tried).current_documents
    place = place_of_stamp(form)
    page = open_pages(service.store.get(scan.sha256), name=scan.name)[place.page - 1]
    (label,) = find_revenue_stamps(page)
    assert label.identifier == number
    assert label.witnesses_agree is not False  # each form has its own noise: in some, one of the witnesses says nothing
    assert abs(label.box.left - place.box.left) < 12
    browser.post(f"{here}/prova", {"what": "firma"}, page=documents)
    assert "stamp_duty.proof_missing" in obstacles(service, tried)
    browser.post(f"{here}/prova", {"what": "allegato.stamp_duty_proof"}, page=documents)
    stamps = checked(service, tried).stamps
    assert (stamps["standing"], [mark["identifier"] for mark in stamps["marks"]]) == ("in_order", [number])
    assert "stamp_duty.proof_missing" not in obstacles(service, tried)


def obstacles(service: Service, application_id: uuid.UUID) -> set[str]:
    with service.transaction() as session:
        application, person = session.get_one(Application, application_id), person_named(session, "datore")
        return {each.code for each in readiness_of(service, session, application, person, at=service.clock()).obstacles}


def test_c3_a_mark_seen_on_the_form_itself_needs_no_proof_of_its_own(stamped: Stamped) -> None:
    service, browser, tried = stamped.service, stamped.browser("datore"), begun(stamped)
    issued(service, tried, "virtual")
    browser.post(f"/domande/{tried}/prova", {"what": "firma"}, page=f"/domande/{tried}/passo/6")
    run = checked(service, tried)
    assert "stamp_duty.proof_missing" not in obstacles(service, tried)
    for standing, needed in (("to_check", True), ("in_order", False)):
        with service.transaction() as session:
            application = session.get_one(Application, tried)
            application.draft = application.draft | {"stamp_duty": {"way": "contrassegno", "identifier": LABEL}}
            session.get_one(CheckRun, run.id).stamps = {**run.stamps, "standing": standing}
        assert ("stamp_duty.proof_missing" in obstacles(service, tried)) is needed


def test_c3_a_stranger_without_a_digital_stamp_buys_a_trial_one_for_the_form(stamped: Stamped) -> None:
    service, browser, tried = stamped.service, stamped.browser("datore"), begun(stamped)
    issued(service, tried, "digital")
    here, documents = f"/domande/{tried}", f"/domande/{tried}/passo/6"
    assert "con marca da bollo di prova" not in browser.get(documents).text
    refused = browser.post(f"{here}/prova", {"what": "scansione.marca"}, page=documents)
    assert (refused.status_code, "non ha il posto per la marca" in refused.text) == (NoPlaceForStamp.status, True)
    browser.post(f"{here}/prova", {"what": "firma"}, page=documents)
    browser.post(f"{here}/prova", {"what": "allegato.stamp_duty_digital"}, page=documents)
    stamps = checked(service, tried).stamps
    (mark,) = stamps["marks"]
    assert (mark["kind"], mark["status"], mark["matched"]) == ("digital", "valid", "issued")
    assert stamps["standing"] == "in_order"


def test_c2_the_files_that_an_issued_form_carries_itself_are_no_matter_for_who_signed_it(stamped: Stamped) -> None:
    service = stamped.service
    with service.transaction() as session:
        run = session.scalars(select(CheckRun).where(CheckRun.application_id == stamped.first)).one()
        verdicts = json.dumps(run.verdicts)
    assert '"PAdES"' in verdicts
    assert "contains_embedded_file" not in verdicts


def test_c3_a_trial_label_is_worth_nothing_on_a_live_notice() -> None:
    drawn = TrialLabel("01990123456789", Decimal("16.00"), datetime(2020, 4, 6, 10, tzinfo=ROME))
    file = StampFile("marca.pdf", label_sheet(drawn, ("Marca",)))
    for rehearsal, status in ((True, "valid"), (False, "invalid")):
        asked = StampQuestion(date(2020, 4, 8), date(2020, 4, 8), rehearsal=rehearsal)
        (seen,) = look_for_marks([file], asked, trust=TrustStore.empty())
        assert seen.mark.status == status
    assert "stamp_duty.trial_mark" in [each.code for each in seen.mark.problems]
    assert OnlyInRehearsal.status == 403
