"""Signing in, signing out, setting a password by a link (rows B2, B3, S25)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from intake.people.accounts import add_person, make_password_link
from intake.people.models import Person, Role, SignIn
from intake.people.passwords import hash_password
from intake.service import Service
from tests.intake.web.conftest import Browser, token_of

LONG, OLD = "quattro parole scelte bene", "quella di prima, da cambiare"


@pytest.fixture
def service(standing_service: Service) -> Service:
    return standing_service


@pytest.mark.parametrize(
    ("username", "office", "first"),
    [
        ("datore", False, "/area"),
        ("consulente", False, "/area"),
        ("cpi", False, "/area"),
        ("cpi", True, "/ufficio/"),
        ("istruttore", True, "/ufficio/"),
    ],
)
def test_each_enters_with_own_credentials_at_the_own_door(
    browser: Browser, username: str, office: bool, first: str
) -> None:
    answer = browser.sign_in(username, office=office)
    assert (answer.status_code, answer.location) == (303, first)
    assert "Buongiorno" in browser.get(first).text


@pytest.mark.parametrize("username", ["datore", "nessuno"])
def test_a_wrong_password_reads_the_same_for_an_account_that_does_not_exist(browser: Browser, username: str) -> None:
    answer = browser.sign_in(username, password="sbagliata")
    assert answer.status_code == 401
    assert "Nome utente o password non corrispondono." in answer.text
    assert "sbagliata" not in answer.text
    assert browser.get("/area").status_code == 302


def test_an_empty_form_names_each_missing_field_beside_it(browser: Browser) -> None:
    token = token_of(browser.get("/accesso"))
    answer = browser.client.post("/accesso", data={"csrf_token": token})
    assert answer.status_code == 422
    assert 'aria-describedby="username-error" aria-invalid="true"' in answer.text
    assert "Scriva il nome utente." in answer.text
    assert "Scriva la password." in answer.text


def test_signing_out_ends_it_for_a_copy_of_the_cookie_too(employer: Browser) -> None:
    copied = employer.client.get_cookie("sportello_desk")
    assert copied is not None
    assert employer.post("/uscita").status_code == 303
    employer.client.set_cookie("sportello_desk", copied.value)
    assert employer.get("/area").status_code == 302


def test_signing_in_begins_a_new_cookie_and_keeps_the_language(browser: Browser) -> None:
    browser.get("/?lingua=en")
    before = token_of(browser.get("/accesso"))
    browser.sign_in("datore")
    page = browser.get("/area")
    assert "Good day, Mario" in page.text
    answer = browser.client.post("/uscita", data={"csrf_token": before})
    assert answer.status_code == 400, "a token made before signing in is worth nothing afterwards"


def test_the_database_holds_no_token(employer: Browser, service: Service) -> None:
    with service.transaction() as session:
        digests = session.scalars(select(SignIn.token_sha256)).all()
    assert digests
    assert all(len(digest) == 32 for digest in digests)


def _newcomer(service: Service, username: str, tax_code: str, role: Role) -> None:
    """An account of this test alone: the password of the others stays what it is."""
    with service.transaction() as session:
        add_person(
            session,
            username=username,
            tax_code=tax_code,
            given_name="Luca",
            surname="Galli",
            email=f"{username}@example.org",
            roles=(role,),
            at=service.clock(),
            password_hash=hash_password(OLD),
        )


def _link(service: Service, username: str) -> str:
    with service.transaction() as session:
        person = session.scalars(select(Person).where(Person.username == username)).one()
        return make_password_link(session, person, at=service.clock())


def _set(browser: Browser, token: str, password: str, again: str) -> tuple[int, str, str]:
    sent = {"csrf_token": token_of(browser.get(f"/password/{token}")), "password": password, "again": again}
    answer = browser.client.post(f"/password/{token}", data=sent)
    return answer.status_code, answer.location or "", answer.text


def test_a_link_sets_a_password_once_and_ends_what_was_open(browser: Browser, service: Service) -> None:
    _newcomer(service, "nuovo", "GLLLCU81B02L219Z", Role.FILER)
    assert browser.sign_in("nuovo", password=OLD).status_code == 303
    token = _link(service, "nuovo")
    assert _set(browser, token, "corta", "corta")[0] == 422
    status, _, page = _set(browser, token, LONG, f"{LONG}!")
    assert status == 422
    assert "Le due password sono diverse" in page
    assert _set(browser, token, LONG, LONG)[:2] == (303, "/accesso")
    assert browser.get("/area").status_code == 302
    assert browser.sign_in("nuovo", password=OLD).status_code == 401
    assert browser.sign_in("nuovo", password=LONG).status_code == 303
    status, _, page = _set(browser, token, LONG, LONG)
    assert status == 409
    assert "scaduto o è già stato usato" in page


def test_a_link_of_the_office_leads_to_the_offices_door(browser: Browser, service: Service) -> None:
    _newcomer(service, "nuovo-revisore", "GLLLCU80A01H501C", Role.AUDITOR)
    assert _set(browser, _link(service, "nuovo-revisore"), LONG, LONG)[:2] == (303, "/ufficio/accesso")


def test_an_idle_sign_in_ends(employer: Browser, service: Service) -> None:
    with service.transaction() as session:
        for each in session.scalars(select(SignIn).where(SignIn.ended_at.is_(None))):
            each.last_seen_at -= timedelta(minutes=service.settings.session_idle_minutes + 1)
    assert employer.get("/area").status_code == 302
