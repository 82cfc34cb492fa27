"""A whole service on a fresh database, both doors, and people of every role. Everybody is synthetic."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client

from intake.database import Database, open_database
from intake.embedded_postgres import APPLICATION
from intake.migrations import migrate
from intake.notices.models import NoticeEdition
from intake.people.accounts import add_person, ensure_employer, give_mandate
from intake.people.models import Capacity, Role
from intake.service import Service, build_service
from intake.settings import Settings, read_settings
from intake.web.desk import create_desk
from intake.web.office import create_office
from intake.web.server import build_wsgi

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
PASSWORD = "cavallo batteria graffetta"
PEOPLE = (
    ("mario", "RSSMRA80A01B354W", "Mario", "Rossi", Role.FILER),
    ("anna", "BNCNNA75C41B354A", "Anna", "Bianchi", Role.FILER),
    ("cpi", "NREPLA70E20B354M", "Paolo", "Neri", Role.CPI_OPERATOR),
    ("protocol", "MRULSN85H50B354A", "Alessandra", "Mura", Role.PROTOCOL_OFFICE),
    ("officer", "VRDLCU82D15B354E", "Luca", "Verdi", Role.OFFICER),
    ("director", "SNNGPP60L15B354U", "Giuseppe", "Sanna", Role.DIRECTOR),
    ("general", "PRSLNE65B43B354Q", "Elena", "Piras", Role.DIRECTOR_GENERAL),
    ("admin", "LAIMRC77M09B354A", "Marco", "Lai", Role.ADMINISTRATOR),
    ("auditor", "SRRLRI80S52B354X", "Ilaria", "Serra", Role.AUDITOR),
)


@pytest.fixture(scope="session")
def web_database() -> Iterator[tuple[Settings, Database]]:
    """Not under pytest's own folder: that one keeps the database's system user out."""
    folder = Path(tempfile.mkdtemp(prefix="sportello-web-"))
    folder.chmod(0o755)
    settings = read_settings(data=folder)
    with open_database(settings) as database:
        with database.owner_engine() as owner:
            migrate(owner, APPLICATION)
        yield settings, database
        database.engine.dispose()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def service(web_database: tuple[Settings, Database]) -> Service:
    """One service for all these tests: what was stored is only ever added to, so each test makes its own firm."""
    made = build_service(*web_database, clock=lambda: NOW)
    _fill(made)
    return made


def _fill(service: Service) -> None:
    with service.transaction() as session:
        for pack in service.packs.values():
            for kind, code, offset in (
                ("live", pack.register_code, timedelta(0)),
                ("rehearsal", f"{pack.register_code}.P", rehearsal_offset(pack.windows.opens_at.value)),
            ):
                session.add(
                    NoticeEdition(
                        notice_id=pack.id,
                        kind=kind,
                        number=1,
                        clock_offset=offset,
                        register_code=code,
                        pack_digest=pack.digest,
                        loaded_at=NOW,
                    )
                )
        people = {
            name: add_person(
                session,
                username=name,
                tax_code=code,
                given_name=given,
                surname=surname,
                email=f"{name}@example.it",
                roles=(role,),
                at=NOW,
                password=PASSWORD,
            )
            for name, code, given, surname, role in PEOPLE
        }
        alfa = ensure_employer(session, tax_code="12345670785", name="ALFA SRL", at=NOW)
        beta = ensure_employer(session, tax_code="00743110157", name="BETA SNC", at=NOW)
        give_mandate(session, people["mario"], alfa, Capacity.REPRESENTATIVE, at=NOW)
        give_mandate(session, people["anna"], beta, Capacity.REPRESENTATIVE, at=NOW)


def rehearsal_offset(opens_at: datetime) -> timedelta:
    """A rehearsal opened an hour ago."""
    return opens_at.replace(tzinfo=UTC) - NOW + timedelta(hours=3)


@pytest.fixture
def desk(service: Service) -> Flask:
    return create_desk(service)


@pytest.fixture
def office(service: Service) -> Flask:
    return create_office(service)


@pytest.fixture
def browser(service: Service) -> Client:
    """A browser before the whole process, both doors and the files."""
    return Client(build_wsgi(service))
