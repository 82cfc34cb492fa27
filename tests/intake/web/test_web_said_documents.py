"""N7, N4: what is said of documents that disagree, and of pages that are none of the form's, has its English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import Babel

from intake.checks import reconciliation_words as words
from intake.checks.reconciliation_figures import figure_discrepancies
from intake.checks.reconciliation_witness import NOWHERE, Figure, Span, Stated, Witness, WitnessKind, WorkerSeen
from intake.checks.strange_pages import strange_page_findings, unseen_page_findings
from intake.web.frame.language import chosen_language
from intake.web.frame.said import in_english
from ocr.page_codes import PageCode, ReadPageCode
from ocr.results import PageSeen

KINDS = [kind for kind in WitnessKind if kind is not WitnessKind.APPLICATION]
FILED = WorkerSeen(2, NOWHERE, "SANNA", "PIA", "SNNPIA80A41B354X", Decimal(40), Decimal(128), unsure=frozenset())
SEEN = replace(
    FILED, requested_hours=Decimal(168), weekly_hours=Decimal(36), surname="ZANNA", tax_code="SNNPIA80A41B354Y"
)
NAMES = {"a.pdf": "modulo firmato.pdf", "b.pdf": "retro.pdf"}


@pytest.fixture(autouse=True)
def reader() -> Iterator[None]:
    app = Flask(__name__)
    app.secret_key = "x"
    Babel(app, default_locale="it", locale_selector=chosen_language)
    with app.test_request_context("/?lingua=en"):
        yield


def untold(sentences: list[str]) -> list[str]:
    return [each for each in sentences if each and in_english(each) is None]


@pytest.mark.parametrize("name", ["", "lista di marzo.pdf"])
@pytest.mark.parametrize("kind", KINDS)
def test_n4_what_a_document_says_otherwise_of_a_worker_has_its_english(kind: WitnessKind, name: str) -> None:
    witness = Witness(kind, name)
    differing = ["tax_code", "name", "weekly_hours", "requested_hours"]
    found = [
        words.missing_worker(FILED, witness),
        words.extra_worker(SEEN, witness),
        words.named_twice(SEEN, witness),
        words.differing_worker(FILED, SEEN, differing, witness),
        words.unsure_worker(FILED, SEEN, witness),
        words.unsigned(FILED, SEEN, witness),
    ]
    assert untold([sentence for each in found for sentence in (each.message, each.remedy)]) == []


@pytest.mark.parametrize("sure", [True, False])
def test_n4_what_a_document_says_otherwise_of_all_workers_has_its_english(sure: bool) -> None:
    def stated(number: int) -> Stated:
        figure, place = Figure(Decimal(number), NOWHERE, sure), NOWHERE
        months = (Span(date(2020, month, 1), date(2020, month, 20), place, sure) for month in (number, number + 2))
        return Stated(figure, figure, figure, figure, tuple(months))

    application = Witness(WitnessKind.APPLICATION, workers=(FILED,), stated=stated(8))
    others = [
        Witness(kind, "verbale.pdf", workers=(SEEN,) * 7, stated=stated(number)) for kind in KINDS for number in (4, 9)
    ]
    found = [
        *figure_discrepancies(application, others, words.AgreementRule(5, "art. 2")),
        *figure_discrepancies(replace(application, stated=Stated()), others, words.AgreementRule(5, "art. 2")),
    ]
    assert len({each.code for each in found}) == (8 if sure else 5)
    assert untold([sentence for each in found for sentence in (each.message, each.remedy)]) == []


def test_c9_what_is_said_of_strange_pages_has_its_english() -> None:
    ours, false = ReadPageCode(PageCode("SAR-7", 1, 3), None), ReadPageCode(PageCode("SAR-7", 2, 3), valid=False)
    other = ReadPageCode(PageCode("SAR-9", 1, 2), None)
    belonging = ["blank", "unreadable", "not_looked_at", "foreign", "unknown"]
    pages = [
        PageSeen(name, number, code, belongs, "none", 0.0, 0, 0.0, None, other_codes=(other,) if code is ours else ())
        for belongs in belonging
        for code in (ours, false, other, None)
        for name, number in (("a.pdf", 3), ("a.pdf", 4), ("a.pdf", 9), ("b.pdf", 1))
    ]
    found = [*strange_page_findings(pages, "SAR-7", NAMES), *strange_page_findings(pages[-1:], "SAR-7", NAMES)]
    many = [replace(pages[0], belongs="unreadable", number=number, problem="") for number in range(1, 30)]
    found += unseen_page_findings(many, NAMES)
    told = [
        sentence for each in found for sentence in (each.message.split(". ")[0].removesuffix(".") + ".", each.remedy)
    ]
    assert untold(told) == []
    assert in_english("Ci sono pagine senza il codice del modulo: «a.pdf», pagine 3-4, 9; «b.pdf», pagina 1.") == (
        "There are pages without the form's code: “a.pdf”, pages 3-4, 9; “b.pdf”, page 1."
    )
