"""The director general's word on a case whose registration was annulled; written once, for ever."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.orm import Base, HasUuid
from intake.people.models import Person
from protocol_register.entries import shown_number


class AnnulmentOutcome(StrEnum):
    """``STANDS``: the application is registered anew and goes on where it was. ``CLOSED``: it ends with its registration."""

    STANDS = "stands"
    CLOSED = "closed"


class AnnulmentWord(HasUuid, Base):
    """``year`` and ``number`` name the annulled registration, ``new_year`` and ``new_number`` the one in its place.

    ``letter_*``: what was written to the filer, registered outgoing, available from ``decided_at`` and first opened at
    ``opened_at``.
    """

    __tablename__ = "annulment_word"
    __table_args__ = (
        UniqueConstraint("register_code", "year", "number"),
        UniqueConstraint("register_code", "new_year", "new_number"),
        Index("ix_annulment_word_application", "application_id"),
        CheckConstraint("(outcome = 'stands') = (new_number IS NOT NULL)", name="new_number"),
        CheckConstraint("num_nulls(new_year, new_number) IN (0, 2)", name="new_place_whole"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    register_code: Mapped[str]
    year: Mapped[int]
    number: Mapped[int]
    outcome: Mapped[AnnulmentOutcome]
    act: Mapped[str]
    reason: Mapped[str]
    decided_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    new_year: Mapped[int | None]
    new_number: Mapped[int | None]
    letter_year: Mapped[int]
    letter_number: Mapped[int]
    letter_sha256: Mapped[str]
    opened_at: Mapped[datetime | None]

    director: Mapped[Person] = relationship(lazy="joined")

    @property
    def new_number_shown(self) -> str | None:
        return f"{shown_number(self.new_number)}/{self.new_year}" if self.new_number is not None else None

    @property
    def letter_number_shown(self) -> str:
        return f"{shown_number(self.letter_number)}/{self.letter_year}"
