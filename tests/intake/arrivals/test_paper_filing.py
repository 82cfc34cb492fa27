"""Paper arrivals: recognised by their codes, checked like any other, registered at the place of their arrival (T3, B9, S8)."""

from __future__ import annotations

import hashlib
import io
import json
import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

import pikepdf
import pytest
import structlog
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from intake.applications.lifecycle import events_told, sentence_told, timeline_sentence
from intake.applications.models import Application, Receipt, ReturnedDocument, State, Submission
from intake.applications.receipts import make_receipt
from intake.applications.returns import take_back
from intake.applications.transmission import CannotTransmit, ChecksRunning, RegisterStopped
from intake.arrivals.answer import AnswerText, answer_arrival, proposed_answer
from intake.arrivals.candidates import find_candidates
from intake.arrivals.filing import FORM, ChannelNotAdmitted, NoFormAmongFiles, attach_arrival, file_arrival
from intake.arrivals.models import Arrival, ArrivalChannel, ArrivalDocument, ArrivalState, Recognition
from intake.arrivals.moves import ArrivalMovedOn
from intake.arrivals.receiving import ArrivesLater, PostedAfterArrival, PostingDayNeeded
from intake.arrivals.recognition import recognised_forms
from intake.arrivals.registration import (
    ReasonMissing,
    RegisterRefuses,
    RegistrationFacts,
    Sender,
    assign_elsewhere,
    match_to_case,
    register_arrival,
    reject_arrival,
)
from intake.cases.queue import waiting_cases
from intake.checks.finding import Finding
from intake.checks.run import perform_check
from intake.checks.severity import Severity
from intake.clock import ROME
from intake.errors import NotFound
from intake.service import Service
from protocol_register.checkpoint import make_checkpoint
from protocol_register.entries import Channel, Direction, RegisterKind, origin_of
from protocol_register.known_head import KnownHead
from protocol_register.search import classifications_of, entry_of
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.arrivals.paper_desk import admitting_letters, arrive, recognised
from tests.intake.filings import SARDEGNA, checked, examination_finds, issued, newest_run, sent

pytestmark = pytest.mark.shared_installation

FACTS = RegistrationFacts(Sender("Ditta Gamma"), "Richiesta di informazioni", received_protocol="12/A")


def attach(service: Service, arrival_id: uuid.UUID, application_id: uuid.UUID, *keys: str) -> None:
    with service.transaction() as session:
        arrival = session.get_one(Arrival, arrival_id)
        contents = {each.id: keys or (FORM,) for each in arrival.documents}
        protocol = person_named(session, "protocollo")
        attach_arrival(
            service, session, protocol, arrival.edition, arrival_id, application_id, contents, at=service.clock()
        )


def check(service: Service, application_id: uuid.UUID, *findings: Finding) -> None:
    with service.transaction() as session:
        run = newest_run(session, application_id).id
    with examination_finds(*findings):
        perform_check(service, run)


def file(service: Service, arrival_id: uuid.UUID) -> Submission:
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
        protocol = person_named(session, "protocollo")
        return file_arrival(service, session, protocol, edition, arrival_id, at=service.clock())


def register(service: Service, arrival_id: uuid.UUID, facts: RegistrationFacts = FACTS) -> Arrival:
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
        protocol = person_named(session, "protocollo")
        return register_arrival(service, session, protocol, edition, arrival_id, facts, at=service.clock())


def read(service: Service, arrival_id: uuid.UUID) -> Arrival:
    with service.transaction() as session:
        arrival = session.get_one(Arrival, arrival_id)
        assert arrival.documents is not None
        assert arrival.events is not None
        return arrival


def pages(pdf: bytes, *numbers: int) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as whole, pikepdf.new() as part:
        part.add_pages_from(whole, [number - 1 for number in numbers])
        out = io.BytesIO()
        part.save(out)
    return out.getvalue()


