"""Transmission and receipts: who, when, once, in what order (B4, S6, S8, S9, C6, N2, N3, N9)."""

from __future__ import annotations

import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.applications import transmission
from intake.applications.draft import discard, open_draft, reopen
from intake.applications.earlier_check import earlier_questions
from intake.applications.lifecycle import MoveNotPossible
from intake.applications.models import Application, Receipt, ReceiptKind, State, Submission
from intake.applications.receipts import make_receipt
from intake.applications.returns import Incoming, NoFormInForce
from intake.applications.transmission import (
    AlreadyTransmitted,
    CannotTransmit,
    ChecksRunning,
    ConfirmationMissing,
    RegisterNotReady,
    WindowClosedMeanwhile,
    transmit,
)
from intake.checks.readiness import Circumstances, circumstances_of, readiness_of
from intake.cli import main as command_line
from intake.clock import ROME
from intake.errors import NotFound
from intake.notices.models import NoticeEdition
from intake.people.mandates import mandate_of
from intake.people.models import Employer, Mandate
from intake.receipt_check import check_receipt
from intake.service import Service
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.filings import SARDEGNA, checked, copies, finding, issued, sent, sent_back


def codes_of(refusal: pytest.ExceptionInfo[CannotTransmit]) -> set[str]:
    return {each.code for each in refusal.value.obstacles}


def test_a_draft_a_stranger_and_an_application_with_no_file_are_refused(service: Service) -> None:
    with service.transaction() as session:
        person, edition = person_named(session, "datore"), rehearsal_of(session, SARDEGNA)
        alfa = session.scalars(select(Employer).where(Employer.name == "ALFA SRL")).one()
        draft = open_draft(session, person, edition, alfa.id, at=service.clock()).id
    with pytest.raises(NoFormInForce):
        sent(service, draft, by="datore")
    application_id, _ = issued(service)
    with pytest.raises(NotFound):
        sent(service, application_id, by="altra")
    with pytest.raises(CannotTransmit) as refusal:
        sent(service, application_id)
    assert "form.missing" in codes_of(refusal)


def test_checks_that_run_are_awaited_and_what_asks_is_confirmed_in_words(service: Service) -> None:
    application_id, _ = issued(service)
    sent_back(service, application_id, Incoming("domanda.pdf", b"%PDF-1.7"))
    with pytest.raises(ChecksRunning):
        sent(service, application_id)
    late = replace(service, clock=lambda: service.clock() + timedelta(seconds=service.settings.check_seconds + 1))
    with service.transaction() as session:
        application = session.get_one(Application, application_id)
        ready = readiness_of(late, session, application, person_named(session, "consulente"), at=late.clock())
        assert ready.can_transmit, "checks that never end hold nobody back"
        assert "checks.given_up" in {each.code for each in ready.asking}, "and the person says so in words"
    checked(service, application_id, finding("signer.other_person"), finding("stamp_duty.reused"))
    with pytest.raises(ConfirmationMissing):
        sent(service, application_id)
    with pytest.raises(ConfirmationMissing):
        sent(service, application_id, confirmed=("signer.other_person", str(uuid.uuid4())))
    with service.transaction() as session:
        application = session.get_one(Application, application_id)
        ready = readiness_of(service, session, application, person_named(session, "consulente"), at=service.clock())
        keys = tuple(each.key for each in ready.asking)
    submission = sent(service, application_id, confirmed=keys)
    assert [each["key"] for each in submission.snapshot["confirmed"]] == list(keys)
    assert {each["code"] for each in submission.snapshot["findings"]} >= {"signer.other_person", "stamp_duty.reused"}


def test_without_its_register_nothing_is_lost_and_the_person_is_told(service: Service) -> None:
    application_id, _ = issued(service)
    checked(service, application_id)
    with service.transaction() as session:
        code = rehearsal_of(session, SARDEGNA).register_code
    away = service.keys.registers.with_name("away")
    service.keys.registers.rename(away)
    with pytest.raises(RegisterNotReady):
        sent(service, application_id)
    away.rename(service.keys.registers)
    submission = sent(service, application_id)
    assert (submission.register_code, submission.number) == (code, 1)


def test_an_application_is_transmitted_once_and_never_discarded_after(service: Service) -> None:
    application_id, _ = issued(service)
    checked(service, application_id)
    submission = sent(service, application_id)
    with pytest.raises(AlreadyTransmitted, match=submission.number_shown):
        sent(service, application_id)
    for undo in (discard, reopen):
        with pytest.raises(MoveNotPossible), service.transaction() as session:
            undo(session, person_named(session, "consulente"), application_id, at=service.clock())
    with service.transaction() as session:
        application = session.get_one(Application, application_id)
        assert application.state is State.REGISTERED
        assert application.current_form is not None, "a refused move leaves nothing behind"


