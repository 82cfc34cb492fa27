"""T5, C8: the papers that come with a form are read, may ask and never refuse; a stack in one file sorts itself."""

from __future__ import annotations

import io
import uuid
from dataclasses import replace
from datetime import date
from typing import Any

import pikepdf
import pytest
import typst
from sqlalchemy import select

from intake.applications.draft import open_draft, save_draft
from intake.applications.issue import issue_form
from intake.applications.models import Application
from intake.applications.rehearsal import add_trial_attachment
from intake.applications.returns import Incoming
from intake.applications.worker_papers import all_worker_papers
from intake.checks.declaration_findings import MOST_NAMED, declaration_findings
from intake.checks.finding import Finding
from intake.checks.identity_findings import identity_findings, valid_until
from intake.checks.models import CheckRun
from intake.checks.paper_examination import papers_in_the_form
from intake.checks.readiness import readiness_of
from intake.checks.run import perform_check
from intake.checks.severity import Severity
from intake.notices.findings import finding_effect
from intake.notices.load import load_pack
from intake.people.models import Employer
from intake.service import Service
from intake.settings import TEMPLATES
from ocr.attachments import form_map_of
from ocr.extracted import Extracted
from ocr.form_map import Box, FormMap
from ocr.papers.declaration_results import DeclarationsReading, StrayDeclaration, WorkerDeclaration
from ocr.papers.identity_document import IdentityReading, Person
from ocr.simulation import simulate_scan
from tests.intake.applications.test_returned_files import Case, case, codes
from tests.intake.applications_made import complete_draft, person_named, rehearsal_of
from tests.intake.filings import newest_run, sent_back
from tests.ocr.drawn_identity import Holder, drawn

__all__ = ["case"]

SIGNER = Person("Mario Rossi", "RSSMRA68C02I452O")
OTHER = Person("Giulia Ferrari", "FRRGLI79E54B354X")
TODAY = date(2026, 11, 22)
BOX = Box(10, 20, 110, 40)


def read_value(value: str) -> Extracted:
    return Extracted(value, value, 0.9, "tesseract", "7", 2, BOX, ("label",))


def card(**changes: Any) -> IdentityReading:
    whole = IdentityReading(
        kind=read_value("paper_identity_card"),
        surname=read_value("ROSSI"),
        given_name=read_value("MARIO"),
        born=None,
        expires=read_value("2031-05-06"),
        holder=SIGNER,
        holder_by=("names",),
        other_holder=False,
        legible=True,
        pages=(("7", 2),),
    )
    return replace(whole, **changes)


def told(findings: list[Finding]) -> dict[str, Finding]:
    return {each.code: each for each in findings}


def test_c8_whose_document_it_is_and_until_when_is_told_with_its_place() -> None:
    (seen,) = identity_findings([card()], SIGNER, TODAY, by_hand=True)
    assert (seen.code, seen.severity) == ("identity.read", Severity.INFO)
    assert "la carta d'identità di Mario Rossi" in seen.message
    assert "06/05/2031" in seen.message
    assert (seen.document, seen.page, seen.box) == ("7", 2, BOX)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (card(expires=read_value("2026-11-21")), "identity.expired"),
        (card(holder=OTHER), "identity.other_holder"),
        (card(holder=None, other_holder=True, surname=read_value("BIANCHI")), "identity.other_holder"),
    ],
    ids=["expired", "of a delegate", "of a stranger"],
)
def test_c8_expired_or_of_somebody_else_asks_and_only_of_a_form_signed_by_hand(
    document: IdentityReading, code: str
) -> None:
    found = told(identity_findings([document], SIGNER, TODAY, by_hand=True))
    assert found[code].severity is Severity.WARNING
    assert found[code].remedy
    assert found[code].law
    assert code not in told(identity_findings([document], SIGNER, TODAY, by_hand=False))


def test_c8_what_is_not_legible_is_said_plainly_and_the_last_day_counts() -> None:
    nothing = card(kind=None, surname=None, given_name=None, expires=None, holder=None, legible=False)
    assert [each.code for each in identity_findings([nothing], SIGNER, TODAY, by_hand=True)] == ["identity.not_legible"]
    only_name = card(kind=None, expires=None)
    (seen,) = identity_findings([only_name], SIGNER, TODAY, by_hand=True)
    assert "non riconosciamo che documento è" in seen.message
    no_day = told(identity_findings([card(expires=None)], SIGNER, TODAY, by_hand=True))
    assert "la scadenza non si legge" in no_day["identity.read"].message
    last = identity_findings([card(expires=read_value("2026-11-22"))], SIGNER, TODAY, by_hand=True)
    assert "identity.expired" not in told(last)


