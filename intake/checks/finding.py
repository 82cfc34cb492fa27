"""A finding: what a check saw, in a sentence, with what to do and where it was seen."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from intake.checks.severity import Severity
from ocr.form_map import Box


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` is stable and decides what the notice does with it; ``document`` is the returned document's identifier.

    ``page`` and ``box`` are on the issued form where there is one, in PDF points from the top left corner.
    """

    code: str
    severity: Severity
    message: str
    remedy: str = ""
    law: str | None = None
    technical: str | None = None
    document: str | None = None
    page: int | None = None
    box: Box | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    """All that one look at the documents of an application found; JSON-ready but for the findings.

    ``stamps``: the marks of stamp duty and what is due (``StampOutcome.as_json``). ``declarations``: what each worker
    signed (``DeclarationsReading.as_json``), ``identity``: the identity documents (``documents``: ``IdentityReading.as_json``),
    ``stack``: what each page is that is none of the form's (``StackReading.as_json``). ``agreement``: the union agreement
    (``AgreementReading.as_json``).
    """

    findings: tuple[Finding, ...]
    verdicts: dict[str, Any] = field(default_factory=dict)
    reading: dict[str, Any] | None = None
    stamps: dict[str, Any] | None = None
    declarations: dict[str, Any] | None = None
    identity: dict[str, Any] | None = None
    stack: dict[str, Any] | None = None
    agreement: dict[str, Any] | None = None
    worker_list: dict[str, Any] | None = None


def storable(examination: Examination) -> Examination:
    """The same with texts that the database can hold: names in foreign bytes may bring NUL, or half of a character."""
    return Examination(
        tuple(
            replace(
                each,
                message=storable_value(each.message),
                remedy=storable_value(each.remedy),
                law=storable_value(each.law),
                technical=storable_value(each.technical),
                field=storable_value(each.field),
            )
            for each in examination.findings
        ),
        storable_value(examination.verdicts),
        storable_value(examination.reading),
        storable_value(examination.stamps),
        storable_value(examination.declarations),
        storable_value(examination.identity),
        storable_value(examination.stack),
        storable_value(examination.agreement),
        storable_value(examination.worker_list),
    )


def storable_value(value: Any) -> Any:
    """The same JSON with texts that the database can hold."""
    match value:
        case str():
            return value.replace("\0", "").encode("utf-8", "replace").decode()
        case dict():
            return {storable_value(key): storable_value(each) for key, each in value.items()}
        case list() | tuple():
            return [storable_value(each) for each in value]
        case _:
            return value


def finding_json(finding: Finding) -> dict[str, Any]:
    """The shape of ``findings`` in the inspect contract."""
    facts = asdict(finding)
    facts["box"] = finding.box.as_list() if finding.box else None
    return facts