def test_a_delegate_whose_delegation_ended_sees_nothing_to_transmit(service: Service) -> None:
    application_id, _ = issued(service)
    checked(service, application_id)
    with service.transaction() as session:
        application = session.get_one(Application, application_id)
        consultant = person_named(session, "consulente")
        session.get_one(
            Mandate, mandate_of(session, consultant, application.employer_id).id
        ).revoked_at = service.clock()
    with pytest.raises(NotFound):
        sent(service, application_id)
    assert sent(service, application_id, by="datore").number == 1


def test_the_window_is_judged_before_and_inside_the_lock(service: Service) -> None:
    application_id, _ = issued(service)
    checked(service, application_id)
    for years, code in ((-40, "window.not_open"), (40, "window.closed")):
        shifted = replace(service, clock=lambda years=years: service.clock() + timedelta(days=365 * years))
        with pytest.raises(CannotTransmit) as refusal:
            sent(shifted, application_id)
        assert code in codes_of(refusal)
    with service.transaction() as session:
        edition = session.get_one(Application, application_id).edition
        opens_at = service.pack_of(edition).windows.opens_at.value.replace(tzinfo=ROME)
    # The person pressed while the window was open; the register's own clock says that it had closed.
    with service.database.owner_engine() as owner, owner.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE notice_edition SET clock_offset = interval '-{80 * 365} days' WHERE kind = 'rehearsal'"
        )
    with service.transaction() as session:
        moved = session.get_one(NoticeEdition, edition.id)
        inside = opens_at - moved.clock_offset + timedelta(minutes=1)
        with pytest.raises(WindowClosedMeanwhile):
            transmit(service, session, person_named(session, "consulente"), application_id, confirmed=(), at=inside)
        session.rollback()
    with service.transaction() as session:
        assert session.scalars(select(Submission)).all() == [], "no number was given"


def test_a_second_filing_for_a_unit_waits_for_the_end_of_the_first_period(service: Service) -> None:
    seed, _ = issued(service)
    checked(service, seed)
    first, again = copies(service, seed, 2, unit="Caffè del forno", last_day="2020-12-31")
    [spelt] = copies(service, seed, 1, unit="CAFFE\N{COMBINING GRAVE ACCENT}  DEL FORNO", last_day="2020-12-31")
    number = sent(service, first).number_shown
    for application_id in (again, spelt):
        with pytest.raises(CannotTransmit, match=number):
            sent(service, application_id)
    assert sent(service, seed).number == 2, "another unit of the same firm is free"
    with service.transaction() as session:
        session.get_one(Application, first).state = State.WITHDRAWN
    assert sent(service, again).number == 3, "after a withdrawal it may be filed again (S15)"


def test_s9_days_asked_for_again_after_the_first_period_are_confirmed_in_words_and_stay_in_the_snapshot(
    service: Service,
) -> None:
    seed, _ = issued(service)
    checked(service, seed)
    first, again = copies(service, seed, 2, unit="Forno")
    before = sent(service, first).number_shown
    with service.transaction() as session:
        application, filer = session.get_one(Application, again), person_named(session, "consulente")
        told = earlier_questions(service, session, application, at=service.clock())
        assert [(each.code, each.step, each.blocks) for each in told] == [("filing.days_asked_before", 2, False)]
        (asked,) = readiness_of(service, session, application, filer, at=service.clock()).asking
    assert before in asked.message
    with pytest.raises(ConfirmationMissing, match=before):
        sent(service, again)
    registered = sent(service, again, confirmed=(asked.key,))
    assert registered.number == 2
    assert [each["message"] for each in registered.snapshot["confirmed"]] == [asked.message]


