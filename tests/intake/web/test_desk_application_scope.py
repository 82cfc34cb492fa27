"""Nobody sees another employer's application; nothing of one stays in a browser or runs in it (S13, S21)."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select
from werkzeug.test import Client

from intake.applications.models import Application, Receipt, ReturnedDocument
from intake.people.demonstration import demo_password
from intake.service import Service
from tests.intake.web.conftest import Browser, doors_of
from tests.intake.web.test_desk_application_path import issue, start, type_everything, work

HOSTILE = b"<html><script>alert(1)</script></html>"


@pytest.fixture
def filed(browser: Browser, service: Service) -> tuple[str, list[str]]:
    """An application of ALFA with a form, a hostile file and a made receipt; the addresses of all its pages."""
    assert browser.sign_in("datore").status_code == 303
    address = start(browser, service)
    type_everything(browser, service, address)
    issue(browser, address)
    sent = {"tipo": "delegation", "file": (io.BytesIO(HOSTILE), "../../delega.html", "text/html")}
    assert browser.post(f"{address}/documenti", sent).status_code == 303
    work(service)
    with service.transaction() as session:
        document = session.scalars(select(ReturnedDocument.id)).one()
        receipt = session.scalars(select(Receipt.id)).one()
    pages = [f"{address}/passo/{step}" for step in range(1, 7)]
    files = [
        f"{address}/modulo.pdf",
        f"{address}/modulo/1.png",
        f"{address}/documenti/{document}",
        f"{address}/ricevute/{receipt}.pdf",
        f"{address}/lavoratori/modello.xlsx",
        f"{address}/lavoratori/modello.csv",
    ]
    fragments = [f"{address}/stato", f"{address}/ricevute", f"{address}/lavoratori/1/categoria"]
    return address, [address, f"{address}/scarta", *pages, *fragments, *files]


def test_another_employer_finds_nothing(filed: tuple[str, list[str]], service: Service) -> None:
    address, pages = filed
    stranger = Browser(Client(doors_of(service)), demo_password(service.settings.keys))
    stranger.sign_in("altra")
    assert {page: stranger.get(page).status_code for page in pages} == dict.fromkeys(pages, 404)
    posts = ["passo/1", "modulo", "riapri", "documenti", "prova", "invio", "scarta"]
    answers = {each: stranger.post(f"{address}/{each}", {"what": "firma"}).status_code for each in posts}
    assert answers == dict.fromkeys(posts, 404)
    with service.transaction() as session:
        assert session.scalars(select(Application)).one().current_form is not None
    assert "ALFA" not in stranger.get("/area").text


def test_a_delegation_taken_away_closes_the_application(filed: tuple[str, list[str]], service: Service) -> None:
    address, _ = filed
    consultant = Browser(Client(doors_of(service)), demo_password(service.settings.keys))
    consultant.sign_in("consulente")
    assert consultant.get(f"{address}/passo/5").status_code == 200
    with service.transaction() as session:
        employer = session.get_one(Application, address.rsplit("/", 1)[-1]).employer
        mandate = next(each for each in employer.mandates if each.person.username == "consulente")
        mandate.revoked_at = service.clock()
    assert consultant.get(f"{address}/passo/5").status_code == 404


def test_a_visitor_is_sent_to_sign_in(filed: tuple[str, list[str]], service: Service) -> None:
    _, pages = filed
    visitor = Client(doors_of(service))
    assert all(visitor.get(page).status_code == 302 for page in pages)
    assert all("/accesso" in visitor.get(page).location for page in pages)


def test_nothing_of_an_application_stays_in_the_browser(filed: tuple[str, list[str]], browser: Browser) -> None:
    _, pages = filed
    answers = {page: browser.get(page) for page in pages}
    assert {page: each.headers["Cache-Control"] for page, each in answers.items()} == dict.fromkeys(pages, "no-store")
    assert all(each.headers["X-Content-Type-Options"] == "nosniff" for each in answers.values())


def test_a_file_received_is_never_run(filed: tuple[str, list[str]], browser: Browser) -> None:
    _, pages = filed
    address = next(page for page in pages if "/documenti/" in page)
    answer = browser.get(address)
    assert answer.data == HOSTILE
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename=delega.html"
    for page in pages:
        if page.endswith((".pdf", ".xlsx", ".csv")):
            assert browser.get(page).headers["Content-Disposition"].startswith("attachment")
