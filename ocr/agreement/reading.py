"""A union agreement read with evidence: every value with the passage, page and box that it was taken from.

What an agreement must say: D.L. 18/2020, art. 22, c. 1, and the notices that apply it. Nothing is made up: a value that
the paper does not say is None.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any

from ocr.agreement.pages import AgreementProblem, Texts, opened, strange_paper, texts_of, titled
from ocr.agreement.parts import AgreementKind
from ocr.agreement.second import second_text, together
from ocr.agreement.signing import InkStroke
from ocr.agreement.values import AgreementValues, values_of
from ocr.extracted import Extracted
from ocr.page_text import PageText
from ocr.pages import Page
from ocr.papers.stack_kinds import kind_of_text, list_pages, tax_codes_in

__all__ = ["AgreementFields", "AgreementProblem", "AgreementReading", "InkStroke", "read_agreement"]

READING_SECONDS = 150.0
_DECISIVE = (
    "date", "employer", "unions", "total_staff", "workers_involved", "period_from", "period_to", "covid_cause",
    "ordinary_schemes_unavailable",
)  # fmt: skip
_SURE = 0.75
_WELL_READ = 0.9
_MOST_READ_TWICE = 6
_SECONDS_FOR_SECOND = 15.0


@dataclass(frozen=True, slots=True)
class AgreementFields:
    """The fields of the contract's ``agreement``; ``period_from`` and ``period_to`` span all periods that are stated.

    ``zero_hours``: ``false`` also where hours may be reduced instead. ``signatures``: ``by_hand``, ``telematic`` (stated),
    ``absent`` (room for signatures without ink), None where it cannot be told.
    """

    date: Extracted
    place: Extracted
    employer: Extracted
    representative: Extracted
    association: Extracted
    unions: Extracted
    total_staff: Extracted
    workers_involved: Extracted
    period_from: Extracted
    period_to: Extracted
    weeks: Extracted
    zero_hours: Extracted
    direct_payment: Extracted
    covid_cause: Extracted
    ordinary_schemes_unavailable: Extracted
    agreement_reached: Extracted
    signatures: Extracted

    def items(self) -> Iterator[tuple[str, Extracted]]:
        """Each field by its name, in the order of the contract."""
        for field in fields(self):
            yield field.name, getattr(self, field.name)


@dataclass(frozen=True, slots=True)
class AgreementReading:
    """What was read of one agreement, in one file or several.

    ``kind``: ``other`` where the paper is none; its fields are then all None. ``periods``: first and last day of each period
    stated. ``codes``: numbers that look like a VAT number or a tax code. ``quality`` from 0 to 1 is that of the worst page with
    words. ``pages``: how many were read. ``lists``: file and page of each page that names several people by their tax codes.
    """

    kind: AgreementKind
    fields: AgreementFields
    periods: tuple[tuple[Extracted, Extracted], ...]
    strokes: tuple[InkStroke, ...]
    codes: frozenset[str]
    problems: tuple[AgreementProblem, ...]
    pages: int
    quality: float
    seconds: float
    lists: frozenset[tuple[str, int]] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """The contract's ``agreement``: each field by its name, boxes as four numbers, and what else was found."""
        return {
            "kind": self.kind,
            **{name: _value_json(value) for name, value in self.fields.items()},
            "periods": [{"first": _value_json(first), "last": _value_json(last)} for first, last in self.periods],
            "strokes": [
                {"file": each.source, "at_page": each.page, "box": each.box.as_list()} for each in self.strokes
            ],
            "codes": sorted(self.codes),
            "problems": [asdict(each) for each in self.problems],
            "pages": self.pages,
            "quality": self.quality,
            "seconds": self.seconds,
        }


def read_agreement(
    files: Sequence[tuple[str, bytes]],
    *,
    titles: Mapping[str, str] | None = None,
    only: Mapping[str, Collection[int]] = MappingProxyType({}),
    texts: Texts = MappingProxyType({}),
    most_pages: int = 200,
    seconds: float = READING_SECONDS,
) -> AgreementReading:
    """Reads ``files`` (name and bytes) as one agreement. Raises nothing for bad input: what is wrong is a problem.

    ``titles``: how people call each file, where its name is an identifier. ``only``: by file, the pages that are the
    agreement's, where others are something else. ``texts``: words of pages that were read before. Annexed lists of workers
    say nothing of the agreement itself: they are named in ``lists``.
    """
    started = time.monotonic()
    problems: list[AgreementProblem] = []
    pages = list(opened(files, most_pages, only, problems))
    everything = list(texts_of(pages, texts, started + seconds, problems))
    read = [(page, text) for page, text in everything if not _is_annexed_list(text)] or everything
    values = values_of(read)
    periods = values.periods
    if _worth_reading_again(read, values) and seconds - (time.monotonic() - started) > _SECONDS_FOR_SECOND:
        again = values_of([(page, second_text(page, text)) for page, text in read])
        periods = periods or again.periods
        values = again if values.kind == "other" else _joined(values, again)
    if values.kind == "other":
        problems += strange_paper(read, problems)
    return AgreementReading(
        values.kind,
        AgreementFields(**values.fields),
        periods,
        values.strokes,
        values.codes,
        tuple(titled(each, titles or {}) for each in problems),
        len(everything),
        min((each.quality for _, each in everything if each.words), default=0.0),
        round(time.monotonic() - started, 3),
        frozenset(_listing(everything)),
    )


def _is_annexed_list(text: PageText) -> bool:
    return bool(tax_codes_in(text.text)) and kind_of_text(text.text).kind == "worker_list"


def _listing(read: Sequence[tuple[Page, PageText]]) -> Iterator[tuple[str, int]]:
    for source in dict.fromkeys(page.source_name for page, _ in read):
        own = [(page.index, text.text) for page, text in read if page.source_name == source]
        yield from ((source, number) for number in list_pages(own))


def _worth_reading_again(read: Sequence[tuple[Page, PageText]], values: AgreementValues) -> bool:
    """Whether a short scanned paper reads badly, or says nothing certain of what decides."""
    scanned = [text for _, text in read if text.engine == "tesseract" and text.words]
    if len(scanned) != len(read) or not 0 < len(read) <= _MOST_READ_TWICE:
        return False
    doubtful = [name for name in _DECISIVE if values.fields[name].confidence < _SURE]
    return bool(doubtful) or min(text.quality for text in scanned) < _WELL_READ


def _joined(one: AgreementValues, other: AgreementValues) -> AgreementValues:
    if other.kind == "other":
        return one
    return AgreementValues(
        one.kind, together(one.fields, other.fields), one.periods, one.strokes, one.codes | other.codes
    )


def _value_json(value: Extracted) -> dict[str, Any]:
    facts = asdict(value)
    listed = list(value.value) if isinstance(value.value, tuple) else value.value
    return facts | {"value": listed, "box": value.box.as_list() if value.box else None, "rules": list(value.rules)}
