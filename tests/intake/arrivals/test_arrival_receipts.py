"""What came by letter, at the counter or by certified mail has its sealed *ricevuto* receipt (N3, T3, S13)."""

from __future__ import annotations

import hashlib
import io
import json
import uuid
from datetime import date, timedelta

import pikepdf
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from intake.arrivals.models import Arrival, ArrivalChannel, ArrivalReceipt
from intake.arrivals.receipt import make_arrival_receipt, receipts_of_arrival
from intake.arrivals.receiving import Scan, add_scans
from intake.certified_mail.desk import read_kept_mail
from intake.receipt_check import check_receipt
from intake.service import Service
from intake.typesetting.receipts import RECEIPT_ATTACHMENT
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.arrivals.paper_desk import arrive
from tests.intake.certified_mail.certified_messages import envelope, original
from tests.intake.certified_mail.test_mail_collection import kept
from tests.intake.filings import SARDEGNA

pytestmark = pytest.mark.shared_installation


def receipts(service: Service, arrival_id: uuid.UUID) -> list[ArrivalReceipt]:
    with service.transaction() as session:
        return receipts_of_arrival(session, session.get_one(Arrival, arrival_id))


def facts_of(service: Service, receipt_id: uuid.UUID) -> dict[str, object]:
    make_arrival_receipt(service, receipt_id)
    with service.transaction() as session:
        pdf = service.store.get(session.get_one(ArrivalReceipt, receipt_id).pdf_sha256)
    check = check_receipt(pdf, at=service.clock())
    assert check.holds
    assert any("arrivato all'ufficio" in line.sentence for line in check.lines), check.lines
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return json.loads(document.attachments[RECEIPT_ATTACHMENT].get_file().read_bytes())


def test_n3_a_letter_s_receipt_says_when_how_and_which_bytes_and_is_made_once(service: Service) -> None:
    arrived = service.clock() - timedelta(hours=2)
    arrival_id = arrive(
        service, b"prima pagina", arrived_at=arrived, letter_number="152345678901", posted_on=date(2020, 4, 6)
    )
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        add_scans(service, session, protocol, edition, arrival_id, [Scan("b.pdf", b"seconda")], at=service.clock())
    first, second = receipts(service, arrival_id)
    said = facts_of(service, first.id)
    assert (said["kind"], said["arrived_at"], said["posted_on"]) == ("arrived", arrived.isoformat(), "2020-04-06")
    assert (said["way"], said["letter_number"]) == ("raccomandata", "152345678901")
    assert [each["sha256"] for each in said["files"]] == [hashlib.sha256(b"prima pagina").hexdigest()]
    assert "number" not in said, "it is no registration"
    made = receipts(service, arrival_id)[0]
    make_arrival_receipt(service, first.id)
    assert receipts(service, arrival_id)[0].pdf_sha256 == made.pdf_sha256
    with service.transaction() as session:
        assert [each["name"] for each in session.get_one(ArrivalReceipt, second.id).facts["files"]] == ["b.pdf"]


def test_s13_a_certified_message_has_its_receipt_too(service: Service) -> None:
    read_kept_mail(service, kept(service, envelope(original(("domanda.pdf", b"%PDF-1.7")))))
    with service.transaction() as session:
        arrival = session.scalars(select(Arrival).where(Arrival.channel == ArrivalChannel.PEC)).one()
    (owed,) = receipts(service, arrival.id)
    said = facts_of(service, owed.id)
    assert said["way"] == "posta elettronica certificata"
    assert len(said["files"]) == 2, "the message and its attachment"
    assert arrival.sender["address"] in said["sender"]


def test_n3_what_a_receipt_says_can_be_changed_by_nobody(service: Service) -> None:
    arrival_id = arrive(service, b"lettera")
    with pytest.raises(DBAPIError, match="permission denied"), service.transaction() as session:
        session.execute(update(ArrivalReceipt).where(ArrivalReceipt.arrival_id == arrival_id).values(facts={}))
