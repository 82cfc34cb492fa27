"""Undoing a match: the files that an arrival put among those of an application leave it, and what stays is checked anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from intake.applications.lifecycle import Actor, lock, move
from intake.applications.models import Origin, State
from intake.arrivals.models import Arrival
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
    hashes = {each.sha256 for each in arrival.documents}
    given = [each for each in application.current_documents if each.origin is Origin.PAPER and each.sha256 in hashes]
    for document in given:
        document.replaced_at = at
    for name in dict.fromkeys(each.name for each in given):
        move(session, application, "document_replaced", actor=Actor.PROTOCOL_OFFICE, person=person, at=at, name=name)
    if given and (form := application.current_form):
        request_check(session, application, form, at=at)