@pytest.mark.own_installation
def test_t3_a_letter_finds_its_application_and_takes_the_place_of_its_arrival(service: Service) -> None:
    service = admitting_letters(service)
    waiting, pdf = issued(service, unit="Forno di Pirri")
    earlier, _ = issued(service, firm="BETA SNC", unit="Laboratorio")
    checked(service, earlier)
    sent(service, earlier)
    arrived = service.clock() - timedelta(hours=3)
    arrival_id = recognised(service, pdf, arrived_at=arrived, letter_number=" 1523\t456 ", posted_on=date(2020, 4, 6))
    with service.transaction() as session:
        (form,) = recognised_forms(session, session.get_one(Arrival, arrival_id))
        assert (form.issued.application_id, form.missing, form.superseded) == (waiting, (), False)
    attach(service, arrival_id, waiting)
    with pytest.raises(ChecksRunning):
        file(service, arrival_id)
    check(service, waiting, Finding("reading.low_confidence", Severity.INFO, "Poco leggibile."))
    submission = file(service, arrival_id)
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
        queue = waiting_cases(session, edition, at=service.clock(), patience=600)
        assert [each.application.id for each in queue] == [waiting, earlier], "the letter arrived before"
        assert submission.legal_instant == arrived < submission.registered_at
        entry = entry_of(session.connection(), edition.register_code, submission.year, submission.number)
        assert (entry.channel, entry.direction) == (Channel.LETTER, Direction.IN)
        assert entry.arrival_instant == entry.legal_instant == arrived
        arrival = session.get_one(Arrival, arrival_id)
        assert (arrival.state, arrival.number, arrival.letter_number) == (
            ArrivalState.MATCHED,
            submission.number,
            "1523 456",
        )
        assert entry.document is not None
        assert entry.document.sha256 == arrival.documents[0].sha256
        case = session.get_one(Application, waiting)
        told = [timeline_sentence(event) for event in case.events]
        assert any("Arrivata per raccomandata" in each and "vale l'istante" in each for each in told), told
        assert submission.snapshot["confirmed"] == []


def test_t3_scans_in_several_files_and_missing_pages_are_told(service: Service) -> None:
    service = admitting_letters(service)
    _, pdf = issued(service)
    with pikepdf.open(io.BytesIO(pdf)) as whole:
        count = len(whole.pages)
    arrival_id = recognised(service, pages(pdf, 2), pages(pdf, 1))
    with service.transaction() as session:
        (form,) = recognised_forms(session, session.get_one(Arrival, arrival_id))
        assert len(form.documents) == 2
        assert form.missing == tuple(range(3, count + 1))


def test_t3_what_would_refuse_online_refuses_here_and_the_letter_is_still_registered(service: Service) -> None:
    service = admitting_letters(service)
    application_id, pdf = issued(service)
    arrival_id = arrive(service, pdf)
    attach(service, arrival_id, application_id)
    check(service, application_id, Finding("pages.missing", Severity.ERROR, "Manca la pagina 2."))
    with pytest.raises(CannotTransmit):
        file(service, arrival_id)
    arrival = register(service, arrival_id)
    assert arrival.state is ArrivalState.REGISTERED
    with service.transaction() as session:
        assert session.get_one(Application, application_id).state is State.ISSUED


def test_t3_chosen_by_mistake_the_files_leave_the_first_application(service: Service) -> None:
    service = admitting_letters(service)
    wrong, pdf = issued(service)
    right, _ = issued(service, firm="BETA SNC", unit="Laboratorio")
    arrival_id = arrive(service, pdf)
    attach(service, arrival_id, wrong)
    attach(service, arrival_id, right)
    with service.transaction() as session:
        assert session.get_one(Application, wrong).current_documents == []
        (document,) = session.get_one(Application, right).current_documents
        assert document.origin.value == "paper"
    with pytest.raises(NoFormAmongFiles):
        attach(service, arrival_id, right, "identity_document")


def test_s8_a_letter_ranked_by_its_posting_counts_as_the_last_instant_of_that_day(service: Service) -> None:
    service = admitting_letters(service, legal_instant="posting_day_end")
    application_id, pdf = issued(service)
    with pytest.raises(PostingDayNeeded):
        arrive(service, pdf)
    posted = service.clock().astimezone(ROME).date() - timedelta(days=2)
    arrival_id = arrive(service, pdf, posted_on=posted)
    attach(service, arrival_id, application_id)
    check(service, application_id)
    submission = file(service, arrival_id)
    next_day = datetime.combine(posted + timedelta(days=1), time.min, ROME)
    assert submission.legal_instant == next_day - timedelta(microseconds=1)


