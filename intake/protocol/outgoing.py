"""What the office sends: every formal communication is kept, registered as outgoing, and carries its segnatura.

Received is answered with received: the two receipts of an application are no communication of their own. They attest a
registration that stands in the register with the same number, so a number for each would only register the register
(DPR 445/2000, art. 53 c. 5 leaves notes of receipt out).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from intake.notices.models import NoticeEdition
from intake.protocol.heads import kept_head
from intake.protocol.segnatura import segnatura_xml
from intake.service import Service
from protocol_register.entries import Channel, Direction, Document, Entry, NewEntry, Party
from protocol_register.registration import register_document
from protocol_register.search import classifications_of, entry_of, register_of
from protocol_register.segnatura import Reference, filing_code, identifier_of


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file that goes out."""

    name: str
    content: bytes
    media_type: str = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Communication:
    """A formal communication. ``answers``: year and number of the registration of ours that it answers, if any."""

    subject: str
    recipients: tuple[Party, ...]
    main: OutgoingFile
    attachments: tuple[OutgoingFile, ...] = ()
    channel: Channel = Channel.ONLINE
    answers: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The registration of what goes out, and the hash under which its segnatura is kept."""

    entry: Entry
    segnatura_sha256: str


def send_registered(
    service: Service, session: Session, edition: NoticeEdition, communication: Communication, *, operator: str
) -> Sent:
    """Keeps the files, registers them as outgoing in the edition's register, and writes the segnatura.

    ``operator``: who sends, as the register names people. The register's head stays locked until the caller commits:
    call it last. Raises what ``register_document`` raises, ``KeyUnreadable``, ``KeyMissing``, ``UnknownEntry``.
    """
    code = edition.register_code
    main, *attachments = _kept(service, (communication.main, *communication.attachments))
    reference = _reference(session, code, communication.answers)
    entry = register_document(
        session.connection(),
        code,
        NewEntry(
            direction=Direction.OUT,
            channel=communication.channel,
            subject=communication.subject,
            operator=operator,
            recipients=communication.recipients,
            document=main,
            attachments=tuple(attachments),
        ),
        key=service.keys.register_key(code),
        known=kept_head(service, code),
    )
    segnatura = segnatura_xml(service, session, edition, entry, at=entry.instant, reference=reference)
    if segnatura is None:
        raise LookupError(f"{entry.shown_number}/{entry.year} was registered without its document")
    return Sent(entry, service.store.put(segnatura))


def _kept(service: Service, files: Sequence[OutgoingFile]) -> list[Document]:
    return [
        Document(
            name=file.name,
            sha256=service.store.put(file.content),
            size=len(file.content),
            media_type=file.media_type,
        )
        for file in files
    ]


def _reference(session: Session, code: str, answers: tuple[int, int] | None) -> Reference | None:
    if answers is None:
        return None
    connection = session.connection()
    year, number = answers
    answered = entry_of(connection, code, year, number)
    history = classifications_of(connection, code, year, number)
    return Reference(
        identifier=identifier_of(register_of(connection, code), answered),
        subject=answered.subject,
        classification=filing_code(history[-1] if history else None),
    )
