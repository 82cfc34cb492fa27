"""Browsers before a whole installation: both doors, the files, people of every role. Everybody is synthetic."""

from __future__ import annotations

import json
import re
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from sqlalchemy import select
from werkzeug.routing import AnyConverter, BaseConverter, FloatConverter, IntegerConverter, Rule, UUIDConverter
from werkzeug.serving import make_server
from werkzeug.test import Client, TestResponse

from intake.applications.models import Submission
from intake.applications.transmission_line import TransmissionLine
from intake.embedded_postgres import EmbeddedPostgres
from intake.people.demonstration import demo_password
from intake.people.models import Surface
from intake.service import Service, build_service
from intake.settings import read_settings
from intake.web.desk import create_desk
from intake.web.office import create_office
from intake.web.server import HEALTH_PATH, OFFICE_PATH, build_wsgi, health
from tests.accessibility import WIDE
from tests.chromium import launched_chromium
from tests.installations import TEMPLATE, copy_database, let_the_day_end, superuser
from tests.intake.web.registered_cases import register_case
from tests.made_once import made_once

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

COUNTED_AFRESH = "memory://"
"""Where services here outlive a test: each application made of one counts its attempts from nothing."""


_BUILT: list[WSGIApplication] = []


def doors_of(service: Service) -> WSGIApplication:
    """What ``build_wsgi`` makes, made once in this process and turned to ``service`` for each request: much quicker.

    Attempts are counted from nothing. For settings other than the usual, ``build_wsgi``.
    """
    if not _BUILT:
        settings = service.settings.model_copy(update={"rate_limit_storage": COUNTED_AFRESH})
        _BUILT.append(build_wsgi(replace(service, settings=settings)))
    doors: Any = _BUILT[0]
    desk, behind = doors.application.app, doors.application.mounts
    office, line, health_told = behind[OFFICE_PATH], TransmissionLine(service), health(service)
    for door in (desk, office):
        for limiter in door.extensions["limiter"]:
            limiter.reset()

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        desk.extensions |= {"sportello": (service, Surface.DESK), TransmissionLine.__name__: line}
        office.extensions["sportello"] = (service, Surface.OFFICE)
        behind[HEALTH_PATH] = health_told
        return doors(environ, start_response)

    return answer


@dataclass(frozen=True)
class Browser:
    """One browser: it keeps cookies, and sends the anti-forgery token of the page it posts from."""

    client: Client
    password: str
    tokens: dict[str, str] = field(default_factory=dict)
    """The anti-forgery token of the session at each door, once a page was looked at for it."""

    def get(self, path: str, **kwargs: object) -> TestResponse:
        return self.client.get(path, **kwargs)

    def post(self, path: str, data: dict[str, object] | None = None, *, page: str | None = None) -> TestResponse:
        """Posts with the token of ``page``: unless told, the first page of whoever is signed in at that door."""
        first = "/ufficio/" if path.startswith("/ufficio") else "/area"
        if page or first not in self.tokens:
            self.tokens[first] = token_of(self.client.get(page or first))
        return self.client.post(path, data={**(data or {}), "csrf_token": self.tokens[first]})

    def sign_in(
        self, username: str, *, password: str | None = None, office: bool = False, to: str = ""
    ) -> TestResponse:
        self.tokens.clear()
        path = "/ufficio/accesso" if office else "/accesso"
        token = token_of(self.client.get(path))
        sent = {"username": username, "password": password or self.password, "csrf_token": token}
        return self.client.post(f"{path}?next={to}" if to else path, data=sent)


_SAMPLES = {IntegerConverter: 1, UUIDConverter: UUID("00000000-0000-4000-8000-000000000000"), FloatConverter: 1.0}


def _sample(part: BaseConverter) -> object:
    """A value that ``part`` of an address takes."""
    return min(part.items) if isinstance(part, AnyConverter) else _SAMPLES.get(type(part), "x")


def sample_path(door: Flask, rule: Rule, method: str) -> str:
    """An address that ``rule`` answers, whatever its parts are."""
    values = {name: _sample(part) for name, part in rule._converters.items()}
    return door.url_map.bind("localhost").build(rule.endpoint, values, method=method)


def token_of(page: TestResponse) -> str:
    """The anti-forgery token of a page, from its form or, where it has none, from its body."""
    found = re.search(r'(?:name="csrf_token" value|data-csrf)="([^"]+)"', page.text)
    assert found, "the page carries no anti-forgery token"
    return found[1]


def name_of_our_own(name: str) -> str:
    """The processes of a run share a server: two of them may want a database for the same."""
    return f"{name}_{uuid.uuid4().hex[:12]}"


@contextmanager
def installation(server: EmbeddedPostgres, template_keys: Path, folder: Path, name: str) -> Iterator[Service]:
    """A whole installation in a database of this process alone, for the tests that share it."""
    shutil.copytree(template_keys, folder / "keys")
    database = copy_database(server, TEMPLATE, name_of_our_own(name))
    yield build_service(read_settings(data=folder, rate_limit_storage=COUNTED_AFRESH), database)
    database.engine.dispose()


