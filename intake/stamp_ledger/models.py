"""Tables of the ledger."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.applications.models import Application, ReturnedDocument
from intake.orm import Base, HasUuid
from intake.people.models import Person

LIVE = "live"


class StampUse(HasUuid, Base):
    """An identifier as seen on, or declared with, one document of one application.

    ``archive``: ``live`` for every real notice together, the register's code for each rehearsal, so that a rehearsal's
    marks meet no others and go with it. ``seen``: read on the document, not only declared in its form.
    """

    __tablename__ = "stamp_use"
    __table_args__ = (
        UniqueConstraint("archive", "kind", "identifier", "document_id"),
        Index("ix_stamp_use_application", "application_id"),
    )

    archive: Mapped[str]
    kind: Mapped[str]
    identifier: Mapped[str]
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("returned_document.id"))
    seen: Mapped[bool]
    at: Mapped[datetime]

    application: Mapped[Application] = relationship()
    document: Mapped[ReturnedDocument] = relationship()


class VirtualAuthorization(HasUuid, Base):
    """An authorisation to virtual payment that the office knows (DPR 642/1972, art. 15). Closed, never deleted."""

    __tablename__ = "virtual_authorization"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closing"),
        Index(
            "uq_virtual_authorization_open",
            "number",
            "issued_on",
            "office",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    office: Mapped[str]
    number: Mapped[str]
    issued_on: Mapped[date]
    holder: Mapped[str]
    holder_code: Mapped[str | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    added_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]
    closed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    closing_reason: Mapped[str | None]

    author: Mapped[Person] = relationship(foreign_keys=[added_by], lazy="joined")
    closer: Mapped[Person | None] = relationship(foreign_keys=[closed_by], lazy="joined")
