"""The table of worker lists that a person brought in their own layout, and what was read in them."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from intake.orm import Base, HasUuid


class ProposalState(StrEnum):
    """``read``: rows are shown and wait for the person; ``used``: they went into the draft; ``set_aside``: they did not."""

    WAITING = "waiting"
    READ = "read"
    FAILED = "failed"
    USED = "used"
    SET_ASIDE = "set_aside"


class ListProposal(HasUuid, Base):
    """Files with a list of workers (``files``: name, sha256 and size of each) and the proposal that reading made of them."""

    __tablename__ = "list_proposal"
    __table_args__ = (Index("ix_list_proposal_application", "application_id", "requested_at"),)

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    files: Mapped[list[dict[str, Any]]]
    state: Mapped[ProposalState]
    requested_at: Mapped[datetime]
    requested_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    finished_at: Mapped[datetime | None]
    reading: Mapped[dict[str, Any] | None]
