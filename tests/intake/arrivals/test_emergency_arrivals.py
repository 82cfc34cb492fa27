"""A line of the emergency register becomes an application with its own number and the emergency's instant (C6, T3, S8)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from intake.applications.lifecycle import timeline_sentence
from intake.applications.models import Application, Receipt, State
from intake.applications.receipts import make_receipt
from intake.applications.transmission import CannotTransmit
from intake.arrivals import emergency
from intake.arrivals.answer import answer_arrival, proposed_answer
from intake.arrivals.emergency import EmergencyEntryAnnulled, ScanMissing
from intake.arrivals.filing import ChannelNotAdmitted, receipt_of_filing
from intake.arrivals.models import Arrival, ArrivalChannel, ArrivalState
from intake.arrivals.moves import ArrivalMovedOn
from intake.arrivals.receiving import Scan, add_scans
from intake.arrivals.recognition import recognise_arrival, recognised_forms
from intake.arrivals.registration import match_to_case, reject_arrival
from intake.cases.annulment import annul_registration
from intake.cases.balance import balance_of
from intake.cases.queue import waiting_cases
from intake.checks.finding import Finding
from intake.checks.severity import Severity
from intake.clock import ROME
from intake.protocol.emergency import import_file
from intake.service import Service
from protocol_register.entries import Channel, Direction
from protocol_register.entry_search import EntryQuery, find_entries
from protocol_register.search import entry_of
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.arrivals.paper_desk import admitting_letters, arrive
from tests.intake.arrivals.test_paper_filing import attach, check, file
from tests.intake.filings import SARDEGNA, checked, issued, sent
from tests.intake.protocol.test_emergency_import import filled, prepared


def imported(service: Service) -> list[uuid.UUID]:
    """A sheet of yesterday with two incoming lines, at 9:10 and 9:40; their arrivals in that order."""
    code, empty = prepared(service)
    sheet = filled(empty, service.clock())
    import_file(service, code, "foglio.csv", sheet, operator="office:1", at=service.clock())
    with service.transaction() as session:
        found = select(Arrival.id).where(Arrival.channel == ArrivalChannel.EMERGENCY).order_by(Arrival.number)
        return list(session.scalars(found))


def scanned(service: Service, arrival_id: uuid.UUID, *scans: bytes) -> None:
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        files = [Scan(f"scansione-{number}.pdf", data) for number, data in enumerate(scans, 1)]
        add_scans(service, session, protocol, edition, arrival_id, files, at=service.clock())
    recognise_arrival(service, arrival_id)


def read(service: Service, arrival_id: uuid.UUID) -> Arrival:
    with service.transaction() as session:
        arrival = session.get_one(Arrival, arrival_id)
        assert arrival.events
        return arrival


def yesterday_at(service: Service, hour: int, minute: int) -> datetime:
    day = service.clock().astimezone(ROME) - timedelta(days=1)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def test_c6_a_line_of_the_sheet_takes_the_place_of_its_emergency_instant(service: Service) -> None:
    service = admitting_letters(service)
    online, _ = issued(service, firm="BETA SNC", unit="Laboratorio")
    checked(service, online)
    sent(service, online)
    on_paper, pdf = issued(service)
    first, second = imported(service)
    assert read(service, first).state is ArrivalState.REGISTERED
    scanned(service, first, pdf)
    with service.transaction() as session:
        (form,) = recognised_forms(session, session.get_one(Arrival, first))
        assert (form.issued.application_id, form.missing) == (on_paper, ())
    attach(service, first, on_paper)
    check(service, on_paper)
    submission = file(service, first)
    arrival = read(service, first)
    assert submission.number == arrival.number == 2, "the ordinary number of the import, not another one"
    assert submission.legal_instant == yesterday_at(service, 9, 10)
    assert arrival.state is ArrivalState.MATCHED
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
        queue = waiting_cases(session, edition, at=service.clock(), patience=600)
        assert [each.application.id for each in queue] == [on_paper, online]
        told = " ".join(timeline_sentence(each) for each in session.get_one(Application, on_paper).events)
        assert "giorno di emergenza" in told
        entry = entry_of(session.connection(), edition.register_code, submission.year, submission.number)
        assert (entry.channel, entry.document) == (Channel.EMERGENCY, None)
        assert len(find_entries(session.connection(), edition.register_code, EntryQuery()).entries) == 4
        scans = entry_of(session.connection(), edition.register_code, submission.year, 4)
        assert (scans.direction, scans.document.sha256) == (Direction.INTERNAL, arrival_document(session, first))
        assert entry.emergency_number in scans.subject
        balance = balance_of(session, edition, service.clock().astimezone(ROME).date(), store=service.store)
        assert balance.holds, balance
        receipt_id = session.scalars(select(Receipt.id).where(Receipt.application_id == on_paper)).one()
    make_receipt(service, receipt_id)
    with service.transaction() as session:
        receipt = receipt_of_filing(session, session.get_one(Arrival, first))
        assert receipt is not None
        assert receipt.id == receipt_id
    assert read(service, second).application_id is None


def arrival_document(session, arrival_id: uuid.UUID) -> str:
    return session.get_one(Arrival, arrival_id).documents[0].sha256


def test_c6_without_a_scan_or_after_its_annulment_a_line_is_no_application(service: Service) -> None:
    service = admitting_letters(service)
    on_paper, pdf = issued(service)
    first, second = imported(service)
    with service.transaction() as session:
        session.get_one(Arrival, second).application_id = on_paper
    with pytest.raises(ScanMissing):
        file(service, second)
    scanned(service, first, pdf)
    attach(service, first, on_paper)
    check(service, on_paper)
    arrival = read(service, first)
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        facts = {"act": "Det. 1/2026", "reason": "Registrata per errore", "at": service.clock()}
        annul_registration(service, session, protocol, edition, arrival.year, arrival.number, **facts)
    with pytest.raises(EmergencyEntryAnnulled):
        file(service, first)
    with service.transaction() as session:
        assert session.get_one(Application, on_paper).state is State.ISSUED
        assert len(find_entries(session.connection(), edition.register_code, EntryQuery()).entries) == 2, (
            "no scan registered"
        )


def test_c6_a_line_annulled_while_its_filing_waited_becomes_no_application(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = admitting_letters(service)
    on_paper, pdf = issued(service)
    first, _ = imported(service)
    scanned(service, first, pdf)
    attach(service, first, on_paper)
    check(service, on_paper)
    seen = iter([None, object()])
    monkeypatch.setattr(emergency, "annulment_of", lambda *_: next(seen))
    with pytest.raises(EmergencyEntryAnnulled):
        file(service, first)
    with service.transaction() as session:
        assert session.get_one(Application, on_paper).state is State.ISSUED


def test_b9_where_paper_is_no_application_an_emergency_makes_none_of_it(service: Service) -> None:
    application_id, pdf = issued(service)
    first, _ = imported(service)
    scanned(service, first, pdf)
    with pytest.raises(ChannelNotAdmitted):
        attach(service, first, application_id)
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        arrival = session.get_one(Arrival, first)
        proposed = proposed_answer(service, arrival)
        assert "non è una domanda" in proposed.text
        at = service.clock()
        entry = answer_arrival(service, session, protocol, edition, first, proposed, answers_seen=0, at=at)
    assert (entry.direction, entry.channel) == (Direction.OUT, Channel.LETTER)


def test_t3_what_refuses_online_refuses_here_and_an_ordinary_registration_is_never_filed_again(
    service: Service,
) -> None:
    service = admitting_letters(service)
    early, pdf = issued(service)
    first, second = imported(service)
    scanned(service, first, pdf)
    attach(service, first, early)
    check(service, early, Finding("pages.missing", Severity.ERROR, "Manca la pagina 2."))
    with pytest.raises(CannotTransmit):
        file(service, first)
    other, _ = issued(service, firm="BETA SNC", unit="Laboratorio")
    checked(service, other)
    sent(service, other)
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        match_to_case(session, protocol, edition, second, other, at=service.clock())
        match_to_case(session, protocol, edition, first, other, at=service.clock())
        assert session.get_one(Application, early).current_documents == [], "its files went with the match"
    for act in (lambda: attach(service, first, early), lambda: file(service, first)):
        with pytest.raises(ArrivalMovedOn):
            act()
    letter = arrive(service, b"una lettera")
    with service.transaction() as session:
        reject_arrival(session, protocol, edition, letter, "Copia", at=service.clock())
    with pytest.raises(ArrivalMovedOn):
        scanned(service, letter, b"altro")
