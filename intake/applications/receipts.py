"""The two receipts as sealed PDF: owed in the transaction that they speak of, made by a worker, once or twice alike."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy.orm import Session

from intake.applications.models import Application, Receipt, ReceiptKind
from intake.notices.filing import channel_of
from intake.notices.models import NoticeEdition
from intake.notices.pack import NoticePack
from intake.protocol.segnatura import segnatura_xml
from intake.sealing import seal_paper
from intake.service import Service
from intake.typesetting.finishing import Attachment
from intake.typesetting.receipts import (
    ReceiptFile,
    ReceivedFacts,
    RegisteredFacts,
    typeset_received_receipt,
    typeset_registered_receipt,
)
from intake.typesetting.rehearsal import rehearsal_mark
from protocol_register.entries import Channel
from protocol_register.receipt import receipt_of
from protocol_register.search import entry_of
from protocol_register.segnatura_writing import SEGNATURA_FILE
from protocol_register.verification_code import verification_code

PROOF_ATTACHMENT = "registro.json"
_CHANNELS = {
    Channel.ONLINE: "servizio online",
    Channel.LETTER: "raccomandata",
    Channel.COUNTER: "consegna allo sportello",
    Channel.PEC: "posta elettronica certificata",
    Channel.EMERGENCY: "registro di emergenza",
}
_SOURCES = {
    Channel.ONLINE: "istante di invio preso dal servizio",
    Channel.LETTER: "arrivo della raccomandata all'ufficio protocollo",
    Channel.COUNTER: "consegna allo sportello, annotata dall'ufficio protocollo",
    Channel.PEC: "consegna del messaggio nella casella dell'ufficio",
    Channel.EMERGENCY: "registro di emergenza",
}


def make_receipt(service: Service, receipt_id: uuid.UUID) -> None:
    """Typesets, seals and keeps one receipt; one already made is left alone."""
    with service.transaction() as session:
        receipt = session.get(Receipt, receipt_id, with_for_update=True)
        if receipt is None or receipt.pdf_sha256:
            return
        application = session.get_one(Application, receipt.application_id)
        edition, pack = application.edition, service.pack_of(application.edition)
        at = service.clock()
        if receipt.kind is ReceiptKind.RECEIVED:
            pdf = typeset_received_receipt(_received(receipt.facts, edition, pack))
        else:
            pdf = _registered_pdf(service, session, receipt, application, at)
        sealed = seal_paper(
            service,
            pdf,
            edition.register_code,
            reason="Ricevuta rilasciata dallo sportello",
            name=pack.administration.name,
            at=at,
        )
        receipt.pdf_sha256 = service.store.put(sealed)
        receipt.made_at = at


def _received(facts: dict[str, Any], edition: NoticeEdition, pack: NoticePack) -> ReceivedFacts:
    at = datetime.fromisoformat(facts["received_at"])
    return ReceivedFacts(
        administration=pack.administration.name,
        office=pack.administration.office,
        notice_title=pack.title,
        form=facts["form"],
        applicant=facts["applicant"],
        sent_by=facts["sent_by"],
        received_at=at,
        files=tuple(ReceiptFile(**file) for file in facts["files"]),
        rehearsal=rehearsal_mark(edition, at),
    )


def _registered_pdf(
    service: Service, session: Session, receipt: Receipt, application: Application, at: datetime
) -> bytes:
    """``facts`` of the receipt name its registration where that is not the first one, annulled since."""
    edition, pack = application.edition, service.pack_of(application.edition)
    submission = application.submission
    if submission is None:
        raise LookupError(f"application {application.id} has no submission")
    year, number = receipt.facts.get("year", submission.year), receipt.facts.get("number", submission.number)
    connection, place = session.connection(), (submission.register_code, year, number)
    entry = entry_of(connection, *place)
    if entry.sender is None:
        raise LookupError(f"{entry.register} {entry.shown_number}/{entry.year} has no sender")
    facts = RegisteredFacts(
        administration=pack.administration.name,
        administration_code=pack.administration.code,
        area=pack.administration.office,
        area_code=pack.administration.aoo,
        office=pack.administration.office,
        register=submission.register_code,
        register_name=_register_name(edition),
        number=entry.shown_number,
        year=entry.year,
        registered_at=entry.instant,
        legal_instant=entry.legal_instant,
        legal_instant_source=_source(pack, entry.channel),
        rank_rule=pack.order.rule,
        channel=_CHANNELS[entry.channel],
        sender=entry.sender.name,
        sender_tax_code=entry.sender.tax_code or "–",
        subject=entry.subject,
        form=submission.form,
        files=tuple(_file(document, entry.emergency_number) for document in submission.snapshot["documents"]),
        verify_at=f"{service.settings.address}/verifica",
        verification_code=verification_code(entry) or "–",
        rehearsal=rehearsal_mark(edition, entry.instant),
    )
    proof = rfc8785.dumps(receipt_of(connection, *place))
    attached = [Attachment(PROOF_ATTACHMENT, proof, "La prova che il registro contiene questa registrazione")]
    if segnatura := segnatura_xml(service, session, edition, entry, at=at):
        attached.append(Attachment(SEGNATURA_FILE, segnatura, "La segnatura di protocollo", "application/xml"))
    return typeset_registered_receipt(facts, tuple(attached))


def _file(document: dict[str, Any], emergency_number: str | None) -> ReceiptFile:
    """What was registered on a day of emergency is of paper: its files are scans made and registered afterwards."""
    described = "Modulo firmato" if document["kind"] == "form" else "Allegato"
    return ReceiptFile(
        name=document["name"],
        size=document["size"],
        sha256=document["sha256"],
        media_type="",
        description=f"{described}, scansione fatta dopo" if emergency_number else described,
    )


def _source(pack: NoticePack, channel: Channel) -> str:
    rule = channel_of(pack, "letter") if channel is Channel.LETTER else None
    if rule is not None and rule.legal_instant == "posting_day_end":
        return "giorno di spedizione della raccomandata, contato come il suo ultimo istante"
    return _SOURCES[channel]


def _register_name(edition: NoticeEdition) -> str:
    return "Registro di protocollo di PROVA" if edition.is_rehearsal else "Registro di protocollo"
