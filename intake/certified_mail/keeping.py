"""A message is kept byte for byte before anything is read in it; the same bytes are kept once, however often they come."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from intake.certified_mail.models import MailMessage, MailState
from intake.notices.models import NoticeEdition
from intake.people.models import Person
from intake.queue import READ_MAIL, enqueue
from intake.service import Service
from intake.typed_text import visible


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """A message on its way in; ``box``, ``uid`` and ``delivered_at`` as the mail server says, None for an upload."""

    name: str
    data: bytes
    box: str | None = None
    uid: int | None = None
    delivered_at: datetime | None = None


def keep_mail(
    service: Service,
    session: Session,
    edition: NoticeEdition,
    mail: IncomingMail,
    *,
    person: Person | None,
    at: datetime,
) -> MailMessage:
    """Keeps a message and asks for it to be read; of bytes that came before, only that they came again.

    The bytes are durable when this returns, the row when the caller commits.
    """
    sha256 = service.store.put(mail.data)
    # Two who bring the same bytes at once wait for each other here, and the second one finds the first's.
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"mail:{sha256}"})
    known = session.scalar(
        select(MailMessage.id).where(
            MailMessage.edition_id == edition.id, MailMessage.sha256 == sha256, MailMessage.state != MailState.COPY
        )
    )
    kept = MailMessage(
        id=uuid.uuid4(),
        edition_id=edition.id,
        sha256=sha256,
        size=len(mail.data),
        name=visible(mail.name.replace("\\", "/").rpartition("/")[2])[-200:] or "messaggio.eml",
        box=mail.box,
        uid=mail.uid,
        delivered_at=mail.delivered_at,
        received_at=at,
        received_by=person.id if person else None,
        state=MailState.COPY if known else MailState.KEPT,
    )
    session.add(kept)
    session.flush()
    if not known:
        enqueue(session, READ_MAIL, mail_id=str(kept.id))
    return kept


def first_of(session: Session, copy: MailMessage) -> MailMessage:
    """The message whose bytes ``copy`` repeats; ``copy`` itself where it repeats none."""
    found = session.scalar(
        select(MailMessage).where(
            MailMessage.edition_id == copy.edition_id,
            MailMessage.sha256 == copy.sha256,
            MailMessage.state != MailState.COPY,
        )
    )
    return found or copy
