"""Every extracted value keeps its evidence, and goes with the rehearsal it was read in (N6, N11)."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

import pytest
from sqlalchemy import func, select

from intake.applications.list_proposal_models import ListProposal, ProposalState
from intake.applications.models import Application
from intake.cases.evidence import subject_of, value_behind, value_in, values_of
from intake.cases.models import ReviewedValue, Settlement
from intake.cases.review import UnknownSubject, review_of, settle
from intake.checks.evidence import DOUBT_BELOW, evidence_of_form, evidence_of_papers
from intake.checks.models import CheckRun, ExtractedValue
from intake.checks.run import perform_check
from intake.errors import NotFound
from intake.protocol.rehearsal_end import wipe_rehearsal_records
from intake.service import Service
from ocr.extracted import Extracted
from ocr.form_map import Box
from tests.intake.applications_made import person_named, rehearsal_of
from tests.intake.filings import SARDEGNA, Incoming, examination_finds, issued, newest_run, sent, sent_back
from tests.intake.taken_cases import take_next

DOCUMENT = uuid.UUID(int=7)


def cell(**changed: Any) -> dict[str, Any]:
    """A cell of a returned form as a run keeps it."""
    whole = {
        "name": "workers.1.requested_hours",
        "page": 2,
        "box": {"left": 500.0, "top": 120.0, "right": 530.0, "bottom": 132.0},
        "issued": "120",
        "read": "126",
        "confidence": 0.91,
        "status": "differs",
        "source": "ocr",
        "page_source": [str(DOCUMENT), 3],
    }
    return whole | changed


def extracted(value: Any, **changed: Any) -> dict[str, Any]:
    whole = Extracted(
        value, "addì 3 aprile 2020", 0.97, "tesseract", str(DOCUMENT), 1, Box(1, 2, 3, 4), ("date_words",)
    )
    return asdict(whole) | changed


def test_n6_a_cell_keeps_both_pages_its_box_and_who_read_it() -> None:
    (found,) = evidence_of_form({"cells": [cell()]})
    assert (found.document, found.page, found.form_page) == (DOCUMENT, 3, 2)
    assert found.box == (500.0, 120.0, 530.0, 132.0)
    assert (found.issued, found.value, found.status) == ("120", "126", "differs")
    assert (found.engine, found.confidence) == ("ocr", 0.91)
    (compared,) = evidence_of_form({"cells": [cell(source="verified", status="agrees", read="120")]})
    assert compared.engine == "comparison"


def test_n6_a_cell_that_no_page_showed_and_a_file_known_by_name_alone_have_no_evidence() -> None:
    cells = [cell(page_source=None), cell(page_source=["scansione.pdf", 1])]
    assert list(evidence_of_form({"cells": cells})) == []


def test_n6_values_of_other_papers_are_found_wherever_the_reading_keeps_them() -> None:
    reading = {
        "kind": "agreement",
        "fields": {
            "date": extracted("2020-04-03"),
            "weeks": extracted(None, raw=""),
            "unions": extracted(("CGIL", "UIL")),
        },
        "periods": [[extracted("2020-03-02"), extracted("2020-04-03", confidence=DOUBT_BELOW - 0.01)]],
        "seconds": 1.0,
    }
    found = {each.field: each for each in evidence_of_papers("agreement", reading)}
    assert {field: (each.value, each.status.value) for field, each in found.items()} == {
        "agreement.fields.date": ("2020-04-03", "read"),
        "agreement.fields.weeks": (None, "not_found"),
        "agreement.fields.unions": ("CGIL; UIL", "read"),
        "agreement.periods.1.1": ("2020-03-02", "read"),
        "agreement.periods.1.2": ("2020-04-03", "doubtful"),
    }
    date = found["agreement.fields.date"]
    assert (date.document, date.page, date.form_page, date.box) == (DOCUMENT, 1, None, (1, 2, 3, 4))
    assert (date.raw, date.engine, date.rules) == ("addì 3 aprile 2020", "tesseract", ("date_words",))


@pytest.fixture
def held(service: Service) -> uuid.UUID:
    """A registered case in the hands of an officer, with one cell read differently."""
    application_id, _ = issued(service)
    run_id = sent_back(service, application_id, Incoming("domanda.pdf", b"%PDF-1.7 " + application_id.bytes))
    with service.transaction() as session:
        document = session.get_one(Application, application_id).current_documents[0].id
    with examination_finds(reading={"cells": [cell(page_source=[str(document), 1])]}):
        perform_check(service, run_id)
    sent(service, application_id)
    with service.transaction() as session:
        officer, edition = person_named(session, "istruttore"), rehearsal_of(session, SARDEGNA)
        take_next(session, officer, edition, at=service.clock(), patience=600.0)
    return application_id


def test_n6_the_evidence_is_stored_with_the_run_and_once(service: Service, held: uuid.UUID) -> None:
    with service.transaction() as session:
        run = newest_run(session, held)
        (value,) = values_of(session, run)
        assert (value.run_id, value.application_id, value.issued, value.value) == (run.id, held, "120", "126")
        assert value_behind(session, run, subject_of(value)) == value
        assert value_behind(session, None, subject_of(value)) is None
        for unknown in ("field:employer.name", f"read:{DOCUMENT}:x", "read:x:y", "finding:1", ""):
            assert value_behind(session, run, unknown) is None
    perform_check(service, run.id)
    with service.transaction() as session:
        assert session.scalar(select(func.count()).select_from(ExtractedValue)) == 1


def test_n6_evidence_is_looked_for_inside_its_case_alone(service: Service, held: uuid.UUID) -> None:
    with service.transaction() as session:
        (value,) = values_of(session, newest_run(session, held))
        assert value_in(session, held, value.id) == value
        with pytest.raises(NotFound):
            value_in(session, uuid.uuid4(), value.id)
        with pytest.raises(NotFound):
            value_in(session, held, value.id + 1)


def test_c7_a_doubtful_value_of_another_paper_is_not_passed_over(service: Service, held: uuid.UUID) -> None:
    with service.transaction() as session:
        run = newest_run(session, held)
        application = session.get_one(Application, held)
        document = application.current_documents[0].id
        session.add(
            ExtractedValue(
                run_id=run.id,
                application_id=held,
                document_id=document,
                page=1,
                form_page=None,
                box=None,
                field="agreement.fields.date",
                engine="tesseract",
                raw="3 aprlie 2020",
                value="2020-04-03",
                confidence=0.4,
                rules=[],
                issued=None,
                status="doubtful",
            )
        )
    subject = f"read:{document}:agreement.fields.date"
    with service.transaction() as session:
        application, officer = session.get_one(Application, held), person_named(session, "istruttore")
        run = newest_run(session, held)

        def open_subjects() -> set[str]:
            return {row.subject for row in review_of(session, application, application.current_form, run).open_rows}

        assert subject in open_subjects()
        at = service.clock()
        with pytest.raises(UnknownSubject):
            settle(session, officer, held, f"{subject}x", Settlement.ACCEPTED, value=None, note=None, at=at)
        said = settle(session, officer, held, subject, Settlement.ACCEPTED, value=None, note=None, at=at)
        session.flush()
        assert said.seen == "2020-04-03"
        assert subject not in open_subjects()


def test_n11_what_was_read_in_a_rehearsal_goes_with_it_and_the_application_stays(
    service: Service, held: uuid.UUID
) -> None:
    with service.transaction() as session:
        code = rehearsal_of(session, SARDEGNA).register_code
        settle(
            session,
            person_named(session, "istruttore"),
            held,
            "field:workers.1.requested_hours",
            Settlement.CORRECTED,
            value="126",
            note=None,
            at=service.clock(),
        )
        session.add(
            ListProposal(
                application_id=held,
                files=[],
                state=ProposalState.USED,
                requested_at=service.clock(),
                requested_by=person_named(session, "consulente").id,
                reading={"rows": []},
            )
        )
    wipe_rehearsal_records(service, code)
    with service.transaction() as session:
        for table in (ExtractedValue, ReviewedValue, ListProposal):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        assert session.scalars(select(CheckRun.reading)).all() == [None]
        assert session.get_one(Application, held).submission is not None
