"""The one wrapper of an IMAP mailbox, over imap-tools. Messages are fetched without being marked as read."""

from __future__ import annotations

import imaplib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted, MailMessageFlags
from imap_tools.errors import ImapToolsError

from intake.certified_mail.reading import FIRST_CERTIFIED
from intake.settings import Settings

SECONDS = 60.0
_BOXES = {"tls": MailBox, "starttls": MailBoxStartTls, "none": MailBoxUnencrypted}
_INTERNAL_DATE = re.compile(rb'INTERNALDATE "[^"]+"')


class MailboxUnavailable(Exception):
    """The mailbox cannot be reached, refuses us, or hung up. The message names no address and no password."""


class MessageUnavailable(Exception):
    """The server gives one message no way; the others are not touched by it."""


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """A message as the server keeps it; ``delivered_at``: when it put it into the box, None if it does not say."""

    data: bytes
    delivered_at: datetime | None


@dataclass(frozen=True)
class OpenMailbox:
    """A folder that is open. ``name`` changes when the server numbers its messages anew (UIDVALIDITY)."""

    name: str
    box: BaseMailBox

    def uids(self) -> list[int]:
        """The numbers of all messages, oldest first. Raises ``MailboxUnavailable``."""
        with _told():
            return sorted(int(uid) for uid in self.box.uids("ALL"))

    def fetch(self, uid: int) -> FetchedMail:
        """One message, left unread. Raises ``MessageUnavailable``, ``MailboxUnavailable``."""
        with _told():
            status, answer = self.box.client.uid("FETCH", str(uid), "(INTERNALDATE BODY.PEEK[])")
        parts = [part for part in answer if isinstance(part, tuple)]
        if status != "OK" or not parts:
            raise MessageUnavailable(f"the server does not give message {uid}")
        said = b" ".join(part if isinstance(part, bytes) else part[0] for part in answer if part is not None)
        return FetchedMail(parts[0][1], _internal_date(said))

    def mark_seen(self, uid: int) -> None:
        """Marks as read a message that is kept already. Raises ``MailboxUnavailable``."""
        with _told():
            self.box.client.uid("STORE", str(uid), "+FLAGS", f"({MailMessageFlags.SEEN})")


@contextmanager
def open_mailbox(settings: Settings) -> Iterator[OpenMailbox]:
    """The folder of the settings, open for the time of a block. Raises ``MailboxUnavailable``."""
    if settings.mail_host is None:
        raise MailboxUnavailable("no mailbox is configured")
    with _told():
        box = _BOXES[settings.mail_security](settings.mail_host, settings.mail_port, timeout=SECONDS)
        box.login(settings.mail_user, settings.mail_password.get_secret_value(), settings.mail_folder)
    try:
        with _told():
            validity = box.folder.status(settings.mail_folder, ["UIDVALIDITY"])["UIDVALIDITY"]
        yield OpenMailbox(f"{settings.mail_user}@{settings.mail_host}/{settings.mail_folder};{validity}", box)
    finally:
        _leave(box)


def _leave(box: BaseMailBox) -> None:
    """Says good-bye; a server that is gone already hears nothing, and nothing is lost by that."""
    try:
        box.logout()
    except (ImapToolsError, imaplib.IMAP4.error, OSError):
        box.client.shutdown()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (ImapToolsError, imaplib.IMAP4.error, OSError, EOFError) as error:
        raise MailboxUnavailable(type(error).__name__) from error


def _internal_date(said: bytes) -> datetime | None:
    """None too for a date that does not exist or is of before there was certified mail: nobody delivered anything then."""
    found = _INTERNAL_DATE.search(said)
    try:
        local = imaplib.Internaldate2tuple(found[0]) if found else None
        delivered = datetime.fromtimestamp(time.mktime(local), UTC) if local else None
    except (ValueError, OverflowError, KeyError, OSError):
        return None
    return delivered if delivered and delivered >= FIRST_CERTIFIED else None