def test_documents_that_expired_in_the_emergency_stayed_valid() -> None:
    assert valid_until(date(2020, 3, 1)) == date(2021, 9, 30)
    assert valid_until(date(2020, 1, 30)) == date(2020, 1, 30)
    assert valid_until(date(2022, 1, 1)) == date(2022, 1, 1)


def declared(row: int, standing: str) -> WorkerDeclaration:
    place = None if standing == "missing" else ("7", row)
    why = "nel riquadro della firma non c'è inchiostro"
    return WorkerDeclaration(row, f"COGNOME{row}", "NOME", "X" * 16, standing, why, place, BOX if place else None)  # type: ignore[arg-type]


def findings_of(*standings: str, stray: tuple[StrayDeclaration, ...] = ()) -> list[Finding]:
    workers = tuple(declared(row, standing) for row, standing in enumerate(standings, start=1))
    reading = DeclarationsReading(workers, stray, (), 0.0)
    return declaration_findings(reading, {"7": "pila.pdf"}, title="Dichiarazione", law="D.L. 185/2008")


def test_t5_all_signed_is_one_line() -> None:
    (found,) = findings_of("signed", "signed")
    assert (found.code, found.severity) == ("declaration.all_signed", Severity.INFO)
    assert "firmate tutte, 2 su 2" in found.message


def test_t5_who_has_not_signed_and_who_is_missing_is_named_at_its_place() -> None:
    found = findings_of("signed", "unsigned", "missing", "to_look_at")
    assert [each.code for each in found] == [
        *["declaration.count", "declaration.missing", "declaration.unsigned", "declaration.to_look_at"]
    ]
    unsigned = found[2]
    assert "NOME COGNOME2" in unsigned.message
    assert "«pila.pdf», pagina 2" in unsigned.message
    assert (unsigned.document, unsigned.page, unsigned.box, unsigned.field) == ("7", 2, BOX, "workers.2.declaration")
    assert "NOME COGNOME3" in found[1].message


def test_t5_a_long_list_is_told_in_a_few_lines_that_drop_nobody() -> None:
    found = findings_of(*["unsigned"] * 50, *["missing"] * 50)
    assert len(found) < MOST_NAMED + 5
    assert "altri 30" in told(found)["declaration.missing"].message
    rest = [each for each in found if each.code == "declaration.unsigned"][-1]
    assert "COGNOME21" in rest.message
    assert "altri 10" in rest.message


def test_a_declaration_of_nobody_in_the_list_is_told() -> None:
    stray = (StrayDeclaration(("7", 9), "è di UGO NEMO, che non è nell'elenco dei lavoratori", "UGO NEMO"),)
    assert "UGO NEMO" in told(findings_of("signed", stray=stray))["declaration.stray"].message


@pytest.mark.parametrize("notice", ["basilicata-2020", "sardegna-2020", "toscana-2009"])
def test_what_is_read_on_papers_never_refuses(notice: str) -> None:
    pack = load_pack(TEMPLATES / "notices" / notice)
    asking = {"declaration.missing", "declaration.unsigned", "identity.expired", "identity.other_holder"}
    informing = {"declaration.all_signed", "declaration.to_look_at", "identity.read", "identity.not_legible"}
    assert {finding_effect(pack, code) for code in asking} == {"asks"}
    assert {finding_effect(pack, code) for code in informing | {"attachment.other_kind", "pages.sorted"}} == {"informs"}


