"""Tables of applications: mutable draft, frozen form, documents as received, immutable submission, append-only events."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.notices.models import NoticeEdition
from intake.orm import Base, HasUuid
from intake.people.models import Employer, Person
from protocol_register.entries import shown_number


class State(StrEnum):
    """States of an application, from the first draft to the last decision."""

    DRAFT = "draft"
    ISSUED = "issued"
    REGISTERED = "registered"
    EXAMINED = "examined"
    INTEGRATION_AWAITED = "integration_awaited"
    ADMISSIBLE = "admissible"
    NOT_ADMITTED = "not_admitted"
    TO_BE_DENIED = "to_be_denied"
    AUTHORISED = "authorised"
    DENIED = "denied"
    SENT_TO_INPS = "sent_to_inps"
    CLOSED = "closed"
    UNDER_APPEAL = "under_appeal"
    REVOKED = "revoked"
    DISCARDED = "discarded"
    WITHDRAWN = "withdrawn"
    ANNULMENT_AWAITED = "annulment_awaited"
    ANNULLED = "annulled"


class DocumentKind(StrEnum):
    """What the sender says a returned file is."""

    FORM = "form"
    ATTACHMENT = "attachment"


class Origin(StrEnum):
    """How a returned file came to be."""

    UPLOAD = "upload"
    REHEARSAL_SIGNATURE = "rehearsal_signature"
    REHEARSAL_SCAN = "rehearsal_scan"
    PAPER = "paper"


class Application(HasUuid, Base):
    """One application of one firm for one edition of a notice. ``draft`` is what the person typed, whole or not."""

    __tablename__ = "application"
    __table_args__ = (
        Index("ix_application_edition_state", "edition_id", "state"),
        Index("ix_application_employer", "employer_id"),
    )

    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("notice_edition.id"))
    employer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employer.id"))
    opened_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    state: Mapped[State]
    draft: Mapped[dict[str, Any]]
    draft_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    edition: Mapped[NoticeEdition] = relationship(lazy="joined")
    employer: Mapped[Employer] = relationship(lazy="joined")
    forms: Mapped[list[IssuedForm]] = relationship(back_populates="application", order_by="IssuedForm.issued_at")
    documents: Mapped[list[ReturnedDocument]] = relationship(
        back_populates="application", order_by="ReturnedDocument.received_at"
    )
    events: Mapped[list[ApplicationEvent]] = relationship(
        back_populates="application", order_by="ApplicationEvent.sequence"
    )
    submission: Mapped[Submission | None] = relationship(back_populates="application")

    @property
    def current_form(self) -> IssuedForm | None:
        """The form that counts: the one not superseded."""
        return next((form for form in self.forms if form.superseded_at is None), None)

    @property
    def current_documents(self) -> list[ReturnedDocument]:
        return [document for document in self.documents if document.replaced_at is None]


class ApplicationEvent(Base):
    """One move of an application, one line of its timeline. Rows are only ever inserted."""

    __tablename__ = "application_event"
    __table_args__ = (UniqueConstraint("application_id", "sequence"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    sequence: Mapped[int]
    name: Mapped[str]
    state_before: Mapped[State | None]
    state_after: Mapped[State]
    at: Mapped[datetime]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    detail: Mapped[dict[str, Any]]

    application: Mapped[Application] = relationship(back_populates="events")
    person: Mapped[Person | None] = relationship(lazy="joined")


class IssuedForm(Base):
    """A prefilled form as it left the service: bytes by hash, data, and where every value stands.

    ``worker_papers``: by key of the attachment, the PDFs printed with it for each worker to sign (form, hash, pages).
    """

    __tablename__ = "issued_form"
    __table_args__ = (
        Index("uq_issued_form_current", "application_id", unique=True, postgresql_where=text("superseded_at IS NULL")),
        Index("ix_issued_form_application", "application_id", "issued_at"),
    )

    form: Mapped[str] = mapped_column(primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    issued_at: Mapped[datetime]
    issued_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    pdf_sha256: Mapped[str]
    pages: Mapped[int]
    data: Mapped[dict[str, Any]]
    form_map: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    worker_papers: Mapped[dict[str, Any] | None]
    superseded_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship(back_populates="forms")


class ReturnedDocument(HasUuid, Base):
    """A file as received. ``replaced_at``: its sender put another in its place; the bytes stay."""

    __tablename__ = "returned_document"
    __table_args__ = (
        Index("ix_returned_document_application", "application_id"),
        Index("ix_returned_document_received", "received_at"),
        CheckConstraint("size >= 0", name="size"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    kind: Mapped[DocumentKind]
    attachment_key: Mapped[str | None]
    name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    origin: Mapped[Origin]
    received_at: Mapped[datetime]
    received_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    replaced_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship(back_populates="documents")


class Submission(Base):
    """What was transmitted: data, form, documents, findings and confirmations of that instant. Never changes.

    ``unit`` and ``last_day``, of the data, are what the next application of the same firm is compared with: the unit's
    name without capitals, and the last day of its periods.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("register_code", "year", "number"),
        ForeignKeyConstraint(["form"], ["issued_form.form"]),
        Index("ix_submission_rank", "register_code", "legal_instant", "number"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    form: Mapped[str]
    transmitted_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    snapshot: Mapped[dict[str, Any]]
    register_code: Mapped[str]
    year: Mapped[int]
    number: Mapped[int]
    registered_at: Mapped[datetime]
    legal_instant: Mapped[datetime]
    unit: Mapped[str]
    last_day: Mapped[date]

    application: Mapped[Application] = relationship(back_populates="submission")

    @property
    def number_shown(self) -> str:
        return shown_number(self.number)


class ReceiptKind(StrEnum):
    """The two receipts, plainly named: bytes arrived, application registered."""

    RECEIVED = "received"
    REGISTERED = "registered"


class Receipt(HasUuid, Base):
    """A receipt that is owed (``facts``) and, once made and sealed, its PDF."""

    __tablename__ = "receipt"
    __table_args__ = (
        Index("ix_receipt_application", "application_id"),
        Index("ix_receipt_created", "created_at"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    kind: Mapped[ReceiptKind]
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    pdf_sha256: Mapped[str | None]
    made_at: Mapped[datetime | None]