@pytest.mark.own_installation
def test_s8_a_late_entry_leaves_cases_already_taken_where_they_are_and_says_so(service: Service) -> None:
    service = admitting_letters(service)
    taken, pdf = issued(service, firm="BETA SNC", unit="Laboratorio")
    checked(service, taken)
    sent(service, taken)
    with service.transaction() as session:
        session.execute(update(Application).where(Application.id == taken).values(state=State.EXAMINED))
    late, pdf = issued(service)
    arrival_id = arrive(service, pdf, arrived_at=service.clock() - timedelta(hours=3))
    attach(service, arrival_id, late)
    check(service, late)
    file(service, arrival_id)
    with service.transaction() as session:
        assert session.get_one(Application, taken).state is State.EXAMINED
        case = session.get_one(Application, late)
        told = [timeline_sentence(event) for event in case.events]
        assert any("già prese in esame, arrivate dopo: 1" in each for each in told), told
        read_by_firm = " ".join(sentence_told(event) for event in events_told(case))
        assert "Prende posto tra le domande non ancora in esame." in read_by_firm
        assert "già prese in esame" not in read_by_firm, "how many other firms went first is the office's"


@pytest.mark.own_installation
def test_b9_a_channel_not_admitted_is_registered_answered_and_ranks_nothing(service: Service) -> None:
    application_id, pdf = issued(service)
    arrival_id = recognised(service, pdf)
    with pytest.raises(ChannelNotAdmitted):
        attach(service, arrival_id, application_id)
    register(service, arrival_id)
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        arrival = session.get_one(Arrival, arrival_id)
        proposed = proposed_answer(service, arrival)
        assert "non è una domanda" in proposed.text
        assert arrival.number_shown in proposed.text
        entry = answer_arrival(
            service, session, protocol, edition, arrival_id, proposed, answers_seen=0, at=service.clock()
        )
    assert (entry.direction, entry.number, entry.recipients[0].name) == (Direction.OUT, 2, "Ditta Gamma")
    assert entry.document is not None
    assert service.store.get(entry.document.sha256).startswith(b"%PDF-")
    with service.transaction() as session:
        assert session.get_one(Arrival, arrival_id).state is ArrivalState.ANSWERED
        assert session.scalars(select(Submission)).all() == []
        assert waiting_cases(session, edition, at=service.clock(), patience=600) == []
        assert session.scalars(select(ReturnedDocument)).all() == []


@pytest.mark.parametrize("lost", [b"", None], ids=["head_unreadable", "older_copy"])
def test_s8_a_stopped_register_is_for_the_administrator_and_logged(service: Service, lost: bytes | None) -> None:
    arrival_id = arrive(service, b"una lettera qualsiasi")
    register(service, arrival_id)
    other = arrive(service, b"un'altra lettera")
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        key = service.keys.register_key(edition.register_code)
    origin = origin_of("r_prova", "AOO", edition.register_code, RegisterKind.REHEARSAL)
    ahead = KnownHead(checkpoint=make_checkpoint(origin, 10**6, bytes(32), key.private), year=2020, last_number=10**6)
    head = service.settings.heads_folder / f"{edition.register_code}.json"
    head.parent.mkdir(parents=True, exist_ok=True)
    before = head.read_bytes() if head.exists() else None
    head.write_bytes(ahead.to_json() if lost is None else lost)
    try:
        with structlog.testing.capture_logs() as logged:
            with pytest.raises(RegisterStopped):
                register(service, other)
            said, at = AnswerText("Risposta", "Testo"), service.clock()
            with pytest.raises(RegisterStopped), service.transaction() as session:
                answer_arrival(service, session, protocol, edition, arrival_id, said, answers_seen=0, at=at)
    finally:
        head.unlink() if before is None else head.write_bytes(before)
    assert [line["event"] for line in logged].count("register_stopped") == 2
    assert register(service, other).number


