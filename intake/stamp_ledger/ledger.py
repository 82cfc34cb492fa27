"""Which application each identifier serves. One identifier serves one application in the whole archive.

Uses are written with the check that saw them; whether two cases share one is asked when a case is looked at, so that it is
true at that instant for both, and nothing is ever written into somebody else's case.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from intake.applications.models import Application, ReturnedDocument, State, Submission
from intake.notices.models import NoticeEdition
from intake.stamp_ledger.models import LIVE, StampUse

_SPACE = uuid.UUID("6f0b7f2e-6f4b-4c0c-9d4b-3a5f1f6f2b10")


@dataclass(frozen=True, slots=True)
class Use:
    """An identifier on one document; ``seen`` False where it was only declared in the form."""

    kind: str
    identifier: str
    document_id: uuid.UUID
    seen: bool


@dataclass(frozen=True, slots=True)
class OtherCase:
    """A registered case that bears the same identifier."""

    application_id: uuid.UUID
    register_code: str
    year: int
    number_shown: str
    firm: str
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class SecondUse:
    """An identifier of one case that others bear too, in the order in which they were registered.

    ``finding_id`` stays the same while the cases are the same: what an officer settled is asked again when one more comes.
    """

    finding_id: uuid.UUID
    kind: str
    identifier: str
    others: tuple[OtherCase, ...]


def archive_of(edition: NoticeEdition) -> str:
    """All live notices are one archive; each rehearsal is its own."""
    return edition.register_code if edition.is_rehearsal else LIVE


def record_uses(session: Session, application: Application, uses: Iterable[Use], *, at: datetime) -> None:
    """Writes what a check saw. Run again, it writes nothing more; what was only declared and then seen becomes seen."""
    archive = archive_of(application.edition)
    for use in sorted(uses, key=lambda each: (each.kind, each.identifier, str(each.document_id))):
        row = insert(StampUse).values(
            id=uuid.uuid4(),
            archive=archive,
            kind=use.kind,
            identifier=use.identifier,
            application_id=application.id,
            document_id=use.document_id,
            seen=use.seen,
            at=at,
        )
        key = ("archive", "kind", "identifier", "document_id")
        session.execute(
            row.on_conflict_do_update(index_elements=key, set_={"seen": True})
            if use.seen
            else row.on_conflict_do_nothing(index_elements=key)
        )


def second_uses(session: Session, application: Application) -> tuple[SecondUse, ...]:
    """The identifiers of this case that other registered cases of the archive bear too.

    A case closed with its annulled registration frees what it bore for its own employer, and asks nothing any more
    (docs/adr/0016-what-an-annulled-case-bore.md).
    """
    if application.state is State.ANNULLED:
        return ()
    own, own_document, own_submission = aliased(StampUse), aliased(ReturnedDocument), aliased(Submission)
    mine = (
        select(own.archive, own.kind, own.identifier)
        .join(own_document, own_document.id == own.document_id)
        .join(own_submission, own_submission.application_id == own.application_id)
        .where(own.application_id == application.id, _counts(own_document, own_submission))
        .distinct()
        .subquery()
    )
    same = and_(
        StampUse.archive == mine.c.archive, StampUse.kind == mine.c.kind, StampUse.identifier == mine.c.identifier
    )
    freed = and_(Application.state == State.ANNULLED, Application.employer_id == application.employer_id)
    others_too = _registered_uses().join(mine, same).join(Application, Application.id == StampUse.application_id)
    rows = session.execute(others_too.where(StampUse.application_id != application.id, not_(freed)))
    found: dict[tuple[str, str], list[OtherCase]] = {}
    for use, submission in rows:
        others = found.setdefault((use.kind, use.identifier), [])
        if submission.application_id not in [each.application_id for each in others]:
            others.append(_other_case(submission))
    return tuple(_second_use(application, *key, tuple(others)) for key, others in sorted(found.items()))


def cases_with(session: Session, identifier: str) -> tuple[OtherCase, ...]:
    """Every registered case that bears the identifier, rehearsals included, oldest first."""
    rows = session.execute(_registered_uses().where(StampUse.identifier == identifier))
    return tuple({submission.application_id: _other_case(submission) for _, submission in rows}.values())


def _registered_uses() -> Select[StampUse, Submission]:
    return (
        select(StampUse, Submission)
        .join(ReturnedDocument, ReturnedDocument.id == StampUse.document_id)
        .join(Submission, Submission.application_id == StampUse.application_id)
        .where(_counts(ReturnedDocument, Submission))
        .order_by(Submission.registered_at, Submission.number)
    )


def _counts(document: type[ReturnedDocument], submission: type[Submission]) -> ColumnElement[bool]:
    """A document counts unless its sender took it out before transmitting."""
    return or_(document.replaced_at.is_(None), document.replaced_at >= submission.registered_at)


def _other_case(submission: Submission) -> OtherCase:
    return OtherCase(
        submission.application_id,
        submission.register_code,
        submission.year,
        submission.number_shown,
        str(submission.snapshot["data"]["employer"]["name"]),
        submission.registered_at,
    )


def _second_use(application: Application, kind: str, identifier: str, others: tuple[OtherCase, ...]) -> SecondUse:
    which = "|".join([str(application.id), kind, identifier, *sorted(str(each.application_id) for each in others)])
    return SecondUse(uuid.uuid5(_SPACE, which), kind, identifier, others)
