"""Some time after a rehearsal ended, what people did in it goes: applications, documents, receipts, and its keys.

People tried with their own data, and nothing of a rehearsal has any effect: there is no reason to keep it beyond the time in
which they may want to read it again (GDPR, art. 5 par. 1 e). Kept are the edition's row, so that its code is never given
again, and accounts and firms, which are not the rehearsal's. A live edition is never touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    MetaData,
    Select,
    String,
    cast,
    delete,
    func,
    select,
    true,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

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
from intake.orm import Base
from intake.protocol.rehearsal_end import wipe_retired_rehearsals
from intake.publication.models import PublicationWithdrawal, SignedPublication
from intake.service import Service
from intake.stamp_ledger.models import StampUse
from protocol_register import tables

STILL_WRITING = timedelta(hours=1)
"""A document stored so lately may be on its way into a transaction that does not show yet."""

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
    return [_forget(service, code, at) for code in ended]


def named_documents() -> list[Column[str]]:
    """Every column of the service and of the registers that names a document of the store by its hash."""
    return [*_hash_columns(Base.metadata), *_hash_columns(tables.metadata)]


def _hash_columns(metadata: MetaData) -> Iterable[Column[str]]:
    columns = (column for table in metadata.sorted_tables for column in table.columns)
    return (each for each in columns if each.name.endswith("sha256") and isinstance(each.type, String))


def _forget(service: Service, register_code: str, at: datetime) -> Forgotten:
    edition = select(NoticeEdition.id).where(
        NoticeEdition.register_code == register_code, NoticeEdition.kind == "rehearsal"
    )
    applications = select(Application.id).where(Application.edition_id.in_(edition))
    with service.database.owner_engine() as owner, owner.begin() as connection:
        hashes = _documents_of(connection, applications) | _published_of(connection, edition)
        for table in _ONLY_ADDED:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
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
        unnamed = hashes - _still_named(connection, hashes)
        removed = sum(service.store.remove(each, before=at - STILL_WRITING) for each in unnamed)
        service.keys.remove_edition_keys(register_code)
    _empty(service.settings.data / "page-images")
    done = Forgotten(register_code, count, removed, len(hashes) - removed)
    _LOG.info("rehearsal_forgotten", register=register_code, applications=count, files=removed, spared=done.spared)
    return done


def _documents_of(connection: Connection, applications: Select[UUID]) -> set[str]:
    """Everything in the store that the applications of a rehearsal name."""
    named: CompoundSelect[str] = union(
        select(IssuedForm.pdf_sha256).where(IssuedForm.application_id.in_(applications)),
        select(ReturnedDocument.sha256).where(ReturnedDocument.application_id.in_(applications)),
        select(Receipt.pdf_sha256).where(Receipt.application_id.in_(applications), Receipt.pdf_sha256.is_not(None)),
        select(AnnulmentWord.letter_sha256).where(AnnulmentWord.application_id.in_(applications)),
        _in_lists(ListProposal.application_id.in_(applications)),
    )
    found = set(connection.scalars(named))
    papers = connection.scalars(
        select(IssuedForm.worker_papers).where(
            IssuedForm.application_id.in_(applications), IssuedForm.worker_papers.is_not(None)
        )
    )
    return found | {part["pdf_sha256"] for each in papers for parts in each.values() for part in parts}


def _published_of(connection: Connection, edition: Select[UUID]) -> set[str]:
    """The signed documents that were published for a rehearsal, with those inside their envelopes."""
    of_edition = SignedPublication.edition_id.in_(edition)
    enclosed = select(SignedPublication.enclosed_sha256).where(
        of_edition, SignedPublication.enclosed_sha256.is_not(None)
    )
    named: CompoundSelect[str | None] = union(select(SignedPublication.sha256).where(of_edition), enclosed)
    return {each for each in connection.scalars(named) if each}


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


def _still_named(connection: Connection, hashes: set[str]) -> set[str]:
    """Of some documents, those that a live application, an arrival, a message or a register names too."""
    wanted = list(hashes)
    if not wanted:
        return set()
    by_column = [select(column).where(column.in_(wanted)) for column in named_documents()]
    return set(connection.scalars(union(*by_column))) | set(connection.scalars(_in_lists(true()))) & hashes


def _in_lists(condition: ColumnElement[bool]) -> Select[str]:
    """The files of lists of workers, which stand in one column as JSON."""
    file = func.jsonb_array_elements(ListProposal.files).table_valued("value", name="file").render_derived()
    return (
        select(cast(file.c.value, JSONB)["sha256"].astext).select_from(ListProposal).join(file, true()).where(condition)
    )


def _empty(folder: Path) -> None:
    """Pictures of pages are kept under names that tell of no application: all of them are drawn again when asked for."""
    for path in folder.glob("*/*"):
        path.unlink(missing_ok=True)
