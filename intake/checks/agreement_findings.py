"""What an agreement, as read, means for an application. A doubt of reading only informs; what does not match asks.

Figures that several documents state (periods, workers, weeks, staff) are compared in the reconciliation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from rapidfuzz import fuzz

from intake.checks.agreement_question import AgreementQuestion
from intake.checks.finding import Finding
from intake.checks.severity import Severity
from intake.notices import wording
from ocr.agreement.reading import AgreementReading
from ocr.extracted import Extracted

SURE = 0.75
"""A value read with less confidence than this says nothing against anybody: it is shown to the office."""

_SAME_FIRM = 82.0
_OFFICE_LOOKS = "Se è il documento giusto può inviare: l'ufficio lo leggerà."
_LEGAL_FORMS = re.compile(r"\b(?:s\s?r\s?l\s?s?|s\s?p\s?a|s\s?n\s?c|s\s?a\s?s|soc(?:ieta)?\s+coop(?:erativa)?|di)\b")
_NAMED = {
    "date": "la data",
    "employer": "l'azienda",
    "unions": "le organizzazioni sindacali",
    "period_from": "l'inizio del periodo",
    "period_to": "la fine del periodo",
    "workers_involved": "il numero dei lavoratori",
    "total_staff": "i dipendenti in tutto",
}
_STATEMENTS = {
    "covid_cause": (
        "cause_not_said",
        "che il ricorso alla CIG in deroga dipende dal COVID-19",
        "cause_denied",
        "L'accordo dice che la sospensione non dipende dal COVID-19.",
    ),
    "ordinary_schemes_unavailable": (
        "schemes_not_said",
        "che gli ammortizzatori ordinari non si possono usare",
        "schemes_open",
        "L'accordo dice che gli ammortizzatori ordinari si possono usare.",
    ),
}


def agreement_findings(
    reading: AgreementReading, question: AgreementQuestion, document: str, *, digitally_signed: bool
) -> list[Finding]:
    """``document``: identifier of the paper's (first) file; ``digitally_signed``: somebody's signature was found on it."""
    findings = [
        _finding(f"unread_{each.code}", Severity.INFO, each.message, each.remedy, document=document, page=each.page)
        for each in reading.problems
        if each.code != "not_an_agreement"
    ]
    if reading.kind == "other":
        return [*findings, *_no_agreement(reading, question, document)]
    told = [
        *_kind_and_outcome(reading, question),
        *_parties(reading, question),
        *_day(reading.fields.date, question),
        *_statements(reading, question),
        *_payment(reading.fields.direct_payment, question),
        *([] if digitally_signed else _signatures(reading.fields.signatures, question)),
        *_not_found(reading),
    ]
    if all(each.severity is Severity.INFO for each in told):
        told.insert(0, _finding("read", Severity.INFO, _summary(reading)))
    return [*findings, *(each if each.document else _with_document(each, document) for each in told)]


def _no_agreement(reading: AgreementReading, question: AgreementQuestion, document: str) -> Iterator[Finding]:
    """Words that are those of another paper are told; a paper whose words could not be read is not accused."""
    strange = next((each for each in reading.problems if each.code == "not_an_agreement"), None)
    if strange is None:
        return
    severity = Severity.WARNING if reading.quality >= SURE else Severity.INFO
    code = "not_recognised" if severity is Severity.WARNING else "unread_paper"
    yield _finding(code, severity, strange.message, strange.remedy, law=question.law, document=document)


def _kind_and_outcome(reading: AgreementReading, question: AgreementQuestion) -> Iterator[Finding]:
    reached = reading.fields.agreement_reached
    if reached.value == "false" and reached.confidence >= SURE:
        yield _at(
            reached,
            "not_reached",
            f"Il documento dice che l'accordo non c'è: «{_short(reached.raw)}».",
            "Se poi l'accordo è stato raggiunto, carichi quel verbale. Altrimenti può inviare: deciderà l'ufficio.",
            question.law,
        )
    elif reading.kind == "prior_notice" and question.due:
        staff = f"Con {question.staff} dipendenti" if question.staff else "Per questa domanda"
        yield _finding(
            "only_prior_notice",
            Severity.WARNING,
            f"{staff} serve l'accordo: il documento caricato è solo una comunicazione ai sindacati.",
            "Carichi il verbale di accordo firmato.",
            law=question.law,
        )


def _parties(reading: AgreementReading, question: AgreementQuestion) -> Iterator[Finding]:
    employer, unions = reading.fields.employer, reading.fields.unions
    other_code = reading.codes and not reading.codes & question.firm_codes
    if employer.value and employer.confidence >= SURE and not _same_firm(str(employer.value), question) and other_code:
        yield _at(
            employer,
            "other_firm",
            f"L'accordo è di «{employer.value}»; la domanda è di «{question.firm}».",
            f"Carichi l'accordo della sua azienda. {_OFFICE_LOOKS}",
            question.law,
        )
    if unions.value is None and reading.quality >= SURE:
        yield _finding(
            "no_unions",
            Severity.WARNING,
            "Nell'accordo non troviamo nessuna organizzazione sindacale: senza, non vale come accordo.",
            f"Controlli il documento. {_OFFICE_LOOKS}",
            law=question.law,
        )
    elif unions.value and (missing := _missing_unions(unions.value, question)):
        yield _at(
            unions,
            "other_unions",
            f"Nella domanda ha indicato {', '.join(missing)}; nell'accordo si legge {', '.join(_listed(unions.value))}.",
            "Riapra i dati e corregga le organizzazioni, oppure carichi l'accordo giusto.",
            question.law,
        )


def _day(read: Extracted, question: AgreementQuestion) -> Iterator[Finding]:
    if read.value is None or read.confidence < SURE:
        return
    day = date.fromisoformat(str(read.value))
    if day > question.today:
        message = f"L'accordo porta una data che deve ancora venire: {wording.day(day)}."
        yield _at(read, "later_date", message, "Controlli la data dell'accordo.", question.law)
    elif question.declared_on and day != question.declared_on:
        message = f"L'accordo si legge {wording.of(day)}; nella domanda ha scritto {wording.day(question.declared_on)}."
        yield _at(
            read,
            "other_date",
            message,
            "Riapra i dati e corregga la data, oppure carichi l'altro accordo.",
            question.law,
        )


def _statements(reading: AgreementReading, question: AgreementQuestion) -> Iterator[Finding]:
    """The two statements that the notice wants in an agreement; a prior notice need not make them."""
    values = dict(reading.fields.items())
    for name in sorted(question.statements):
        missing, what, denied, sentence = _STATEMENTS[name]
        read = values[name]
        if read.value == "false" and read.confidence >= SURE:
            yield _at(read, denied, sentence, f"Rilegga l'accordo con il sindacato. {_OFFICE_LOOKS}", question.law)
        elif read.value is None and reading.kind != "prior_notice":
            sure = reading.quality >= SURE
            yield _finding(
                missing if sure else f"unread_{missing}",
                Severity.WARNING if sure else Severity.INFO,
                f"Nell'accordo non troviamo scritto {what}: l'avviso lo chiede.",
                "Se c'è, con altre parole, può inviare: l'ufficio lo leggerà. Se manca, faccia integrare l'accordo.",
                law=question.law,
            )


def _payment(read: Extracted, question: AgreementQuestion) -> Iterator[Finding]:
    if question.direct_payment_only and read.value == "false" and read.confidence >= SURE:
        yield _at(
            read,
            "payment_advanced",
            "L'accordo dice che anticipa l'azienda; per questa misura paga solo l'INPS, direttamente ai lavoratori.",
            "Può inviare: l'ufficio lo terrà presente. Se può, corregga l'accordo con il sindacato.",
            question.law,
        )


def _signatures(read: Extracted, question: AgreementQuestion) -> Iterator[Finding]:
    if read.value == "absent":
        yield _at(
            read,
            "unsigned",
            "Nell'accordo non vediamo firme, né a mano né digitali.",
            "Carichi la copia firmata; se è stato firmato in altro modo, può inviare: l'ufficio controllerà.",
            question.law,
        )


def _not_found(reading: AgreementReading) -> Iterator[Finding]:
    values = dict(reading.fields.items())
    doubtful = [
        name for field, name in _NAMED.items() if values[field].value is None or values[field].confidence < SURE
    ]
    if doubtful:
        yield _finding(
            "unread_fields",
            Severity.INFO,
            f"Nell'accordo non leggiamo con certezza: {', '.join(doubtful)}. Li controllerà l'ufficio.",
        )


def _same_firm(read: str, question: AgreementQuestion) -> bool:
    return fuzz.token_set_ratio(_bare(read), _bare(question.firm)) >= _SAME_FIRM


def _bare(name: str) -> str:
    letters = re.sub(r"[^a-z0-9 ]", " ", name.casefold().replace(".", ""))
    return " ".join(_LEGAL_FORMS.sub(" ", letters).split())


def _missing_unions(read: str | tuple[str, ...], question: AgreementQuestion) -> list[str]:
    """Those declared of which no word is among those read; confederations that everybody shares do not count."""
    seen = {word for union in _listed(read) for word in union.upper().split()}
    return [
        union
        for union in question.declared_unions
        if (words := set(re.findall(r"[A-Z]{2,}", union.upper().replace(".", "")))) and not words & seen
    ]


def _listed(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,)


def _summary(reading: AgreementReading) -> str:
    read = reading.fields
    parts = [
        f"del {date.fromisoformat(str(read.date.value)):%d/%m/%Y}" if read.date.value else "",
        f"con {', '.join(_listed(read.unions.value))}" if read.unions.value else "",
        f"per {read.workers_involved.value} lavoratori" if read.workers_involved.value else "",
    ]
    what = "Comunicazione ai sindacati letta" if reading.kind == "prior_notice" else "Accordo letto"
    return " ".join([f"{what}:", *filter(None, parts)]).rstrip(":") + "."


def _short(raw: str) -> str:
    return raw if len(raw) <= 90 else raw[:89].rsplit(" ", 1)[0] + "…"


def _at(read: Extracted, code: str, message: str, remedy: str, law: str) -> Finding:
    """A finding at the passage that it speaks of."""
    return Finding(
        f"agreement.{code}",
        Severity.WARNING,
        message,
        remedy,
        law,
        document=read.source,
        page=read.page,
        box=read.box,
    )


def _finding(
    code: str,
    severity: Severity,
    message: str,
    remedy: str = "",
    *,
    law: str | None = None,
    document: str | None = None,
    page: int | None = None,
) -> Finding:
    return Finding(f"agreement.{code}", severity, message, remedy, law, document=document, page=page)


def _with_document(finding: Finding, document: str) -> Finding:
    return replace(finding, document=document)
