"""What the office is told before anybody is harmed, and what of its own work the filer never reads (S8, S25, N9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from intake.applications.lifecycle import Actor, lock, move
from tests.intake.applications_made import person_named
from tests.intake.web.conftest import CODE, Office


def test_a_notice_without_its_register_is_told_to_the_office(standing_office: Office) -> None:
    opening = datetime(2020, 4, 20, 10, tzinfo=UTC)
    then = replace(standing_office, service=replace(standing_office.service, clock=lambda: opening))
    page = then.browser("direttore").get("/ufficio/").text
    assert "Il registro SAR20 non è aperto" in page
    assert f"Il registro {CODE} non è aperto" not in page
    assert "non è aperto" not in standing_office.browser("direttore").get("/ufficio/").text, "closed notices need none"


def test_the_filer_reads_nothing_of_the_work_inside_the_office(office_cases: Office) -> None:
    service = office_cases.service
    with service.transaction() as session:
        officer, at = person_named(session, "istruttore"), service.clock()
        case = lock(session, office_cases.first)
        for event in ("taken", "value_settled", "released"):
            move(session, case, event, actor=Actor.OFFICER, person=officer, at=at, subject="workers.1.iban", note="")
    browser = office_cases.browser("consulente", office=False)
    page = browser.get(f"/domande/{office_cases.first}").text
    assert "Presa in esame" in page
    assert "Giulia Ferrari" in page.split("Presa in esame")[1], "what was done for the firm keeps its name"
    for inside in ("Marco Conti", "workers.1.iban", "Restituita alla coda"):
        assert inside not in page
    assert "Restituita alla coda" not in browser.get("/area").text
