"""The register on screen: search, hash of a file, classification, annulment, balance (C6, N9)."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

import pytest
from sqlalchemy import func, select

from intake.applications.models import Application, Receipt, ReceiptKind, ReturnedDocument, Submission
from intake.applications.returns import take_back
from intake.cases.annulment import RegistrationMovedOn
from intake.cases.balance import Balance, balance_of
from intake.clock import ROME
from intake.web.office import register
from protocol_register.errors import RegisterBehind
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.arrivals.paper_desk import arrive
from tests.intake.web.conftest import CODE, Browser, Office, token_of
from tests.intake.web.registered_cases import receive_only

REGISTER = f"/ufficio/registro/{CODE}"


def numbers(page: str) -> list[str]:
    return re.findall(r'class="numero-protocollo"[^>]*>(\d{7})<', page)


@pytest.fixture
def that_day(office_cases: Office) -> Office:
    """The office on the day of its cases, which were made at the beginning of the run: maybe before midnight."""
    with office_cases.service.transaction() as session:
        last = session.scalars(select(func.max(Submission.registered_at))).one()
    service, began = office_cases.service, office_cases.service.clock()
    return replace(office_cases, service=replace(service, clock=lambda: last + (service.clock() - began)))


def received_bytes(office: Office) -> bytes:
    with office.service.transaction() as session:
        application = session.get_one(Application, office.altered)
        return office.service.store.get(application.documents[0].sha256)


def looked_up_at(browser: Browser, name: str, data: bytes) -> str:
    token = token_of(browser.get(REGISTER))
    sent = browser.client.post(f"{REGISTER}/cerca-file", data={"csrf_token": token, "file": (io.BytesIO(data), name)})
    assert sent.status_code == 303
    return sent.headers["Location"]


def look_up(office: Office, name: str, data: bytes) -> str:
    browser = office.browser("protocollo")
    return browser.get(looked_up_at(browser, name, data)).text


def test_c6_newest_first_and_each_search_finds_its_own(office_cases: Office) -> None:
    browser = office_cases.browser("protocollo")
    assert numbers(browser.get(REGISTER).text) == ["0000003", "0000002", "0000001"]
    assert numbers(browser.get(f"{REGISTER}?numero=0000002/{office_cases.year}").text) == ["0000002"]
    assert numbers(browser.get(f"{REGISTER}?mittente=beta").text) == ["0000002"]
    assert numbers(browser.get(f"{REGISTER}?oggetto=alfa").text) == ["0000003", "0000001"]
    assert numbers(browser.get(f"{REGISTER}?al=2020-01-01").text) == []


def test_c6_the_search_is_folded_until_one_is_on_and_the_entries_come_before_the_balance(office_cases: Office) -> None:
    browser = office_cases.browser("protocollo")
    plain = browser.get(REGISTER).text
    assert '<details class="cerca">' in plain
    assert plain.index('id="registrazioni"') < plain.index('id="bilancio"')
    for searched in ("?mittente=alfa", "?numero=nessuno"):
        assert '<details class="cerca" open>' in browser.get(f"{REGISTER}{searched}").text


def test_c6_a_search_that_cannot_be_understood_is_an_error_not_an_empty_answer(office_cases: Office) -> None:
    browser = office_cases.browser("protocollo")
    for query in ("numero=abc", "dal=ieri", "dal=0001-01-01", "al=9999-12-31", "impronta=12"):
        answer = browser.get(f"{REGISTER}?{query}")
        assert answer.status_code == 422, query
        assert 'aria-invalid="true"' in answer.text
    assert browser.get(f"/ufficio/arrivi/{CODE}?al=9999-12-31").status_code == 422


def test_c6_the_file_itself_finds_its_registration_and_one_byte_more_does_not(office_cases: Office) -> None:
    data = received_bytes(office_cases)
    found = look_up(office_cases, "scansione.pdf", data)
    assert "è registrato con il n. 0000002" in found
    assert "non risulta registrato" in look_up(office_cases, "scansione.pdf", data + b"\n")


def test_c6_the_name_of_a_file_looked_for_is_said_once_and_stands_in_no_address(office_cases: Office) -> None:
    browser = office_cases.browser("protocollo")
    address = looked_up_at(browser, "Rossi Maria, malattia.pdf", b"nowhere registered")
    assert "Rossi" not in unquote(address)
    assert "«Rossi Maria, malattia.pdf» non risulta registrato" in browser.get(address).text
    again = browser.get(f"{address}&file=promesso.pdf").text
    assert "Nessun documento registrato ha questa impronta" in again
    assert "Rossi" not in again
    assert "«promesso.pdf»" not in again
    looked_up_at(browser, "uno.pdf", b"one file")
    assert "uno.pdf" not in browser.get(address).text, "the name of one file is not said of another"


def test_c6_an_arrival_is_named_only_to_who_may_open_it(office_cases: Office) -> None:
    scan = b"%PDF-1.4 a letter that nobody has read yet"
    arrival = str(arrive(office_cases.service, scan))
    asked = f"{REGISTER}?impronta={hashlib.sha256(scan).hexdigest()}"
    assert arrival in office_cases.browser("protocollo").get(asked).text
    answer = office_cases.browser("istruttore").get(asked).text
    assert "Nessun documento registrato ha questa impronta" in answer
    assert arrival not in answer


def test_c6_classification_keeps_its_history(office_cases: Office) -> None:
    browser = office_cases.browser("protocollo")
    page = f"{REGISTER}/{office_cases.year}/1"
    assert browser.post(f"{page}/classificazione", {}).status_code == 422
    assert browser.post(f"{page}/classificazione", {"classification": "\0"}).status_code == 422
    assert browser.post(f"{page}/annullamento", {"act": "\0", "reason": "\x01"}).status_code == 422
    for value in ("4.2.1", "4.2.2"):
        assert browser.post(f"{page}/classificazione", {"classification": value}).status_code == 303
    shown = browser.get(page).text
    assert shown.index("4.2.1</td>") < shown.index("4.2.2</td>")
    assert "Paola Neri" in shown


def test_c6_an_annulled_registration_stays_readable_and_marked(office_cases: Office) -> None:
    browser = office_cases.browser("protocollo")
    page = f"{REGISTER}/{office_cases.year}/3"
    before = browser.get(page).text
    digest = re.search(r'class="impronta">([0-9a-f]{64})', before)
    assert digest
    for incomplete in ({"act": "Det. 12/2026"}, {"reason": "Doppione"}):
        assert browser.post(f"{page}/annullamento", incomplete).status_code == 422
    assert "Registrazione annullata" not in browser.get(page).text
    act = {"act": "Det. 12/2026", "reason": "Registrata due volte"}
    assert browser.post(f"{page}/annullamento", act).status_code == 303
    after = browser.get(page).text
    assert all(
        text in after for text in ("Registrazione annullata", "Det. 12/2026", "Registrata due volte", "ALFA SRL")
    )
    assert digest[1] in after
    listed = browser.get(REGISTER).text
    assert numbers(listed) == ["0000003", "0000002", "0000001"]
    assert listed.count('class="annullata"') == 1
    assert browser.post(f"{page}/annullamento", act).status_code == 409


def test_c6_nothing_of_what_a_registration_keeps_for_ever_is_cut_unseen(standing_office: Office) -> None:
    browser = standing_office.browser("protocollo")
    page = f"{REGISTER}/{standing_office.year}/3"
    for act, typed in (
        ("annullamento", {"act": "Det. 12/2026", "reason": "x" * 2001}),
        ("classificazione", {"classification": "4.2.1", "file_reference": "y" * 2001}),
    ):
        refused = browser.post(f"{page}/{act}", typed)
        assert refused.status_code == 422
        assert "Ha più di 2000 caratteri" in refused.text
        assert [value for value in typed.values() if value not in refused.text] == [], "what was typed stays"


@pytest.mark.parametrize(
    ("refusal", "status", "said"),
    [
        (
            RegisterBehind(register=CODE, size=2, known=3, number=3),
            503,
            "Il registro di protocollo di questo avviso è fermo",
        ),
        (RegistrationMovedOn(), 409, "questa registrazione è diventata una domanda"),
    ],
)
def test_c6_what_was_typed_of_an_annulment_that_is_refused_stays(
    standing_office: Office, monkeypatch: pytest.MonkeyPatch, refusal: Exception, status: int, said: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise refusal

    monkeypatch.setattr(register, "annul_registration", refuse)
    page = f"{REGISTER}/{standing_office.year}/3"
    typed = {"act": "Det. 12/2026", "reason": "Registrata due volte"}
    answer = standing_office.browser("protocollo").post(f"{page}/annullamento", typed)
    assert (answer.status_code, said in answer.text, "resume" in answer.text) == (status, True, False)
    assert 'value="Det. 12/2026"' in answer.text
    assert ">Registrata due volte</textarea>" in answer.text


def test_n9_the_balance_of_the_day_holds_and_names_what_waits(that_day: Office) -> None:
    service = that_day.service

    def balance() -> Balance:
        with service.transaction() as session:
            edition = rehearsal_of(session, "sardegna-2020")
            return balance_of(session, edition, service.clock().astimezone(ROME).date())

    before = balance()
    assert (before.received, before.registered, before.waiting, before.oldest) == (4, 4, 0, None)
    waiting = receive_only(service, "BETA SNC", "Deposito")
    found = balance()
    assert (found.received, found.registered, found.waiting, found.holds) == (5, 4, 1, True)
    assert found.oldest is not None
    page = that_day.browser("protocollo").get(REGISTER).text
    assert "servizio online" in page.split("Attende da più tempo")[1][:80]
    assert "Il conto torna con le ricevute" in page
    with service.transaction() as session:
        document = session.get_one(Application, waiting).documents[0]
        assert document.name not in page, "before it is sent, the office learns neither file nor firm"
    with service.transaction() as session:
        document = session.get_one(Application, waiting).documents[0].id
        take_back(session, person_named(session, "consulente"), waiting, document, at=service.clock())
    found = balance()
    assert (found.received, found.taken_back, found.waiting, found.oldest, found.holds) == (5, 1, 0, None, True)


def test_n9_a_full_day_is_told_as_it_was_counted_and_counted_anew_for_whoever_asks(
    that_day: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.cases.balance_of_today.FEW", 0)
    monkeypatch.setattr("intake.cases.balance_of_today.SHOWN_FOR", timedelta(hours=1))
    browser, page = that_day.browser("protocollo"), f"{REGISTER}/bilancio"

    def told(address: str) -> tuple[str, bool]:
        shown = browser.get(address).text
        total = re.search(r'class="totale">.*?numero">(\d+)<', shown, re.DOTALL)
        assert total
        return total[1], "Conta adesso" in shown

    assert told(page) == ("4", False)
    receive_only(that_day.service, "BETA SNC", "Deposito")
    assert told(page) == ("4", True)
    assert told(f"{page}?adesso=1") == ("5", False)
    assert told(page) == ("5", True)
    today = that_day.service.clock().astimezone(ROME).date()
    yesterday = (today - timedelta(days=1)).isoformat()
    assert told(f"{page}?giorno={yesterday}") == ("0", False), "another day is always counted"


def test_n9_a_file_that_a_receipt_promised_or_the_register_lacks_breaks_the_balance(that_day: Office) -> None:
    service = that_day.service
    with service.transaction() as session:
        edition, at = rehearsal_of(session, "sardegna-2020"), service.clock()
        today = at.astimezone(ROME).date()
        case = session.get_one(Application, that_day.first)
        file = case.documents[0]
        session.add(
            Receipt(
                application_id=case.id,
                kind=ReceiptKind.RECEIVED,
                facts={"files": [{"sha256": "0" * 64}]},
                created_at=at,
            )
        )
        session.flush()
        assert balance_of(session, edition, today).unaccounted == 1
        session.add(
            ReturnedDocument(
                application_id=case.id,
                kind=file.kind,
                name="aggiunto.pdf",
                sha256="1" * 64,
                size=1,
                media_type=file.media_type,
                origin=file.origin,
                received_at=file.received_at,
                received_by=file.received_by,
            )
        )
        session.flush()
        found = balance_of(session, edition, today)
    assert (found.unaccounted, found.holds) == (2, False)
    assert "Il conto non torna" in that_day.browser("protocollo").get(REGISTER).text


def test_c6_an_unknown_register_or_number_is_not_found(office_cases: Office) -> None:
    browser = office_cases.browser("protocollo")
    year = office_cases.year
    unknown = (f"{REGISTER}/{year}/99", f"{REGISTER}/{year - 1}/1")
    for path in ("/ufficio/registro/NIENTE", "/ufficio/registro/SAR20", *unknown):
        assert browser.get(path).status_code == 404, path
