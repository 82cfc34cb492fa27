"""An annulled registration waits for the director general, who has it registered anew or closes the case (C6, S13, S15)."""

from __future__ import annotations

import uuid
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from intake.applications.lifecycle import MoveNotPossible, events_told, sentence_told
from intake.applications.models import Application, Receipt, ReceiptKind, State, Submission
from intake.applications.receipts import make_receipt
from intake.cases import annulment
from intake.cases.annulment import (
    RegistrationMovedOn,
    annul_registration,
    case_of_registration,
    cases_awaiting_word,
    pauses_of,
    place_in_force,
    words_on,
)
from intake.cases.annulment_models import AnnulmentOutcome, AnnulmentWord
from intake.cases.annulment_word import (
    ActAdopted,
    ActAndReasonNeeded,
    Decision,
    NoAnnulmentToDecide,
    decide_annulled,
    letter_for_filer,
)
from intake.cases.queue import held_by, release, waiting_cases
from intake.cases.register_view import rows_of
from intake.errors import NotFound
from intake.receipt_check import registered_facts
from intake.service import Service
from protocol_register.entries import Direction
from protocol_register.search import annulment_of, entry_of
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.filings import SARDEGNA, checked, issued, sent
from tests.intake.taken_cases import take_next

STANDS = Decision(AnnulmentOutcome.STANDS, "Det. 40/2026", "Il mittente era scritto male: i documenti sono giusti.")
CLOSED = Decision(AnnulmentOutcome.CLOSED, "Det. 41/2026", "La stessa domanda è registrata con un altro numero.")


def registered(service: Service, **firm: str) -> Submission:
    application_id, _ = issued(service, **firm)
    checked(service, application_id)
    submission: Submission = sent(service, application_id)
    return submission


def annulled(service: Service, year: int, number: int) -> None:
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        facts: dict[str, Any] = {"act": "Det. 12/2026", "reason": "Mittente sbagliato", "at": service.clock()}
        annul_registration(service, session, protocol, edition, year, number, **facts)


def decided(service: Service, application_id: uuid.UUID, decision: Decision) -> AnnulmentWord:
    with service.transaction() as session:
        general = person_named(session, "generale")
        return decide_annulled(service, session, general, application_id, decision, at=service.clock())


def state_of(service: Service, application_id: uuid.UUID) -> State:
    with service.transaction() as session:
        return session.get_one(Application, application_id).state


def test_c6_the_case_that_stands_has_a_new_number_the_same_instant_and_the_same_place(service: Service) -> None:
    first, later = registered(service), registered(service, firm="BETA SNC", unit="Laboratorio")
    case = first.application_id
    annulled(service, first.year, first.number)
    assert state_of(service, case) is State.ANNULMENT_AWAITED
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
        assert [each.application_id for each in cases_awaiting_word(session, edition)] == [case]
        waiting = waiting_cases(session, edition, at=service.clock(), patience=600)
        assert [each.application.id for each in waiting] == [later.application_id]
    word = decided(service, case, STANDS)
    with service.transaction() as session:
        edition, connection = rehearsal_of(session, SARDEGNA), session.connection()
        assert cases_awaiting_word(session, edition) == []
        waiting = waiting_cases(session, edition, at=service.clock(), patience=600)
        assert [each.application.id for each in waiting] == [case, later.application_id], "its place is what it was"
        code = edition.register_code
        old = entry_of(connection, code, first.year, first.number)
        new = entry_of(connection, code, word.new_year, word.new_number)
        assert (new.legal_instant, new.arrival_instant) == (old.legal_instant, old.arrival_instant)
        assert (new.document, new.sender, new.direction) == (old.document, old.sender, Direction.IN)
        assert old.shown_number in new.subject
        assert case_of_registration(session, code, new.year, new.number) == case
        (row,) = rows_of(session, [new], "it")
        assert (row.application_id, row.state) == (case, "registrata")
        letter = entry_of(connection, code, word.letter_year, word.letter_number)
        assert (letter.direction, letter.recipients[0].name) == (Direction.OUT, "ALFA SRL")
        assert letter.document.sha256 == word.letter_sha256
        event = events_told(session.get_one(Application, case))[-1]
        assert letter.shown_number.encode() in service.store.get(event.detail["segnatura_sha256"])
        told = sentence_told(event)
        assert "Det. 40/2026" in told
        assert new.shown_number in told
        owed = select(Receipt.id).where(Receipt.application_id == case, Receipt.kind == ReceiptKind.REGISTERED)
        newest = session.scalars(owed.order_by(Receipt.created_at.desc())).first()
    make_receipt(service, newest)
    with service.transaction() as session:
        proof = registered_facts(service.store.get(session.get_one(Receipt, newest).pdf_sha256))
    assert proof["number"] == new.shown_number


