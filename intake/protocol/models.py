"""What the service keeps of its registers' daily registers and of the sheets of their emergencies."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, String, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from intake.orm import Base, HasUuid


class DailyRegister(Base):
    """The registro giornaliero of one day of one register: made once, never again. ``delivered_at``: to conservation.

    ``pdf_sha256s``: its volumes. ``token_sha256``: the time-stamp over the log's head, where there was an authority to ask.
    """

    __tablename__ = "daily_register"
    __table_args__ = (CheckConstraint("operations > 0", name="operations"),)

    register_code: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    operations: Mapped[int]
    entries: Mapped[int]
    first_number: Mapped[int | None]
    last_number: Mapped[int | None]
    log_size: Mapped[int]
    head: Mapped[str | None]
    pdf_sha256s: Mapped[list[str]] = mapped_column(ARRAY(String))
    xml_sha256: Mapped[str]
    token_sha256: Mapped[str | None]
    delivered_at: Mapped[datetime | None]


class ImportOutcome(StrEnum):
    """How the import of a sheet ended."""

    IMPORTED = "imported"
    REFUSED = "refused"


class EmergencyImport(HasUuid, Base):
    """One attempt to import a sheet of the emergency register; the file is kept whatever came of it."""

    __tablename__ = "emergency_import"
    __table_args__ = (Index("ix_emergency_import_register", "register_code", "at"),)

    register_code: Mapped[str]
    name: Mapped[str]
    file_sha256: Mapped[str]
    operator: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    outcome: Mapped[ImportOutcome]
    code: Mapped[str | None]
    problems: Mapped[list[dict[str, Any]]]
    numbers: Mapped[list[str]] = mapped_column(ARRAY(String))


class DocumentToRemove(Base):
    """A document, by its hash, that a rehearsal named and that goes from the store unless something else names it.

    Rows are only added and, once they are settled, deleted: what another round notes meanwhile is a row of its own.
    """

    __tablename__ = "document_to_remove"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    register_code: Mapped[str]
    document: Mapped[str]
    noted_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
