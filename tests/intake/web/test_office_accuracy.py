"""The page of measured accuracy: from the officers' words alone, naming nobody, real notices and rehearsals apart (N12)."""

from __future__ import annotations

from tests.intake.web.conftest import CODE, Office
from tests.intake.web.registered_cases import ALTERED

PAGE = "/ufficio/accuratezza"


def test_n12_nothing_is_told_before_anybody_compared(standing_office: Office) -> None:
    browser = standing_office.browser("amministratore")
    assert "Nessun istruttore ha ancora confrontato" in browser.get(f"{PAGE}?prove=1").text
    assert browser.get(f"{PAGE}.json").json["fields"] == []
    assert standing_office.browser("protocollo").get(PAGE).status_code == 403
    assert standing_office.browser().get(f"{PAGE}.json").status_code in {302, 303, 401}


def test_n12_the_officer_s_newest_word_counts_once_and_names_nobody(office_cases: Office) -> None:
    browser = office_cases.browser("istruttore")
    reason = {"motivo": "connected_case", "testo": "Stessa azienda"}
    browser.post(f"/ufficio/coda/{CODE}/scelta/{office_cases.altered}", reason)
    case = f"/ufficio/pratiche/{office_cases.altered}/dati"
    browser.post(case, {"dato": f"field:{ALTERED}", "esito": "accepted"})
    found = browser.get(f"{PAGE}.json?prove=1").json
    assert [(row["field"], row["wrong"], row["sure"]) for row in found["fields"]] == [
        ("workers.requested_hours", 1, False)
    ]
    browser.post(case, {"dato": f"field:{ALTERED}", "esito": "accepted", "si_legge": "letto"})
    browser.post(case, {"dato": "field:workers.1.tax_code", "esito": "accepted"})
    found = browser.get(f"{PAGE}.json?prove=1").json
    rows = {row["field"]: row for row in found["fields"]}
    assert {field: (row["compared"], row["wrong"]) for field, row in rows.items()} == {
        "workers.requested_hours": (1, 0),
        "workers.tax_code": (1, 0),
    }
    assert all(row["error"] is None for row in found["fields"]), "one value measures nothing"
    assert browser.get(f"{PAGE}.json").json["fields"] == [], "rehearsals are not mixed with real notices"
    page = browser.get(f"{PAGE}?prove=1").text
    assert "troppo pochi per dirlo" in page
    assert "Lavoratore, codice fiscale" in page
    for named in ("DE LUCA", "DLCNTN79C15B354A", "BETA SNC", "0000002"):
        assert named not in page
        assert named not in str(found)
