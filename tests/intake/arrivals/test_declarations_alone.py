"""A letter with nothing but declarations of availability finds its application by its codes and is attached to it (T5)."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from intake.applications.draft import reopen
from intake.applications.issue import issue_form
from intake.applications.lifecycle import MoveNotPossible, events_told, sentence_told
from intake.applications.models import Application, Origin, State
from intake.applications.worker_papers import all_worker_papers
from intake.arrivals.declarations import NoDeclarationsFound, attach_declarations, recognised_declarations
from intake.arrivals.filing import ChannelNotAdmitted
from intake.arrivals.models import Arrival, ArrivalChannel, ArrivalState
from intake.arrivals.moves import ArrivalMovedOn
from intake.arrivals.receiving import PaperArrival, Scan, receive_paper
from intake.arrivals.recognition import recognise_arrival, recognised_forms
from intake.arrivals.registration import RegistrationFacts, Sender, register_arrival
from intake.cases.balance import balance_of
from intake.clock import ROME
from intake.errors import NotFound
from intake.service import Service
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.arrivals.test_paper_filing import pages
from tests.intake.checks.test_declaration_findings import issued_in_toscana
from tests.intake.filings import checked, issued, newest_run, sent

pytestmark = pytest.mark.shared_installation

TOSCANA = "toscana-2009"
KEY = "availability_declaration"


def arrived(service: Service, scan: bytes, channel: ArrivalChannel = ArrivalChannel.LETTER) -> uuid.UUID:
    """A registered letter, its codes looked for."""
    at = service.clock()
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, TOSCANA), person_named(session, "protocollo")
        paper, scans = PaperArrival(channel, at), [Scan("busta.pdf", scan)]
        arrival_id = receive_paper(service, session, protocol, edition, paper, scans, at=at).id
    recognise_arrival(service, arrival_id)
    return arrival_id


def registered(service: Service, arrival_id: uuid.UUID) -> None:
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, TOSCANA), person_named(session, "protocollo")
        facts = RegistrationFacts(Sender("ALFA SRL"), "Dichiarazioni dei lavoratori")
        register_arrival(service, session, protocol, edition, arrival_id, facts, at=service.clock())


def attached(service: Service, arrival_id: uuid.UUID, application_id: uuid.UUID) -> None:
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, TOSCANA), person_named(session, "protocollo")
        attach_declarations(service, session, protocol, edition, arrival_id, application_id, at=service.clock())


def printed(service: Service, application_id: uuid.UUID) -> bytes:
    with service.transaction() as session:
        (paper,) = all_worker_papers(session.get_one(Application, application_id))
        return service.store.get(paper.pdf_sha256)


def test_t5_declarations_alone_find_their_application_and_join_its_documents(service: Service) -> None:
    application_id, _ = issued_in_toscana(service)
    arrival_id = arrived(service, pages(printed(service, application_id), 1, 3))
    with service.transaction() as session:
        arrival = session.get_one(Arrival, arrival_id)
        (found,) = recognised_declarations(session, arrival)
        assert recognised_forms(session, arrival) == (), "they are no form of an application"
        assert (found.issued.application_id, found.key, found.pages, found.of) == (application_id, KEY, (1, 3), 3)
    with pytest.raises(ArrivalMovedOn):
        attached(service, arrival_id, application_id)
    registered(service, arrival_id)
    attached(service, arrival_id, application_id)
    with service.transaction() as session:
        application, arrival = session.get_one(Application, application_id), session.get_one(Arrival, arrival_id)
        assert (arrival.state, arrival.application_id) == (ArrivalState.MATCHED, application_id)
        (document,) = application.current_documents
        assert (document.attachment_key, document.origin) == (KEY, Origin.PAPER)
        assert document.sha256 == arrival.documents[0].sha256
        assert newest_run(session, application_id).documents == {"ids": [str(document.id)]}
        told = sentence_told(events_told(application)[-1])
        assert "arrivato per raccomandata" in told
        assert "2 pagine" in told
        assert application.state is State.ISSUED
    with pytest.raises(ArrivalMovedOn):
        attached(service, arrival_id, application_id)


def test_t5_for_an_application_already_sent_the_place_stays_and_the_balance_holds(service: Service) -> None:
    application_id, _ = issued_in_toscana(service)
    declarations = printed(service, application_id)
    with service.transaction() as session:
        edition = rehearsal_of(session, TOSCANA)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("intake.checks.readiness.missing_documents", lambda *_: ())
        checked(service, application_id)
        before = sent(service, application_id, confirmed=_everything(service, application_id))
    arrival_id = arrived(service, declarations)
    registered(service, arrival_id)
    attached(service, arrival_id, application_id)
    with service.transaction() as session:
        application = session.get_one(Application, application_id)
        assert application.submission is not None
        assert application.submission.legal_instant == before.legal_instant
        assert len(application.current_documents) == 2
        assert "posto nell'ordine di esame non cambia" in sentence_told(events_told(application)[-1])
        today = service.clock().astimezone(ROME).date()
        assert balance_of(session, edition, today, store=service.store).holds


def _everything(service: Service, application_id: uuid.UUID) -> tuple[str, ...]:
    from intake.checks.readiness import readiness_of

    with service.transaction() as session:
        application, filer = session.get_one(Application, application_id), person_named(session, "consulente")
        readiness = readiness_of(service, session, application, filer, at=service.clock())
        return tuple(each.key for each in readiness.asking)


def test_t5_what_was_signed_before_the_form_was_issued_again_still_finds_it(service: Service) -> None:
    application_id, _ = issued_in_toscana(service)
    declarations = printed(service, application_id)
    with service.transaction() as session:
        person = person_named(session, "consulente")
        reopen(session, person, application_id, at=service.clock())
        issue_form(service, session, person, application_id, at=service.clock())
    arrival_id = arrived(service, declarations)
    with service.transaction() as session:
        (found,) = recognised_declarations(session, session.get_one(Arrival, arrival_id))
        current = session.get_one(Application, application_id).current_form
        assert current is not None
        assert found.current_form == current.form != found.issued.form


def test_t5_declarations_of_others_or_by_a_way_not_admitted_are_attached_to_nothing(service: Service) -> None:
    application_id, form = issued_in_toscana(service)
    elsewhere, _ = issued(service)
    arrival_id = arrived(service, form)
    registered(service, arrival_id)
    with pytest.raises(NoDeclarationsFound):
        attached(service, arrival_id, application_id)
    with pytest.raises(NotFound):
        attached(service, arrival_id, elsewhere)
    declared = arrived(service, printed(service, application_id))
    registered(service, declared)
    with service.transaction() as session:
        session.get_one(Application, application_id).state = State.DISCARDED
    with pytest.raises(MoveNotPossible):
        attached(service, declared, application_id)
    pack = service.packs[TOSCANA]
    closed = tuple(each.model_copy(update={"application": False}) for each in pack.channels)
    refusing = replace(service, packs={**service.packs, TOSCANA: pack.model_copy(update={"channels": closed})})
    with pytest.raises(ChannelNotAdmitted):
        attached(refusing, declared, application_id)
