"""Who may call what, at which door (rows B2, B3; house rule: a route that does not say who may call it does not exist)."""

from __future__ import annotations

import re
import uuid

import pytest
from flask import Blueprint, Flask
from sqlalchemy import select
from werkzeug.test import Client

from intake.people.demonstration import PEOPLE
from intake.people.models import Employer, Role, Surface
from intake.people.sign_in import ADMITTED
from intake.service import Service
from intake.web.frame.access import Roles, UndeclaredAccess, check_declarations, declaration_of, guard, route
from intake.web.frame.signed_in import safe_next
from tests.intake.web.conftest import Browser, sample_path

ONE_OF_EACH = {each.role: each.username for each in reversed(PEOPLE)}


@pytest.fixture
def service(standing_service: Service) -> Service:
    return standing_service


def test_every_screen_of_both_doors_says_who_may_call_it(desk: Flask, office: Flask) -> None:
    for door in (desk, office):
        rules = list(door.url_map.iter_rules())
        assert rules
        assert [rule.rule for rule in rules if declaration_of(door, rule.endpoint) is None] == []


def test_a_screen_that_does_not_say_it_stops_the_start_and_answers_nobody() -> None:
    app = Flask("undeclared", static_folder=None)
    guard(app, 1)
    app.add_url_rule("/segreto", "secret", lambda: "dati")
    with pytest.raises(UndeclaredAccess, match="/segreto"):
        check_declarations(app)
    answer = app.test_client().get("/segreto")
    assert answer.status_code == 500
    assert "dati" not in answer.text


def test_roles_without_a_role_is_no_declaration() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Roles()


def _personal(door: Flask) -> list[tuple[str, str, frozenset[Role]]]:
    """Every screen that is not for anyone: a path, a method, the roles that may."""
    found = []
    for rule in door.url_map.iter_rules():
        declared = declaration_of(door, rule.endpoint)
        assert declared is not None
        if declared.allow.anyone:
            continue
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        found.append((sample_path(door, rule, method), method, declared.allow.roles))
    return found


@pytest.mark.parametrize("prefix", ["", "/ufficio"])
def test_nobody_signed_in_reaches_no_personal_screen(browser: Browser, desk: Flask, office: Flask, prefix: str) -> None:
    screens = _personal(office if prefix else desk)
    assert len(screens) >= 2
    for path, method, _ in screens:
        answer = browser.client.open(f"{prefix}{path}", method=method)
        assert answer.status_code == 302, path
        assert answer.location.startswith(f"{prefix}/accesso"), path


@pytest.mark.parametrize("surface", list(Surface))
def test_each_role_is_refused_every_screen_of_the_others(
    browser: Browser, desk: Flask, office: Flask, surface: Surface
) -> None:
    in_office = surface is Surface.OFFICE
    prefix, screens = ("/ufficio", _personal(office)) if in_office else ("", _personal(desk))
    for role in sorted(ADMITTED[surface]):
        browser = Browser(Client(browser.client.application), browser.password)
        assert browser.sign_in(ONE_OF_EACH[role], office=in_office).status_code == 303
        for path, method, roles in screens:
            if roles and role not in roles:
                assert browser.client.open(f"{prefix}{path}", method=method).status_code == 403, (role, path)


def test_a_wrong_role_reads_why_and_what_to_do(browser: Browser) -> None:
    browser.sign_in("cpi")
    answer = browser.get(f"/aziende/{uuid.uuid4()}")
    assert answer.status_code == 403
    assert "Il suo profilo non comprende questa operazione." in answer.text
    assert "Chieda all&#39;amministratore" in answer.text


@pytest.mark.parametrize("username", ["datore", "consulente"])
def test_an_employer_does_not_enter_the_office(browser: Browser, username: str) -> None:
    answer = browser.sign_in(username, office=True)
    assert answer.status_code == 403
    assert "non usa questo ingresso" in answer.text
    assert browser.get("/ufficio/").status_code == 302


@pytest.mark.parametrize(
    "username", ["istruttore", "protocollo", "direttore", "amministratore", "revisore", "generale"]
)
def test_the_office_does_not_enter_the_desk(browser: Browser, username: str) -> None:
    assert browser.sign_in(username).status_code == 403
    assert browser.get("/area").status_code == 302


