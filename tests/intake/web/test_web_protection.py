"""What every response tells the browser, and what is refused before a screen is reached."""

from __future__ import annotations

import io
import json
import re
import uuid
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
import structlog
from flask import Blueprint, Flask, flash, redirect
from sqlalchemy import text
from werkzeug.test import Client

from intake.database import Database
from intake.errors import NotFound
from intake.log import PERSONAL, place_instead_of_traceback, withhold_personal_data
from intake.people.demonstration import demo_password
from intake.people.models import SignIn, Surface
from intake.service import Service
from intake.web import entrance
from intake.web.desk import NAVIGATION, SCREENS, create_desk, notices
from intake.web.desk.downloads import as_download
from intake.web.frame import limits
from intake.web.frame.access import Public, SignedIn, route
from intake.web.frame.assets import asset
from intake.web.frame.context import session
from intake.web.frame.factory import create_door
from intake.web.server import build_wsgi
from tests.intake.web.conftest import Browser, sample_path, token_of

PUBLIC_PAGES = [
    "/",
    "/accesso",
    "/privacy",
    "/note-legali",
    "/accessibilita",
    "/assistenza",
    "/password/abc",
    "/niente",
]
NOTICE_PAGES = ["", "/vademecum", "/accreditamento", "/uffici", "/privacy"]


@pytest.fixture
def service(standing_service: Service) -> Service:
    return standing_service


