"""Who may see and do what in the office: refusals, not only grants (C6, C7)."""

from __future__ import annotations

import re

import pytest

from intake.applications.models import Application, Receipt
from tests.intake.web.conftest import CODE, Office

OUTSIDE = {"cpi": 403, "amministratore": 403}
READ = dict.fromkeys(("protocollo", "istruttore", "direttore", "generale", "revisore"), 200) | OUTSIDE
CASES = READ | {"protocollo": 403}


def documents_of(office: Office) -> dict[str, str]:
    with office.service.transaction() as session:
        application = session.get_one(Application, office.altered)
        receipt = session.query(Receipt).filter_by(application_id=office.altered).first()
        return {"form": str(application.documents[0].id), "receipt": str(receipt.id)}


@pytest.mark.parametrize("username", READ)
def test_c6_only_those_who_work_with_the_register_read_it(standing_office: Office, username: str) -> None:
    browser = standing_office.browser(username)
    for path in (f"/ufficio/registro/{CODE}", f"/ufficio/registro/{CODE}/{standing_office.year}/1"):
        assert browser.get(path).status_code == READ[username], path


@pytest.mark.parametrize("username", CASES)
def test_c7_cases_pictures_and_files_only_for_those_who_examine_or_supervise(
    standing_office: Office,
    username: str,
) -> None:
    browser, ids = standing_office.browser(username), documents_of(standing_office)
    case = f"/ufficio/pratiche/{standing_office.altered}"
    paths = [
        f"/ufficio/coda/{CODE}",
        case,
        f"{case}/documenti/{ids['form']}",
        f"{case}/documenti/{ids['form']}/file",
        f"{case}/modulo/file",
        f"{case}/ricevute/{ids['receipt']}",
        f"{case}/modulo/pagine/1",
    ]
    for path in paths:
        assert browser.get(path).status_code == CASES[username], path


def test_c7_a_desk_session_gets_nothing_here(standing_office: Office) -> None:
    browser = standing_office.browser("datore", office=False)
    ids = documents_of(standing_office)
    for path in (f"/ufficio/pratiche/{standing_office.first}", f"/ufficio/registro/{CODE}", f"/ufficio/coda/{CODE}"):
        answer = browser.get(path)
        assert answer.status_code == 302
        assert "/ufficio/accesso" in answer.headers["Location"]
    picture = browser.get(f"/ufficio/pratiche/{standing_office.altered}/documenti/{ids['form']}/pagine/1")
    assert picture.status_code == 302


@pytest.mark.parametrize("username", ["protocollo", "direttore", "revisore"])
def test_c7_who_is_no_officer_takes_settles_and_concludes_nothing(standing_office: Office, username: str) -> None:
    browser = standing_office.browser(username)
    case = f"/ufficio/pratiche/{standing_office.first}"
    for path in (
        f"/ufficio/coda/{CODE}/prossima",
        f"/ufficio/coda/{CODE}/scelta/{standing_office.first}",
        f"{case}/dati",
        f"{case}/ammissibile",
        f"{case}/non-ammessa",
    ):
        assert browser.post(path).status_code == 403, path


@pytest.mark.parametrize("username", ["istruttore", "direttore", "revisore"])
def test_c6_only_the_protocol_office_classifies_and_annuls(standing_office: Office, username: str) -> None:
    browser = standing_office.browser(username)
    for act in ("classificazione", "annullamento"):
        assert (
            browser.post(
                f"/ufficio/registro/{CODE}/{standing_office.year}/1/{act}", {"act": "x", "reason": "y"}
            ).status_code
            == 403
        )


def test_c7_pictures_and_files_are_never_kept_by_a_browser(standing_office: Office) -> None:
    browser, ids = standing_office.browser("istruttore"), documents_of(standing_office)
    case = f"/ufficio/pratiche/{standing_office.altered}"
    for path in (f"{case}/documenti/{ids['form']}/pagine/1", f"{case}/documenti/{ids['form']}/file", case):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store", path
    saved = browser.get(f"{case}/documenti/{ids['form']}/file")
    assert saved.headers["Content-Disposition"].startswith("attachment")


def test_c7_a_document_of_another_case_is_not_found_through_this_one(standing_office: Office) -> None:
    browser, ids = standing_office.browser("istruttore"), documents_of(standing_office)
    other = f"/ufficio/pratiche/{standing_office.first}"
    for path in (f"/documenti/{ids['form']}/file", f"/documenti/{ids['form']}/pagine/1", f"/ricevute/{ids['receipt']}"):
        assert browser.get(other + path).status_code == 404, path


def test_c7_kept_pictures_are_private_to_the_service(standing_office: Office) -> None:
    browser, ids = standing_office.browser("istruttore"), documents_of(standing_office)
    browser.get(f"/ufficio/pratiche/{standing_office.altered}/documenti/{ids['form']}/pagine/1")
    folder = standing_office.service.settings.data / "page-images"
    kept = list(folder.rglob("*.webp"))
    assert kept
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept)
    assert all(re.fullmatch(r"[0-9a-f]{64}\.webp", path.name) for path in kept)
