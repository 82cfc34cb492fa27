"""From a kept message to the protocol desk: read in a process of its own, receipts filed, everything else an arrival."""

from __future__ import annotations

import uuid
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.arrivals.models import Arrival, ArrivalChannel, ArrivalDocument, ArrivalState, Recognition
from intake.arrivals.moves import move_arrival
from intake.arrivals.receipt import owe_arrival_receipt
from intake.arrivals.receiving import Scan, document_of
from intake.certified_mail.models import MailMessage, MailState
from intake.certified_mail.reading import MailKind, MailToRead, ReadMail, read_head, read_mail
from intake.certified_mail.remarks import REMARKS
from intake.checks.apart import ApartFailed, run_apart
from intake.errors import NotFound
from intake.notices.models import NoticeEdition
from intake.people.models import Person
from intake.queue import RECOGNISE_ARRIVAL, enqueue
from intake.service import Service

NO_SUBJECT = "(senza oggetto)"
_MEDIA_TYPE = "message/rfc822"

log = structlog.get_logger()


def read_kept_mail(service: Service, mail_id: uuid.UUID) -> None:
    """Reads one message and files it, or brings it to the desk; done again, it does nothing more."""
    with service.transaction() as session:
        mail = session.get(MailMessage, mail_id)
        if mail is None or mail.state is not MailState.KEPT:
            return
    read = _read(service, mail)
    arrival_id = uuid.uuid4()
    at = service.clock()
    documents = _documents(service, arrival_id, mail, read, at) if read.kind is not MailKind.RECEIPT else []
    with service.transaction() as session:
        mail = session.get_one(MailMessage, mail_id, with_for_update=True, populate_existing=True)
        if mail.state is not MailState.KEPT:
            return
        read = _with_recipient_compared(service, session, mail, read)
        read = _with_instant_told(mail, _with_same_identifier(session, mail, read))
        mail.message_id, mail.reference = read.message_id or None, read.reference or None
        mail.reading, mail.read_at = _reading_json(read), at
        if read.kind is MailKind.RECEIPT:
            mail.state = MailState.RECEIPT
        else:
            _bring(session, mail, arrival_id, documents, person=None, at=at)


def bring_to_desk(
    session: Session, person: Person, edition: NoticeEdition, mail_id: uuid.UUID, *, at: datetime
) -> Arrival:
    """Makes an arrival of a message that was filed as a receipt, where a person sees more in it. Raises ``NotFound``."""
    mail = session.get(MailMessage, mail_id, with_for_update=True)
    if mail is None or mail.edition_id != edition.id or mail.state is not MailState.RECEIPT:
        raise NotFound
    arrival_id = uuid.uuid4()
    message = _message_document(arrival_id, mail, at)
    return _bring(session, mail, arrival_id, [message], person=person, at=at)


def _read(service: Service, mail: MailMessage) -> ReadMail:
    data, settings = service.store.get(mail.sha256), service.settings
    given = MailToRead(data, settings.trust_folder, service.clock(), settings.largest_message)
    try:
        return run_apart(read_mail, given, lambda *_: None, seconds=settings.check_seconds)
    except ApartFailed as failure:
        log.warning("mail_not_read", mail=str(mail.id), reason=failure.reason)
        return read_head(data, "mail.unreadable")


def _with_same_identifier(session: Session, mail: MailMessage, read: ReadMail) -> ReadMail:
    if not read.message_id:
        return read
    other = session.scalar(
        select(MailMessage.id).where(
            MailMessage.edition_id == mail.edition_id,
            MailMessage.message_id == read.message_id,
            MailMessage.id != mail.id,
        )
    )
    return replace(read, remarks=(*read.remarks, REMARKS["mail.same_message_id"])) if other else read


