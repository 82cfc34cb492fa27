"""The draft at the desk: saved at once, never blocking, never overwritten by an older page (B3, B4, S6, S10, S21)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from intake.applications.draft import reopen
from intake.applications.models import Application
from intake.notices.models import NoticeEdition
from intake.people.models import Employer
from intake.service import Service
from tests.intake.applications_made import person_named
from tests.intake.filings import checked, copies, issued, sent
from tests.intake.web.conftest import Browser, token_of
from tests.intake.web.test_desk_application_path import consultant, issue, start, type_everything  # noqa: F401

pytestmark = pytest.mark.shared_installation


@pytest.fixture
def address(employer: Browser, service: Service) -> str:
    return start(employer, service)


def draft_of(service: Service, address: str) -> Application:
    with service.transaction() as session:
        return session.get_one(Application, address.rsplit("/", 1)[-1])


def test_what_is_wrong_is_kept_said_and_does_not_stop(employer: Browser, service: Service, address: str) -> None:
    fresh = employer.get(f"{address}/passo/1").text
    assert 'id="errori"' not in fresh
    typed = {"employer.inps_number": "12AB", "employer.email": "nessuna", "action": "continue"}
    saved = employer.post(f"{address}/passo/1", typed)
    assert saved.location == f"{address}/passo/1?controlla=1"
    page = employer.get(saved.location).text
    assert 'href="#employer-inps_number"' in page
    assert re.search(r'id="employer-email"[^>]*aria-invalid="true"', page)
    assert f'href="{address}/passo/2"' in page
    assert draft_of(service, address).draft["employer"]["inps_number"] == "12AB"
    assert "12AB" in employer.get(f"{address}/passo/5").text
    assert employer.get(f"{address}/passo/2").status_code == 200


def test_saving_while_typing_answers_the_hour_and_the_new_version(
    employer: Browser, service: Service, address: str
) -> None:
    token = token_of(employer.get(f"{address}/passo/1"))
    headers = {"HX-Request": "true", "X-CSRFToken": token}
    typed = {"employer.sector": "Panifici", "version": "1"}
    saved = employer.client.post(f"{address}/passo/1", data=typed, headers=headers)
    assert re.search(r"Salvato alle \d\d:\d\d", saved.text)
    assert 'id="versione" value="2" hx-swap-oob="true"' in saved.text
    older = employer.client.post(
        f"{address}/passo/1", data={"employer.sector": "Altro", "version": "1"}, headers=headers
    )
    assert older.status_code == 409
    assert "modificata da un" in older.text
    assert draft_of(service, address).draft["employer"]["sector"] == "Panifici"


def test_an_issued_form_stops_the_data_until_they_are_reopened(
    employer: Browser, service: Service, address: str
) -> None:
    type_everything(employer, service, address)
    issue(employer, address)
    page = employer.get(f"{address}/passo/1").text
    assert "I dati sono fermi" in page
    assert re.search(r"<fieldset[^>]* disabled>", page)
    assert employer.post(f"{address}/passo/1", {"employer.sector": "Altro"}).status_code == 409
    assert employer.post(f"{address}/riapri").status_code == 303
    assert employer.post(f"{address}/passo/1", {"employer.sector": "Altro", "action": "save"}).status_code == 303
    assert draft_of(service, address).draft["employer"]["sector"] == "Altro"


def test_an_incomplete_draft_issues_no_form_and_says_what_is_missing(employer: Browser, address: str) -> None:
    refused = employer.post(f"{address}/modulo")
    assert refused.status_code == 422
    assert f'href="{address}/passo/3?controlla=1#workers"' in refused.text
    assert re.search(r'<button[^>]*disabled aria-describedby="perche-no"', refused.text)
    assert "Prima bisogna emettere il modulo." in employer.get(f"{address}/passo/6").text


def test_consent_is_the_representatives(consultant: Browser, service: Service) -> None:  # noqa: F811
    step = start(consultant, service) + "/passo/4"
    page = consultant.get(step).text
    assert "Confermo che il legale rappresentante dà l&#39;assenso" in page or "dà l'assenso sul modulo" in page
    assert "Do l'assenso" not in page
    assert "La domanda è esclusa." in page


def test_the_representative_gives_consent(employer: Browser, address: str) -> None:
    page = employer.get(f"{address}/passo/4").text
    assert "Do l&#39;assenso" in page or "Do l'assenso" in page
    assert "lei non può darlo" not in page


def test_stamp_duty_says_the_rule_in_force(employer: Browser, address: str) -> None:
    assert "D.L. 8 aprile 2020, n. 23, art. 41" in employer.get(f"{address}/passo/4").text


def test_periods_are_added_and_taken_out_with_plain_buttons(employer: Browser, service: Service, address: str) -> None:
    step = f"{address}/passo/2"
    first = {"periods.1.from": "02/03/2020", "periods.1.to": "2020-03-20", "periods.1.mode": "zero_hours"}
    added = employer.post(step, {**first, "action": "add.periods.1"})
    page = employer.get(added.location).text
    assert 'name="periods.2.from"' in page
    assert 'value="2020-03-02"' in page
    assert "90 giorni" in page
    employer.post(step, {**first, "action": "remove.periods.1"})
    assert draft_of(service, address).draft["periods"] == []


def test_a_draft_is_put_away_after_a_question(employer: Browser, address: str) -> None:
    assert "Scartare la bozza di ALFA SRL?" in employer.get(f"{address}/scarta").text
    assert employer.post(f"{address}/scarta").location == "/area"
    assert employer.get(address).status_code == 404


def test_no_draft_for_a_closed_notice_or_somebody_elses_firm(employer: Browser, service: Service) -> None:
    with service.transaction() as session:
        live = session.scalars(select(NoticeEdition).where(NoticeEdition.register_code == "SAR20")).one()
        own = session.scalars(select(Employer.id).where(Employer.name == "ALFA SRL")).one()
        other = session.scalars(select(Employer.id).where(Employer.name == "GAMMA SRL")).one()
        code = live.register_code
    closed = employer.post("/domande/nuova", {"edizione": code, "azienda": str(own)})
    assert closed.status_code == 409
    assert "oggi non si possono preparare domande" in closed.text
    assert employer.post("/domande/nuova", {"edizione": f"{code}-PROVA-1", "azienda": str(other)}).status_code == 404
    unchosen = employer.post("/domande/nuova", {"azienda": "niente"})
    assert unchosen.status_code == 422
    assert 'href="#edizione"' in unchosen.text


def test_the_area_tells_what_to_do_and_by_when(employer: Browser, service: Service, address: str) -> None:
    begun = employer.get("/area").text
    assert "ALFA SRL · Completare la domanda" in begun
    assert re.search(r"entro |prima delle ore ", begun)
    type_everything(employer, service, address)
    issue(employer, address)
    assert "ALFA SRL · Caricare il modulo firmato" in employer.get("/area").text
    employer.post(f"{address}/prova", {"what": "firma"})
    assert "ALFA SRL · Inviare la domanda" in employer.get("/area").text


def test_s9_the_summary_asks_about_days_that_an_earlier_application_asked_for(
    consultant: Browser,  # noqa: F811
    service: Service,
) -> None:
    seed, _ = issued(service)
    checked(service, seed)
    first, again = copies(service, seed, 2, unit="Forno di prima")
    number = sent(service, first).number_shown
    assert "L'ho letto e invio lo stesso." in consultant.get(f"/domande/{again}/passo/6").text.split(number)[-1]
    with service.transaction() as session:
        reopen(session, person_named(session, "consulente"), again, at=service.clock())
    italian = consultant.get(f"/domande/{again}/passo/5").text
    assert f"la domanda n. {number} ha già chiesto giorni che sono anche in questa: 33, tra il 02/03/2020" in italian
    english = consultant.get(f"/domande/{again}/passo/5?lingua=en").text
    assert f"application no. {number} already asked for days that are in this one too: 33" in english
    assert "for other workers for instance, confirm: the office will decide." in english
    assert "ha già chiesto" not in consultant.get(f"/domande/{first}/passo/5?lingua=it").text
