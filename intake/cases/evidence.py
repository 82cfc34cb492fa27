"""The stored evidence of a case: the values its run of checks read, and which of them an officer speaks of."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.checks.models import CheckRun, ExtractedValue
from intake.errors import NotFound


def values_of(session: Session, run: CheckRun | None) -> Sequence[ExtractedValue]:
    """Every value that ``run`` read, in the order of reading; none without a run."""
    if run is None:
        return ()
    return session.scalars(
        select(ExtractedValue).where(ExtractedValue.run_id == run.id).order_by(ExtractedValue.id)
    ).all()


def subject_of(value: ExtractedValue) -> str:
    """How a settlement names a value: on the form by its field, on other papers by document and field.

    It stays the same when the documents are looked at again.
    """
    return f"field:{value.field}" if value.form_page is not None else f"read:{value.document_id}:{value.field}"


def value_behind(session: Session, run: CheckRun | None, subject: str) -> ExtractedValue | None:
    """The reading that ``subject`` speaks of in ``run``; None where nothing was read."""
    kind, _, rest = subject.partition(":")
    if run is None or kind not in {"field", "read"}:
        return None
    wanted = select(ExtractedValue).where(ExtractedValue.run_id == run.id)
    if kind == "field":
        return session.scalars(
            wanted.where(ExtractedValue.field == rest, ExtractedValue.form_page.is_not(None))
        ).first()
    document, _, field = rest.partition(":")
    try:
        identifier = uuid.UUID(document)
    except ValueError:
        return None
    return session.scalars(
        wanted.where(
            ExtractedValue.document_id == identifier, ExtractedValue.field == field, ExtractedValue.form_page.is_(None)
        )
    ).first()


def value_in(session: Session, application_id: uuid.UUID, value_id: int) -> ExtractedValue:
    """A value of this case, of whatever run. Raises ``NotFound`` for any other."""
    found = session.get(ExtractedValue, value_id)
    if found is None or found.application_id != application_id:
        raise NotFound
    return found
