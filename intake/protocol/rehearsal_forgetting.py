"""Some time after a rehearsal ended, what people did in it goes: applications, documents, receipts, and its keys.

People tried with their own data, and nothing of a rehearsal has any effect: there is no reason to keep it beyond the time in
which they may want to read it again (GDPR, art. 5 par. 1 e). Kept are the edition's row, so that its code is never given
again, and accounts and firms, which are not the rehearsal's. A live edition is never touched.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import Connection, Select, delete, select, update

from intake.applications.list_proposal_models import ListProposal
from intake.applications.models import (
    Application,
    ApplicationEvent,
    IssuedForm,
    Receipt,
    ReturnedDocument,
    Submission,
)
from intake.cases.annulment_models import AnnulmentWord
from intake.cases.models import Holding, ReviewedValue
from intake.checks.models import CheckRun, ExtractedValue, StoredFinding
from intake.notices.models import NoticeEdition
from intake.protocol.rehearsal_documents import note_documents, remove_noted_documents
from intake.protocol.rehearsal_end import wipe_retired_rehearsals
from intake.publication.models import PublicationWithdrawal, SignedPublication
from intake.service import Service
from intake.stamp_ledger.models import StampUse

_ONLY_ADDED = (
    *("application_event", "submission", "reviewed_value", "finding", "extracted_value"),
    *("signed_publication", "publication_withdrawal"),
)
_LOG = structlog.get_logger("sportello.rehearsals")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went with one rehearsal; ``spared``: files that something else names too, or that were stored just now."""

    register_code: str
    applications: int
    files: int
    spared: int


def forget_ended_rehearsals(service: Service, *, at: datetime, kept: timedelta | None = None) -> list[Forgotten]:
    """Removes what is left of every rehearsal that was retired longer than ``kept`` ago (the settings' days unless told).

    The owner role does it, nobody else can. Done again, it does nothing more; cut short, the next time ends it.
    """
    wipe_retired_rehearsals(service)
    since = at - (kept if kept is not None else timedelta(days=service.settings.rehearsal_kept_days))
    with service.transaction() as session:
        ended = session.scalars(
            select(NoticeEdition.register_code)
            .where(
                NoticeEdition.kind == "rehearsal",
                NoticeEdition.retired_at <= since,
                NoticeEdition.forgotten_at.is_(None),
            )
            .order_by(NoticeEdition.register_code)
        ).all()
    applications = {code: _forget(service, code, at) for code in ended}
    files = remove_noted_documents(service, at=at)
    if applications or files:
        _empty(service.settings.data / "page-images")
    done = [Forgotten(code, count, files[code].removed, files[code].spared) for code, count in applications.items()]
    for each in done:
        _LOG.info("rehearsal_forgotten", **asdict(each))
    return done


def _forget(service: Service, register_code: str, at: datetime) -> int:
    """Removes the rows and the keys of one rehearsal; how many applications there were."""
    edition = select(NoticeEdition.id).where(
        NoticeEdition.register_code == register_code, NoticeEdition.kind == "rehearsal"
    )
    applications = select(Application.id).where(Application.edition_id.in_(edition))
    with service.database.owner_engine() as owner, owner.begin() as connection:
        for table in _ONLY_ADDED:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        note_documents(connection, register_code)
        count = _remove_rows(connection, applications)
        published = select(SignedPublication.id).where(SignedPublication.edition_id.in_(edition))
        connection.execute(delete(PublicationWithdrawal).where(PublicationWithdrawal.publication_id.in_(published)))
        connection.execute(delete(SignedPublication).where(SignedPublication.edition_id.in_(edition)))
        for table in _ONLY_ADDED:
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER append_only")
        connection.execute(
            update(NoticeEdition)
            .where(NoticeEdition.register_code == register_code, NoticeEdition.kind == "rehearsal")
            .values(forgotten_at=at)
        )
        service.keys.remove_edition_keys(register_code)
    return count


def _remove_rows(connection: Connection, applications: Select[UUID]) -> int:
    """The rows of the applications, those that point at others first; how many applications there were."""
    runs = select(CheckRun.id).where(CheckRun.application_id.in_(applications))
    for statement in (
        delete(StampUse).where(StampUse.application_id.in_(applications)),
        delete(AnnulmentWord).where(AnnulmentWord.application_id.in_(applications)),
        delete(ReviewedValue).where(ReviewedValue.application_id.in_(applications)),
        delete(ExtractedValue).where(ExtractedValue.application_id.in_(applications)),
        delete(StoredFinding).where(StoredFinding.run_id.in_(runs)),
        delete(Holding).where(Holding.application_id.in_(applications)),
        delete(CheckRun).where(CheckRun.application_id.in_(applications)),
        delete(ListProposal).where(ListProposal.application_id.in_(applications)),
        delete(Receipt).where(Receipt.application_id.in_(applications)),
        delete(Submission).where(Submission.application_id.in_(applications)),
        delete(ReturnedDocument).where(ReturnedDocument.application_id.in_(applications)),
        delete(IssuedForm).where(IssuedForm.application_id.in_(applications)),
        delete(ApplicationEvent).where(ApplicationEvent.application_id.in_(applications)),
    ):
        connection.execute(statement)
    return connection.execute(delete(Application).where(Application.id.in_(applications))).rowcount


def _empty(folder: Path) -> None:
    """Pictures of pages are kept under names that tell of no application: all of them are drawn again when asked for."""
    for path in folder.glob("*/*"):
        path.unlink(missing_ok=True)
