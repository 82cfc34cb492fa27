"""The public page that verifies a receipt: a true one, a tampered one, a foreign one; and the published keys (N2)."""

from __future__ import annotations

import io
import threading

import pikepdf
import pytest
from sqlalchemy import select

from intake.applications.models import Receipt, ReceiptKind
from intake.cases import receipt_verification
from intake.cases.queue import ReasonCode, take_chosen
from intake.cases.receipt_verification import PublishedKeys, published_keys, verify_receipt
from protocol_register.checkpoint import parse_verifier_key, verify_checkpoint
from tests.intake.applications_made import person_named
from tests.intake.web.conftest import CODE, Office, token_of


def receipt(office: Office, kind: ReceiptKind) -> bytes:
    with office.service.transaction() as session:
        wanted = select(Receipt).where(Receipt.application_id == office.first, Receipt.kind == kind)
        return office.service.store.get(session.scalars(wanted).one().pdf_sha256)


def verify(office: Office, data: bytes) -> str:
    browser = office.browser()
    token = token_of(browser.get("/verifica"))
    sent = {"csrf_token": token, "ricevuta": (io.BytesIO(data), "ricevuta.pdf")}
    return browser.client.post("/verifica", data=sent).text


def test_n2_a_true_receipt_holds_and_shows_the_least(standing_office: Office) -> None:
    page = verify(standing_office, receipt(standing_office, ReceiptKind.REGISTERED))
    assert "La ricevuta è autentica" in page
    assert "0000001" in page
    assert CODE in page
    assert "ALFA" not in page
    assert "01234560108" not in page


def test_n2_a_receipt_of_upload_is_no_registration(standing_office: Office) -> None:
    page = verify(standing_office, receipt(standing_office, ReceiptKind.RECEIVED))
    assert "La ricevuta non è autentica" not in page
    assert "nessuno: è una ricevuta di caricamento" in page


@pytest.mark.parametrize("way", ["byte", "rewritten", "fact"])
def test_n2_a_tampered_receipt_fails(standing_office: Office, way: str) -> None:
    original = receipt(standing_office, ReceiptKind.REGISTERED)
    out = io.BytesIO()
    if way == "byte":
        middle = len(original) // 2
        out.write(original[:middle] + bytes([original[middle] ^ 1]) + original[middle + 1 :])
    else:
        with pikepdf.open(io.BytesIO(original)) as document:
            if way == "fact":
                file = document.attachments["ricevuta.json"].get_file().read_bytes()
                document.attachments["ricevuta.json"] = file.replace(b"0000001", b"0000002")
            document.save(out)
    page = verify(standing_office, out.getvalue())
    assert "La ricevuta è autentica" not in page
    assert "non è autentica, oppure è stata cambiata" in page


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\nhello", b"nothing of ours" * 50])
def test_n2_what_is_no_receipt_fails_with_a_sentence(standing_office: Office, data: bytes) -> None:
    page = verify(standing_office, data)
    assert "Questo file non è una ricevuta del servizio" in page
    assert "è stata cambiata" not in page
    assert "Il file non" in page


def test_n2_a_receipt_of_another_installation_is_not_vouched_for(standing_office: Office) -> None:
    service = standing_office.service
    with service.transaction() as session:
        others = tuple(each for each in published_keys(service, session) if each.code != CODE)
    assert others
    verified = verify_receipt(receipt(standing_office, ReceiptKind.REGISTERED), others, at=service.clock())
    assert verified.keys is None
    assert not verified.check.holds


def test_n2_nothing_chosen_is_said_beside_the_field(standing_office: Office) -> None:
    browser = standing_office.browser()
    sent = browser.client.post("/verifica", data={"csrf_token": token_of(browser.get("/verifica"))})
    assert sent.status_code == 422
    assert "Scelga il PDF della ricevuta." in sent.text


def test_n2_the_published_keys_are_those_of_the_installation(standing_office: Office) -> None:
    service = standing_office.service
    page = standing_office.browser().get("/verifica/chiavi").text
    assert service.keys.seal_key(CODE).fingerprint in page
    assert service.keys.form_public_key(CODE).public_bytes_raw().hex() in page
    assert f"{CODE}/prova+" in page


def test_n2_strangers_files_never_take_every_thread(standing_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipt_verification, "QUEUE_SECONDS", 0.01)
    monkeypatch.setattr(receipt_verification, "_AT_ONCE", threading.BoundedSemaphore(1))
    with receipt_verification._AT_ONCE:
        assert "Riprovi tra un minuto" in verify(standing_office, b"%PDF-1.7")
    assert "non è una ricevuta" in verify(standing_office, b"%PDF-1.7")


def test_n2_anyone_reads_the_head_of_a_register_and_the_cases_out_of_order_without_names(office_cases: Office) -> None:
    service = office_cases.service
    with service.transaction() as session:
        take_chosen(
            session,
            person_named(session, "istruttore"),
            office_cases.third,
            at=service.clock(),
            patience=600,
            reason_code=ReasonCode.COURT_ORDER,
            reason="ordinanza riservata",
        )
    browser = office_cases.browser()
    assert "/registro-pubblico" in browser.get("/verifica").text
    page = browser.get("/registro-pubblico").text
    assert "0000003/" in page
    assert "Lo ordina un giudice" in page
    assert not [word for word in ("ordinanza riservata", "ALFA", "01234560108", "0000001/") if word in page]
    head = browser.get(f"/registro-pubblico/{CODE}/testa")
    assert head.mimetype == "text/plain"
    key = next(each.register_key for each in _keys(office_cases) if each.code == CODE)
    _, public = parse_verifier_key(key or "")
    assert verify_checkpoint(head.text, public).size >= 3
    assert browser.get("/registro-pubblico/INESISTENTE/testa").status_code == 404


def _keys(office: Office) -> tuple[PublishedKeys, ...]:
    with office.service.transaction() as session:
        return published_keys(office.service, session)
