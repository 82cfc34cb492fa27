"""Undoing a match: the files that an arrival put among those of an application leave it, and what stays is checked anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications.lifecycle import Actor, lock, move
from intake.applications.models import Application, Origin, State
from intake.arrivals.models import Arrival, ArrivalDocument
from intake.checks.run import request_check
from intake.people.models import Person


def withdraw_files(session: Session, arrival: Arrival, person: Person, *, at: datetime) -> None:
    """What a locked arrival gave before, to this application or to one chosen by mistake, no longer counts.

    The arrival belongs to no application afterwards. What was transmitted already stays as it was.
    """
    if arrival.application_id is None:
        return
    application = lock(session, arrival.application_id)
    arrival.application_id = None
    if application.state is not State.ISSUED:
        return
    session.flush()
    hashes = {each.sha256 for each in arrival.documents} - _brought_by_others(session, application)
    given = [each for each in application.current_documents if each.origin is Origin.PAPER and each.sha256 in hashes]
    for document in given:
        document.replaced_at = at
    for name in dict.fromkeys(each.name for each in given):
        move(session, application, "document_replaced", actor=Actor.PROTOCOL_OFFICE, person=person, at=at, name=name)
    if given and (form := application.current_form):
        request_check(session, application, form, at=at)


def _brought_by_others(session: Session, application: Application) -> set[str]:
    """The files that an arrival still matched to the application brought too: the same scan, uploaded twice."""
    matched = select(Arrival.id).where(Arrival.application_id == application.id)
    return set(session.scalars(select(ArrivalDocument.sha256).where(ArrivalDocument.arrival_id.in_(matched))))
