"""What an agreement, as read, does to an application (issue part 8; lifecycle: what a finding does at transmission)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from intake.checks.agreement_findings import agreement_findings
from intake.checks.agreement_question import AgreementQuestion, agreement_question
from intake.checks.severity import Severity
from intake.notices.findings import finding_effect
from intake.notices.load import load_pack
from ocr.agreement.reading import AgreementFields, AgreementProblem, AgreementReading
from ocr.extracted import Extracted
from ocr.form_map import Box

PACKS = Path(__file__).parents[3] / "templates" / "notices"
QUESTION = AgreementQuestion(
    today=date(2020, 4, 20),
    firm="Forno Prova S.r.l.",
    firm_codes=frozenset({"01234567897"}),
    staff=12,
    due_above=5,
    law="art. 2 dell'avviso",
    statements=frozenset({"covid_cause", "ordinary_schemes_unavailable"}),
    declared_on=date(2020, 4, 6),
    declared_unions=("Filcams", "UILTUCS-UIL"),
    waived=False,
    direct_payment_only=True,
)
VALUES = {
    "date": "2020-04-06",
    "place": "Nuoro",
    "employer": "FORNO PROVA SRL",
    "unions": ("FILCAMS CGIL", "UILTUCS UIL"),
    "total_staff": "12",
    "workers_involved": "9",
    "period_from": "2020-03-23",
    "period_to": "2020-05-24",
    "direct_payment": "true",
    "covid_cause": "true",
    "ordinary_schemes_unavailable": "true",
    "agreement_reached": "true",
    "signatures": "by_hand",
}


def read(value: object, confidence: float = 0.95) -> Extracted:
    if value is None:
        return Extracted(None, "", 0.0, "tesseract", "doc", 1, None)
    return Extracted(value, "come si legge", confidence, "tesseract", "doc", 2, Box(1, 2, 3, 4), ("a_rule",))


def reading(kind="agreement", quality=0.95, confidence=0.95, codes=("01234567897",), problems=(), **changed):
    values = {**VALUES, **changed}
    every = {each.name: read(values.get(each.name), confidence) for each in fields(AgreementFields)}
    return AgreementReading(kind, AgreementFields(**every), (), (), frozenset(codes), problems, 1, quality, 0.1)


def found(of: AgreementReading, question: AgreementQuestion = QUESTION, *, digitally_signed: bool = False):
    return agreement_findings(of, question, "doc", digitally_signed=digitally_signed)


def codes(of: AgreementReading, question: AgreementQuestion = QUESTION, **given) -> set[str]:
    return {each.code for each in found(of, question, **given)}


def test_an_agreement_in_order_only_informs():
    (finding,) = found(reading())
    assert (finding.code, finding.severity) == ("agreement.read", Severity.INFO)
    assert finding.message == "Accordo letto: del 06/04/2020 con FILCAMS CGIL, UILTUCS UIL per 9 lavoratori."
    assert finding.document == "doc"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"agreement_reached": "false"}, "agreement.not_reached"),
        ({"unions": ("FIOM CGIL",)}, "agreement.other_unions"),
        ({"unions": None}, "agreement.no_unions"),
        ({"date": "2020-04-07"}, "agreement.other_date"),
        ({"date": "2020-05-07"}, "agreement.later_date"),
        ({"covid_cause": None}, "agreement.cause_not_said"),
        ({"covid_cause": "false"}, "agreement.cause_denied"),
        ({"ordinary_schemes_unavailable": None}, "agreement.schemes_not_said"),
        ({"ordinary_schemes_unavailable": "false"}, "agreement.schemes_open"),
        ({"direct_payment": "false"}, "agreement.payment_advanced"),
        ({"signatures": "absent"}, "agreement.unsigned"),
    ],
)
def test_what_does_not_match_asks_and_says_what_to_do_and_by_which_rule(changed, code):
    telling = [each for each in found(reading(**changed)) if each.code == code]
    assert len(telling) == 1
    (finding,) = telling
    assert (finding.severity, finding.law) == (Severity.WARNING, "art. 2 dell'avviso")
    assert finding.message
    assert finding.remedy
    assert finding.document == "doc"
    if next(iter(changed.values())) is not None:
        assert (finding.page, finding.box) == (2, Box(1, 2, 3, 4))


def test_nothing_that_an_agreement_says_refuses_an_application():
    pack = load_pack(PACKS / "sardegna-2020")
    for finding in (
        "agreement.not_reached",
        "agreement.other_firm",
        "agreement.no_unions",
        "agreement.not_recognised",
        "agreement.schemes_not_said",
    ):
        assert finding_effect(pack, finding) == "asks"
    for finding in ("agreement.read", "agreement.unread_fields", "agreement.unread_blank_page"):
        assert finding_effect(pack, finding) == "informs"


@pytest.mark.parametrize("field", ["agreement_reached", "covid_cause", "direct_payment"])
def test_what_is_read_with_doubt_accuses_nobody(field):
    assert all(each.severity is Severity.INFO for each in found(reading(confidence=0.5, **{field: "false"})))


def test_a_statement_not_found_on_a_page_that_reads_badly_only_informs():
    poor = found(reading(quality=0.5, covid_cause=None))
    assert {each.code for each in poor if each.severity is Severity.WARNING} == set()
    assert "agreement.unread_cause_not_said" in {each.code for each in poor}


def test_another_firm_is_told_by_name_and_codes_together():
    other = {"employer": "Officine Esempio S.p.A.", "codes": ("98765432103",)}
    assert "agreement.other_firm" in codes(reading(**other))
    assert "agreement.other_firm" not in codes(reading(**other | {"codes": ("01234567897", "98765432103")}))
    assert "agreement.other_firm" not in codes(
        reading(employer="Forno Prova di Efisio Prova S.r.l.", codes=("98765432103",))
    )


def test_above_the_threshold_a_prior_notice_is_not_enough():
    notice = reading(kind="prior_notice", agreement_reached=None, covid_cause=None, ordinary_schemes_unavailable=None)
    assert codes(notice) == {"agreement.only_prior_notice"}
    assert codes(notice, replace(QUESTION, staff=4)) == {"agreement.read"}
    assert codes(notice, replace(QUESTION, waived=True)) == {"agreement.read"}


def test_a_digital_signature_needs_no_pen():
    unsigned = reading(signatures="absent")
    assert "agreement.unsigned" in codes(unsigned)
    assert "agreement.unsigned" not in codes(unsigned, digitally_signed=True)


def test_another_paper_asks_and_an_unreadable_one_informs():
    strange = AgreementProblem("not_an_agreement", "In «x» non riconosciamo un accordo.", "Controlli.", "doc")
    nothing = dict.fromkeys(VALUES)
    assert codes(reading("other", problems=(strange,), **nothing)) == {"agreement.not_recognised"}
    assert codes(reading("other", quality=0.3, problems=(strange,), **nothing)) == {"agreement.unread_paper"}
    blank = AgreementProblem("blank_page", "Non c'è nulla da leggere.", "La scansioni di nuovo.", "doc", 1)
    (finding,) = found(reading("other", quality=0.0, problems=(blank,), **nothing))
    assert (finding.code, finding.severity, finding.page) == ("agreement.unread_blank_page", Severity.INFO, 1)


def test_what_was_not_found_is_named():
    (finding,) = [each for each in found(reading(workers_involved=None)) if each.code == "agreement.unread_fields"]
    assert (
        finding.message == "Nell'accordo non leggiamo con certezza: il numero dei lavoratori. Li controllerà l'ufficio."
    )


@pytest.mark.parametrize(
    ("notice", "statements"),
    [("sardegna-2020", {"covid_cause", "ordinary_schemes_unavailable"}), ("toscana-2009", set())],
)
def test_the_notice_says_what_an_agreement_must_state(notice, statements):
    data = {
        "employer": {"name": "Forno Prova S.r.l.", "tax_code": "01234567897", "vat_number": "", "total_staff": "12"},
        "agreement": {"kind": "agreement", "date": "2020-04-06", "unions": ["FILCAMS"], "waiver": ""},
    }
    asked = agreement_question(load_pack(PACKS / notice), data, datetime(2020, 4, 20, 9, tzinfo=UTC))
    assert asked is not None
    assert asked.statements == statements
    assert asked.due
    assert (asked.today, asked.declared_on, asked.firm_codes) == (
        date(2020, 4, 20),
        date(2020, 4, 6),
        frozenset({"01234567897"}),
    )
