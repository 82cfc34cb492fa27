"""S13: what the office sends is registered as outgoing, with its segnatura; the receipt carries the one of what came in."""

from __future__ import annotations

import hashlib
import io
import uuid

import pikepdf
import pytest
from sqlalchemy import select

from intake.applications.models import Receipt, ReceiptKind, Submission
from intake.applications.receipts import make_receipt
from intake.protocol.outgoing import Communication, OutgoingFile, send_registered
from intake.receipt_check import check_receipt
from intake.service import Service
from protocol_register.entries import Direction, Party, PartyKind
from protocol_register.errors import InvalidEntry, UnknownEntry
from protocol_register.segnatura_reading import read_segnatura
from protocol_register.verification import verify_register
from tests.intake.applications_made import rehearsal_of
from tests.intake.filings import SARDEGNA, checked, issued, sent

pytestmark = pytest.mark.shared_installation


def transmitted(service: Service) -> uuid.UUID:
    """An application registered in the rehearsal, of a unit of its own."""
    application_id, _ = issued(service, unit=f"Unità {uuid.uuid4().hex}")
    checked(service, application_id)
    sent(service, application_id)
    return application_id


FIRM = Party(kind=PartyKind.COMPANY, name="ALFA SRL", tax_code="00000000000")
LETTER = OutgoingFile("richiesta.pdf", b"%PDF-1.7 richiesta di integrazione")


def test_s13_an_answer_is_registered_outgoing_and_names_what_it_answers(service: Service) -> None:
    application_id = transmitted(service)
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
        submission = session.get_one(Submission, application_id)
        message = Communication(
            subject="Richiesta di integrazione",
            recipients=(FIRM,),
            main=LETTER,
            attachments=(OutgoingFile("elenco.csv", b"a;b", "text/csv"),),
            answers=(submission.year, submission.number),
        )
        letter = send_registered(service, session, edition, message, operator="office:1")
    assert letter.entry.direction is Direction.OUT
    assert letter.entry.number == submission.number + 1
    assert letter.entry.recipients == (FIRM,)
    assert letter.entry.document is not None
    assert service.store.get(letter.entry.document.sha256) == LETTER.content
    found = read_segnatura(service.store.get(letter.segnatura_sha256))
    assert found.identifier.number == letter.entry.shown_number
    assert found.reference is not None
    assert found.reference.identifier.number == submission.number_shown
    assert [each.correspondent.name for each in found.recipients] == ["ALFA SRL"]
    assert found.document is not None
    assert found.document.digest == hashlib.sha256(LETTER.content).digest()
    assert [each.name for each in found.attachments] == ["elenco.csv"]
    with service.database.engine.begin() as connection:
        assert verify_register(connection, edition.register_code).holds


@pytest.mark.parametrize(
    ("recipients", "answers", "refusal"), [((), None, InvalidEntry), ((FIRM,), (2020, 999), UnknownEntry)]
)
def test_s13_what_has_no_recipient_or_answers_nothing_takes_no_number(
    service: Service, recipients: tuple[Party, ...], answers: tuple[int, int] | None, refusal: type[Exception]
) -> None:
    message = Communication(subject="Comunicazione", recipients=recipients, main=LETTER, answers=answers)
    with service.transaction() as session, pytest.raises(refusal):
        send_registered(service, session, rehearsal_of(session, SARDEGNA), message, operator="office:1")


def test_c6_the_receipt_carries_the_segnatura_of_its_registration(service: Service) -> None:
    application_id = transmitted(service)
    with service.transaction() as session:
        receipt = session.scalars(
            select(Receipt).where(Receipt.application_id == application_id, Receipt.kind == ReceiptKind.REGISTERED)
        ).one()
        submission = session.get_one(Submission, application_id)
    make_receipt(service, receipt.id)
    with service.transaction() as session:
        pdf = service.store.get(session.get_one(Receipt, receipt.id).pdf_sha256 or "")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        xml = document.attachments["Segnatura.xml"].get_file().read_bytes()
    found = read_segnatura(xml)
    assert (found.identifier.number, found.identifier.register) == (
        submission.number_shown,
        submission.register_code,
    )
    assert found.sender.name == "ALFA SRL"
    assert check_receipt(pdf, at=service.clock()).holds
