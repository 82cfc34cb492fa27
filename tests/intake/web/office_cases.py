"""An office with three registered cases, made once and copied for each test. Everybody is synthetic."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.test import Client

from intake.database import Database
from intake.embedded_postgres import APPLICATION, OWNER, EmbeddedPostgres
from intake.people.demonstration import demo_password
from intake.service import Service, build_service
from intake.settings import read_settings
from intake.web.server import build_wsgi
from tests.conftest import TEMPLATE, superuser
from tests.intake.web.conftest import Browser
from tests.intake.web.registered_cases import register_case

FILLED = "template_of_office_tests"
CODE = "SAR20-PROVA-1"


@dataclass(frozen=True)
class Office:
    """The installation with its three cases in the order of their numbers; ``altered`` came back as a scan."""

    service: Service
    first: uuid.UUID
    altered: uuid.UUID
    third: uuid.UUID

    def browser(self, username: str | None = None, *, office: bool = True) -> Browser:
        browser = Browser(Client(build_wsgi(self.service)), demo_password(self.service.settings.keys))
        if username:
            assert browser.sign_in(username, office=office).status_code == 303
        return browser


def _copy(server: EmbeddedPostgres, name: str, template: str) -> Database:
    with superuser(server) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{OWNER}" STRATEGY FILE_COPY')
        connection.execute(f'GRANT CONNECT ON DATABASE "{name}" TO "{APPLICATION}"')
    return Database(server.url(APPLICATION, name), server.url(OWNER, name))


@pytest.fixture(scope="session")
def filled_office(
    postgres: EmbeddedPostgres, template_keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, tuple[uuid.UUID, ...]]:
    folder = tmp_path_factory.mktemp("office")
    shutil.copytree(template_keys, folder / "keys")
    database = _copy(postgres, FILLED, TEMPLATE)
    service = build_service(read_settings(data=folder), database)
    cases = (
        register_case(service, "ALFA SRL", "Forno di via Sonnino"),
        register_case(service, "BETA SNC", "Laboratorio di Quartu", altered=True),
        register_case(service, "ALFA SRL", "Forno di Pirri"),
    )
    database.engine.dispose()
    return folder, cases


@pytest.fixture
def office_cases(postgres: EmbeddedPostgres, filled_office: tuple[Path, tuple[uuid.UUID, ...]]) -> Iterator[Office]:
    folder, cases = filled_office
    name = f"office_{uuid.uuid4().hex[:12]}"
    database = _copy(postgres, name, FILLED)
    yield Office(build_service(read_settings(data=folder), database), *cases)
    database.engine.dispose()
    with superuser(postgres) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
