"""Reading the mailbox by itself: each message kept once, then marked as read; a bad one does not stop the others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from intake.certified_mail.keeping import IncomingMail, keep_mail
from intake.certified_mail.mailbox import MailboxUnavailable, MessageUnavailable, OpenMailbox, open_mailbox
from intake.certified_mail.models import MailBox, MailMessage, MailState
from intake.notices.models import NoticeEdition
from intake.service import Service
from intake.storage import StorageFull

MOST_BROKEN = 5
"""So many messages may break the connection in one round before it is given up until the next."""

log = structlog.get_logger()

OpenBox = Callable[[], AbstractContextManager[OpenMailbox]]


@dataclass(slots=True)
class Round:
    """What one reading of the box came to. ``unreadable``: numbers of messages that the server did not give."""

    kept: int = 0
    copies: int = 0
    unreadable: set[int] = field(default_factory=set)


def collect_mail(service: Service, open_box: OpenBox | None = None) -> Round:
    """Keeps every message of the configured mailbox that is not kept yet. Without a mailbox there is nothing to do.

    Nor is there when the register is of a rehearsal that ended: its messages went with it, and would all come again.
    A mailbox that cannot be read, or whose messages cannot be kept for want of space, is logged and shown to the protocol
    office; the next round tries again. Raises ``LookupError`` when the settings name a register that no edition has.
    """
    settings, done = service.settings, Round()
    if settings.mail_host is None and open_box is None:
        return done
    edition = _edition(service)
    if edition.retired_at is not None:
        log.warning("mailbox_of_an_ended_rehearsal", register=edition.register_code)
        return done
    opener = open_box or (lambda: open_mailbox(settings))
    while True:
        try:
            with opener() as box:
                _collect(service, edition, box, done)
                _note(service, edition, None, done)
                return done
        except _Broken as broken:
            done.unreadable.add(broken.uid)
            log.warning("mail_message_broke_connection", uid=broken.uid)
            if len(done.unreadable) < MOST_BROKEN:
                continue
            problem: Exception = broken.problem
        except (MailboxUnavailable, StorageFull) as unavailable:
            problem = unavailable
        log.error("mailbox_unavailable", reason=str(problem))
        _note(service, edition, str(problem), done)
        return done


class _Broken(Exception):
    """The connection broke while one message was fetched."""

    def __init__(self, uid: int, problem: MailboxUnavailable) -> None:
        self.uid, self.problem = uid, problem
        super().__init__(str(problem))


def _collect(service: Service, edition: NoticeEdition, box: OpenMailbox, done: Round) -> None:
    with service.transaction() as session:
        known = set(session.scalars(select(MailMessage.uid).where(MailMessage.box == box.name)))
    for uid in box.uids():
        if uid in known or uid in done.unreadable:
            continue
        try:
            fetched = box.fetch(uid)
        except MessageUnavailable as problem:
            log.warning("mail_message_unavailable", uid=uid, reason=str(problem))
            done.unreadable.add(uid)
            continue
        except MailboxUnavailable as problem:
            raise _Broken(uid, problem) from problem
        mail = IncomingMail(f"messaggio-{uid}.eml", fetched.data, box.name, uid, fetched.delivered_at)
        with service.transaction() as session:
            kept = keep_mail(service, session, edition, mail, person=None, at=service.clock())
        box.mark_seen(uid)
        done.kept += kept.state is MailState.KEPT
        done.copies += kept.state is MailState.COPY


def _edition(service: Service) -> NoticeEdition:
    with service.transaction() as session:
        code = service.settings.mail_register
        found = session.scalar(select(NoticeEdition).where(NoticeEdition.register_code == code))
    if found is None:
        raise LookupError(f"SPORTELLO_MAIL_REGISTER: no edition has the register {code}")
    return found


def _note(service: Service, edition: NoticeEdition, problem: str | None, done: Round) -> None:
    with service.transaction() as session:
        settings = service.settings
        name = f"{settings.mail_user}@{settings.mail_host}/{settings.mail_folder}"
        _write(session, edition, problem, len(done.unreadable), name, at=service.clock())


def _write(
    session: Session, edition: NoticeEdition, problem: str | None, unreadable: int, name: str, *, at: datetime
) -> None:
    facts = {"edition_id": edition.id, "tried_at": at, "problem": problem, "unreadable": unreadable}
    if problem is None:
        facts["read_at"] = at
    session.execute(
        insert(MailBox).values(name=name, **facts).on_conflict_do_update(index_elements=["name"], set_=facts)
    )