def test_a_desk_session_opens_nothing_in_the_office_even_if_renamed(employer: Browser) -> None:
    assert employer.get("/area").status_code == 200
    assert employer.get("/ufficio/").status_code == 302
    stolen = employer.client.get_cookie("sportello_desk")
    assert stolen is not None
    employer.client.set_cookie("sportello_office", stolen.value, path="/ufficio")
    assert employer.get("/ufficio/").status_code == 302


def untold(page: str, asked: uuid.UUID) -> str:
    """The page without the address asked for and without its token, which bears the second it was made."""
    return re.sub(r'((?:name="csrf_token" value|data-csrf)=")[^"]+', r"\1", page).replace(str(asked), "")


def test_somebody_elses_firm_does_not_exist(employer: Browser, service: Service) -> None:
    with service.transaction() as session:
        gamma = session.scalars(select(Employer).where(Employer.name == "GAMMA SRL")).one()
    answer = employer.get(f"/aziende/{gamma.id}")
    assert answer.status_code == 404
    invented = uuid.uuid4()
    other = employer.get(f"/aziende/{invented}")
    assert untold(answer.text, gamma.id) == untold(other.text, invented)
    assert "GAMMA" not in answer.text


@pytest.mark.parametrize("path", ["/niente", "/avvisi/NIENTE", "/ufficio/niente", "/risorse/niente.css"])
def test_a_missing_page_says_what_to_do(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    told = (
        ("Questa pagina dell", "Torni all&#39;inizio dell")
        if "ufficio" in path
        else ("Questa pagina non c", "Torni alla")
    )
    for words in told:
        assert words in answer.text, words


@pytest.mark.parametrize("prefix", ["", "/ufficio"])
def test_where_a_form_was_answered_another_language_is_asked_for_and_leads_to_its_page(
    browser: Browser, desk: Flask, office: Flask, prefix: str
) -> None:
    """Each address that takes forms alone (A4: English beside every page) leads to one that can be opened."""
    door = office if prefix else desk
    opened = {rule.rule for rule in door.url_map.iter_rules() if "GET" in (rule.methods or ())}
    rules = [rule for rule in door.url_map.iter_rules() if rule.rule not in opened]
    assert len(rules) > 5
    for rule in rules:
        path = f"{prefix}{sample_path(door, rule, 'POST')}"
        answer = browser.get(f"{path}?lingua=en")
        assert (answer.status_code, answer.location[-10:]) == (303, "?lingua=en"), path
        above = answer.location.removesuffix("?lingua=en")
        assert path.startswith(above), path
        assert browser.get(answer.location).status_code in {200, 302, 404}, path


def test_the_answer_about_a_receipt_is_left_for_its_page_in_english(browser: Browser) -> None:
    assert browser.get("/verifica/codice?lingua=en").location == "/verifica?lingua=en"
    assert "Verify a receipt" in browser.get("/verifica?lingua=en").text


@pytest.mark.parametrize(
    ("wanted", "safe"),
    [
        ("/area", "/area"),
        ("/area?cerca=x", "/area?cerca=x"),
        ("https://example.org/area", None),
        ("//example.org/area", None),
        ("/\\example.org", None),
        ("\\\\example.org", None),
        ("/\texample.org", None),
        ("javascript:alert(1)", None),
        ("area", None),
        ("", None),
        (None, None),
    ],
)
def test_after_signing_in_one_never_lands_on_another_site(desk: Flask, wanted: str | None, safe: str | None) -> None:
    with desk.test_request_context("/accesso"):
        assert safe_next(wanted) == safe


def test_the_office_only_goes_back_into_the_office(office: Flask) -> None:
    with office.test_request_context("/accesso", base_url="http://localhost/ufficio"):
        assert safe_next("/ufficio/coda") == "/ufficio/coda"
        assert safe_next("/area") is None
        assert safe_next("/ufficioso") is None


def test_signing_in_goes_where_one_was_going(browser: Browser) -> None:
    wanted = browser.get("/area?cerca=alfa")
    assert wanted.location == "/accesso?next=/area?cerca%3Dalfa"
    assert browser.sign_in("datore", to="/area?cerca%3Dalfa").location == "/area?cerca=alfa"


def test_a_declaration_survives_on_the_view_it_belongs_to() -> None:
    screens = Blueprint("x", __name__)

    @route(screens, "/x", allow=Roles(Role.OFFICER), files=3)
    def view() -> str:
        return "x"

    app = Flask("declared", static_folder=None)
    app.register_blueprint(screens)
    declared = declaration_of(app, "x.view")
    assert declared is not None
    assert (declared.allow.roles, declared.files) == (frozenset({Role.OFFICER}), 3)
