"""An arrival whose registration was annulled takes a new number: what was wrong is corrected, the document is the same.

What a registration states of sender and subject never changes: it is annulled and written again (DPR 445/2000, art. 53 and 54).
The new number belongs to the arrival from then on; the old one stays readable in the register and among its events.
"""

from __future__ import annotations

import uuid
from http import HTTPStatus

from sqlalchemy.orm import Session

from intake.arrivals.models import Arrival
from intake.arrivals.moves import arrival_of, move_arrival, require_move
from intake.arrivals.registration import RegistrationFacts, give_number
from intake.cases.annulment import case_of_registration
from intake.cases.register_view import operator_of
from intake.errors import Refusal
from intake.notices.models import NoticeEdition
from intake.people.models import Person
from intake.service import Service
from protocol_register.entries import Annulment
from protocol_register.registration import classify
from protocol_register.search import annulment_of, classifications_of


class NotToRegisterAnew(Refusal):
    code = "not_to_register_anew"
    message = (
        "Questo documento non si registra di nuovo da qui: la sua registrazione è in vigore, o ha aperto una pratica."
    )
    remedy = "Apra la registrazione. Di una pratica decide il direttore generale, dalla pagina dell'annullamento."
    law = "D.P.R. 445/2000, art. 54"
    status = HTTPStatus.CONFLICT


def annulment_to_mend(session: Session, arrival: Arrival) -> Annulment | None:
    """The annulment of an arrival's registration that the protocol office may follow with a new one.

    None while the registration is in force, where the director general decides about its case, and for a line of the
    emergency register, which is registered as a new arrival.
    """
    code, year, number = arrival.register_code, arrival.year, arrival.number
    if code is None or year is None or number is None or arrival.emergency_number is not None:
        return None
    annulment = annulment_of(session.connection(), code, year, number)
    return annulment if annulment and case_of_registration(session, code, year, number) is None else None


def register_anew(
    service: Service,
    session: Session,
    person: Person,
    edition: NoticeEdition,
    arrival_id: uuid.UUID,
    facts: RegistrationFacts,
) -> Arrival:
    """Gives the documents of an annulled registration a new number, with the classification that they had.

    The last thing before the commit; the instant of registration is the register's own, that of the arrival does not change.
    Raises ``NotFound``, ``ArrivalMovedOn``, ``NotToRegisterAnew``, ``RegisterRefuses``.
    """
    arrival = arrival_of(session, edition, arrival_id, lock=True)
    require_move(arrival, "registered_anew")
    annulment = annulment_to_mend(session, arrival)
    if annulment is None:
        raise NotToRegisterAnew
    connection, before = session.connection(), f"{arrival.number_shown}/{arrival.year}"
    history = classifications_of(connection, annulment.register, annulment.year, annulment.number)
    entry = give_number(service, session, arrival, facts, person)
    detail = {"number": entry.shown_number, "year": entry.year, "in_place_of": before}
    move_arrival(session, arrival, "registered_anew", person=person, at=entry.instant, **detail)
    if history:
        classify(
            connection,
            *(entry.register, entry.year, entry.number),
            operator=operator_of(person),
            classification=history[-1].classification,
            file_reference=history[-1].file_reference,
            assigned_to=history[-1].assigned_to,
        )
    return arrival
