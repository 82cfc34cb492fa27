"""The protocol desk on screen: paper and certified mail from the envelope to the number (T3, T7, B9, S13)."""

from __future__ import annotations

import io
import re
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from intake.applications.models import Application, Receipt, State
from intake.applications.receipts import make_receipt
from intake.arrivals.models import Arrival, ArrivalState
from intake.arrivals.receipt import make_arrival_receipt, receipts_of_arrival
from intake.arrivals.recognition import recognise_arrival
from intake.certified_mail.desk import read_kept_mail
from intake.certified_mail.keeping import IncomingMail, keep_mail
from intake.certified_mail.models import MailMessage
from intake.checks.run import perform_check
from intake.clock import ROME
from tests.intake.applications_made import rehearsal_of
from tests.intake.arrivals.paper_desk import admitting_letters
from tests.intake.certified_mail.certified_messages import envelope, knowing_the_provider, original, receipt
from tests.intake.filings import SARDEGNA, examination_finds, issued, newest_run
from tests.intake.web.conftest import CODE, Browser, Office, token_of

ARRIVALS = f"/ufficio/arrivi/{CODE}"
LETTER = {"oggetto": "Richiesta di chiarimenti", "mittente": "Ditta Gamma", "indirizzo": "Via Roma 3, Cagliari"}


def letting_letters_in(office: Office) -> Office:
    return Office(admitting_letters(office.service), office.first, office.altered, office.third)


def upload(browser: Browser, path: str, field: str, *files: tuple[str, bytes], **typed: str):
    token = token_of(browser.get(ARRIVALS))
    sent = {**typed, "csrf_token": token, field: [(io.BytesIO(data), name) for name, data in files]}
    return browser.client.post(f"{ARRIVALS}{path}", data=sent)


def letter(office: Office, browser: Browser, *scans: tuple[str, bytes], **typed: str) -> str:
    """A letter received and looked at; the address of its page."""
    arrived = office.service.clock().astimezone(ROME) - timedelta(hours=1)
    envelope_data = {"canale": "letter", "giorno": f"{arrived:%Y-%m-%d}", "ora": f"{arrived:%H:%M}", **typed}
    answer = upload(browser, "/nuovo", "file", *scans, **envelope_data)
    assert answer.status_code == 303, answer.text
    recognise_arrival(office.service, arrival_at(answer.location))
    return answer.location


def arrival_at(page: str) -> uuid.UUID:
    return uuid.UUID(page.rpartition("/")[2])


def read(office: Office, page: str) -> Arrival:
    with office.service.transaction() as session:
        return session.get_one(Arrival, arrival_at(page))


