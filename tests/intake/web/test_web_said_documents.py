"""N7, N4, T5: what is said of documents that disagree, of strange pages, of declarations and identities has its English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import Babel

from intake.checks import reconciliation_words as words
from intake.checks.declaration_findings import declaration_findings
from intake.checks.identity_findings import KINDS as IDENTITY_KINDS
from intake.checks.identity_findings import identity_findings
from intake.checks.reconciliation_figures import figure_discrepancies
from intake.checks.reconciliation_witness import NOWHERE, Figure, Span, Stated, Witness, WitnessKind, WorkerSeen
from intake.checks.strange_pages import strange_page_findings, unseen_page_findings
from intake.web.frame.language import chosen_language
from intake.web.frame.said import in_english
from ocr.extracted import Extracted
from ocr.page_codes import PageCode, ReadPageCode
from ocr.papers.declaration_results import DeclarationsReading, Standing, StrayDeclaration, WorkerDeclaration
from ocr.papers.identity_document import IdentityReading, Person
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


def value(written: str | None) -> Extracted | None:
    return Extracted(written, written, 1.0, "pdf", "a.pdf", 1, None) if written else None


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


def test_t5_what_is_said_of_declarations_has_its_english() -> None:
    why = [
        "non abbiamo potuto confrontarla con quella stampata",
        "i dati stampati del lavoratore risultano cambiati: si legge «VERDI» dove era stampato «VERDE»",
        "nel riquadro della firma non c'è inchiostro",
        "non è il modulo stampato dal servizio: in fondo c'è inchiostro che può essere la firma",
        "non è il modulo stampato dal servizio: in fondo non troviamo inchiostro di firma",
    ]
    standings: list[Standing] = ["unsigned", "to_look_at", "missing"]
    each = [
        WorkerDeclaration(row, "SANNA", "PIA", "SNNPIA80A41B354X", standing, reason, ("a.pdf", row))
        for standing in standings
        for row, reason in enumerate(why * 6, 1)
    ]
    signed = [replace(one, standing="signed") for one in each[:3]]
    stray = StrayDeclaration(("b.pdf", 2), "non nomina nessun lavoratore dell'elenco, né per codice né per nome")
    found = [
        finding
        for workers in ((*each, *signed), signed, each[-2:])
        for finding in declaration_findings(
            DeclarationsReading(tuple(workers), (stray,), (), 0.0), NAMES, title="Dichiarazioni", law=None
        )
    ]
    assert {finding.code.removeprefix("declaration.") for finding in found} == {
        "all_signed", "count", "missing", "unsigned", "to_look_at", "stray",
    }  # fmt: skip
    assert untold([sentence for finding in found for sentence in (finding.message, finding.remedy)]) == []


@pytest.mark.parametrize(
    ("kind", "named"), [(None, True), *((kind, named) for kind in IDENTITY_KINDS for named in (True, False))]
)
def test_c4_what_is_said_of_an_identity_document_has_its_english(kind: str | None, named: bool) -> None:
    signer = Person("ROSSI MARIO", "RSSMRA68C02I452O")
    reading = IdentityReading(
        kind=value(kind),
        surname=value("VERDI" if named else None),
        given_name=value("ANNA" if named else None),
        born=None,
        expires=value("2019-05-01" if named else None),
        holder=None,
        holder_by=(),
        other_holder=named,
        legible=True,
    )
    found = identity_findings([reading, replace(reading, legible=False)], signer, date(2026, 3, 1), by_hand=True)
    assert len(found) == (4 if named else 2)
    assert untold([sentence for finding in found for sentence in (finding.message, finding.remedy)]) == []
