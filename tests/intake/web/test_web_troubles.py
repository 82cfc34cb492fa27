"""A full disk and a database that restarts: told plainly, nothing damaged, nothing half done (N9, rules 4 and 5)."""

from __future__ import annotations

import errno
import io
import os
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import func, select
from werkzeug.test import Client, TestResponse

from intake.applications.models import Receipt, ReturnedDocument
from intake.database import Database
from intake.people.demonstration import demo_password
from intake.service import Service
from intake.web.server import build_wsgi
from tests.intake.filings import issued
from tests.intake.web.conftest import Browser, token_of

pytestmark = pytest.mark.shared_installation


def kept(service: Service) -> tuple[int | None, int | None]:
    with service.transaction() as session:
        documents = session.scalar(select(func.count()).select_from(ReturnedDocument))
        return documents, session.scalar(select(func.count()).select_from(Receipt))


def upload(browser: Browser, address: str, token: str) -> TestResponse:
    data = {"tipo": "modulo", "file": (io.BytesIO(b"%PDF-1.7 prova"), "domanda.pdf"), "csrf_token": token}
    return browser.client.post(address, data=data)


def test_a_full_disk_refuses_the_upload_and_damages_nothing(
    service: Service, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    application_id, _ = issued(service, by="datore")
    address = f"/domande/{application_id}/documenti"
    assert browser.sign_in("datore").status_code == 303
    token, before = token_of(browser.get("/area")), kept(service)
    fsync = os.fsync

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("intake.durable.os.fsync", full)
    answer = upload(browser, address, token)
    assert answer.status_code == 507
    assert "non ha più spazio" in answer.text
    assert kept(service) == before
    monkeypatch.setattr("intake.durable.os.fsync", fsync)
    assert upload(browser, address, token).status_code == 303
    assert kept(service) == (1, 1)


def test_a_full_disk_of_the_database_is_told_the_same_way(
    service: Service, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert browser.sign_in("datore").status_code == 303

    def full(*_: object, **__: object) -> None:
        raise psycopg.errors.DiskFull("could not extend file: No space left on device")

    monkeypatch.setattr("psycopg.Cursor.execute", full)
    answer = browser.get("/area")
    assert answer.status_code == 507
    assert "non ha più spazio" in answer.text


def test_a_database_that_restarts_is_told_as_a_pause(service: Service) -> None:
    away = service.database.application_url.update_query_dict({"host": "/nonexistent"})
    elsewhere = replace(service, database=Database(away, away))
    client = Client(build_wsgi(elsewhere))
    answer = client.get("/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "si sta riavviando" in answer.text
    assert demo_password(service.settings.keys) not in answer.text


def test_whoever_is_signed_in_is_told_the_same_pause(service: Service, browser: Browser) -> None:
    assert browser.sign_in("datore").status_code == 303
    away = service.database.application_url.update_query_dict({"host": "/nonexistent"})
    held = browser.client.get_cookie("sportello_desk")
    assert held
    client = Client(build_wsgi(replace(service, database=Database(away, away))))
    client.set_cookie(held.key, held.value)
    answer = client.get("/area")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "si sta riavviando" in answer.text


def test_a_connection_lost_at_the_commit_is_told_as_a_pause_and_leaves_nothing(
    service: Service, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    application_id, _ = issued(service, by="datore")
    assert browser.sign_in("datore").status_code == 303
    token, before = token_of(browser.get("/area")), kept(service)

    def lost(_connection: object) -> None:
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr("psycopg.Connection.commit", lost)
        answer = upload(browser, f"/domande/{application_id}/documenti", token)
    assert answer.status_code == 503
    assert kept(service) == before