def test_t7_the_sender_s_own_number_and_date_stand_in_the_register(service: Service) -> None:
    arrival_id = arrive(service, b"una lettera qualsiasi")
    facts = RegistrationFacts(Sender("Comune di Prova"), "Nota", received_date=date(2020, 4, 2), received_protocol="77")
    arrival = register(service, arrival_id, facts)
    with service.transaction() as session:
        entry = entry_of(session.connection(), arrival.register_code, arrival.year, arrival.number)
    assert (entry.received_protocol, entry.received_date) == ("77", date(2020, 4, 2))


def test_t3_a_letter_about_a_registered_case_is_tied_to_it_and_changes_no_rank(service: Service) -> None:
    case, _ = issued(service, unit="Forno della lettera")
    checked(service, case)
    before = sent(service, case).legal_instant
    arrival_id = arrive(service, b"documento mancante")
    number = register(service, arrival_id).number_shown
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
        match_to_case(session, person_named(session, "protocollo"), edition, arrival_id, case, at=service.clock())
    with service.transaction() as session:
        application = session.get_one(Application, case)
        assert application.submission is not None
        assert application.submission.legal_instant == before
        assert number in timeline_sentence(application.events[-1])
        read_by_firm = " ".join(sentence_told(event) for event in events_told(application))
        assert FACTS.subject not in read_by_firm, "the subject of a third party's letter is not the filer's to read"


def test_an_arrival_that_cannot_be_registered_is_rejected_with_its_reason_and_kept(service: Service) -> None:
    arrival_id = arrive(service, b"pubblicita")
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        with pytest.raises(ReasonMissing):
            reject_arrival(session, protocol, edition, arrival_id, " \n", at=service.clock())
        reject_arrival(session, protocol, edition, arrival_id, "Materiale pubblicitario", at=service.clock())
    arrival = read(service, arrival_id)
    assert arrival.state is ArrivalState.REJECTED
    assert arrival.events[-1].detail == {"reason": "Materiale pubblicitario"}
    assert service.store.get(arrival.documents[0].sha256) == b"pubblicita"
    with pytest.raises(ArrivalMovedOn):
        register(service, arrival_id)


def test_another_office_gets_it_and_the_register_says_so(service: Service) -> None:
    arrival_id = arrive(service, b"fattura")
    arrival = register(service, arrival_id)
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        assign_elsewhere(session, protocol, edition, arrival_id, "Ragioneria", at=service.clock())
        history = classifications_of(session.connection(), arrival.register_code, arrival.year, arrival.number)
    assert [each.assigned_to for each in history] == ["Ragioneria"]
    assert read(service, arrival_id).state is ArrivalState.ASSIGNED_ELSEWHERE


@pytest.mark.parametrize(
    ("envelope", "refused"),
    [
        ({"arrived_at": "tomorrow"}, ArrivesLater),
        ({"posted_on": "tomorrow"}, PostedAfterArrival),
    ],
)
def test_instants_that_cannot_be_are_refused(service: Service, envelope: dict[str, str], refused: type) -> None:
    tomorrow = (service.clock() + timedelta(days=1)).astimezone(ROME)
    given: dict[str, Any] = {key: tomorrow if key == "arrived_at" else tomorrow.date() for key in envelope}
    nobody_s = f"{refused.__name__} {uuid.uuid4()}".encode()
    with pytest.raises(refused):
        arrive(service, nobody_s, **given)
    with service.transaction() as session:
        sha256 = hashlib.sha256(nobody_s).hexdigest()
        assert session.scalars(select(ArrivalDocument).where(ArrivalDocument.sha256 == sha256)).all() == []


def test_c6_without_a_sender_s_name_the_register_refuses_and_no_number_is_lost(service: Service) -> None:
    before = register(service, arrive(service, b"una lettera prima")).number
    arrival_id = arrive(service, b"lettera")
    with pytest.raises(RegisterRefuses, match="nome"):
        register(service, arrival_id, RegistrationFacts(Sender(" "), "Oggetto"))
    assert read(service, arrival_id).state is ArrivalState.RECEIVED
    assert register(service, arrival_id).number == before + 1