def test_t3_a_form_on_paper_goes_from_the_scan_to_its_place_in_the_queue(office_cases: Office) -> None:
    office = letting_letters_in(office_cases)
    application_id, pdf = issued(office.service, firm="BETA SNC", unit="Deposito")
    browser = office.browser("protocollo")
    page = letter(office, browser, ("busta.pdf", pdf), raccomandata="152345678901")
    shown = browser.get(page).text
    assert "Riconosciuto dai codici delle pagine" in shown
    assert "BETA SNC" in shown
    assert "Ricevuta di arrivo in preparazione" in shown
    assert browser.get(f"{page}/ricevuto-1.pdf").status_code == 404, "a worker has not made it yet"
    for place in (shown, browser.get(f"{page}/ricevute").text):
        assert f'hx-get="{page}/ricevute" hx-trigger="every 2s"' in place, "the page looks again by itself"
        assert f'<noscript><a href="{page}">Aggiorna</a></noscript>' in place, "and without scripts there is a link"
    with office.service.transaction() as session:
        arrived = receipts_of_arrival(session, session.get_one(Arrival, arrival_at(page)))
    make_arrival_receipt(office.service, arrived[0].id)
    assert "hx-get" not in browser.get(f"{page}/ricevute").text, "once it is made, nothing is asked for any more"
    assert browser.get(f"{page}/carte").status_code == 404, "without a number there is nothing to print"
    assert browser.get(f"{page}/ricevuto-1.pdf").data.startswith(b"%PDF-")
    assert browser.get(f"{page}/ricevuto-2.pdf").status_code == 404
    assert office.browser("istruttore").get(f"{page}/ricevuto-1.pdf").status_code == 403
    (document,) = re.findall(r'name="contiene-([0-9a-f-]+)" value="" checked', shown)
    chosen = {"domanda": str(application_id), f"contiene-{document}": ""}
    assert browser.post(f"{page}/domanda", chosen, page=page).status_code == 303
    assert "I controlli sono in corso" in browser.get(page).text
    with office.service.transaction() as session:
        run = newest_run(session, application_id).id
    with examination_finds():
        perform_check(office.service, run)
    assert "Registra la domanda con il suo posto" in browser.get(page).text
    assert browser.post(f"{page}/domanda/registra", page=page).status_code == 303
    arrival = read(office, page)
    assert (arrival.state, arrival.number_shown) == (ArrivalState.MATCHED, "0000004")
    assert browser.get(f"{page}/ricevuta.pdf").status_code == 404, "a worker has not made it yet"
    registered = browser.get(page).text
    assert f'hx-get="{page}/carte" hx-trigger="every 2s"' in registered
    assert f"{page}/etichetta.pdf" in registered
    assert "etichetta.pdf" not in browser.get(f"{page}/carte").text, "a link that has the focus is not replaced"
    with office.service.transaction() as session:
        made = select(Receipt.id).where(Receipt.application_id == application_id)
        receipt_id = session.scalars(made).one()
    make_receipt(office.service, receipt_id)
    papers = browser.get(f"{page}/carte").text
    assert "Scarica la ricevuta" in papers
    assert "hx-get" not in papers
    assert "Scarica la ricevuta" in browser.get(page).text
    assert browser.get(f"{page}/ricevuta.pdf").data.startswith(b"%PDF-")
    label = browser.get(f"{page}/etichetta.pdf")
    assert label.data.startswith(b"%PDF-")
    queue = office.browser("istruttore").get(f"/ufficio/coda/{CODE}").text
    assert queue.index("Deposito") < queue.index("Forno di via Sonnino"), (
        "it arrived an hour before the three filed now"
    )
    entry = browser.get(f"/ufficio/registro/{CODE}/{arrival.year}/{arrival.number}").text
    assert "raccomandata" in entry
    assert "busta.pdf" in entry


def test_b9_where_letters_are_no_applications_it_is_registered_answered_and_nothing_more(office_cases: Office) -> None:
    _, pdf = issued(office_cases.service, firm="BETA SNC", unit="Deposito")
    browser = office_cases.browser("protocollo")
    page = letter(office_cases, browser, ("busta.pdf", pdf))
    shown = browser.get(page).text
    assert "non è una domanda" in shown
    assert "Abbina e controlla" not in shown
    wrong = browser.post(f"{page}/registrazione", {"mittente": "", "oggetto": "x"}, page=page)
    assert wrong.status_code == 422
    assert 'href="#mittente"' in wrong.text
    assert browser.post(f"{page}/registrazione", LETTER, page=page).status_code == 303
    answer = browser.get(page).text
    assert "La lettera si protocolla e ha una risposta" in answer
    written = {"oggetto_risposta": "Risposta", "testo": "Usi il servizio online.\r\n\r\nCordiali saluti."}
    assert browser.post(f"{page}/risposta", written, page=page).status_code == 303
    done = browser.get(page).text
    assert "Risposta registrata in uscita" in done
    (pdf_path,) = re.findall(r'href="([^"]+risposta-\d+\.pdf)"', done)
    assert browser.get(pdf_path).data.startswith(b"%PDF-")
    assert read(office_cases, page).state is ArrivalState.ANSWERED
    with office_cases.service.transaction() as session:
        assert (
            len(session.scalars(select(Application).where(Application.state == State.REGISTERED)).unique().all()) == 3
        )