def test_s9_what_was_registered_since_the_page_was_judged_is_asked_about_inside_the_lock(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed, _ = issued(service)
    checked(service, seed)
    first, again = copies(service, seed, 2, unit="Forno")

    def before_the_other(session: Session, applications: list[Application]) -> dict[uuid.UUID, Circumstances]:
        return {each: replace(found, earlier=()) for each, found in circumstances_of(session, applications).items()}

    monkeypatch.setattr(transmission, "circumstances_of", before_the_other)
    sent(service, first)
    with pytest.raises(ConfirmationMissing, match="0000001"):
        sent(service, again)
    assert sent(service, seed).number == 2, "the number that was taken back is given to the next"


def test_two_filings_for_one_unit_at_the_same_instant_give_one_number(service: Service) -> None:
    seed, _ = issued(service)
    checked(service, seed)
    first, twin = copies(service, seed, 2, unit="Forno", last_day="2020-12-31")

    def attempt(application_id: object) -> str:
        try:
            return f"n. {sent(service, application_id).number}"  # type: ignore[arg-type]
        except CannotTransmit as refusal:
            return refusal.obstacles[0].code

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(attempt, (first, twin)))
    assert outcomes == ["filing.earlier_period_running", "n. 1"]


def test_a_transaction_that_fails_after_its_number_leaves_no_gap(service: Service) -> None:
    first, _ = issued(service)
    checked(service, first)
    one, two = copies(service, first, 2)

    class PowerCutError(Exception):
        pass

    def cut_after_the_number() -> None:
        with service.transaction() as session:
            person = person_named(session, "consulente")
            assert transmit(service, session, person, one, confirmed=(), at=service.clock()).number == 1
            raise PowerCutError

    with pytest.raises(PowerCutError):
        cut_after_the_number()
    assert sent(service, two).number == 1
    assert sent(service, one).number == 2


@pytest.fixture(scope="module")
def verify_command() -> list[str]:
    return [sys.executable, "-m", "intake.cli", "receipt", "verify"]


def test_receipts_are_made_once_sealed_and_checked_by_anybody(
    service: Service, tmp_path: Path, verify_command: list[str]
) -> None:
    application_id, _ = issued(service)
    checked(service, application_id)
    submission = sent(service, application_id)
    with service.transaction() as session:
        owed = {receipt.kind: receipt.id for receipt in session.scalars(select(Receipt))}
        edition = session.get_one(Application, application_id).edition
    assert owed.keys() == set(ReceiptKind)
    made = {}
    for kind, receipt_id in owed.items():
        make_receipt(service, receipt_id)
        with service.transaction() as session:
            made[kind] = session.get_one(Receipt, receipt_id).pdf_sha256
        make_receipt(service, receipt_id)
        with service.transaction() as session:
            assert session.get_one(Receipt, receipt_id).pdf_sha256 == made[kind], "made twice is one receipt"
    registered = service.store.get(made[ReceiptKind.REGISTERED])
    seal = service.keys.seal_key(edition.register_code).fingerprint
    key = service.keys.register_key(submission.register_code).public.hex()
    checks = {"at": service.clock(), "register_key": key, "seals": {seal: None}}
    assert check_receipt(registered, **checks).holds
    assert check_receipt(service.store.get(made[ReceiptKind.RECEIVED]), **checks).holds
    assert not check_receipt(registered, **(checks | {"register_key": "00" * 32})).holds, "another register's key"
    assert not check_receipt(registered, **(checks | {"seals": {"00" * 32: None}})).holds, "another office's seal"
    middle = len(registered) // 2
    tampered = registered[:middle] + bytes([registered[middle] ^ 1]) + registered[middle + 1 :]
    assert not check_receipt(tampered, **checks).holds
    for foreign in (b"", b"ciao", b"%PDF-1.7", service.store.get(session_form(service, application_id))):
        assert not check_receipt(foreign, **checks).holds
    longer = registered + b"% aggiunta\n"
    for name, data, code in (("ricevuta.pdf", registered, 0), ("alterata.pdf", longer, 1), ("altro.txt", b"ciao", 3)):
        (tmp_path / name).write_bytes(data)
        told = CliRunner().invoke(command_line, ["receipt", "verify", str(tmp_path / name)])
        assert (told.exit_code, type(told.exception)) == (code, SystemExit if code else type(None)), name
    alone = subprocess.run([*verify_command, str(tmp_path / "ricevuta.pdf")], capture_output=True, check=False)
    assert (alone.returncode, alone.stderr) == (0, b"")


def session_form(service: Service, application_id: object) -> str:
    with service.transaction() as session:
        form = session.get_one(Application, application_id).current_form
        assert form is not None
        return form.pdf_sha256


def test_who_is_not_accredited_prepares_but_does_not_transmit(service: Service) -> None:
    """S7: the CPI operator's certification comes before the transmission."""
    application_id, _ = issued(service)
    checked(service, application_id)
    with service.transaction() as session:
        person_named(session, "consulente").accredited_at = None
    with pytest.raises(CannotTransmit) as refusal:
        sent(service, application_id)
    assert "filing.not_accredited" in codes_of(refusal)
