"""The director general's page on an annulled registration, and what the filer reads of it (C6, S13)."""

from __future__ import annotations

import re

from tests.intake.web.conftest import CODE, Office


def annul(office: Office) -> str:
    """The first case's registration annulled by the protocol office; the address of the decision's page."""
    entry = f"/ufficio/registro/{CODE}/{office.year}/1"
    browser = office.browser("protocollo")
    answer = browser.post(f"{entry}/annullamento", {"act": "Det. 12/2026", "reason": "Mittente sbagliato"}, page=entry)
    assert answer.status_code == 303
    page = f"/ufficio/pratiche/{office.first}/annullamento"
    assert page in browser.get(entry).text
    return page


def test_c6_the_director_general_finds_the_case_decides_and_the_filer_reads_it(office_cases: Office) -> None:
    page = annul(office_cases)
    general, filer = office_cases.browser("generale"), office_cases.browser("consulente", office=False)
    own = f"/domande/{office_cases.first}"
    assert "il direttore generale decide" in filer.get(own).text
    assert page in general.get("/ufficio/").text
    shown = general.get(page).text
    assert "Det. 12/2026" in shown
    assert "Mittente sbagliato" in shown
    nothing = general.post(page, {"atto": "Det. 40/2026", "motivo": "Vale"}, page=page)
    assert nothing.status_code == 422
    assert 'href="#esito"' in nothing.text
    without_act = general.post(page, {"esito": "stands", "atto": " ", "motivo": "I documenti sono giusti"}, page=page)
    assert without_act.status_code == 422
    assert "I documenti sono giusti" in without_act.text, "what was typed is still there"
    decision = {"esito": "stands", "atto": "Det. 40/2026", "motivo": "I documenti sono giusti"}
    cut = general.post(page, decision | {"motivo": "x" * 2001}, page=page)
    assert (cut.status_code, "Ha più di 2000 caratteri" in cut.text) == (422, True)
    assert general.post(page, decision, page=page).status_code == 303
    decided = general.get(page).text
    assert "registrata di nuovo con il n. 0000004" in decided
    assert "non ancora aperta" in decided
    assert "Decidi e comunica" not in decided
    assert general.post(page, decision, page=page).status_code == 409, "once only"
    told = filer.get(own).text
    assert "Registrata di nuovo con il n. 0000004" in told
    assert "Det. 40/2026" in told
    (letter,) = re.findall(rf'href="({own}/decisioni/[^"]+)"', told)
    stranger = office_cases.browser("altra", office=False)
    assert stranger.get(letter).status_code == 404
    assert filer.get(letter).data.startswith(b"%PDF-")
    assert "Aperta la prima volta" in filer.get(own).text
    assert "non ancora aperta" not in general.get(page).text
    queue = office_cases.browser("istruttore").get(f"/ufficio/coda/{CODE}").text
    assert "Attendono il direttore generale" not in queue
    assert f"/ufficio/pratiche/{office_cases.first}" in queue


def test_c6_only_the_director_general_decides_and_officers_see_that_it_waits(office_cases: Office) -> None:
    assert (
        office_cases.browser("generale").get(f"/ufficio/pratiche/{office_cases.first}/annullamento").status_code == 404
    )
    page = annul(office_cases)
    decision = {"esito": "closed", "atto": "Det. 1", "motivo": "x"}
    for username in ("direttore", "istruttore", "protocollo", "revisore"):
        browser = office_cases.browser(username)
        assert "attende il direttore generale" in browser.get(page).text, username
        assert browser.post(page, decision).status_code == 403, username
    assert office_cases.browser("amministratore").get(page).status_code == 403
    queue = office_cases.browser("istruttore").get(f"/ufficio/coda/{CODE}").text
    assert "Attendono il direttore generale" in queue
    general = office_cases.browser("generale")
    assert general.post(page, decision, page=page).status_code == 303
    closed = office_cases.browser("consulente", office=False).get(f"/domande/{office_cases.first}").text
    assert "La domanda è chiusa" in closed
    assert "Sarà esaminata" not in closed
