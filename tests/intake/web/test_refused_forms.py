"""A refused form is told to those who cannot see it: first in the title, and the focus on what is wrong, without scripts."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask, render_template
from markupsafe import Markup

from intake.service import Service
from intake.web.frame.refused_forms import told
from tests.intake.web.conftest import Browser

_DEFECTS = ("defect.html", "defect_fragment.html")


@pytest.fixture
def service(standing_service: Service) -> Service:
    return standing_service


def focused(page: str) -> list[str]:
    return re.findall(r"<[^>]*\sautofocus[^>]*>", page)


@pytest.mark.parametrize("door", ["", "/ufficio"])
def test_a_failed_sign_in_takes_the_focus_and_the_title(browser: Browser, door: str) -> None:
    asked = browser.get(f"{door}/accesso")
    assert "<title>Accesso" in asked.text
    assert focused(asked.text) == []
    wrong = browser.post(f"{door}/accesso", {"username": "nessuno", "password": "niente"}, page=f"{door}/accesso")
    assert wrong.status_code == 401
    assert "<title>Errore: Accesso" in wrong.text
    assert focused(wrong.text) == ['<div class="alert alert-danger" role="alert" tabindex="-1" autofocus>']
    assert ("all&#39;amministratore del servizio" in wrong.text) == (door == "/ufficio")


def test_without_an_alert_the_first_wrong_field_takes_the_focus(browser: Browser) -> None:
    empty = browser.post("/accesso", {"username": "", "password": ""}, page="/accesso")
    assert empty.status_code == 422
    assert "<title>Errore: Accesso" in empty.text
    (field,) = focused(empty.text)
    assert 'name="username"' in field
    assert "tabindex" not in field


def test_the_list_of_what_is_wrong_comes_before_the_fields_and_what_is_only_told_takes_nothing() -> None:
    page = Markup('<input aria-invalid="true"><div role="alert" tabindex="-1" id="errori">uno</div>')
    found = told(page)
    assert found.refuses
    assert focused(found.page) == ['<div role="alert" tabindex="-1" id="errori" autofocus>']
    for quiet in ('<div class="alert alert-danger" role="status">no</div>', '<input aria-invalid="false">', "role"):
        assert told(Markup(quiet)) == type(found)(Markup(quiet), refuses=False)


def test_the_office_is_told_what_is_missing_in_its_own_words(browser: Browser) -> None:
    browser.sign_in("istruttore", office=True)
    missing = browser.get("/ufficio/non-esiste")
    assert missing.status_code == 404
    assert "dell&#39;ufficio non c&#39;è" in missing.text
    assert "delega" not in missing.text
    assert re.search(r'<a class="btn btn-primary" href="/ufficio/">Torna all(&#39;|\')inizio dell', missing.text)
    employers = browser.get("/non-esiste")
    assert employers.status_code == 404
    assert "delega" in employers.text


def test_a_defect_sends_the_office_to_its_administrator_and_employers_to_the_help_desk(
    office: Flask, desk: Flask
) -> None:
    told = {}
    for door in (office, desk):
        with door.test_request_context("/"):
            told[door] = [unescape(render_template(page, reference="ABCD")) for page in _DEFECTS]
    for page in told[office]:
        assert "scriva all'amministratore del servizio" in page
        assert "scriva all'assistenza" not in page
    assert re.search(r'<a class="btn btn-primary" href="/ufficio/">', told[office][0])
    assert all("scriva all'assistenza" in page for page in told[desk])
