"""What another office's segnatura says on the arrival's page, and the message that answers it (S13, T7)."""

from __future__ import annotations

import uuid

from intake.arrivals.recognition import recognise_arrival
from intake.certified_mail.desk import read_kept_mail
from intake.certified_mail.keeping import IncomingMail, keep_mail
from intake.certified_mail.models import MailMessage
from protocol_register.segnatura_messages import MessageKind, ProtocolMessage, read_message, write_message
from tests.intake.applications_made import rehearsal_of
from tests.intake.arrivals.test_segnatura_exchange import THEIRS
from tests.intake.certified_mail.certified_messages import envelope, original
from tests.intake.filings import SARDEGNA
from tests.intake.web.conftest import CODE, Office
from tests.protocol_register.test_register_segnatura import OLD

SEGNATURA = OLD.format(algorithm="SHA-1", digest="", register="<CodiceRegistro>PG</CodiceRegistro>").encode(
    "iso-8859-1"
)


def page_of_mail(office: Office, *files: tuple[str, bytes]) -> str:
    service = office.service
    with service.transaction() as session:
        edition, mail = rehearsal_of(session, SARDEGNA), IncomingMail("m.eml", envelope(original(*files)))
        mail_id = keep_mail(service, session, edition, mail, person=None, at=service.clock()).id
    read_kept_mail(service, mail_id)
    with service.transaction() as session:
        arrival_id: uuid.UUID = session.get_one(MailMessage, mail_id).arrival_id
    recognise_arrival(service, arrival_id)
    return f"/ufficio/arrivi/{CODE}/{arrival_id}"


def test_s13_a_segnatura_is_shown_and_the_answer_follows_what_was_decided(office_cases: Office) -> None:
    page = page_of_mail(office_cases, ("Segnatura.xml", SEGNATURA))
    browser = office_cases.browser("protocollo")
    shown = browser.get(page).text
    assert "n. 0000815 del 04/05/2009, Comune Inventato" in shown
    assert "descritto nella segnatura non è arrivato" in shown
    assert browser.post(f"{page}/messaggio.xml").status_code == 404, "nothing is decided yet"
    registered = {"mittente": "Comune Inventato", "natura": "administration", "oggetto": "Nota"}
    assert browser.post(f"{page}/registrazione", registered, page=page).status_code == 303
    assert "Scarica Eccezione.xml" in browser.get(page).text
    message = read_message(browser.post(f"{page}/messaggio.xml").data)
    assert (message.kind, message.identifier.number) == (MessageKind.EXCEPTION, "0000004")
    assert browser.post(f"{page}/messaggio.asics").data.startswith(b"PK"), "the same with its seal"
    assert office_cases.browser("istruttore").post(f"{page}/messaggio.xml").status_code == 403
    shown = browser.get(page).text
    assert "Scaricato un messaggio per il mittente" in shown
    assert "Registra di nuovo" not in shown, "the registration is in force"
    again = f"{page}/registrazione-nuova"
    assert browser.post(again, {**registered, "oggetto": "Nota di ottobre"}, page=page).status_code == 409
    entry = f"/ufficio/registro/{CODE}/{office_cases.year}/4"
    act = {"act": "Det. 12/2026", "reason": "Oggetto sbagliato"}
    assert browser.post(f"{entry}/annullamento", act, page=entry).status_code == 303
    assert f"{page}\">Apri l'arrivo, per registrarlo di nuovo" in browser.get(entry).text
    shown = browser.get(page).text
    assert "Oggetto sbagliato" in shown
    assert "etichetta.pdf" not in shown, "no label of an annulled number"
    assert "Scarica Annullamento.xml" in shown
    assert 'value="Comune Inventato"' in shown, "what was registered is there to be corrected"
    missing = browser.post(again, {**registered, "oggetto": ""}, page=page)
    assert (missing.status_code, "Scriva di che cosa tratta." in missing.text) == (422, True)
    assert browser.post(again, {**registered, "oggetto": "Nota di ottobre"}, page=page).status_code == 303
    shown = browser.get(page).text
    assert "Protocollo n. 0000005" in shown
    assert "al posto della n. 0000004" in shown
    assert "described in the segnatura did not arrive" in browser.get(f"{page}?lingua=en").text


def test_s13_a_service_message_is_told_apart_and_kept_without_a_number(office_cases: Office) -> None:
    about = ProtocolMessage(kind=MessageKind.CONFIRMATION, identifier=THEIRS, received=THEIRS)
    page = page_of_mail(office_cases, ("Conferma.xml", write_message(about)))
    browser = office_cases.browser("protocollo")
    shown = browser.get(page).text
    assert "Conferma di ricezione" in shown
    assert "Non parla di nessuna registrazione di questo registro" in shown
    assert "Messaggio di servizio di un" in shown
    assert browser.post(f"{page}/messaggio.xml").status_code == 404
