"""The order of examination and the review: nobody passes unseen, everything is settled by a person (B7, S8, C6, C7, N2)."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from intake.applications.models import Application, State
from intake.applications.returns import Incoming
from intake.cases.case import case_of, form_pages
from intake.cases.models import Holding, Settlement
from intake.cases.queue import (
    AlreadyHeld,
    ReasonCode,
    ReasonNeeded,
    count_waiting,
    first_ready,
    release,
    take_chosen,
    take_shown,
    waiting_case,
    waiting_cases,
)
from intake.cases.review import (
    HasRejectedValues,
    NotSettled,
    ReasonsNeeded,
    UnknownSubject,
    ValueNeeded,
    find_admissible,
    find_not_admissible,
    review_of,
    settle,
)
from intake.checks.models import CheckRun, RunState
from intake.checks.readiness import readiness_of
from intake.checks.run import perform_check
from intake.errors import NotFound
from intake.service import Service
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.filings import (
    SARDEGNA,
    checked,
    copies,
    examination_finds,
    finding,
    issued,
    newest_run,
    sent,
    sent_back,
)
from tests.intake.taken_cases import take_next

PATIENCE = 600.0


@pytest.fixture
def registered(service: Service) -> list[uuid.UUID]:
    """Three cases in the order of their numbers."""
    seed, _ = issued(service)
    checked(service, seed)
    made = copies(service, seed, 3)
    for each in made:
        sent(service, each)
    return made


def take(service: Service, officer: str = "istruttore") -> uuid.UUID:
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
        person = person_named(session, officer)
        return take_next(session, person, edition, at=service.clock(), patience=PATIENCE).id


def order(service: Service, *, later: timedelta = timedelta(0)) -> list[tuple[uuid.UUID, bool]]:
    with service.transaction() as session:
        edition = rehearsal_of(session, SARDEGNA)
        queue = waiting_cases(session, edition, at=service.clock() + later, patience=PATIENCE)
        assert [waiting.place for waiting in queue] == list(range(1, len(queue) + 1))
        return [(waiting.application.id, waiting.ready) for waiting in queue]


def _run_state(service: Service, application_id: uuid.UUID, state: RunState) -> None:
    with service.transaction() as session:
        run = newest_run(session, application_id)
        run.state = state
        again = CheckRun(
            application_id=run.application_id,
            form=run.form,
            documents=run.documents,
            state=state,
            requested_at=service.clock(),
        )
        session.add(again)


def test_of_a_long_queue_only_the_beginning_is_read_and_every_case_knows_its_place(
    service: Service, registered: list[uuid.UUID]
) -> None:
    first, second, third = registered
    _run_state(service, first, RunState.RUNNING)
    with service.transaction() as session:
        edition, asked = rehearsal_of(session, SARDEGNA), {"at": service.clock(), "patience": PATIENCE}
        assert [each.application.id for each in waiting_cases(session, edition, most=2, **asked)] == [first, second]
        assert count_waiting(session, edition) == 3
        ready, last = first_ready(session, edition, **asked), waiting_case(session, edition, third, **asked)
        held = waiting_case(session, edition, first, **asked)
        assert ready is not None
        assert last is not None
        assert held is not None
        assert (ready.application.id, ready.place, ready.ready) == (second, 2, True)
        assert (last.application.id, last.place, last.ready) == (third, 3, True)
        assert (held.place, held.ready) == (1, False)
        assert waiting_case(session, edition, uuid.uuid4(), **asked) is None


def test_the_oldest_is_next_and_a_released_one_keeps_its_place(service: Service, registered: list[uuid.UUID]) -> None:
    first, second, third = registered
    assert order(service) == [(first, True), (second, True), (third, True)]
    assert take(service) == first
    assert take(service, "istruttore2") == second
    with service.transaction() as session:
        with pytest.raises(NotFound):
            release(session, person_named(session, "istruttore2"), first, at=service.clock())
        release(session, person_named(session, "istruttore"), first, at=service.clock())
    assert order(service) == [(first, True), (third, True)]
    assert take(service) == first
    assert take(service) == third
    assert order(service) == []


def test_a_running_check_holds_back_only_its_own_case_and_only_for_so_long(
    service: Service, registered: list[uuid.UUID]
) -> None:
    first, second, _ = registered
    _run_state(service, first, RunState.RUNNING)
    assert order(service)[0] == (first, False), "it stays the first, with what it waits for"
    assert order(service, later=timedelta(seconds=PATIENCE + 1))[0] == (first, True)
    assert take(service) == second


def test_out_of_order_is_an_act_with_a_published_reason(service: Service, registered: list[uuid.UUID]) -> None:
    first, second, third = registered

    def choose(application_id: uuid.UUID, code: ReasonCode | None = None, reason: str = "") -> None:
        with service.transaction() as session:
            person = person_named(session, "istruttore")
            take_chosen(
                session,
                person,
                application_id,
                at=service.clock(),
                patience=PATIENCE,
                reason_code=code,
                reason=reason,
            )

    for code, reason in ((None, ""), (None, "urgente"), (ReasonCode.COURT_ORDER, "  ")):
        with pytest.raises(ReasonNeeded, match="0000001"):
            choose(third, code, reason)
    choose(third, ReasonCode.COURT_ORDER, "ordinanza 12/2020")
    choose(first)
    with pytest.raises(AlreadyHeld):
        choose(third, ReasonCode.COURT_ORDER, "di nuovo")
    with service.transaction() as session:
        held = {each.application_id: each for each in session.scalars(select(Holding))}
        assert (held[third].out_of_order, held[third].reason_code) == (True, "court_order")
        assert (held[first].out_of_order, held[first].reason) == (False, None)
        taken = session.get_one(Application, third).events[-1]
        assert "Fuori ordine" in taken.detail["note"]
        assert "ordinanza" not in taken.detail["note"], "the free text stays inside"
    assert order(service) == [(second, True)]


def test_of_two_officers_who_were_shown_the_same_case_one_has_it(service: Service, registered: list[uuid.UUID]) -> None:
    first = registered[0]

    def press(officer: str) -> str:
        try:
            with service.transaction() as session:
                edition, person = rehearsal_of(session, SARDEGNA), person_named(session, officer)
                return str(take_shown(session, person, edition, first, at=service.clock(), patience=PATIENCE).id)
        except AlreadyHeld as refusal:
            return refusal.code

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(press, ("istruttore", "istruttore2"))) == sorted([str(first), "already_held"])
    with service.transaction() as session:
        assert len(session.scalars(select(Holding)).all()) == 1


def test_admissible_only_when_every_difference_and_finding_is_settled(service: Service) -> None:
    application_id, _ = issued(service)
    cells = [
        {
            "name": "workers.1.requested_hours",
            "read": "188",
            "confidence": 0.9,
            "status": "differs",
            "page_source": None,
        }
    ]
    run_id = checked(service, application_id, finding("cells.altered"), reading={"cells": cells})
    with service.transaction() as session:
        application, filer = session.get_one(Application, application_id), person_named(session, "consulente")
        asking = readiness_of(service, session, application, filer, at=service.clock()).asking
    sent(service, application_id, confirmed=tuple(each.key for each in asking))
    assert take(service) == application_id
    at = service.clock()
    with service.transaction() as session:
        officer, other = person_named(session, "istruttore"), person_named(session, "istruttore2")
        application = session.get_one(Application, application_id)
        form, run = application.current_form, session.get_one(CheckRun, run_id)
        assert form is not None
        review = review_of(session, application, form, run)
        assert review.rows[0].subject == "field:workers.1.requested_hours", "differences come first"
        assert (review.rows[0].issued, review.rows[0].read) == ("120", "188")

        def settled(
            subject: str, settlement: Settlement, value: str | None, note: str | None, who: object = officer
        ) -> None:
            settle(session, who, application_id, subject, settlement, value=value, note=note, at=at)  # type: ignore[arg-type]

        with pytest.raises(NotSettled):
            find_admissible(session, officer, application_id, review, at=at)
        with pytest.raises(NotFound):
            settled(review.rows[0].subject, Settlement.ACCEPTED, None, None, other)
        with pytest.raises(ValueNeeded):
            settled(review.rows[0].subject, Settlement.CORRECTED, None, None)
        with pytest.raises(ValueNeeded):
            settled(review.rows[0].subject, Settlement.REJECTED, None, None)
        for subject in ("field:inventato", "finding:x", f"finding:{uuid.uuid4()}", "altro"):
            with pytest.raises(UnknownSubject):
                settled(subject, Settlement.ACCEPTED, None, None)
        for row in review.open_rows:
            settled(row.subject, Settlement.CORRECTED, "188", "visto sull'originale")
        for each in review.open_findings:
            settled(f"finding:{each.id}", Settlement.ACCEPTED, None, None)
        settled(review.rows[0].subject, Settlement.REJECTED, None, "illeggibile")
        with pytest.raises(HasRejectedValues):
            find_admissible(session, officer, application_id, review_of(session, application, form, run), at=at)
        settled(review.rows[0].subject, Settlement.CORRECTED, "188", "visto sull'originale")
        done = review_of(session, application, form, run)
        assert done.rows[0].settled is not None or not done.open_rows
        find_admissible(session, officer, application_id, done, at=at)
        assert application.state is State.ADMISSIBLE
        with pytest.raises(NotFound):
            release(session, officer, application_id, at=at)


def test_a_refusal_needs_its_reasons_and_its_rule(service: Service, registered: list[uuid.UUID]) -> None:
    first = take(service)
    with service.transaction() as session:
        officer = person_named(session, "istruttore")
        for reasons, rule in (("", "art. 3"), ("Manca l'accordo", " ")):
            with pytest.raises(ReasonsNeeded):
                find_not_admissible(session, officer, first, reasons, rule, at=service.clock())
        find_not_admissible(session, officer, first, "Manca l'accordo.", "Avviso, art. 5", at=service.clock())
        application = session.get_one(Application, first)
        assert application.state is State.NOT_ADMITTED
        assert application.events[-1].detail == {"reason": "Manca l'accordo.", "rule": "Avviso, art. 5"}


@pytest.mark.parametrize("old_reading", [False, True])
def test_a_page_is_shown_from_the_very_file_it_was_read_in(service: Service, old_reading: bool) -> None:
    """C6: two files of one name are two documents; readings of before knew them by name alone."""
    application_id, _ = issued(service)
    files = [Incoming("scansione.pdf", b"%PDF-1.7 " + bytes([number])) for number in range(2)]
    run_id = sent_back(service, application_id, *files)
    with service.transaction() as session:
        second = session.get_one(Application, application_id).current_documents[-1]
        source, second_id = ("scansione.pdf" if old_reading else str(second.id)), second.id
    cell = {
        "name": "employer.name",
        "page": 1,
        "box": {"left": 50.0, "top": 90.0, "right": 200.0, "bottom": 102.0},
        "issued": "ALFA SRL",
        "read": "ALFA",
        "confidence": 0.9,
        "status": "agrees",
        "source": "ocr",
        "page_source": [source, 1],
    }
    page = {
        "source_name": source,
        "number": 1,
        "belongs": "ours",
        "code": {"code": {"page": 1}},
        "quality": 0.9,
        "rotation": 0,
        "to_issued": None,
    }
    with examination_finds(reading={"cells": [cell], "pages": [page]}):
        perform_check(service, run_id)
    sent(service, application_id)
    with service.transaction() as session:
        case = case_of(session, application_id)
        shown = form_pages(case)[0].document
        assert shown is not None
        assert shown.name == "scansione.pdf"
        assert old_reading or shown.id == second_id
        row = next(row for row in review_of(session, case.application, case.form, case.run).rows if row.read)
        assert (row.source_name, row.source_page) == ("scansione.pdf", 1)
