"""A match that is undone: the files leave the application, and what stays there is checked anew (T3)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import select

from intake.applications.models import Application
from intake.arrivals.filing import FORM, attach_arrival
from intake.arrivals.models import Arrival
from intake.arrivals.registration import RegistrationFacts, Sender, register_arrival, reject_arrival
from intake.checks.models import CheckRun, RunState
from intake.checks.readiness import readiness_of
from intake.checks.run import perform_check
from intake.service import Service
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.arrivals.paper_desk import admitting_letters, arrive
from tests.intake.filings import SARDEGNA, checked, examination_finds, issued, newest_run

pytestmark = pytest.mark.shared_installation

FACTS = RegistrationFacts(Sender("Ditta Gamma"), "Richiesta di informazioni")


def attach(service: Service, arrival_id: uuid.UUID, application_id: uuid.UUID) -> None:
    with service.transaction() as session:
        arrival, protocol = session.get_one(Arrival, arrival_id), person_named(session, "protocollo")
        contents = {each.id: (FORM,) for each in arrival.documents}
        attach_arrival(
            service, session, protocol, arrival.edition, arrival_id, application_id, contents, at=service.clock()
        )


def register(service: Service, arrival_id: uuid.UUID) -> None:
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        register_arrival(service, session, protocol, edition, arrival_id, FACTS, at=service.clock())


def reject(service: Service, arrival_id: uuid.UUID) -> None:
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        reject_arrival(session, protocol, edition, arrival_id, "Documento di un altro procedimento", at=service.clock())


@pytest.mark.parametrize("undo", [register, reject])
def test_t3_a_letter_matched_by_mistake_leaves_no_file_behind(
    service: Service, undo: Callable[[Service, uuid.UUID], None]
) -> None:
    service = admitting_letters(service)
    application_id, pdf = issued(service)
    arrival_id = arrive(service, pdf)
    attach(service, arrival_id, application_id)
    undo(service, arrival_id)
    with service.transaction() as session:
        application = session.get_one(Application, application_id)
        assert application.current_documents == []
        assert application.events[-1].name == "document_replaced"
        assert session.get_one(Arrival, arrival_id).application_id is None
        runs = session.scalars(select(CheckRun).where(CheckRun.application_id == application_id))
        assert [each.state for each in runs] == [RunState.OUTDATED], "its run looks at files that are gone"


def test_t3_the_same_scan_brought_twice_stays_while_one_of_the_two_arrivals_is_matched(service: Service) -> None:
    service = admitting_letters(service)
    application_id, pdf = issued(service)
    first, second = arrive(service, pdf), arrive(service, pdf)
    for arrival_id in (first, second):
        attach(service, arrival_id, application_id)
    reject(service, second)
    with service.transaction() as session:
        assert {each.sha256 for each in session.get_one(Application, application_id).current_documents}
        assert session.get_one(Arrival, first).application_id == application_id
    reject(service, first)
    with service.transaction() as session:
        assert session.get_one(Application, application_id).current_documents == []


def test_t3_the_first_application_is_checked_anew_and_can_be_sent(service: Service) -> None:
    service = admitting_letters(service)
    wrong, pdf = issued(service)
    right, _ = issued(service, firm="BETA SNC", unit="Laboratorio")
    checked(service, wrong)
    arrival_id = arrive(service, pdf)
    attach(service, arrival_id, wrong)
    attach(service, arrival_id, right)
    with service.transaction() as session:
        run = newest_run(session, wrong)
        (own,) = session.get_one(Application, wrong).current_documents
        assert run.documents == {"ids": [str(own.id)]}
    with examination_finds():
        perform_check(service, run.id)
    with service.transaction() as session:
        application, filer = session.get_one(Application, wrong), person_named(session, "consulente")
        readiness = readiness_of(service, session, application, filer, at=service.clock())
    assert readiness.can_transmit, readiness
