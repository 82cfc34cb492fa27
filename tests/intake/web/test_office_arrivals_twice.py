"""The same act asked for twice at the protocol desk: one number for an answer, a warning for a scan (C6, T3)."""

from __future__ import annotations

from intake.arrivals.models import Arrival
from tests.intake.web.conftest import Office
from tests.intake.web.test_office_arrivals import LETTER, arrival_at, letter

ANSWER = {"oggetto_risposta": "Risposta", "testo": "Usi il servizio online."}


def test_c6_an_answer_asked_for_twice_takes_one_number_and_a_scan_kept_twice_is_told(office_cases: Office) -> None:
    browser = office_cases.browser("protocollo")
    page = letter(office_cases, browser, ("busta.pdf", b"una lettera"))
    assert "è già in un altro arrivo" not in browser.get(page).text
    again = letter(office_cases, browser, ("busta-bis.pdf", b"una lettera"))
    for one, other in ((page, again), (again, page)):
        shown = browser.get(one).text
        assert "è già in un altro arrivo" in shown
        assert f'href="{other}"' in shown
    browser.post(f"{again}/rifiuto", {"motivo": "La stessa busta"}, page=again)
    assert "è già in un altro arrivo" not in browser.get(page).text

    browser.post(f"{page}/registrazione", LETTER, page=page)
    assert 'name="risposte" value="0"' in browser.get(page).text
    once = ANSWER | {"risposte": "0"}
    assert browser.post(f"{page}/risposta", once, page=page).status_code == 303
    twice = browser.post(f"{page}/risposta", once, page=page)
    assert twice.status_code == 409
    assert "Intanto è stata registrata una risposta" in twice.text
    assert 'name="risposte" value="1"' in twice.text
    assert answers_registered(office_cases, page) == 1
    assert browser.post(f"{page}/risposta", ANSWER | {"risposte": "1"}, page=page).status_code == 303


def test_t3_a_registered_letter_scanned_again_is_known_by_its_number(office_cases: Office) -> None:
    browser = office_cases.browser("protocollo")
    first = letter(office_cases, browser, ("busta.pdf", b"prima scansione"), raccomandata="15300998877-4")
    again = letter(office_cases, browser, ("busta.pdf", b"seconda scansione"), raccomandata="15300998877-4")
    other = letter(office_cases, browser, ("busta.pdf", b"un'altra busta"), raccomandata="15300998877-5")
    assert f'href="{first}"' in browser.get(again).text
    assert "è già in un altro arrivo" not in browser.get(other).text


def answers_registered(office: Office, page: str) -> int:
    with office.service.transaction() as session:
        events = session.get_one(Arrival, arrival_at(page)).events
        return sum(each.name == "answered" for each in events)
