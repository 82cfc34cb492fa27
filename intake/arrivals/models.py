"""Tables of arrivals: what came, its files, its moves. Files and moves are only ever added."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.applications.models import Application
from intake.notices.measure import ChannelKey
from intake.notices.models import NoticeEdition
from intake.orm import Base, HasUuid
from intake.people.models import Person
from protocol_register.entries import shown_number


class ArrivalChannel(StrEnum):
    """How it came; the words of the register and of the notices."""

    LETTER = "letter"
    COUNTER = "counter"
    PEC = "pec"
    EMERGENCY = "emergency"


_OPEN = text("state IN ('received', 'registered')")
ARRIVAL_WORDS = (
    "to_tsvector('simple'::regconfig, translate(coalesce({table}.sender ->> 'name', '') || ' ' || "
    "coalesce({table}.sender ->> 'address', '') || ' ' || coalesce({table}.sender ->> 'tax_code', '') || ' ' || "
    "coalesce({table}.subject, '') || ' ' || coalesce({table}.letter_number, '') || ' ' || "
    "coalesce({table}.number::text, ''), '@.-_/:''\"', '        '))"
)
"""What a search reads of an arrival. Addresses are taken apart: whoever looks for a domain types no whole address."""

CHANNEL_KEYS: Mapping[ArrivalChannel, ChannelKey] = {
    ArrivalChannel.LETTER: "letter",
    ArrivalChannel.COUNTER: "counter",
    ArrivalChannel.PEC: "pec",
}
"""The notice's own names of channels; it names none for a day of emergency, whose sheet is of paper."""


class ArrivalState(StrEnum):
    """Where it is: an arrival ends matched, answered, assigned elsewhere, or rejected with its reason and kept."""

    RECEIVED = "received"
    REGISTERED = "registered"
    MATCHED = "matched"
    ANSWERED = "answered"
    ASSIGNED_ELSEWHERE = "assigned_elsewhere"
    REJECTED = "rejected"


class Recognition(StrEnum):
    """Whether the page codes were looked for. ``FAILED``: the files could not be read in time, a person looks."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class Arrival(HasUuid, Base):
    """Something that reached the protocol office. ``arrived_at``: at the counter, or delivered to the certified box.

    ``sender`` and ``subject`` are None until they are known. ``found``: what the page codes said, as JSON.
    ``emergency_number``: of a line of the emergency register, which came with its number and may be scanned later.
    """

    __tablename__ = "arrival"
    __table_args__ = (
        UniqueConstraint("register_code", "year", "number"),
        Index("ix_arrival_waiting", "edition_id", "state", "arrived_at"),
        Index("ix_arrival_open", "edition_id", "arrived_at", "id", postgresql_where=_OPEN),
        Index("ix_arrival_arrived", "edition_id", text("arrived_at DESC"), "id"),
        Index("ix_arrival_entered", "edition_id", "entered_at"),
        Index("ix_arrival_words", text(ARRIVAL_WORDS.format(table="arrival")), postgresql_using="gin"),
        Index("ix_arrival_speaks_of", text("(found -> 'message' -> 'received' ->> 'number')")),
        Index("ix_arrival_application", "application_id"),
        CheckConstraint("num_nulls(register_code, year, number, registered_at) IN (0, 4)", name="registered_whole"),
        CheckConstraint("(channel = 'emergency') = (emergency_number IS NOT NULL)", name="emergency"),
    )

    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("notice_edition.id"))
    channel: Mapped[ArrivalChannel]
    state: Mapped[ArrivalState]
    arrived_at: Mapped[datetime]
    posted_on: Mapped[date | None]
    letter_number: Mapped[str | None]
    sender: Mapped[dict[str, Any] | None]
    subject: Mapped[str | None]
    entered_at: Mapped[datetime]
    entered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    recognition: Mapped[Recognition]
    found: Mapped[dict[str, Any] | None]
    application_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("application.id"))
    register_code: Mapped[str | None]
    year: Mapped[int | None]
    number: Mapped[int | None]
    registered_at: Mapped[datetime | None]
    emergency_number: Mapped[str | None]

    edition: Mapped[NoticeEdition] = relationship(lazy="joined")
    application: Mapped[Application | None] = relationship()
    documents: Mapped[list[ArrivalDocument]] = relationship(
        back_populates="arrival", order_by="ArrivalDocument.position"
    )
    events: Mapped[list[ArrivalEvent]] = relationship(back_populates="arrival", order_by="ArrivalEvent.sequence")

    @property
    def number_shown(self) -> str | None:
        """At least seven digits (DPR 445/2000, art. 57); None before it is registered."""
        return shown_number(self.number) if self.number is not None else None

    @property
    def may_be_filed(self) -> bool:
        """Whether it can still become an application: without a number, or with that of the emergency register."""
        if self.emergency_number is not None:
            return self.state in {ArrivalState.REGISTERED, ArrivalState.ANSWERED}
        return self.state is ArrivalState.RECEIVED

    @property
    def sender_name(self) -> str:
        return str((self.sender or {}).get("name", ""))


class ArrivalDocument(HasUuid, Base):
    """A file of an arrival, as received; of a certified mail the message itself is the first, its attachments follow."""

    __tablename__ = "arrival_document"
    __table_args__ = (UniqueConstraint("arrival_id", "position"), Index("ix_arrival_document_sha256", "sha256"))

    arrival_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("arrival.id"))
    position: Mapped[int]
    name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    received_at: Mapped[datetime]

    arrival: Mapped[Arrival] = relationship(back_populates="documents")


class ArrivalReceipt(HasUuid, Base):
    """The *ricevuto* receipt that is owed for what arrived (``facts``) and, once made and sealed, its PDF."""

    __tablename__ = "arrival_receipt"
    __table_args__ = (Index("ix_arrival_receipt_arrival", "arrival_id"),)

    arrival_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("arrival.id"))
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    pdf_sha256: Mapped[str | None]
    made_at: Mapped[datetime | None]


class ArrivalEvent(Base):
    """One move of an arrival. Rows are only ever inserted."""

    __tablename__ = "arrival_event"
    __table_args__ = (UniqueConstraint("arrival_id", "sequence"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    arrival_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("arrival.id"))
    sequence: Mapped[int]
    name: Mapped[str]
    state_before: Mapped[ArrivalState | None]
    state_after: Mapped[ArrivalState]
    at: Mapped[datetime]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    detail: Mapped[dict[str, Any]]

    arrival: Mapped[Arrival] = relationship(back_populates="events")
    person: Mapped[Person | None] = relationship(lazy="joined")