@pytest.mark.own_installation
def test_the_same_search_finds_by_firm_tax_code_form_and_number_but_no_draft(service: Service) -> None:
    registered, _ = issued(service)
    checked(service, registered)
    sent(service, registered)
    open_one, _ = issued(service, firm="BETA SNC", unit="Laboratorio")
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
        beta = session.get_one(Application, open_one)
        assert beta.current_form is not None
        by_form = find_candidates(session, edition, beta.current_form.form)
        assert [each.application_id for each in by_form] == [open_one]
        assert by_form[0].waits_for_paper
        for words in ("alfa", "1", f"0000001/{service.clock().astimezone(ROME).year}"):
            assert registered in [each.application_id for each in find_candidates(session, edition, words)], words
        by_code = find_candidates(session, edition, beta.employer.tax_code.lower())
        assert [each.application_id for each in by_code] == [open_one]
        assert find_candidates(session, edition, "%") == ()
        beta.state = State.DRAFT
        session.flush()
        assert find_candidates(session, edition, "BETA") == ()


def test_a_file_that_is_no_paper_of_ours_is_looked_at_without_harm(service: Service) -> None:
    arrival_id = recognised(service, b"%PDF-1.7 rotto", b"\x00" * 100)
    arrival = read(service, arrival_id)
    assert arrival.recognition is Recognition.DONE
    assert arrival.found is not None
    assert arrival.found["forms"] == []
    assert len(arrival.found["unreadable"]) == 2


def test_n9_the_database_lets_nobody_change_a_number_or_a_file_of_an_arrival(service: Service) -> None:
    arrival_id = arrive(service, b"lettera")
    register(service, arrival_id)
    for statement in (
        "UPDATE arrival SET number = 9",
        "UPDATE arrival SET arrived_at = now()",
        "DELETE FROM arrival",
        "UPDATE arrival_document SET sha256 = 'x'",
        "DELETE FROM arrival_event",
    ):
        with pytest.raises(DBAPIError), service.transaction() as session:
            session.execute(text(statement))
    with service.transaction() as session:
        assert len(session.get_one(Arrival, arrival_id).documents) == 1


def test_counter_arrivals_are_of_their_own_channel(service: Service) -> None:
    arrival_id = arrive(service, b"consegnata", channel=ArrivalChannel.COUNTER)
    arrival = register(service, arrival_id)
    with service.transaction() as session:
        entry = entry_of(session.connection(), arrival.register_code, arrival.year, arrival.number)
    assert entry.channel is Channel.COUNTER


def test_what_the_protocol_office_put_there_its_sender_cannot_take_out(service: Service) -> None:
    service = admitting_letters(service)
    application_id, pdf = issued(service)
    arrival_id = arrive(service, pdf)
    attach(service, arrival_id, application_id)
    with service.transaction() as session:
        (document,) = session.get_one(Application, application_id).current_documents
        consultant = person_named(session, "consulente")
        with pytest.raises(NotFound):
            take_back(session, consultant, application_id, document.id, at=service.clock())


def test_t3_the_receipt_says_how_it_came_and_which_instant_counts(service: Service) -> None:
    service = admitting_letters(service, legal_instant="posting_day_end")
    application_id, pdf = issued(service)
    posted = service.clock().astimezone(ROME).date() - timedelta(days=1)
    arrival_id = arrive(service, pdf, posted_on=posted)
    attach(service, arrival_id, application_id)
    check(service, application_id)
    file(service, arrival_id)
    with service.transaction() as session:
        receipt = session.scalars(select(Receipt).where(Receipt.application_id == application_id)).one()
    make_receipt(service, receipt.id)
    with service.transaction() as session:
        made = session.get_one(Receipt, receipt.id)
        assert made.pdf_sha256 is not None
        sealed = service.store.get(made.pdf_sha256)
    with pikepdf.open(io.BytesIO(sealed)) as document:
        facts = json.loads(document.attachments["ricevuta.json"].get_file().read_bytes())
    assert (facts["channel"], "giorno di spedizione" in facts["legal_instant_source"]) == ("raccomandata", True)
    assert facts["legal_instant"] < facts["registered_at"]