def test_a_letter_about_a_case_is_found_by_number_and_tied_to_it(office_cases: Office) -> None:
    browser = office_cases.browser("protocollo")
    page = letter(office_cases, browser, ("nota.pdf", b"una lettera"))
    browser.post(f"{page}/registrazione", LETTER, page=page)
    found = browser.get(f"{page}?cerca=0000001").text
    assert "n. 0000001" in found
    assert "Collega alla n. 0000001" in browser.get(f"{page}?domanda={office_cases.first}").text
    assert browser.post(f"{page}/pratica", {"domanda": str(office_cases.first)}, page=page).status_code == 303
    assert "n. 0000001" in browser.get(page).text
    assert browser.post(f"{page}/pratica", {"domanda": "non-un-codice"}, page=page).status_code == 404


def test_what_is_wrong_with_the_envelope_is_said_beside_its_field(office_cases: Office) -> None:
    browser = office_cases.browser("protocollo")
    empty = upload(browser, "/nuovo", "file", canale="", giorno="ieri", ora="25:00")
    assert empty.status_code == 422
    assert empty.text.count('aria-invalid="true"') >= 3
    tomorrow = (office_cases.service.clock() + timedelta(days=1)).astimezone(ROME)
    late = upload(
        browser, "/nuovo", "file", ("a.pdf", b"x"), canale="counter", giorno=f"{tomorrow:%Y-%m-%d}", ora="09:00"
    )
    assert late.status_code == 422
    assert "deve ancora venire" in late.text