def _with_recipient_compared(service: Service, session: Session, mail: MailMessage, read: ReadMail) -> ReadMail:
    """An envelope uploaded by hand proves when it was delivered to whom it names: to others, no instant of ours.

    Every box under the domain of the administration's is its own, and so is the one that is collected, wherever it is.
    """
    if mail.delivered_at is not None or read.certified_at is None or read.daticert is None:
        return read
    edition = session.get_one(NoticeEdition, mail.edition_id)
    own = _domain(service.pack_of(edition).administration.pec)
    box = service.settings.mail_user.strip().casefold()
    recipients = [each.strip().casefold() for each in read.daticert.recipients]
    if any(_domain(each) == own for each in recipients) or ("@" in box and box in recipients):
        return read
    return replace(read, certified_at=None, remarks=(*read.remarks, REMARKS["mail.other_recipient"]))


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip().casefold()


def _with_instant_told(mail: MailMessage, read: ReadMail) -> ReadMail:
    """Told only where the instant counts: of a receipt it does not, and of what came from the box our provider says it."""
    if mail.delivered_at is not None or read.certified_at is not None or read.kind is MailKind.RECEIPT:
        return read
    return replace(read, remarks=(*read.remarks, REMARKS["mail.instant_not_certified"]))


def _bring(
    session: Session,
    mail: MailMessage,
    arrival_id: uuid.UUID,
    documents: list[ArrivalDocument],
    *,
    person: Person | None,
    at: datetime,
) -> Arrival:
    reading = mail.reading or {}
    sender = {"kind": "company", "name": reading["sender_name"] or reading["sender"], "address": reading["sender"]}
    arrival = Arrival(
        id=arrival_id,
        edition_id=mail.edition_id,
        channel=ArrivalChannel.PEC,
        state=ArrivalState.RECEIVED,
        arrived_at=_arrival_instant(mail, reading),
        sender=sender,
        subject=reading["subject"] or NO_SUBJECT,
        entered_at=at,
        entered_by=person.id if person else None,
        recognition=Recognition.WAITING,
    )
    session.add(arrival)
    session.flush()
    session.add_all(documents)
    move_arrival(session, arrival, "received", person=person, at=at, files=len(documents))
    owe_arrival_receipt(session, arrival, documents, at=at)
    mail.state, mail.arrival_id = MailState.ARRIVAL, arrival.id
    enqueue(session, RECOGNISE_ARRIVAL, arrival_id=str(arrival.id))
    session.flush()
    return arrival


def _arrival_instant(mail: MailMessage, reading: dict[str, Any]) -> datetime:
    """When our provider delivered it; for a message uploaded by hand what the seal attests, never after it came here."""
    stated = reading["certified_at"]
    certified = datetime.fromisoformat(stated) if stated else mail.received_at
    return min(mail.delivered_at or certified, mail.received_at)


def _documents(
    service: Service, arrival_id: uuid.UUID, mail: MailMessage, read: ReadMail, at: datetime
) -> list[ArrivalDocument]:
    files = [
        document_of(service, arrival_id, place, Scan(file.name, file.data), at=at)
        for place, file in enumerate(read.files, 2)
    ]
    return [_message_document(arrival_id, mail, at), *files]


def _message_document(arrival_id: uuid.UUID, mail: MailMessage, at: datetime) -> ArrivalDocument:
    return ArrivalDocument(
        arrival_id=arrival_id,
        position=1,
        name=mail.name,
        sha256=mail.sha256,
        size=mail.size,
        media_type=_MEDIA_TYPE,
        received_at=at,
    )


def _reading_json(read: ReadMail) -> dict[str, Any]:
    return {
        "kind": read.kind.value,
        "receipt_kind": read.receipt_kind,
        "sender": read.sender,
        "sender_name": read.sender_name,
        "recipients": read.recipients,
        "subject": read.subject,
        "text": read.text,
        "certified_at": read.certified_at.isoformat() if read.certified_at else None,
        "seal": {"state": read.seal.state.value, "signer": read.seal.signer},
        "provider": read.daticert.provider if read.daticert else "",
        "error": read.daticert.error_detail if read.daticert else "",
        "remarks": [asdict(each) for each in read.remarks],
    }
