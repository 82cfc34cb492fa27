"""The part of an examination that reads the union agreement among the returned files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from intake.checks.agreement_findings import agreement_findings
from intake.checks.agreement_question import AgreementQuestion
from intake.checks.finding import Finding
from ocr.agreement.pages import Texts
from ocr.agreement.reading import READING_SECONDS, read_agreement


@dataclass(frozen=True, slots=True)
class AgreementPaper:
    """A file that was sent as the agreement, or some ``pages`` of another that are one: its identifier, its sender's name
    for it, what is inside its envelope."""

    document: str
    name: str
    content: bytes = field(repr=False)
    signed: bool
    pages: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class AgreementOutcome:
    """``reading``: the contract's ``agreement`` as JSON, its sources identifiers of documents. ``lists``: file and page of
    each page read that lists workers."""

    reading: dict[str, Any]
    findings: tuple[Finding, ...]
    lists: frozenset[tuple[str, int]] = frozenset()

    def annexed_lists(self, document: str) -> frozenset[int]:
        """Pages of a file of the agreement that are a list of workers."""
        return frozenset(page for source, page in self.lists if source == document)


def examine_agreement(
    papers: Sequence[AgreementPaper],
    question: AgreementQuestion,
    *,
    most_pages: int,
    texts: Texts = MappingProxyType({}),
    seconds: float = READING_SECONDS,
) -> AgreementOutcome | None:
    """Reads all files of the agreement as one; None where none was sent. ``texts``: words of pages read before."""
    if not papers:
        return None
    different = {(each.content, each.pages): each for each in reversed(papers)}
    ordered = [each for each in papers if different[each.content, each.pages] is each]
    reading = read_agreement(
        [(each.document, each.content) for each in ordered],
        titles={each.document: each.name for each in ordered},
        only={each.document: each.pages for each in ordered if each.pages is not None},
        texts=texts,
        most_pages=most_pages,
        seconds=min(READING_SECONDS, seconds),
    )
    findings = agreement_findings(
        reading, question, ordered[0].document, digitally_signed=any(each.signed for each in papers)
    )
    return AgreementOutcome(reading.as_json(), tuple(findings), reading.lists)
