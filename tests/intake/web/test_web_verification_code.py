"""Who holds a receipt asks the register of today: still there, annulled or gone, with the proof to take away (N2, C6)."""

from __future__ import annotations

import io
import json
import re

import pikepdf
import psycopg
import pytest
from werkzeug.test import Client

from intake.applications.models import ReceiptKind
from intake.embedded_postgres import SUPERUSER, EmbeddedPostgres
from intake.receipt_check import check_receipt
from intake.service import Service
from intake.web.desk import create_desk
from intake.web.frame import limits
from protocol_register.facts import entry_from_facts
from protocol_register.verification_code import verification_code
from tests.intake.web.conftest import CODE, Browser, Office, token_of
from tests.intake.web.test_web_verification import receipt, verify

CONTAINED = "Il registro contiene questa registrazione, immutata"


def ask(office: Office, code: str, place: str = "/verifica/codice"):
    browser = office.browser()
    return browser.client.post(place, data={"csrf_token": token_of(browser.get("/verifica")), "codice": code})


def code_of(pdf: bytes) -> str:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        facts = json.loads(document.attachments["registro.json"].get_file().read_bytes())
    return verification_code(entry_from_facts(facts["entry"])) or ""


def test_n2_the_code_printed_on_a_receipt_tells_how_the_registration_stands_and_gives_its_proof(
    office_cases: Office,
) -> None:
    pdf = receipt(office_cases, ReceiptKind.REGISTERED)
    code = code_of(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert json.loads(document.attachments["ricevuta.json"].get_file().read_bytes())["verification_code"] == code
    answer = ask(office_cases, code)
    assert answer.status_code == 200
    assert CONTAINED in answer.text
    assert f"0000001/{office_cases.year}" in answer.text
    assert "È la ricevuta di una prova" in answer.text
    assert "ALFA" not in answer.text
    assert CONTAINED in verify(office_cases, pdf)

    proof = ask(office_cases, code, "/verifica/prova")
    assert proof.headers["Content-Disposition"].startswith("attachment")
    key = office_cases.service.keys.register_key(CODE).public.hex()
    checked = check_receipt(pdf, at=office_cases.service.clock(), register_key=key, newer_checkpoint=proof.text)
    assert [line.outcome for line in checked.lines if line.code in {"newer", "growth"}] == ["holds", "holds"]


def test_c6_the_receipt_of_an_annulled_registration_says_that_it_is_annulled(office_cases: Office) -> None:
    pdf = receipt(office_cases, ReceiptKind.REGISTERED)
    page = f"/ufficio/registro/{CODE}/{office_cases.year}/1/annullamento"
    protocol = office_cases.browser("protocollo")
    assert protocol.post(page, {"act": "Det. 1", "reason": "Doppia"}, page=page[:-13]).status_code == 303
    for shown in (ask(office_cases, code_of(pdf)).text, verify(office_cases, pdf)):
        assert "Questa registrazione è stata annullata il" in shown
        assert CONTAINED not in shown
        assert "Doppia" not in shown


def test_n2_a_register_without_its_newest_head_is_told_and_the_receipt_verified_all_the_same(
    office_cases: Office, postgres: EmbeddedPostgres
) -> None:
    pdf = receipt(office_cases, ReceiptKind.REGISTERED)
    code = code_of(pdf)
    url = postgres.url(SUPERUSER, office_cases.service.database.engine.url.database).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "DELETE FROM protocol_register.checkpoint WHERE size = (SELECT max(size) FROM protocol_register.checkpoint)"
        )
    damaged = "Il registro di oggi non contiene più questa registrazione come era"
    assert damaged in ask(office_cases, code).text
    assert damaged in (shown := verify(office_cases, pdf))
    assert "La ricevuta è" in shown
    assert ask(office_cases, code, "/verifica/prova").status_code == 404


@pytest.mark.parametrize("address", ["/verifica/codice", "/verifica/prova"])
def test_n9_no_stranger_tries_codes_without_end(
    standing_service: Service, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(limits, "PER_STRANGER", "2 per 15 minutes")
    browser = Browser(Client(create_desk(standing_service)), "")
    sent = {"csrf_token": token_of(browser.get("/verifica")), "codice": "inventato"}
    answers = [browser.client.post(address, data=sent) for _ in range(3)]
    assert [answer.status_code for answer in answers][1:] == [{"codice": 422, "prova": 404}[address[10:]], 429]
    assert "molti codici" in answers[2].text
    assert "password" not in answers[2].text[answers[2].text.index("<main") :]


def test_n2_a_code_that_is_of_no_registration_says_no_more_than_that(office_cases: Office) -> None:
    code = code_of(receipt(office_cases, ReceiptKind.REGISTERED))
    guessed = re.sub(r"[^/]*$", "AAAA-AAAA-AAAA-AAAA-AAAA", code)
    absent = guessed.replace("0000001", "0999999")
    for wrong in (guessed, absent, "", "x" * 5000, "\0"):
        answer = ask(office_cases, wrong)
        assert answer.status_code == 422
        assert "Nessuna registrazione ha questo codice" in answer.text
        assert ask(office_cases, wrong, "/verifica/prova").status_code == 404
