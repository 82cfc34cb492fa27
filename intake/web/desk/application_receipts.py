"""The receipts of an application, the newest first."""

from __future__ import annotations

from sqlalchemy import select

from intake.applications.models import Application, Receipt
from intake.web.frame.context import session


def receipts_of(application: Application) -> list[Receipt]:
    """Those owed and those made, of both kinds."""
    return list(
        session().scalars(
            select(Receipt).where(Receipt.application_id == application.id).order_by(Receipt.created_at.desc())
        )
    )