def joined(*parts: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as whole:
        for part in parts:
            with pikepdf.open(io.BytesIO(part)) as document:
                whole.pages.extend(document.pages)
        whole.save(out)
    return out.getvalue()


def agreement_pdf() -> bytes:
    words = "VERBALE DI ACCORDO SINDACALE tra ALFA SRL e le organizzazioni sindacali FILCAMS CGIL. Le parti convengono."
    return typst.compile(f"#set page(width: 210mm, height: 297mm)\n{words}".encode())


@pytest.mark.whole
def test_c8_everything_in_one_scan_counts_as_if_it_had_come_apart(case: Case) -> None:
    form_map = FormMap.from_json(case.request.form_map)
    scan = simulate_scan(
        case.pdf,
        seed=2,
        dpi=150,
        level="clean",
        signatures=[zone for zone in form_map.zones if zone.kind == "signature"],
        signer="Rossi",
    )
    assert isinstance(scan, bytes)
    out = io.BytesIO()
    drawn("electronic", Holder(tax_code="RSSMRA68C02I452O"))[0].convert("RGB").save(out, "PDF", resolution=300)
    found = case.examined(("tutto.pdf", joined(scan, out.getvalue()), None))
    said = told(list(found.findings))
    assert "signature.by_hand" in said
    assert "filing.identity_document_missing" not in said
    assert "pages.unknown" not in said
    assert f"documento d'identità (pagina {form_map.pages + 1})" in said["pages.sorted"].message
    assert papers_in_the_form((each.code, each.field) for each in found.findings) == {"identity_document"}
    assert "Mario Rossi" in said["identity.read"].message
    assert found.identity is not None
    assert found.identity["documents"][0]["expires"]["value"] == "2031-01-01"
    assert found.stack is not None


def test_a_paper_under_the_wrong_heading_is_told_and_not_refused(case: Case) -> None:
    found = case.examined(
        ("domanda.pdf", case.signed(), None),
        ("documento.pdf", agreement_pdf(), "identity_document"),
        ("rotto.pdf", b"%PDF-1.7\n1 0 obj", "identity_document"),
    )
    said = told(list(found.findings))
    assert "un verbale di accordo sindacale" in said["attachment.other_kind"].message
    assert "«rotto.pdf»" in said["attachment.unreadable"].message
    assert not any(each.code.startswith("identity.") for each in found.findings)
    assert "signer.representative" in codes(found)


def toscana_draft(draft: dict[str, Any]) -> dict[str, Any]:
    made = complete_draft(draft)
    address = {"street": "Via Prova 5", "postal_code": "50125", "city": "Firenze", "province": "FI"}
    return made | {
        "employer": made["employer"] | {"kind": "private"},
        "unit": {"name": "Forno", "address": address},
        "periods": [{"from": "2009-09-07", "to": "2009-10-02", "mode": "zero_hours"}],
        "agreement": {"kind": "agreement", "date": "2009-09-01", "unions": "CGIL"},
        "workers": [{**worker, "hired_on": "2005-06-01"} for worker in made["workers"]],
        "declarations": dict.fromkeys(("availability_collected", "truthfulness"), True),
        "stamp_duty": {"way": "virtual", "identifier": "AUT. 123/2009"},
    }


def issued_in_toscana(service: Service) -> tuple[uuid.UUID, bytes]:
    """An application with three workers and its form in force: identifier and PDF."""
    at = service.clock()
    with service.transaction() as session:
        person, edition = person_named(session, "consulente"), rehearsal_of(session, "toscana-2009")
        employer = session.scalars(select(Employer).where(Employer.name == "ALFA SRL")).one()
        application = open_draft(session, person, edition, employer.id, at=at)
        save_draft(session, person, application.id, toscana_draft, version=None, at=at)
        form = issue_form(service, session, person, application.id, at=at)
        return application.id, service.store.get(form.pdf_sha256)


@pytest.mark.whole
def test_t5_from_the_printed_declarations_to_the_findings(service: Service) -> None:
    at = service.clock()
    application_id, issued = issued_in_toscana(service)
    with service.transaction() as session:
        (paper,) = all_worker_papers(session.get_one(Application, application_id))
        printed = service.store.get(paper.pdf_sha256)
    form_map = form_map_of(printed)
    assert form_map is not None
    assert (paper.pages, form_map.form) == (3, paper.form)
    zones = [zone for zone in form_map.zones if zone.kind == "signature" and zone.page == 2]
    scan = simulate_scan(printed, seed=1, dpi=150, level="clean", signatures=zones)
    assert isinstance(scan, bytes)
    run_id = sent_back(
        service,
        application_id,
        Incoming("domanda.pdf", joined(issued, scan)),
    )
    perform_check(service, run_id)
    with service.transaction() as session:
        run = session.get_one(CheckRun, run_id)
        found = {each.code: each for each in run.findings}
        assert run.declarations is not None
        standings = [each["standing"] for each in run.declarations["workers"]]
        missing = {
            each.key.split(":")[1]
            for each in readiness_of(
                service, session, session.get_one(Application, application_id), None, at=at
            ).obstacles
            if each.code == "document.missing"
        }
    assert missing == {"documents.union_agreement"}
    assert standings == ["unsigned", "signed", "unsigned"]
    assert found["declaration.unsigned"].box is not None
    assert "3 dichiarazioni di disponibilità" in found["pages.sorted"].message
    assert "pages.foreign" not in found


@pytest.mark.whole
def test_n11_in_a_rehearsal_the_workers_sign_on_request(service: Service) -> None:
    at = service.clock()
    application_id, _ = issued_in_toscana(service)
    with service.transaction() as session:
        person = person_named(session, "consulente")
        (document,) = add_trial_attachment(service, session, person, application_id, "availability_declaration", at=at)
        run_id = newest_run(session, application_id).id
        assert document.attachment_key == "availability_declaration"
    perform_check(service, run_id)
    with service.transaction() as session:
        assert "declaration.all_signed" in {each.code for each in session.get_one(CheckRun, run_id).findings}
