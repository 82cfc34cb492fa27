"""The ledger: an identifier serves one application, in each archive apart; the office's list of authorisations (N5, C3)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from intake.applications.models import Application, ReturnedDocument, Submission
from intake.applications.returns import Incoming
from intake.cases.annulment import annul_registration
from intake.cases.annulment_models import AnnulmentOutcome
from intake.cases.annulment_word import Decision, decide_annulled
from intake.cases.stamp_uses import CODE, second_use_findings
from intake.checks.finding import Examination
from intake.checks.models import CheckRun, StoredFinding
from intake.checks.run import perform_check
from intake.editions import ensure_rehearsal
from intake.errors import NotFound
from intake.people.models import Employer
from intake.service import Service
from intake.stamp_ledger.authorizations import (
    AuthorizationIncomplete,
    AuthorizationKnown,
    ClosingReasonNeeded,
    NewAuthorization,
    add_authorization,
    authorizations,
    close_authorization,
    kept_authorizations,
)
from intake.stamp_ledger.ledger import Use, cases_with, record_uses, second_uses
from intake.stamp_ledger.models import StampUse
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.filings import SARDEGNA, copies, issued, sent, sent_back

pytestmark = pytest.mark.shared_installation

LABEL = "01200123456789"


def mark(document: str, identifier: str = LABEL, kind: str = "contrassegno") -> dict[str, Any]:
    return {
        "document": document,
        "kind": kind,
        "identifier": identifier,
        "amount": "16.00",
        "issued_at": None,
        "matched": None,
        "authorization": {"office": None, "number": None, "date": None},
        "page": 1,
        "box": None,
        "law": None,
        "holder": None,
        "status": "valid",
        "problems": [],
    }


@contextmanager
def examination_sees(*identifiers: str, declared: tuple[str, ...] = ()) -> Iterator[None]:
    """The look at the documents, in whose place stands what it would have seen on the first of them."""

    def look(request: Any, *_: Any, **__: Any) -> Examination:
        document = request.files[0].document
        stamps = {
            "marks": [mark(document, each) for each in identifiers],
            "due": "16.00",
            "paid": "16.00",
            "on": "2020-04-08",
            "rule": None,
            "way": "contrassegno",
            "way_title": "Marca da bollo",
            "declared": list(declared),
        }
        return Examination((), {}, None, stamps)

    with patch("intake.checks.run.examine_apart", look):
        yield


def with_stamp(
    service: Service, application_id: uuid.UUID, *identifiers: str, declared: tuple[str, ...] = ()
) -> uuid.UUID:
    """A file comes back, is checked, and bears these identifiers."""
    run_id = sent_back(service, application_id, Incoming("domanda.pdf", b"%PDF-1.7 " + uuid.uuid4().bytes))
    with examination_sees(*identifiers, declared=declared):
        perform_check(service, run_id)
    return run_id


def findings_of(service: Service, application_id: uuid.UUID) -> list[StoredFinding]:
    with service.transaction() as session:
        return list(second_use_findings(session, session.get_one(Application, application_id)))


def belongs_to_another_firm(service: Service, application_id: uuid.UUID) -> None:
    """As if another employer had filed it; the service itself can never say so."""
    own = select(Application.employer_id).where(Application.id == application_id).scalar_subquery()
    other = select(Employer.id).where(Employer.id != own).limit(1).scalar_subquery()
    changed = update(Application).where(Application.id == application_id).values(employer_id=other)
    with service.database.owner_engine() as owner, owner.begin() as connection:
        connection.execute(changed)


def uses(service: Service) -> int:
    with service.transaction() as session:
        return session.scalar(select(func.count()).select_from(StampUse)) or 0


@pytest.fixture
def two_cases(service: Service) -> tuple[uuid.UUID, uuid.UUID]:
    """Two applications of two units of their own, forms issued, nothing sent yet."""
    first, _ = issued(service, unit=f"Unità {uuid.uuid4().hex}")
    with_stamp(service, first, LABEL)
    (second,) = copies(service, first, 1, unit=f"Unità {uuid.uuid4().hex}")
    return first, second


def test_n5_a_second_use_is_told_to_the_officers_of_both_and_in_neither_run(service: Service, two_cases) -> None:
    first, second = two_cases
    with_stamp(service, second, LABEL, "01200000000002")
    assert findings_of(service, first) == findings_of(service, second) == []
    sent(service, first)
    assert findings_of(service, second) == []
    sent(service, second)
    (at_first,), (at_second,) = findings_of(service, first), findings_of(service, second)
    assert at_first.code == at_second.code == CODE
    assert LABEL in at_first.message
    with service.transaction() as session:
        numbers = [session.get_one(Submission, each).number_shown for each in (first, second)]
        stored = session.scalars(select(StoredFinding.code)).all()
        snapshots = [session.get_one(Submission, each).snapshot["findings"] for each in (first, second)]
    assert numbers[1] in at_first.message
    assert numbers[0] in at_second.message
    assert CODE not in stored
    assert CODE not in str(snapshots)


@pytest.mark.own_installation
def test_n5_a_case_closed_with_its_registration_frees_its_stamp_for_its_own_firm(service: Service, two_cases) -> None:
    first, second = two_cases
    with_stamp(service, second, LABEL)
    submission = sent(service, first)
    sent(service, second)
    with service.transaction() as session:
        edition, protocol = rehearsal_of(session, SARDEGNA), person_named(session, "protocollo")
        act = {"act": "Det. 12/2026", "reason": "Registrata due volte", "at": service.clock()}
        annul_registration(service, session, protocol, edition, submission.year, submission.number, **act)
    assert [each.code for each in findings_of(service, second)] == [CODE], "while nobody decided it may still stand"
    with service.transaction() as session:
        closed = Decision(AnnulmentOutcome.CLOSED, "Det. 41/2026", "È registrata con un altro numero")
        decide_annulled(service, session, person_named(session, "generale"), first, closed, at=service.clock())
    assert findings_of(service, first) == findings_of(service, second) == []
    with service.transaction() as session:
        assert {each.application_id for each in cases_with(session, LABEL)} == {first, second}, "the archive keeps both"
    belongs_to_another_firm(service, second)
    (told,) = findings_of(service, second)
    assert submission.number_shown in told.message, "to another firm it is not free"


@pytest.mark.own_installation
def test_n5_the_same_application_may_repeat_its_stamp_and_a_check_may_run_twice(service: Service, two_cases) -> None:
    first, _ = two_cases
    run_id = with_stamp(service, first, LABEL)
    before = uses(service)
    with service.transaction() as session:
        run = session.get_one(CheckRun, run_id)
        application = session.get_one(Application, first)
        document = uuid.UUID(run.documents["ids"][0])
        record_uses(session, application, [Use("contrassegno", LABEL, document, seen=True)], at=service.clock())
    assert uses(service) == before
    sent(service, first)
    assert findings_of(service, first) == []


@pytest.mark.own_installation
def test_n5_a_file_taken_out_before_sending_used_nothing(service: Service, two_cases) -> None:
    first, second = two_cases
    with_stamp(service, second, LABEL)
    with service.transaction() as session:
        wrong = session.scalars(
            select(ReturnedDocument)
            .join(StampUse, StampUse.document_id == ReturnedDocument.id)
            .where(StampUse.application_id == second)
        ).all()
        for each in wrong:
            each.replaced_at = service.clock()
    with_stamp(service, second, "01200000000099")
    sent(service, first)
    sent(service, second)
    assert findings_of(service, first) == findings_of(service, second) == []
    with service.transaction() as session:
        assert [each.application_id for each in cases_with(session, LABEL)] == [first]


def test_n5_what_is_declared_and_nowhere_seen_counts_too(service: Service, two_cases) -> None:
    first, second = two_cases
    with_stamp(service, second, declared=(LABEL,))
    sent(service, first)
    sent(service, second)
    assert [each.code for each in findings_of(service, first)] == [CODE]


def test_n5_what_an_officer_settled_is_asked_again_when_a_third_case_comes(service: Service, two_cases) -> None:
    first, second = two_cases
    (third,) = copies(service, first, 1, unit="Terza unità")
    for each in (second, third):
        with_stamp(service, each, LABEL)
    sent(service, first)
    sent(service, second)
    (before,) = findings_of(service, first)
    sent(service, third)
    (after,) = findings_of(service, first)
    assert before.id != after.id
    assert findings_of(service, first)[0].id == after.id


def test_n5_live_and_rehearsal_are_apart_and_a_rehearsal_is_wiped_when_the_next_opens(
    service: Service, two_cases
) -> None:
    _, second = two_cases
    with_stamp(service, second, LABEL)
    with service.transaction() as session:
        for use in session.scalars(select(StampUse).where(StampUse.application_id == second)):
            assert use.archive == rehearsal_of(session, SARDEGNA).register_code
    later = service.clock() + timedelta(days=3650)
    ensure_rehearsal(service, service.packs[SARDEGNA], at=later)
    assert uses(service) == 0


@pytest.mark.own_installation
def test_n5_the_database_keeps_live_uses_whoever_asks(service: Service, two_cases) -> None:
    with service.transaction() as session:
        owner = session.scalars(select(StampUse)).first()
        assert owner is not None
        session.execute(
            text(
                "INSERT INTO stamp_use (id, archive, kind, identifier, application_id, document_id, seen, at) "
                "VALUES (gen_random_uuid(), 'live', 'contrassegno', :label, :application, :document, true, now())"
            ),
            {"label": LABEL, "application": owner.application_id, "document": owner.document_id},
        )
    with pytest.raises(DBAPIError, match="only grows"), service.transaction() as session:
        session.execute(delete(StampUse).where(StampUse.archive == "live"))
    with service.transaction() as session:
        assert second_uses(session, session.get_one(Application, two_cases[0])) == ()


def new(**changed: Any) -> NewAuthorization:
    typed: dict[str, Any] = {
        "office": "Agenzia delle Entrate di Firenze",
        "number": "123/2009",
        "issued_on": date(2009, 2, 10),
        "holder": "STUDIO VERDI",
        "holder_code": "01234567897",
        "valid_from": date(2009, 3, 1),
        "valid_to": None,
    }
    return NewAuthorization(**(typed | changed))


def test_t4_the_list_of_authorisations_is_added_to_closed_and_never_rewritten(service: Service) -> None:
    at: datetime = service.clock()
    with service.transaction() as session:
        keeper = person_named(session, "protocollo")
        row = add_authorization(session, keeper, new(), at=at)
        with pytest.raises(AuthorizationKnown):
            add_authorization(session, keeper, new(), at=at)
        with pytest.raises(ClosingReasonNeeded):
            close_authorization(session, keeper, row.id, last_day=date(2009, 2, 1), reason="revocata", at=at)
        with pytest.raises(ClosingReasonNeeded):
            close_authorization(session, keeper, row.id, last_day=date(2009, 6, 1), reason=" ", at=at)
        close_authorization(session, keeper, row.id, last_day=date(2009, 6, 1), reason="Revocata", at=at)
        with pytest.raises(NotFound):
            close_authorization(session, keeper, row.id, last_day=date(2009, 6, 1), reason="Ancora", at=at)
        add_authorization(session, keeper, new(), at=at)
        assert [each.closed_at is None for each in authorizations(session)] == [True, False]
        assert {each.valid_to for each in kept_authorizations(session)} == {None, date(2009, 6, 1)}
    for sql in ("UPDATE virtual_authorization SET number = '1'", "DELETE FROM virtual_authorization"):
        with pytest.raises(DBAPIError, match="permission denied"), service.transaction() as session:
            session.execute(text(sql))


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"office": "", "issued_on": None}, ("office", "issued_on")),
        ({"valid_to": date(2009, 2, 1)}, ("valid_to",)),
    ],
)
def test_t4_what_is_missing_in_an_authorisation_is_named(service: Service, changed, fields) -> None:
    with service.transaction() as session, pytest.raises(AuthorizationIncomplete) as refusal:
        add_authorization(session, person_named(session, "protocollo"), new(**changed), at=service.clock())
    assert refusal.value.fields == fields
