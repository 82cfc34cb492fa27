"""Firms and delegations (rows B3, S6, S25)."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from sqlalchemy import select
from werkzeug.test import Client

from intake.applications.access import applications_of
from intake.applications.models import Application
from intake.people.demonstration import demo_password
from intake.people.models import Employer, Mandate, Person
from intake.service import Service
from intake.web.desk import application_list
from intake.web.desk.application_shown import ShownApplication
from intake.web.frame import limits
from intake.web.server import build_wsgi
from tests.intake.applications_made import person_named
from tests.intake.filings import issued
from tests.intake.web.conftest import Browser, Office

pytestmark = pytest.mark.shared_installation


def firm_path(service: Service, name: str) -> str:
    with service.transaction() as session:
        return f"/aziende/{session.scalars(select(Employer.id).where(Employer.name == name)).one()}"


def tax_code(service: Service, username: str) -> str:
    with service.transaction() as session:
        return session.scalars(select(Person.tax_code).where(Person.username == username)).one()


def again(browser: Browser, username: str) -> Browser:
    other = Browser(Client(browser.client.application), browser.password)
    assert other.sign_in(username).status_code == 303
    return other


def test_the_area_lists_the_firms_one_acts_for_and_no_other(browser: Browser) -> None:
    browser.sign_in("consulente")
    page = browser.get("/area").text
    assert "ALFA SRL" in page
    assert "BETA SNC" in page
    assert "GAMMA" not in page
    narrowed = browser.get("/area?cerca=beta").text
    assert "BETA SNC" in narrowed
    assert "ALFA SRL" not in narrowed


def test_the_representative_delegates_and_revokes(employer: Browser, service: Service) -> None:
    alfa = firm_path(service, "ALFA SRL")
    other = again(employer, "altra")
    assert other.get(alfa).status_code == 404

    given = employer.post(f"{alfa}/deleghe", {"tax_code": f" {tax_code(service, 'altra').lower()} "})
    assert (given.status_code, given.location) == (303, alfa)
    page = employer.get(alfa).text
    assert "Anna Bianchi ora può agire per l&#39;azienda." in page
    assert other.get(alfa).status_code == 200

    revocations = re.findall(rf'action="({alfa}/deleghe/[^"]+/revoca)"', page)
    assert len(revocations) == 2, "the consultant and the new delegate; never the representative"
    for path in revocations:
        assert employer.post(path).status_code == 303
    assert other.get(alfa).status_code == 404
    assert employer.post(revocations[0]).status_code == 404, "a delegation ends once"
    with service.transaction() as session:
        assert session.scalar(select(Mandate).where(Mandate.revoked_at.is_not(None))) is not None


def test_who_has_no_account_cannot_be_delegated_and_the_field_says_why(employer: Browser, service: Service) -> None:
    alfa = firm_path(service, "ALFA SRL")
    answer = employer.post(f"{alfa}/deleghe", {"tax_code": "XXXXXX00X00X000X"})
    assert answer.status_code == 422
    assert "Nessuna persona con questo codice fiscale ha le credenziali" in answer.text
    assert "La persona delegata deve prima chiedere le proprie credenziali." in answer.text
    assert 'value="XXXXXX00X00X000X"' in answer.text
    assert 'aria-describedby="tax_code-help tax_code-error"' in answer.text


def test_an_officer_cannot_be_delegated_and_reads_like_nobody(employer: Browser, service: Service) -> None:
    alfa = firm_path(service, "ALFA SRL")
    answers = [
        employer.post(f"{alfa}/deleghe", {"tax_code": code})
        for code in (tax_code(service, "istruttore"), "XXXXXX00X00X000X")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("Nessuna persona con questo codice fiscale ha le credenziali" in answer.text for answer in answers)


def test_nobody_tries_a_list_of_tax_codes(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PER_PERSON", "2 per 15 minutes")
    browser = Browser(Client(build_wsgi(service)), demo_password(service.settings.keys))
    browser.sign_in("datore")
    path = f"{firm_path(service, 'ALFA SRL')}/deleghe"
    assert [browser.post(path, {"tax_code": f"X{n}"}).status_code for n in range(3)] == [422, 422, 429]
    other = Browser(browser.client, browser.password)
    other.post("/uscita")
    other.sign_in("altra")
    own = f"{firm_path(service, 'GAMMA SRL')}/deleghe"
    assert other.post(own, {"tax_code": "X"}).status_code == 422, "each has the own limit"


@pytest.mark.own_installation
def test_a_delegate_gives_no_delegations(browser: Browser, service: Service) -> None:
    browser.sign_in("consulente")
    alfa = firm_path(service, "ALFA SRL")
    page = browser.get(alfa).text
    assert "Solo il legale rappresentante può dare o togliere deleghe." in page
    assert 'name="tax_code"' not in page
    answer = browser.post(f"{alfa}/deleghe", {"tax_code": tax_code(service, "altra")})
    assert answer.status_code == 403
    assert again(browser, "altra").get(alfa).status_code == 404


@pytest.mark.own_installation
def test_nobody_revokes_through_another_firm(browser: Browser, service: Service) -> None:
    """The representative of GAMMA tries to end a delegation of ALFA, through the own firm's address."""
    browser.sign_in("altra")
    with service.transaction() as session:
        of_alfa = session.scalars(
            select(Mandate.id).join(Employer).where(Employer.name == "ALFA SRL", Mandate.capacity == "delegate")
        ).one()
    assert browser.post(f"{firm_path(service, 'GAMMA SRL')}/deleghe/{of_alfa}/revoca").status_code == 404
    assert browser.post(f"{firm_path(service, 'ALFA SRL')}/deleghe/{of_alfa}/revoca").status_code == 404
    with service.transaction() as session:
        assert session.get_one(Mandate, of_alfa).revoked_at is None


def test_b3_the_page_of_a_firm_lists_its_applications_and_only_those(browser: Browser, service: Service) -> None:
    application_id, _ = issued(service, firm="BETA SNC", unit="Deposito")
    browser.sign_in("consulente")
    own = browser.get(firm_path(service, "BETA SNC")).text
    assert f'href="/domande/{application_id}"' in own
    assert "Togli la delega" not in own
    assert "Azioni" not in own
    other = browser.get(firm_path(service, "ALFA SRL")).text
    assert str(application_id) not in other


def test_b3_the_page_of_a_firm_looks_at_its_own_applications_alone(
    standing_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[UUID] = []

    def shown(application: Application) -> ShownApplication:
        looked_at.append(application.id)
        return ShownApplication(application)

    monkeypatch.setattr(application_list, "ShownApplication", shown)
    browser, service = standing_office.browser("consulente", office=False), standing_office.service
    page = browser.get(firm_path(service, "ALFA SRL")).text
    assert f"/domande/{standing_office.first}" in page
    assert set(looked_at) == {standing_office.first, standing_office.third}
    with service.transaction() as session:
        gamma = session.scalars(select(Employer.id).where(Employer.name == "GAMMA SRL")).one()
        assert applications_of(session, person_named(session, "consulente"), employer_id=gamma) == []