class Addresses(HTMLParser):
    """Everything that a page makes the browser fetch or post to, inline code and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.inline: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        names = ["src", "action", "formaction", "poster", "data", "srcset", "hx-get", "hx-post"]
        names += ["href"] if tag in {"link", "use", "image", "base"} else []
        self.fetched += [given[name] or "" for name in names if name in given]
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        self.inline += [tag] if tag == "style" or (tag == "script" and "src" not in given) else []


def all_pages(service: Service) -> list[str]:
    return PUBLIC_PAGES + [
        f"/avvisi/{pack.register_code}{page}" for pack in service.packs.values() for page in NOTICE_PAGES
    ]


def test_no_page_fetches_from_another_host_or_runs_inline_code(browser: Browser, service: Service) -> None:
    browser.sign_in("datore")
    browser.sign_in("istruttore", office=True)
    for path in [*all_pages(service), "/area", "/ufficio/"]:
        found = Addresses(browser.get(path, follow_redirects=True).text)
        assert found.fetched, path
        assert [address for address in found.fetched if not re.match(r"/(?!/)", address)] == [], path
        assert found.inline == [], path


def test_our_own_styles_fetch_nothing_from_another_host(browser: Browser) -> None:
    for name in ("sportello/sportello.css", "sportello/fonts.css", "bootstrap-italia/css/bootstrap-italia.min.css"):
        fetched = re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", browser.get(asset(name)).text)
        addresses = [one or other for one, other in fetched]
        assert [address for address in addresses if re.match(r"(https?:)?//", address)] == []
    for address in re.findall(r"url\(\"([^\"]+)\"", browser.get(asset("sportello/fonts.css")).text):
        assert browser.get(urljoin(asset("sportello/fonts.css"), address)).status_code == 200, address


def test_every_asset_a_page_names_is_there_and_kept_for_a_year(browser: Browser) -> None:
    named = [each for each in Addresses(browser.get("/").text).fetched if each.startswith("/risorse/")]
    assert len(named) >= 7
    for address in {each.split("#")[0] for each in named}:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["Cache-Control"]
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_every_icon_a_page_names_is_in_the_sprite(browser: Browser) -> None:
    sprite = browser.get(asset("bootstrap-italia/svg/sprites.svg")).text
    browser.sign_in("datore")
    for path in ("/", "/niente", "/area"):
        names = {each.split("#")[1] for each in Addresses(browser.get(path).text).fetched if "sprites.svg#" in each}
        assert names
        assert [name for name in names if f'id="{name}"' not in sprite] == []


def test_a_screen_that_brings_a_stricter_header_keeps_it_and_an_answer_that_leads_elsewhere_carries_no_page(
    service: Service,
) -> None:
    screens = Blueprint("own_headers", __name__)

    @route(screens, "/scarica", allow=Public)
    def download() -> object:
        return as_download(b"<script>", "nota.html")

    @route(screens, "/altrove", allow=Public)
    def lead() -> object:
        return redirect("/")

    browser = _desk_with(service, screens)
    answer = browser.get("/scarica")
    assert answer.headers.getlist("Content-Security-Policy") == ["default-src 'none'; sandbox"]
    assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert answer.headers["Referrer-Policy"] == "same-origin"
    elsewhere = browser.get("/altrove")
    assert (elsewhere.status_code, elsewhere.location, elsewhere.data) == (302, "/", b"")


def test_security_headers_on_every_answer(browser: Browser) -> None:
    for path in ("/", "/area", "/niente", "/ufficio/accesso"):
        headers = browser.get(path).headers
        policy = dict(
            part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";") if part.strip()
        )
        assert policy["default-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert policy["img-src"] == "'self' data:"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers


def test_nothing_of_a_signed_in_person_is_kept_by_the_browser(browser: Browser, service: Service) -> None:
    browser.sign_in("datore")
    browser.sign_in("istruttore", office=True)
    for path in [*all_pages(service), "/area", "/ufficio/", "/ufficio/niente"]:
        headers = browser.get(path).headers
        assert headers["Cache-Control"] == "no-store", path
        assert headers["Pragma"] == "no-cache", path


def test_cookies_are_separate_and_closed_to_scripts_and_other_sites(browser: Browser, service: Service) -> None:
    secure = service.settings.model_copy(update={"secure_cookies": True})
    over_tls = Client(build_wsgi(Service(**{**vars(service), "settings": secure})))
    for path, name, scope in (
        ("/accesso", "sportello_desk", "Path=/"),
        ("/ufficio/accesso", "sportello_office", "Path=/ufficio"),
    ):
        cookie = over_tls.get(path, base_url="https://localhost").headers["Set-Cookie"]
        assert cookie.startswith(f"{name}=")
        assert {"HttpOnly", "SameSite=Lax", "Secure", scope} <= {part.strip() for part in cookie.split(";")}
        assert "Secure" not in browser.get(path).headers["Set-Cookie"]
    assert "max-age=63072000" in over_tls.get("/", base_url="https://localhost").headers["Strict-Transport-Security"]


@pytest.mark.parametrize("path", ["/accesso", "/ufficio/accesso", "/password/abc"])
def test_a_post_without_the_token_is_refused(browser: Browser, path: str) -> None:
    browser.get(path)
    answer = browser.client.post(path, data={"username": "datore", "password": browser.password})
    assert answer.status_code == 400
    assert "nulla è stato salvato" in answer.text


def test_every_post_of_the_desk_asks_for_the_token(employer: Browser, desk: Flask) -> None:
    posts = [rule for rule in desk.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert len(posts) >= 4
    for rule in posts:
        path = sample_path(desk, rule, "POST")
        assert employer.client.post(path).status_code == 400, path
    assert employer.get("/area").status_code == 200


def test_the_token_of_one_browser_does_not_serve_another(browser: Browser, service: Service) -> None:
    other = Client(build_wsgi(service))
    token = token_of(other.get("/accesso"))
    browser.get("/accesso")
    sent = {"username": "datore", "password": browser.password, "csrf_token": token}
    assert browser.client.post("/accesso", data=sent).status_code == 400


def test_an_account_is_not_tried_for_ever(browser: Browser) -> None:
    answers = [browser.sign_in("datore", password="sbagliata").status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]
    refused = browser.sign_in("datore")
    assert refused.status_code == 429
    assert "Troppi tentativi in poco tempo." in refused.text
    assert "Aspetti 15 minuti" in refused.text
    assert refused.headers["Retry-After"] == "900"
    assert browser.sign_in("altra").status_code == 303, "another account from the same address is not shut out"


def test_an_address_that_tries_many_accounts_is_stopped(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PER_ADDRESS", "3 per 15 minutes")
    client = Client(build_wsgi(service))
    token = token_of(client.get("/accesso"))
    answers = [
        client.post("/accesso", data={"username": f"u{n}", "password": "x", "csrf_token": token}).status_code
        for n in range(4)
    ]
    assert answers == [401] * 3 + [429]
    elsewhere = client.post(
        "/accesso",
        data={"username": "u", "password": "x", "csrf_token": token},
        environ_base={"REMOTE_ADDR": "10.0.0.9"},
    )
    assert elsewhere.status_code == 401


def tried(client: Client, token: str, account: str, address: str) -> int:
    sent = {"username": account, "password": "x", "csrf_token": token}
    return client.post("/accesso", data=sent, environ_base={"REMOTE_ADDR": address}).status_code


def test_nobody_keeps_the_holder_of_an_account_out_from_elsewhere(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PER_ACCOUNT_AND_ADDRESS", "2 per 15 minutes")
    monkeypatch.setattr(limits, "PER_ACCOUNT", "5 per 15 minutes")
    client = Client(build_wsgi(service))
    token = token_of(client.get("/accesso"))
    assert [tried(client, token, "datore", "10.0.0.1") for _ in range(9)] == [401] * 2 + [429] * 7
    same_line = ["2001:db8::1", "2001:db8::a:2", "2001:db8:0:0:ffff::3"]
    assert [tried(client, token, "datore", each) for each in same_line] == [401, 401, 429]
    assert [tried(client, token, "datore", each) for each in ("::ffff:10.0.0.2", "::ffff:10.0.0.3")] == [401, 429]
    assert tried(client, token, "altra", "10.0.0.1") == 401


def test_what_an_address_tries_beyond_its_limit_counts_against_no_account(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PER_ADDRESS", "1 per 15 minutes")
    monkeypatch.setattr(limits, "PER_ACCOUNT", "2 per 15 minutes")
    client = Client(build_wsgi(service))
    token = token_of(client.get("/accesso"))
    assert [tried(client, token, "datore", "10.0.0.1") for _ in range(4)] == [401] + [429] * 3
    assert tried(client, token, "datore", "10.0.0.2") == 401


def test_an_account_written_another_way_is_the_same_account(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PER_ACCOUNT", "3 per 15 minutes")
    client = Client(build_wsgi(service))
    token = token_of(client.get("/accesso"))
    answers = [
        client.post("/accesso", data={"username": written, "password": "x", "csrf_token": token}).status_code
        for written in ("beta", " BETA", "\x00beta", "beta\u200b")
    ]
    assert answers == [401] * 3 + [429]


def test_the_address_behind_trusted_proxies_is_the_browsers(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PER_ADDRESS", "3 per 15 minutes")
    behind = service.settings.model_copy(update={"trusted_proxies": 1})
    for settings, expected in ((behind, [401] * 4), (service.settings, [401] * 3 + [429])):
        client = Client(build_wsgi(Service(**{**vars(service), "settings": settings})))
        token = token_of(client.get("/accesso"))
        answers = [
            client.post(
                "/accesso",
                data={"username": f"u{n}", "password": "x", "csrf_token": token},
                headers={"X-Forwarded-For": f"10.0.{n}.1"},
            ).status_code
            for n in range(4)
        ]
        assert answers == expected


def test_a_body_larger_than_declared_is_refused_in_plain_words(browser: Browser) -> None:
    token = token_of(browser.get("/accesso"))
    sent = {"csrf_token": token, "username": "datore", "password": (io.BytesIO(b"x" * (5 * 1024 * 1024)), "a.pdf")}
    answer = browser.client.post("/accesso", data=sent)
    assert answer.status_code == 413
    assert "superano la dimensione massima" in answer.text


@pytest.fixture
def broken(service: Service) -> Client:
    """A desk with more screens, most of which go wrong in different ways."""
    screens = Blueprint("broken", __name__)

    @route(screens, "/guasto", allow=Public)
    def defect() -> str:
        raise RuntimeError("RSSMRA68C02I452O non trovato")

    @route(screens, "/rifiuto", allow=Public)
    def refusal() -> str:
        session().execute(text("UPDATE person SET email = 'rubata@example.org'"))
        raise NotFound

    @route(screens, "/dopo", allow=Public)
    def fails_at_commit() -> str:
        session().execute(text("SET CONSTRAINTS ALL DEFERRED"))
        session().add(_impossible_sign_in())
        flash("registrata con il n. 7")
        return "salvato"

    @route(screens, "/fatto", allow=Public)
    def told() -> str:
        flash("registrata con il n. 8")
        return "fatto"

    @route(screens, "/carico", methods=["POST"], allow=SignedIn, files=1)
    def upload() -> str:
        return "arrivato"

    return _desk_with(service, screens)


def _desk_with(service: Service, screens: Blueprint) -> Client:
    return Client(
        create_door(
            service,
            Surface.DESK,
            path="/",
            screens=(*SCREENS, screens),
            navigation=NAVIGATION,
            first_page="area.home",
        )
    )


def _impossible_sign_in() -> object:
    now = datetime.now(UTC)
    return SignIn(
        token_sha256=b"x",
        surface=Surface.DESK,
        person_id=uuid.uuid4(),
        created_at=now,
        last_seen_at=now,
        expires_at=now,
    )


def test_a_defect_tells_a_reference_and_nothing_else(broken: Client) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = broken.get("/guasto")
    assert answer.status_code == 500
    reference = re.search(r'<code class="riferimento">([0-9A-F]{8})</code>', answer.text)
    assert reference
    assert f"/assistenza?riferimento={reference[1]}" in answer.text
    for secret in ("Traceback", "RuntimeError", "RSSMRA68C02I452O", "/work", ".py"):
        assert secret not in answer.text
    assert [line["reference"] for line in lines] == [reference[1]]


def test_a_defect_inside_a_page_is_a_fragment(broken: Client) -> None:
    answer = broken.get("/guasto", headers={"HX-Request": "true"})
    assert answer.status_code == 500
    assert "<html" not in answer.text
    assert re.search(r"[0-9A-F]{8}", answer.text)
    missing = broken.get("/rifiuto", headers={"HX-Request": "true"})
    assert missing.status_code == 404
    assert "<html" not in missing.text


def test_nothing_of_a_refused_request_stays(broken: Client, service: Service) -> None:
    assert broken.get("/rifiuto").status_code == 404
    with service.transaction() as open_session:
        assert open_session.scalar(text("SELECT count(*) FROM person WHERE email = 'rubata@example.org'")) == 0


def test_what_cannot_be_made_durable_is_not_told_as_done(broken: Client) -> None:
    answer = broken.get("/dopo")
    assert answer.status_code == 500
    assert "salvato" not in answer.text.replace("non è stata salvata", "").replace("aveva salvato", "")
    assert "registrata con il n. 7" not in answer.text + broken.get("/").text


@pytest.mark.parametrize("next_page", ["/rifiuto", "/guasto", "/dopo"])
def test_what_an_act_told_outlives_the_refusal_of_the_next_page(broken: Client, next_page: str) -> None:
    assert broken.get("/fatto").text == "fatto"
    assert (broken.get(next_page).text + broken.get("/").text).count("registrata con il n. 8") == 1


def test_size_and_person_are_judged_before_the_body_is_read(broken: Client, service: Service) -> None:
    too_much = {
        "CONTENT_LENGTH": str(service.settings.largest_upload + 5 * 1024 * 1024),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
    }
    answer = broken.post("/carico", environ_overrides=too_much)
    assert answer.status_code == 302, "who is not signed in learns nothing about sizes"

    page = Browser(broken, demo_password(service.settings.keys))
    page.sign_in("datore")
    refused = broken.post("/carico", environ_overrides=too_much)
    assert refused.status_code == 413
    assert "superano la dimensione massima" in refused.text
    six_megabytes = (io.BytesIO(b"x" * 6 * 1024 * 1024), "domanda.pdf")
    assert page.post("/carico", {"file": six_megabytes}).text == "arrivato", "more than a plain form may carry"


def test_a_log_line_carries_places_and_no_personal_data() -> None:
    try:
        raise ValueError("RSSMRA68C02I452O")
    except ValueError as error:
        event = {"event": "defect", "reference": "AB", "username": "datore", "tax_code": "X", "exc_info": error}
        line = withhold_personal_data(None, "error", place_instead_of_traceback(None, "error", event))
    assert line["kind"] == "builtins.ValueError"
    assert "test_web_protection.py" in line["places"][0]
    assert line["withheld"] == ["tax_code", "username"]
    assert not PERSONAL & line.keys()
    assert "RSSMRA68C02I452O" not in json.dumps(line)


def test_the_process_logs_a_defect_as_one_line_without_personal_data(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks() -> list[object]:
        raise RuntimeError("RSSMRA68C02I452O non trovato")

    monkeypatch.setattr(notices, "shown_editions", breaks)
    assert browser.get("/").status_code == 500
    written = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["kind"]) for line in written] == [("defect", "builtins.RuntimeError")]
    assert "RSSMRA68C02I452O" not in json.dumps(written)


def test_health_tells_the_database_and_nothing_personal(browser: Browser) -> None:
    answer = browser.get("/salute")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "database": True})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_health_without_a_database_says_so_and_pages_apologise(service: Service) -> None:
    away = Database(
        service.database.application_url.set(database="nowhere"), service.database.owner_url.set(database="nowhere")
    )
    client = Client(build_wsgi(Service(**{**vars(service), "database": away})))
    assert (client.get("/salute").status_code, client.get("/salute").json["database"]) == (503, False)
    page = client.get("/")
    assert page.status_code == 503
    assert "non risponde" in page.text


def test_both_doors_are_made_of_the_same_entrance(desk: Flask, office: Flask, service: Service) -> None:
    assert desk.secret_key != office.secret_key
    assert create_desk(service).secret_key == desk.secret_key, "a restart ends nobody's sign-in"
    assert entrance.screens.name in desk.blueprints
    assert entrance.screens.name in office.blueprints
