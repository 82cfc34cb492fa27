"""The documents of a real application against each other when its checks end: findings, evidence, sources (N4, T5, S5)."""

from __future__ import annotations

import uuid
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select

from intake.applications.list_proposal_models import ListProposal, ProposalState
from intake.applications.models import Application
from intake.applications.returns import Incoming
from intake.cases.case import case_of
from intake.checks.evidence import evidence_of
from intake.checks.finding import Examination
from intake.checks.list_examination import ListPaper, examine_lists
from intake.checks.models import CheckRun, StoredFinding
from intake.checks.readiness import readiness_of
from intake.checks.reconciliation import Mark
from intake.checks.reconciliation_case import lists_brought, readings_of, reconcile_case
from intake.checks.reconciliation_papers import agreement_witness, declarations_witness
from intake.checks.reconciliation_witness import WitnessKind
from intake.checks.run import perform_check
from intake.service import Service
from tests.intake.applications_made import WORKERS, person_named
from tests.intake.filings import issued, sent, sent_back

pytestmark = pytest.mark.shared_installation

DOCUMENT = uuid.UUID(int=9)


def value(written: str | None, *, confidence: float = 0.95, source: str = str(DOCUMENT)) -> dict[str, Any]:
    return {
        "value": written,
        "raw": written or "",
        "confidence": confidence if written else 0.0,
        "engine": "tesseract",
        "source": source,
        "page": 1,
        "box": [60.0, 200.0, 300.0, 214.0],
        "rules": [],
    }


def agreement(source: str, **changed: dict[str, Any]) -> dict[str, Any]:
    said = {
        "total_staff": value("5", source=source),
        "workers_involved": value("3", source=source),
        "weeks": value("9", source=source),
        "periods": [{"first": value("2020-02-23", source=source), "last": value("2020-04-25", source=source)}],
    }
    return {"kind": "agreement", **said, **changed, "seconds": 0.5}


def declarations(source: str) -> dict[str, Any]:
    standings = ("signed", "unsigned", "missing")
    return {
        "workers": [
            {
                "row": row,
                "surname": surname,
                "given_name": given_name,
                "tax_code": code,
                "standing": standing,
                "why": "c'è inchiostro nel riquadro della firma",
                "source": None if standing == "missing" else source,
                "page": None if standing == "missing" else row,
                "box": None if standing == "missing" else [60.0, 600.0, 300.0, 650.0],
                "form": "DID-1",
                "form_page": row,
                "confidence": 0.9,
                "rules": ["page_code"],
            }
            for row, ((surname, given_name, code), standing) in enumerate(zip(WORKERS, standings, strict=True), 1)
        ],
        "stray": [{"source": source, "page": 9, "why": "non è nell'elenco", "named": "BIANCHI ADA"}],
        "seconds": 0.1,
    }


def list_row(row: int, surname: str, given_name: str, code: str) -> dict[str, Any]:
    words = {"surname": surname, "given_name": given_name, "tax_code": code}
    return {
        "row": row,
        "source": "elenco.pdf",
        "page": 1,
        "box": [40.0, 100.0 + 20 * row, 550.0, 118.0 + 20 * row],
        "rotation": 0,
        "fields": {name: value(written, source="elenco.pdf") for name, written in words.items()},
    }


@pytest.fixture
def filed(service: Service) -> tuple[uuid.UUID, uuid.UUID]:
    """An application compiled from a list of its firm, its form come back with an agreement; and its run of checks."""
    application_id, _ = issued(service)
    rows = [list_row(n, *worker) for n, worker in enumerate(WORKERS[:2], 1)]
    rows.append(list_row(3, "ROSSI", "MARIO", "RSSMRA68C02I452O"))
    with service.transaction() as session:
        session.add(
            ListProposal(
                application_id=application_id,
                files=[{"name": "elenco.pdf", "sha256": "0" * 64, "size": 1}],
                state=ProposalState.USED,
                requested_at=service.clock(),
                requested_by=person_named(session, "consulente").id,
                reading={"rows": rows},
            )
        )
    files = [Incoming("domanda.pdf", b"%PDF-1.7 a"), Incoming("accordo.pdf", b"%PDF-1.7 b", "union_agreement")]
    return application_id, sent_back(service, application_id, *files)