@pytest.fixture(scope="session")
def standing_service(
    postgres: EmbeddedPostgres, template_keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """One installation for all tests that only read, or that add what no other test looks at: much quicker."""
    with installation(postgres, template_keys, tmp_path_factory.mktemp("standing"), "standing") as service:
        yield service


@pytest.fixture(scope="session")
def desk(standing_service: Service) -> Flask:
    return create_desk(standing_service)


@pytest.fixture(scope="session")
def office(standing_service: Service) -> Flask:
    return create_office(standing_service)


@pytest.fixture
def browser(service: Service) -> Browser:
    """Nobody signed in yet."""
    return Browser(Client(doors_of(service)), demo_password(service.settings.keys))


@pytest.fixture
def employer(browser: Browser) -> Browser:
    """The legal representative of ALFA at the desk."""
    assert browser.sign_in("datore").status_code == 303
    return browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """A real browser: while it runs, nothing else in this process may run an event loop, so a file starts its own."""
    with launched_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(standing_service: Service) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, doors_of(standing_service), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def window(chromium: Chromium, address: str) -> Iterator[tuple[Page, list[str]]]:
    """One window for the tests of a file, as opening one costs more than most of them, and what it complains about."""
    context = chromium.new_context(base_url=address, locale="it-IT")
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda asked: complaints.append(asked.url) if not _ours(asked.url, address) else None)
    yield opened, complaints
    context.close()


@pytest.fixture
def page(window: tuple[Page, list[str]]) -> Iterator[Page]:
    """A window without cookies that fails the test when it complains or asks another host for anything."""
    opened, complaints = window
    opened.goto("about:blank")  # the page of the test before would go on asking, signed in no more
    complaints.clear()
    opened.context.clear_cookies()
    opened.set_viewport_size({"width": WIDE, "height": 720})
    yield opened
    assert [each for each in complaints if "404 (NOT FOUND)" not in each] == []


def _ours(url: str, address: str) -> bool:
    return url.startswith((address, "data:"))


FILLED = "template_of_office_tests"
CODE = "SAR20-PROVA-1"


@dataclass(frozen=True)
class Office:
    """The installation with its three cases in the order of their numbers; ``altered`` came back as a scan."""

    service: Service
    first: uuid.UUID
    altered: uuid.UUID
    third: uuid.UUID

    @property
    def year(self) -> int:
        """The year of the three numbers."""
        with self.service.transaction() as session:
            return session.scalars(select(Submission.year).limit(1)).one()

    def browser(self, username: str | None = None, *, office: bool = True) -> Browser:
        browser = Browser(Client(doors_of(self.service)), demo_password(self.service.settings.keys))
        if username:
            assert browser.sign_in(username, office=office).status_code == 303
        return browser


@pytest.fixture(scope="session")
def filled_office(
    run_folder: Path, postgres: EmbeddedPostgres, template_keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, tuple[uuid.UUID, ...]]:
    """A folder with keys and documents that belong to the database ``FILLED``, and the three cases in it."""
    made = made_once(run_folder, "office", partial(make_office, postgres, template_keys))
    folder = tmp_path_factory.mktemp("office") / "data"
    shutil.copytree(made, folder)
    return folder, tuple(map(uuid.UUID, json.loads((folder / "cases.json").read_text())))


def make_office(server: EmbeddedPostgres, template_keys: Path, folder: Path) -> None:
    let_the_day_end()
    shutil.copytree(template_keys, folder / "keys")
    database = copy_database(server, TEMPLATE, FILLED)
    service = build_service(read_settings(data=folder, rate_limit_storage=COUNTED_AFRESH), database)
    cases = (
        register_case(service, "ALFA SRL", "Forno di via Sonnino"),
        register_case(service, "BETA SNC", "Laboratorio di Quartu", altered=True),
        register_case(service, "ALFA SRL", "Forno di Pirri"),
    )
    database.engine.dispose()
    (folder / "cases.json").write_text(json.dumps([str(case) for case in cases]))


@pytest.fixture
def office_cases(postgres: EmbeddedPostgres, filled_office: tuple[Path, tuple[uuid.UUID, ...]]) -> Iterator[Office]:
    folder, cases = filled_office
    name = name_of_our_own("office")
    database = copy_database(postgres, FILLED, name)
    yield Office(build_service(read_settings(data=folder, rate_limit_storage=COUNTED_AFRESH), database), *cases)
    database.engine.dispose()
    with superuser(postgres) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def standing_office(postgres: EmbeddedPostgres, filled_office: tuple[Path, tuple[uuid.UUID, ...]]) -> Iterator[Office]:
    """One office for all tests that change nothing in it: much quicker."""
    folder, cases = filled_office
    database = copy_database(postgres, FILLED, name_of_our_own("standing_office"))
    yield Office(build_service(read_settings(data=folder, rate_limit_storage=COUNTED_AFRESH), database), *cases)
    database.engine.dispose()
