"""The table of loaded notices: a pack becomes one or more editions, live or rehearsal, each with its own register."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, Interval, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from intake.orm import Base, HasUuid


class NoticeEdition(HasUuid, Base):
    """A notice as loaded. ``clock_offset`` is added to the real instant to get the notice's own; zero when live.

    ``retired_at``: when the next rehearsal took this one's place; ``forgotten_at``: when what people did in it went.
    """

    __tablename__ = "notice_edition"
    __table_args__ = (
        UniqueConstraint("notice_id", "kind", "number"),
        CheckConstraint("kind IN ('live', 'rehearsal')", name="kind"),
        CheckConstraint("forgotten_at IS NULL OR (kind = 'rehearsal' AND retired_at IS NOT NULL)", name="forgotten"),
        CheckConstraint("kind = 'rehearsal' OR clock_offset = interval '0'", name="live_clock"),
    )

    notice_id: Mapped[str]
    kind: Mapped[str]
    number: Mapped[int]
    clock_offset: Mapped[timedelta] = mapped_column(Interval)
    register_code: Mapped[str] = mapped_column(unique=True)
    pack_digest: Mapped[str]
    loaded_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]

    @property
    def is_rehearsal(self) -> bool:
        return self.kind == "rehearsal"

    def own_clock(self, at: datetime) -> datetime:
        """The notice's instant at the real instant ``at``: for windows, terms and duty rules, and nothing else."""
        return at + self.clock_offset