def test_n4_what_the_documents_say_differently_is_told_to_the_filer_and_settled_by_the_officer(
    service: Service, filed: tuple[uuid.UUID, uuid.UUID]
) -> None:
    application_id, run_id = filed
    with service.transaction() as session:
        documents = session.get_one(Application, application_id).current_documents
        source = next(str(each.id) for each in documents if each.attachment_key)
    read = Examination((), agreement=agreement(source, workers_involved=value("2", source=source)))
    with patch("intake.checks.run.examine_apart", lambda *_, **__: read):
        perform_check(service, run_id)
    with service.transaction() as session:
        found = {each.code: each for each in session.scalars(select(StoredFinding))}
        assert set(found) == {
            "reconciliation.worker_missing",
            "reconciliation.worker_not_filed",
            "reconciliation.workers_over_agreement",
        }
        missing = found["reconciliation.worker_missing"]
        assert missing.message == "NICCOLÒ D'ANGELO è nella domanda, alla riga 3, ma non nell'elenco «elenco.pdf»."
        assert missing.field == "workers.3"
        assert missing.page is not None
        assert "nell'accordo «accordo.pdf» se ne legge 2" in found["reconciliation.workers_over_agreement"].message
        application, filer = session.get_one(Application, application_id), person_named(session, "consulente")
        asked = {each.code for each in readiness_of(service, session, application, filer, at=service.clock()).asking}
        keys = [each.key for each in readiness_of(service, session, application, filer, at=service.clock()).asking]
    assert {"reconciliation.worker_missing", "reconciliation.workers_over_agreement"} <= asked
    sent(service, application_id, confirmed=tuple(keys))
    with service.transaction() as session:
        case = case_of(session, application_id)
        assert case.run is not None
        lists = lists_brought(session, application_id)
        pack = service.pack_of(case.application.edition)
        again = reconcile_case(case.form, readings_of(case.run), case.application.current_documents, pack, lists=lists)
        assert [row.sightings[0].mark for row in again.rows] == [Mark.PRESENT, Mark.PRESENT, Mark.MISSING, Mark.PRESENT]
        assert again.rows[0].sightings[0].seen is not None
        assert again.rows[0].sightings[0].seen.place.stored == "0" * 64
        over = next(each for each in again.discrepancies if each.code == "reconciliation.workers_over_agreement")
        assert (over.ours.on_form, over.theirs.document, over.theirs.page) == (True, source, 1)
        assert over.ours.box is not None
        assert over.theirs.box is not None


def test_n6_agreement_and_declarations_enter_the_evidence(service: Service, filed: tuple[uuid.UUID, uuid.UUID]) -> None:
    read = Examination((), agreement=agreement(str(DOCUMENT)), declarations=declarations(str(DOCUMENT)))
    found = {each.field: (each.value, each.status.value, each.engine) for each in evidence_of(read)}
    assert found["union_agreement.weeks"] == ("9", "read", "tesseract")
    assert found["union_agreement.periods.1.first"] == ("2020-02-23", "read", "tesseract")
    assert found["declarations.workers.1.standing"] == ("signed", "read", "comparison")
    assert "declarations.workers.3.standing" not in found


def test_t5_declarations_stand_in_the_table_and_a_stranger_s_is_a_row() -> None:
    witness = declarations_witness(declarations(str(DOCUMENT)))
    assert witness.kind is WitnessKind.DECLARATIONS
    assert [(each.surname, each.signed) for each in witness.workers or ()] == [
        ("ESPOSITO", True),
        ("DE LUCA", False),
        ("BIANCHI ADA", None),
    ]


def test_s5_a_figure_read_with_doubt_is_told_as_doubt_and_a_paper_that_is_none_says_nothing(
    service: Service, filed: tuple[uuid.UUID, uuid.UUID]
) -> None:
    application_id, run_id = filed
    doubtful = agreement(str(DOCUMENT), workers_involved=value("2", confidence=0.5))
    with service.transaction() as session:
        application = session.get_one(Application, application_id)
        form, pack = application.current_form, service.pack_of(application.edition)
        assert form is not None
        run = session.get_one(CheckRun, run_id)
        found = reconcile_case(form, {**readings_of(run), "agreement": doubtful}, application.current_documents, pack)
        assert [each.code for each in found.discrepancies] == ["reconciliation.unsure_figure"]
    assert agreement_witness(doubtful | {"kind": "other"}, {}) is None


def sheet(*workers: tuple[str, str, str]) -> bytes:
    lines = ["Cognome;Nome;Codice fiscale;Ore CIG", *(";".join((*each, "120")) for each in workers)]
    return "\n".join(lines).encode()


def test_n4_a_list_among_the_papers_is_read_and_compared(service: Service, filed: tuple[uuid.UUID, uuid.UUID]) -> None:
    application_id, run_id = filed
    found = examine_lists([ListPaper(str(DOCUMENT), sheet(*WORKERS[:2], ("ROSSI", "MARIO", "RSSMRA68C02I452O")))])
    assert found is not None
    assert [(row["source"], row["fields"]["tax_code"]["value"]) for row in found["rows"]] == [
        (str(DOCUMENT), code) for code in (WORKERS[0][2], WORKERS[1][2], "RSSMRA68C02I452O")
    ]
    strangers = examine_lists([ListPaper(str(DOCUMENT), sheet(("ROSSI", "MARIO", "RSSMRA68C02I452O")))])
    with service.transaction() as session:
        application = session.get_one(Application, application_id)
        form, pack, run = (
            application.current_form,
            service.pack_of(application.edition),
            session.get_one(CheckRun, run_id),
        )
        assert form is not None
        read = {**readings_of(run), "worker_list": found}
        compared = reconcile_case(form, read, application.current_documents, pack)
        marks = [row.sightings[0].mark for row in compared.rows]
        assert marks == [Mark.PRESENT, Mark.DIFFERS, Mark.MISSING, Mark.PRESENT]
        assert compared.rows[1].sightings[0].differing == ("requested_hours",)
        assert compared.rows[2].worker.full_name == "NICCOLÒ D'ANGELO"
        nothing = reconcile_case(
            form, {**readings_of(run), "worker_list": strangers}, application.current_documents, pack
        )
        assert nothing.witnesses == (), "a paper that names nobody of the application is no list of its workers"
    fields = {each.field for each in evidence_of(Examination((), worker_list=found))}
    assert "worker_list.rows.1.fields.tax_code" in fields


def test_n4_papers_without_people_are_no_lists() -> None:
    assert examine_lists([ListPaper("a", b"non un PDF"), ListPaper("b", b"\x89PNG\r\n\x1a\n")]) is None
