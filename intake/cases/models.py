"""Tables of examination: who holds a case, and how every value read from a document was settled."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.orm import Base, HasUuid
from intake.people.models import Person


class Holding(HasUuid, Base):
    """An officer examines a case. Two officers never hold one case; ``reason``: why it was not the oldest ready one."""

    __tablename__ = "holding"
    __table_args__ = (
        Index("uq_holding_active", "application_id", unique=True, postgresql_where=text("released_at IS NULL")),
        CheckConstraint("NOT out_of_order OR length(reason) > 0", name="reason"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    officer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    taken_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    out_of_order: Mapped[bool] = mapped_column(default=False)
    reason_code: Mapped[str | None]
    reason: Mapped[str | None]

    officer: Mapped[Person] = relationship(lazy="joined")


class Settlement(StrEnum):
    """What an officer says of one value: the issued one stands, another stands, or it cannot be accepted."""

    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"


class ReviewedValue(Base):
    """An officer settled one field or finding. Rows are only ever inserted; the newest counts.

    ``extracted_id``: the reading that was before the officer's eyes, if there was one; ``seen``: what the officer says the
    document bears there, None where the settlement does not say it.
    """

    __tablename__ = "reviewed_value"
    __table_args__ = (Index("ix_reviewed_value_subject", "application_id", "subject", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    subject: Mapped[str]
    settlement: Mapped[Settlement]
    value: Mapped[str | None]
    note: Mapped[str | None]
    seen: Mapped[str | None]
    extracted_id: Mapped[int | None] = mapped_column(ForeignKey("extracted_value.id"), index=True)
    officer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    officer: Mapped[Person] = relationship(lazy="joined")
