"""Annulling a registration by its act: the number stays readable, the case waits for the director general, nothing vanishes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications.lifecycle import Actor, lock, move
from intake.applications.models import Submission
from intake.cases.register_view import operator_of
from intake.notices.models import NoticeEdition
from intake.people.models import Person
from intake.service import Service
from protocol_register import tables
from protocol_register.registration import annul


def annul_registration(
    service: Service,
    session: Session,
    person: Person,
    edition: NoticeEdition,
    year: int,
    number: int,
    *,
    act: str,
    reason: str,
    at: datetime,
) -> None:
    """Annuls one registration of an edition (DPR 445/2000, art. 54) and tells the case that it opened, if any.

    The last thing before the commit. Raises what ``protocol_register.registration.annul`` raises.
    """
    code = edition.register_code
    opened = session.scalar(
        select(Submission.application_id).where(
            Submission.register_code == code, Submission.year == year, Submission.number == number
        )
    )
    application = lock(session, opened) if opened else None
    key = service.keys.register_key(code)
    annul(session.connection(), code, year, number, operator=operator_of(person), act=act, reason=reason, key=key)
    if application is not None:
        actor = Actor.PROTOCOL_OFFICE
        move(session, application, "registration_annulled", actor=actor, person=person, at=at, act=act)


def annulled_numbers(session: Session, edition: NoticeEdition) -> frozenset[tuple[int, int]]:
    """Year and number of every annulled registration of an edition."""
    place = tables.annulment.c
    rows = session.execute(select(place.year, place.number).where(place.register == edition.register_code))
    return frozenset((year, number) for year, number in rows)
