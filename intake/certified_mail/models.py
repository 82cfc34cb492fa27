"""The table of messages: one row for each that came, whatever it turned out to be."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.orm import Base, HasUuid


class MailState(StrEnum):
    """``KEPT``: not read yet. ``RECEIPT``: a provider's receipt, filed. ``ARRIVAL``: it went to the protocol desk.

    ``COPY``: the same bytes had come already; only that they came again is kept.
    """

    KEPT = "kept"
    RECEIPT = "receipt"
    ARRIVAL = "arrival"
    COPY = "copy"


class MailMessage(HasUuid, Base):
    """A message byte for byte by hash; ``box`` and ``uid`` name it in the mailbox, None when a person uploaded it.

    ``delivered_at``: when our provider put it in the box, None where nothing but the sender's word says it.
    ``reading``: what was read in it, as JSON.
    """

    __tablename__ = "mail_message"
    __table_args__ = (
        Index("uq_mail_message_bytes", "edition_id", "sha256", unique=True, postgresql_where=text("state <> 'copy'")),
        UniqueConstraint("box", "uid"),
        Index("ix_mail_message_reference", "reference"),
        Index("ix_mail_message_message_id", "message_id"),
        Index("ix_mail_message_arrival", "arrival_id"),
        Index("ix_mail_message_received", "edition_id", "received_at"),
        Index(
            "ix_mail_message_receipts",
            *("edition_id", text("received_at DESC"), "id"),
            postgresql_where=text("state = 'receipt'"),
        ),
        Index("ix_mail_message_kept", "received_at", postgresql_where=text("state = 'kept'")),
    )

    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("notice_edition.id"))
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    box: Mapped[str | None]
    uid: Mapped[int | None] = mapped_column(BigInteger)
    delivered_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    received_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[MailState]
    message_id: Mapped[str | None]
    reference: Mapped[str | None]
    reading: Mapped[dict[str, Any] | None]
    read_at: Mapped[datetime | None]
    arrival_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("arrival.id"))


class MailBox(Base):
    """How a mailbox was last found: ``read_at`` its last whole reading, ``problem`` what stopped the one of ``tried_at``."""

    __tablename__ = "mail_box"

    name: Mapped[str] = mapped_column(primary_key=True)
    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("notice_edition.id"))
    tried_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    problem: Mapped[str | None]
    unreadable: Mapped[int]
