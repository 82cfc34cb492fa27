"""The *ricevuto* receipt of what came on paper or by certified mail: owed with the arrival, made by a worker.

To print and hand over at the counter, or to send with the answer. A note of receipt is no communication to register
(DPR 445/2000, art. 53 c. 5); it says that a document came, when and how (L. 241/1990, art. 18-bis).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.arrivals.models import Arrival, ArrivalChannel, ArrivalDocument, ArrivalReceipt
from intake.queue import MAKE_ARRIVAL_RECEIPT, enqueue
from intake.sealing import seal_paper
from intake.service import Service
from intake.typesetting.receipts import ArrivedFacts, ReceiptFile, typeset_arrived_receipt
from intake.typesetting.rehearsal import rehearsal_mark

_WAYS = {
    ArrivalChannel.LETTER: "raccomandata",
    ArrivalChannel.COUNTER: "consegna allo sportello",
    ArrivalChannel.PEC: "posta elettronica certificata",
    ArrivalChannel.EMERGENCY: "registro di emergenza",
}


def owe_arrival_receipt(
    session: Session, arrival: Arrival, documents: Sequence[ArrivalDocument], *, at: datetime
) -> ArrivalReceipt:
    """Writes down what the receipt will say, as it is now, and asks for it. ``documents``: those that came just now."""
    facts = {
        "kept_at": at.isoformat(),
        "arrived_at": arrival.arrived_at.isoformat(),
        "posted_on": arrival.posted_on.isoformat() if arrival.posted_on else None,
        "letter_number": arrival.letter_number or "",
        "sender": " · ".join(filter(None, (arrival.sender_name, (arrival.sender or {}).get("address")))),
        "files": [
            {"name": each.name, "size": each.size, "sha256": each.sha256, "media_type": each.media_type}
            for each in documents
        ],
    }
    receipt = ArrivalReceipt(id=uuid.uuid4(), arrival_id=arrival.id, facts=facts, created_at=at)
    session.add(receipt)
    session.flush()
    enqueue(session, MAKE_ARRIVAL_RECEIPT, receipt_id=str(receipt.id))
    return receipt


def receipts_of_arrival(session: Session, arrival: Arrival) -> list[ArrivalReceipt]:
    """The receipts owed and made for an arrival, the oldest first: one each time that files came."""
    wanted = select(ArrivalReceipt).where(ArrivalReceipt.arrival_id == arrival.id)
    return list(session.scalars(wanted.order_by(ArrivalReceipt.created_at, ArrivalReceipt.id)))


def make_arrival_receipt(service: Service, receipt_id: uuid.UUID) -> None:
    """Typesets, seals and keeps one receipt; one already made is left alone, one of a rehearsal wiped since is nobody's."""
    with service.transaction() as session:
        receipt = session.get(ArrivalReceipt, receipt_id, with_for_update=True)
        if receipt is None or receipt.pdf_sha256:
            return
        arrival = session.get_one(Arrival, receipt.arrival_id)
        facts, at = _facts(service, arrival, receipt.facts), service.clock()
        sealed = seal_paper(
            service,
            typeset_arrived_receipt(facts),
            arrival.edition.register_code,
            reason="Ricevuta rilasciata dall'ufficio protocollo",
            name=facts.administration,
            at=at,
        )
        receipt.pdf_sha256, receipt.made_at = service.store.put(sealed), at


def _facts(service: Service, arrival: Arrival, owed: dict[str, Any]) -> ArrivedFacts:
    pack, kept_at = service.pack_of(arrival.edition), datetime.fromisoformat(owed["kept_at"])
    return ArrivedFacts(
        administration=pack.administration.name,
        office=pack.administration.office,
        notice_title=pack.title,
        way=_WAYS[arrival.channel],
        arrived_at=datetime.fromisoformat(owed["arrived_at"]),
        kept_at=kept_at,
        sender=owed["sender"],
        letter_number=owed["letter_number"],
        posted_on=date.fromisoformat(owed["posted_on"]) if owed["posted_on"] else None,
        files=tuple(ReceiptFile(**file) for file in owed["files"]),
        rehearsal=rehearsal_mark(arrival.edition, kept_at),
    )