def test_s13_certified_mail_comes_in_by_upload_and_receipts_stay_apart(
    office_cases: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = office_cases.browser("protocollo")
    for name, data in (("a.eml", envelope(original(("domanda.pdf", b"%PDF-1.7")))), ("b.eml", receipt())):
        assert upload(browser, "/posta", "messaggio", (name, data)).status_code == 303
    waiting = browser.get(f"{ARRIVALS}?dal=2020-01-01").text
    assert "2 messaggi in lettura" in waiting
    assert f'hx-get="{ARRIVALS}?dal=2020-01-01" hx-trigger="every 3s"' in waiting, "the same list, looked at again"
    with office_cases.service.transaction() as session:
        message, provider_s = session.scalars(select(MailMessage.id).order_by(MailMessage.received_at))
    read_kept_mail(office_cases.service, message)
    read_kept_mail(knowing_the_provider(office_cases.service, tmp_path), provider_s)
    shown = browser.get(ARRIVALS).text
    assert "Domanda di cassa in deroga" in shown
    assert "hx-get" not in shown
    assert "avvenuta-consegna" in shown
    again = upload(browser, "/posta", "messaggio", ("a.eml", envelope(original(("domanda.pdf", b"%PDF-1.7")))))
    page = re.findall(rf'href="({ARRIVALS}/[0-9a-f-]{{36}})"', shown)[0]
    assert again.status_code == 303
    one = browser.get(page).text
    assert "firma della busta è integra" in one
    assert "In allegato la domanda." in one
    assert "Non vale" not in one
    (taken,) = re.findall(r'action="([^"]+/ricevute/[^"]+)"', shown)
    assert browser.post(taken, page=ARRIVALS).status_code == 303
    assert "Ricevute dei gestori" not in browser.get(ARRIVALS).text
    monkeypatch.setattr("intake.arrivals.listing.ROWS", 1)
    assert upload(browser, "/posta", "messaggio", ("c.eml", envelope(original(("altra.pdf", b"%PDF-1.6"))))).location
    second = browser.get(f"{ARRIVALS}?pagina=2").text
    assert f'hx-get="{ARRIVALS}?pagina=2" hx-trigger="every 3s"' in second
    swapped = (
        second[second.index('id="arrivi"') : second.index("</section>")] + second[second.index('id="in-lettura"') :]
    )
    links = re.findall(r"<a [^>]+>", swapped[: swapped.index("<form")])
    assert len(links) == 3
    assert [link for link in links if ' id="' not in link] == [], (
        "what takes a link's place takes its focus by its name"
    )


def test_s13_every_receipt_of_the_providers_can_be_reached(
    office_cases: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.arrivals.listing.RECEIPT_ROWS", 2)
    service = knowing_the_provider(office_cases.service, tmp_path)
    for place in range(3):
        with service.transaction() as session:
            message = IncomingMail("r.eml", receipt(headers={"Subject": f"CONSEGNA: risposta {place}"}))
            edition = rehearsal_of(session, SARDEGNA)
            kept = keep_mail(service, session, edition, message, person=None, at=service.clock()).id
        read_kept_mail(service, kept)
    browser = office_cases.browser("protocollo")
    first, last = browser.get(ARRIVALS).text, browser.get(f"{ARRIVALS}?ricevute=2").text
    assert "Ricevute dei gestori PEC (3)" in first
    assert [f"risposta {place}" in first for place in range(3)] == [False, True, True]
    assert [f"risposta {place}" in last for place in range(3)] == [True, False, False]
    assert "?ricevute=2#ricevute" in first
    for wrong in ("0", "99", "boh", "9" * 30):
        assert browser.get(f"{ARRIVALS}?ricevute={wrong}").status_code == 200


def test_a_rejected_arrival_keeps_its_reason_and_is_found_again(office_cases: Office) -> None:
    browser = office_cases.browser("protocollo")
    page = letter(office_cases, browser, ("volantino.pdf", b"offerte"), raccomandata="777")
    assert browser.post(f"{page}/rifiuto", {"motivo": " "}, page=page).status_code == 422
    assert browser.post(f"{page}/rifiuto", {"motivo": "Pubblicità"}, page=page).status_code == 303
    assert "Pubblicità" in browser.get(page).text
    assert page not in browser.get(ARRIVALS).text
    assert page in browser.get(f"{ARRIVALS}?cerca=777").text
    assert page in browser.get(f"{ARRIVALS}?stato=rejected").text
    assert page not in browser.get(f"{ARRIVALS}?cerca=%25").text
    assert browser.get(f"{ARRIVALS}?dal=boh").status_code == 422


def test_a_file_dropped_on_the_register_is_found_among_arrivals_not_yet_registered(office_cases: Office) -> None:
    browser = office_cases.browser("protocollo")
    page = letter(office_cases, browser, ("lettera.pdf", b"proprio questa"))
    token = token_of(browser.get(ARRIVALS))
    dropped = browser.client.post(
        f"/ufficio/registro/{CODE}/cerca-file",
        data={"csrf_token": token, "file": (io.BytesIO(b"proprio questa"), "lettera.pdf")},
    )
    answer = browser.get(dropped.location).text
    assert "non è ancora registrato" in answer
    assert page in answer


@pytest.mark.parametrize(("username", "reads"), [("direttore", 200), ("revisore", 200), ("istruttore", 403)])
def test_c6_only_the_protocol_office_writes_and_those_who_supervise_read(
    office_cases: Office, username: str, reads: int
) -> None:
    page = letter(office_cases, office_cases.browser("protocollo"), ("nota.pdf", b"una lettera"))
    other = office_cases.browser(username)
    for path in (ARRIVALS, page, f"{page}/stato"):
        assert other.get(path).status_code == reads, path
    for path in (f"{page}/registrazione", f"{page}/rifiuto", f"{page}/domanda", f"{ARRIVALS}/posta"):
        assert other.post(path, LETTER).status_code == 403, path
    assert read(office_cases, page).state is ArrivalState.RECEIVED
