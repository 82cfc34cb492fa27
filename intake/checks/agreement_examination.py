"""The part of an examination that reads the union agreement among the returned files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from intake.checks.agreement_findings import agreement_findings
from intake.checks.agreement_question import AgreementQuestion
from intake.checks.finding import Finding
from ocr.agreement.reading import read_agreement


@dataclass(frozen=True, slots=True)
class AgreementPaper:
    """A file that was sent as the agreement: its identifier, its sender's name for it, what is inside its envelope."""

    document: str
    name: str
    content: bytes
    signed: bool


@dataclass(frozen=True, slots=True)
class AgreementOutcome:
    """``reading``: the contract's ``agreement`` as JSON, its sources identifiers of documents."""

    reading: dict[str, Any]
    findings: tuple[Finding, ...]


def examine_agreement(
    papers: Sequence[AgreementPaper], question: AgreementQuestion, *, most_pages: int
) -> AgreementOutcome | None:
    """Reads all files of the agreement as one; None where none was sent."""
    if not papers:
        return None
    different = {each.content: each for each in reversed(papers)}
    ordered = [each for each in papers if different[each.content] is each]
    titles = {each.document: each.name for each in ordered}
    reading = read_agreement([(each.document, each.content) for each in ordered], titles=titles, most_pages=most_pages)
    findings = agreement_findings(
        reading, question, ordered[0].document, digitally_signed=any(each.signed for each in papers)
    )
    return AgreementOutcome(reading.as_json(), tuple(findings))