def test_c6_what_became_a_case_while_its_annulment_waited_is_not_annulled(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed = registered(service)
    seen = iter([None, filed.application_id])
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(annulment, "case_of_registration", lambda *_: next(seen))
        with pytest.raises(RegistrationMovedOn):
            annulled(service, filed.year, filed.number)
    with service.transaction() as session:
        assert annulment_of(session.connection(), filed.register_code, filed.year, filed.number) is None
    assert state_of(service, filed.application_id) is State.REGISTERED
    annulled(service, filed.year, filed.number)
    assert state_of(service, filed.application_id) is State.ANNULMENT_AWAITED


def test_c6_a_new_registration_can_be_annulled_too_and_waits_for_a_new_word(service: Service) -> None:
    submission = registered(service)
    case = submission.application_id
    annulled(service, submission.year, submission.number)
    first = decided(service, case, STANDS)
    annulled(service, first.new_year, first.new_number)
    assert state_of(service, case) is State.ANNULMENT_AWAITED
    second = decided(service, case, STANDS)
    assert (second.year, second.number) == (first.new_year, first.new_number)
    annulled(service, second.new_year, second.new_number)
    now = service.clock()
    with service.transaction() as session:
        assert [each.id for each in words_on(session, case)] == [second.id, first.id]
        first_place = (submission.register_code, submission.year, submission.number)
        assert place_in_force(session, first_place) == (first_place[0], second.new_year, second.new_number)
        application = session.get_one(Application, case)
        own_clock = application.edition.own_clock
        pauses = pauses_of(application, at=now)
        assert [each.ends_at for each in pauses] == [
            own_clock(at) for at in (first.decided_at, second.decided_at, now)
        ], "the third waits still"
        assert all(earlier.ends_at < later.starts_at for earlier, later in pairwise(pauses))


def test_s15_a_closed_case_leaves_the_officer_s_hands_and_the_unit_may_file_again(service: Service) -> None:
    submission = registered(service)
    case = submission.application_id
    with service.transaction() as session:
        officer = person_named(session, "istruttore")
        take_next(session, officer, rehearsal_of(session, SARDEGNA), at=service.clock(), patience=0)
    annulled(service, submission.year, submission.number)
    with service.transaction() as session, pytest.raises(MoveNotPossible):
        release(session, person_named(session, "istruttore"), case, at=service.clock())
    word = decided(service, case, CLOSED)
    assert (word.new_number, state_of(service, case)) == (None, State.ANNULLED)
    with service.transaction() as session:
        assert held_by(session, person_named(session, "istruttore"), rehearsal_of(session, SARDEGNA)) == []
        told = sentence_told(events_told(session.get_one(Application, case))[-1])
    assert CLOSED.reason in told
    again = registered(service)
    assert again.application_id != case, "the same unit and period: what was annulled stands in nobody's way"


def test_c6_a_case_under_examination_that_stands_is_the_same_officer_s_again(service: Service) -> None:
    submission = registered(service)
    with service.transaction() as session:
        officer, edition = person_named(session, "istruttore"), rehearsal_of(session, SARDEGNA)
        take_next(session, officer, edition, at=service.clock(), patience=0)
    annulled(service, submission.year, submission.number)
    decided(service, submission.application_id, STANDS)
    assert state_of(service, submission.application_id) is State.EXAMINED
    with service.transaction() as session:
        (held,) = held_by(session, person_named(session, "istruttore"), rehearsal_of(session, SARDEGNA))
    assert held.application_id == submission.application_id


def test_c6_what_cannot_be_decided_is_refused_and_nothing_is_registered(service: Service) -> None:
    submission = registered(service)
    case = submission.application_id
    with pytest.raises(NoAnnulmentToDecide):
        decided(service, case, STANDS)
    with pytest.raises(NotFound):
        decided(service, uuid.uuid4(), STANDS)
    with service.transaction() as session:
        session.execute(update(Application).where(Application.id == case).values(state=State.AUTHORISED))
    annulled(service, submission.year, submission.number)
    for wrong in (Decision(AnnulmentOutcome.STANDS, " ", "x"), Decision(AnnulmentOutcome.STANDS, "Det. 1", "\n")):
        with pytest.raises(ActAndReasonNeeded):
            decided(service, case, wrong)
    with pytest.raises(ActAdopted, match="autorizzata"):
        decided(service, case, CLOSED)
    assert state_of(service, case) is State.ANNULMENT_AWAITED
    word = decided(service, case, STANDS)
    assert (word.new_number, word.letter_number) == (2, 3), "the refusals took no number"
    assert state_of(service, case) is State.AUTHORISED
    with pytest.raises(NoAnnulmentToDecide):
        decided(service, case, STANDS)


def test_s13_the_first_opening_of_the_letter_stays_and_nothing_else_of_the_word_changes(service: Service) -> None:
    submission = registered(service)
    case = submission.application_id
    annulled(service, submission.year, submission.number)
    word = decided(service, case, CLOSED)
    opened = service.clock()
    for at in (opened, service.clock()):
        with service.transaction() as session:
            found = letter_for_filer(session, case, word.id, at=at)
            assert service.store.get(found.letter_sha256).startswith(b"%PDF-")
    with service.transaction() as session:
        assert session.get_one(AnnulmentWord, word.id).opened_at == opened
        with pytest.raises(NotFound):
            letter_for_filer(session, uuid.uuid4(), word.id, at=opened)
    with pytest.raises(DBAPIError, match="permission denied"), service.transaction() as session:
        session.execute(update(AnnulmentWord).values(reason="altro"))
