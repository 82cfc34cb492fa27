"""The signed documents of a notice as the office published and withdrew them: each one an act of its own, only ever added."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from intake.notices.models import NoticeEdition
from intake.orm import Base, HasUuid
from signing.report import Verdict


class SignedPublication(HasUuid, Base):
    """One publication of the document ``document_key`` of an edition, counted from 1: the highest ``number`` is in force,
    unless it was withdrawn: none is then, and those before it stay replaced.

    ``enclosed_*``: the document inside the envelope, or the one that a separate signature goes with; all empty where the
    file is its own document. ``report``: what the verification said ``published_at``, as ``SignatureReport.as_json`` with
    the key ``trust`` beside it.
    """

    __tablename__ = "signed_publication"
    __table_args__ = (
        UniqueConstraint("edition_id", "document_key", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("verdict IN ('signed', 'signed_with_reservations')", name="verdict"),
        CheckConstraint(
            "num_nulls(enclosed_name, enclosed_sha256, enclosed_size, enclosed_media_type) IN (0, 4)",
            name="enclosed_whole",
        ),
    )

    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("notice_edition.id"))
    document_key: Mapped[str]
    number: Mapped[int]
    name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str]
    enclosed_name: Mapped[str | None]
    enclosed_sha256: Mapped[str | None]
    enclosed_size: Mapped[int | None]
    enclosed_media_type: Mapped[str | None]
    verdict: Mapped[Verdict]
    report: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    operator: Mapped[str]

    withdrawal: Mapped[PublicationWithdrawal | None] = relationship(lazy="selectin", viewonly=True)


class PublicationWithdrawal(HasUuid, Base):
    """What takes a publication out of force: the ``act`` that orders it and the ``reason``, once and for ever."""

    __tablename__ = "publication_withdrawal"
    __table_args__ = (UniqueConstraint("publication_id"),)

    publication_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signed_publication.id"))
    act: Mapped[str]
    reason: Mapped[str]
    withdrawn_at: Mapped[datetime]
    operator: Mapped[str]


def publications_of(session: Session, edition: NoticeEdition, key: str | None = None) -> list[SignedPublication]:
    """What was published of an edition, or of one document of it: the newest of each document first."""
    wanted = [SignedPublication.edition_id == edition.id]
    if key is not None:
        wanted.append(SignedPublication.document_key == key)
    order = SignedPublication.document_key, SignedPublication.number.desc()
    return list(session.scalars(select(SignedPublication).where(*wanted).order_by(*order)))


def publications_in_force(session: Session, edition: NoticeEdition) -> list[SignedPublication]:
    """The newest of each document of an edition, where it was not withdrawn."""
    order = SignedPublication.document_key, SignedPublication.number.desc()
    newest = select(SignedPublication).where(SignedPublication.edition_id == edition.id).order_by(*order)
    of_each = session.scalars(newest.ext(distinct_on(SignedPublication.document_key)))
    return [each for each in of_each if each.withdrawal is None]
