"""The main job without the web, from draft to queue (C1, C2, C4, C6, C7, N1, N3)."""

from __future__ import annotations

from sqlalchemy import select

from intake.applications.draft import open_draft, save_draft
from intake.applications.draft_check import draft_problems
from intake.applications.issue import issue_form
from intake.applications.models import Receipt, State
from intake.applications.receipts import make_receipt
from intake.applications.returns import Incoming, receive
from intake.applications.transmission import transmit
from intake.cases.queue import waiting_cases
from intake.cases.review import review_of
from intake.checks.models import CheckRun, RunState
from intake.checks.run import perform_check
from intake.people.models import Employer
from intake.service import Service
from signing.seal import verify_seal
from tests.intake.applications_made import complete_draft, person_named, rehearsal_of
from tests.intake.taken_cases import take_next


def test_a_consultant_files_and_an_officer_takes_the_case(service: Service) -> None:
    at = service.clock()
    with service.transaction() as session:
        consultant = person_named(session, "consulente")
        edition = rehearsal_of(session, "sardegna-2020")
        alfa = session.scalars(select(Employer).where(Employer.name == "ALFA SRL")).one()
        application = open_draft(session, consultant, edition, alfa.id, at=at)
        save_draft(session, consultant, application.id, complete_draft, version=None, at=at)
        problems = draft_problems(application.draft, service.pack_of(edition), edition.own_clock(at))
        assert [problem for problem in problems if problem.blocks] == []
        form = issue_form(service, session, consultant, application.id, at=at)
        application_id = application.id
    issued = service.store.get(form.pdf_sha256)
    authority = service.keys.rehearsal_authority(edition.register_code)
    signed = authority.sign_pdf(issued, "Mario", "Rossi", "RSSMRA68C02I452O", at)
    with service.transaction() as session:
        consultant = person_named(session, "consulente")
        receive(service, session, consultant, application_id, [Incoming("domanda.pdf", signed)], at=at)
    with service.transaction() as session:
        run = session.scalars(select(CheckRun)).one()
        run_id = run.id
    perform_check(service, run_id)
    with service.transaction() as session:
        run = session.get_one(CheckRun, run_id)
        assert run.state is RunState.DONE
        codes = {finding.code: finding for finding in run.findings}
        assert {"signature.signed", "signature.signed_with_reservations"} & codes.keys()
        assert {"signer.representative", "form.ours", "cells.agree"} <= codes.keys(), {
            c: f.message for c, f in codes.items()
        }
    with service.transaction() as session:
        consultant = person_named(session, "consulente")
        submission = transmit(service, session, consultant, application_id, confirmed=(), at=at)
        assert submission.number == 1
    with service.transaction() as session:
        receipts = {receipt.kind: receipt.id for receipt in session.scalars(select(Receipt))}
    for receipt_id in receipts.values():
        make_receipt(service, receipt_id)
    with service.transaction() as session:
        seal = service.keys.seal_key(edition.register_code).fingerprint
        for receipt in session.scalars(select(Receipt)):
            pdf = service.store.get(receipt.pdf_sha256)
            assert verify_seal(pdf, seal, service.clock()).holds
        officer = person_named(session, "istruttore")
        edition = rehearsal_of(session, "sardegna-2020")
        assert [waiting.place for waiting in waiting_cases(session, edition, at=at, patience=600)] == [1]
        taken = take_next(session, officer, edition, at=at, patience=600)
        assert taken.id == application_id
        assert taken.state is State.EXAMINED
        review = review_of(session, taken, taken.current_form, session.get_one(CheckRun, run_id))
        assert review.rows
        assert not review.open_rows
