"""The office's list of authorisations to virtual payment: kept by hand, closed with a reason, never rewritten."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.errors import NotFound, Refusal
from intake.people.models import Person
from intake.stamp_ledger.models import VirtualAuthorization
from signing.stamp_duty.virtual import KeptAuthorization


class AuthorizationIncomplete(Refusal):
    code = "authorization_incomplete"
    message = "Per aggiungere un'autorizzazione servono ufficio, numero, data, titolare e inizio di validità."
    remedy = "Compili i campi segnalati."
    law = "D.P.R. 642/1972, art. 15"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.fields = fields
        super().__init__()


class AuthorizationKnown(Refusal):
    code = "authorization_known"
    message = "L'autorizzazione n. {number} del {day} è già nell'elenco."
    remedy = "La cerchi nell'elenco; se è cambiata, la chiuda e la aggiunga di nuovo."
    status = HTTPStatus.CONFLICT


class ClosingReasonNeeded(Refusal):
    code = "closing_reason_needed"
    message = "Per chiudere un'autorizzazione servono l'ultimo giorno di validità e il motivo."
    remedy = "Indichi il giorno, non prima dell'inizio, e scriva il motivo: resta nell'elenco."
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True)
class NewAuthorization:
    """What is typed to add one; ``valid_to`` None while no end is known; ``holder_code``: tax code or VAT number."""

    office: str
    number: str
    issued_on: date | None
    holder: str
    holder_code: str
    valid_from: date | None
    valid_to: date | None = None


def authorizations(session: Session) -> list[VirtualAuthorization]:
    """The whole list: open ones first, each group by holder."""
    rows = session.scalars(
        select(VirtualAuthorization).order_by(VirtualAuthorization.holder, VirtualAuthorization.added_at)
    )
    return sorted(rows, key=lambda row: row.closed_at is not None)


def kept_authorizations(session: Session) -> tuple[KeptAuthorization, ...]:
    """The list as the checks compare with it. A closed one still holds for the days in which it was valid."""
    return tuple(
        KeptAuthorization(
            office=row.office,
            number=row.number,
            issued_on=row.issued_on,
            holder=row.holder,
            holder_codes=frozenset({row.holder_code} - {None}),  # type: ignore[arg-type]
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in authorizations(session)
    )


def add_authorization(
    session: Session, person: Person, typed: NewAuthorization, *, at: datetime
) -> VirtualAuthorization:
    """Adds one to the list. Raises ``AuthorizationIncomplete`` naming the fields, ``AuthorizationKnown``."""
    missing = tuple(
        field for field in ("office", "number", "issued_on", "holder", "valid_from") if not getattr(typed, field)
    )
    wrong = ("valid_to",) if typed.valid_to and typed.valid_from and typed.valid_to < typed.valid_from else ()
    if missing or wrong or typed.issued_on is None or typed.valid_from is None:
        raise AuthorizationIncomplete((*missing, *wrong))
    known = session.scalar(
        select(VirtualAuthorization.id).where(
            VirtualAuthorization.number == typed.number,
            VirtualAuthorization.issued_on == typed.issued_on,
            VirtualAuthorization.office == typed.office,
            VirtualAuthorization.closed_at.is_(None),
        )
    )
    if known:
        raise AuthorizationKnown(number=typed.number, day=f"{typed.issued_on:%d/%m/%Y}")
    row = VirtualAuthorization(
        office=typed.office,
        number=typed.number,
        issued_on=typed.issued_on,
        holder=typed.holder,
        holder_code=typed.holder_code.upper() or None,
        valid_from=typed.valid_from,
        valid_to=typed.valid_to,
        added_by=person.id,
        added_at=at,
    )
    session.add(row)
    session.flush()
    return row


def close_authorization(
    session: Session, person: Person, authorization_id: uuid.UUID, *, last_day: date | None, reason: str, at: datetime
) -> VirtualAuthorization:
    """Ends one: it holds up to ``last_day``. Raises ``NotFound`` (unknown, or closed before), ``ClosingReasonNeeded``."""
    row = session.get(VirtualAuthorization, authorization_id, with_for_update={"of": VirtualAuthorization})
    if row is None or row.closed_at is not None:
        raise NotFound
    if last_day is None or last_day < row.valid_from or not reason.strip():
        raise ClosingReasonNeeded
    row.valid_to, row.closed_at, row.closed_by, row.closing_reason = last_day, at, person.id, reason.strip()
    return row
