"""S5, T5, N4: form, agreement, annexed list and the rest in one file are sorted page by page, each read as what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import typst

from intake.checks.agreement_question import AgreementQuestion
from intake.checks.finding import Examination
from intake.checks.paper_examination import PaperQuestion, papers_in_the_form
from tests.intake.applications.test_returned_files import Case, case, codes
from tests.ocr.agreement_papers import COMPLETE, paper
from tests.ocr.bad_pages import pdf_of

__all__ = ["case"]

ANNEX = typst.compile(
    b"""#set page("a4")
Allegato A - Elenco dei lavoratori interessati
#table(columns: 3, [Cognome e nome], [Codice fiscale], [Qualifica],
[ROSSI MARIO], [RSSMRA68C02I452O], [operaio], [FERRARI GIULIA], [FRRGLI79E54B354X], [impiegata],
[VERDI ANNA], [VRDNNA75D41H501K], [operaia])"""
)
QUESTION = AgreementQuestion(
    today=date(2020, 4, 20),
    firm="ALFA SRL",
    firm_codes=frozenset({"01234560108"}),
    staff=9,
    due_above=5,
    law="D.L. 18/2020, art. 22, c. 1",
    statements=frozenset(),
    declared_on=None,
    declared_unions=(),
    waived=False,
    direct_payment_only=True,
)


@pytest.fixture(scope="module")
def found(case: Case) -> Examination:
    papers = PaperQuestion(agreement_key="union_agreement")
    whole = pdf_of(case.pdf, paper(*COMPLETE), ANNEX)
    return case.examined(("tutto.pdf", whole, None), agreement=QUESTION, papers=papers)


def test_s5_an_agreement_inside_the_form_s_file_is_read_and_counts(case: Case, found: Examination) -> None:
    assert found.agreement is not None
    assert found.agreement["kind"] == "agreement"
    pages = max(each["page"] for each in found.stack["pages"])
    assert found.agreement["date"]["value"] == "2020-04-06"
    assert (found.agreement["date"]["source"], found.agreement["date"]["page"]) == ("0", pages - 1)
    assert papers_in_the_form((each.code, each.field) for each in found.findings) == {"union_agreement"}
    assert "pages.unknown" not in codes(found)


def test_n4_a_list_annexed_to_it_is_read_at_its_page(found: Examination) -> None:
    assert found.worker_list is not None
    rows = found.worker_list["rows"]
    assert [row["fields"]["tax_code"]["value"] for row in rows] == [
        "RSSMRA68C02I452O",
        "FRRGLI79E54B354X",
        "VRDNNA75D41H501K",
    ]
    assert {(row["source"], row["page"]) for row in rows} == {("0", max(each["page"] for each in found.stack["pages"]))}
    assert not found.worker_list["problems"]


def test_n4_a_list_annexed_to_the_agreement_under_its_own_heading_is_read_too(case: Case) -> None:
    agreement = pdf_of(paper(*COMPLETE), ANNEX)
    apart = case.examined(("accordo.pdf", agreement, "union_agreement"), agreement=QUESTION)
    assert apart.agreement is not None
    assert apart.worker_list is not None
    assert [(row["source"], row["page"]) for row in apart.worker_list["rows"]] == [("0", 2)] * 3
    alone = case.examined(("accordo.pdf", paper(*COMPLETE), "union_agreement"), agreement=replace(QUESTION, staff=3))
    assert alone.worker_list is None
    assert {name: value for name, value in alone.agreement.items() if name in {"workers_involved", "date"}} == {
        name: apart.agreement[name] for name in ("workers_involved", "date")
    }
