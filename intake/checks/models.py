"""Tables of checks: a run over the documents of an application, its findings, the cells it read."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.checks.severity import Severity
from intake.orm import Base, HasUuid


class RunState(StrEnum):
    """``GIVEN_UP``: no answer within the stated time, a person looks instead. ``OUTDATED``: other documents came."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    GIVEN_UP = "given_up"
    OUTDATED = "outdated"


class CheckRun(HasUuid, Base):
    """One look at all current documents of an application, as JSON.

    ``reading``: pages, cells, alterations; ``stamps``: marks of stamp duty; ``declarations``, ``identity`` and ``stack``:
    what each worker signed, the identity documents, what every other page is; ``agreement``: the union agreement;
    ``worker_list``: lists of workers.
    """

    __tablename__ = "check_run"
    __table_args__ = (
        Index("ix_check_run_application", "application_id", "requested_at"),
        Index("ix_check_run_unended", "application_id", postgresql_where=text("state IN ('waiting', 'running')")),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    form: Mapped[str] = mapped_column(ForeignKey("issued_form.form"))
    documents: Mapped[dict[str, Any]]
    state: Mapped[RunState]
    requested_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    step: Mapped[str | None]
    steps_done: Mapped[int] = mapped_column(default=0)
    steps_total: Mapped[int] = mapped_column(default=0)
    verdicts: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    reading: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    stamps: Mapped[dict[str, Any] | None]
    declarations: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    identity: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    stack: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    agreement: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    worker_list: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)

    findings: Mapped[list[StoredFinding]] = relationship(back_populates="run", order_by="StoredFinding.position")

    @property
    def ended(self) -> bool:
        return self.state in {RunState.DONE, RunState.GIVEN_UP}


class StoredFinding(HasUuid, Base):
    """What a check saw, with its evidence. ``box``: PDF points from the top left of the issued form's page."""

    __tablename__ = "finding"
    __table_args__ = (Index("ix_finding_run", "run_id", "position"),)

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("check_run.id"))
    position: Mapped[int]
    code: Mapped[str]
    severity: Mapped[Severity]
    message: Mapped[str]
    remedy: Mapped[str]
    law: Mapped[str | None]
    technical: Mapped[str | None]
    document_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("returned_document.id"))
    page: Mapped[int | None]
    box: Mapped[dict[str, Any] | None]
    field: Mapped[str | None]

    run: Mapped[CheckRun] = relationship(back_populates="findings")


class ValueStatus(StrEnum):
    """What a reading makes of one value: the first four beside an issued one, the last two where nothing was issued."""

    AGREES = "agrees"
    DOUBTFUL = "doubtful"
    DIFFERS = "differs"
    EMPTY = "empty"
    READ = "read"
    NOT_FOUND = "not_found"


class ExtractedValue(Base):
    """One value that a run read, with its evidence. Rows are only ever inserted; officers' words stand elsewhere.

    ``page`` counts from 1 in the document. ``box``: PDF points from the top left corner of that page or, where
    ``form_page`` is told, of that page of the issued form. ``raw``: the text as read; ``value``: what ``rules`` made of it.
    """

    __tablename__ = "extracted_value"
    __table_args__ = (
        Index("ix_extracted_value_run", "run_id", "id"),
        Index("ix_extracted_value_document", "document_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("check_run.id"))
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("returned_document.id"))
    page: Mapped[int]
    form_page: Mapped[int | None]
    box: Mapped[dict[str, Any] | None]
    field: Mapped[str]
    engine: Mapped[str]
    raw: Mapped[str | None]
    value: Mapped[str | None]
    confidence: Mapped[float]
    rules: Mapped[list[str]] = mapped_column(ARRAY(String))
    issued: Mapped[str | None]
    status: Mapped[ValueStatus]
