"""A union agreement read with evidence: every value with the passage, page and box that it was taken from.

What an agreement must say: D.L. 18/2020, art. 22, c. 1, and the notices that apply it. Nothing is made up: a value that
the paper does not say is None.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ocr.agreement_counts import find_total_staff, find_weeks, find_workers_involved
from ocr.agreement_dates import DateFound, dates_in
from ocr.agreement_opening import find_date, find_place
from ocr.agreement_parties import find_association, find_employer, find_representative
from ocr.agreement_parts import AgreementKind, Parts, parts_of
from ocr.agreement_periods import Period, find_first_day, find_periods, first_of, found_first, found_last, last_of
from ocr.agreement_signing import InkStroke, PenInk, find_signing
from ocr.agreement_statements import (
    find_agreement_reached,
    find_covid_cause,
    find_direct_payment,
    find_ordinary_schemes_unavailable,
    find_zero_hours,
)
from ocr.agreement_text import Found, RunningText, running_text
from ocr.agreement_unions import find_unions
from ocr.extracted import Extracted
from ocr.page_text import PageText, read_page_text
from ocr.pages import Page, open_pages
from ocr.tesseract import TesseractUnavailable
from ocr.unreadable import UnreadablePages

MOST_PAGES = 20
"""Pages of one agreement that are read: the first sixteen and the last four of a longer file."""

READING_SECONDS = 150.0
_SECONDS_A_PAGE = 25.0
_FIRST_OF_LONG = 16
_LEAST_WORDS = 25
_POOR = 0.6
_CODES = re.compile(r"(?<![A-Z0-9])(?:IT)?(\d{11}|[A-Z]{6}[A-Z0-9]{8}[A-Z0-9]{2})(?![A-Z0-9])")


@dataclass(frozen=True, slots=True)
class AgreementProblem:
    """Why something of the file could not be read: ``code`` for programs, Italian sentences for people."""

    code: str
    message: str
    remedy: str
    source: str
    page: int | None = None


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
    words. ``pages``: how many were read.
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
    most_pages: int = 200,
    seconds: float = READING_SECONDS,
) -> AgreementReading:
    """Reads ``files`` (name and bytes) as one agreement. Raises nothing for bad input: what is wrong is a problem.

    ``titles``: how people call each file, where its name is an identifier.
    """
    started = time.monotonic()
    problems: list[AgreementProblem] = []
    pages = list(_opened(files, most_pages, problems))
    read = list(_texts(pages, started + seconds, problems))
    text = running_text([each for _, each in read])
    parts = parts_of(text)
    if parts.kind == "other":
        problems += _no_agreement(read, problems)
    ink = PenInk.looked_for(read, text, parts) if parts.kind != "other" else PenInk((), seen=False)
    dates = dates_in(text.plain)
    periods = find_periods(text, dates, parts.core) if parts.kind != "other" else ()
    found = _found(text, parts, dates, periods, ink) if parts.kind != "other" else {}
    values = {
        each.name: text.extracted(value) if (value := found.get(each.name)) else text.absent()
        for each in fields(AgreementFields)
    }
    return AgreementReading(
        parts.kind,
        AgreementFields(**values),
        tuple((text.extracted(found_first(each)), text.extracted(found_last(each))) for each in periods),
        ink.strokes,
        frozenset(_CODES.findall(text.plain.upper())) if parts.kind != "other" else frozenset(),
        tuple(_titled(each, titles or {}) for each in problems),
        len(read),
        min((each.quality for _, each in read if each.words), default=0.0),
        round(time.monotonic() - started, 3),
    )


def _found(
    text: RunningText, parts: Parts, dates: tuple[DateFound, ...], periods: tuple[Period, ...], ink: PenInk
) -> dict[str, Found | None]:
    made = find_date(text, dates, parts)
    employer, staff = find_employer(text, parts), find_total_staff(text)
    return {
        "date": made[0] if made else None,
        "place": find_place(text, made[1] if made else None, parts),
        "employer": employer,
        "representative": find_representative(text),
        "association": find_association(text, parts),
        "unions": find_unions(text, parts),
        "total_staff": staff,
        "workers_involved": find_workers_involved(text, staff, parts.core),
        "period_from": first_of(periods) or find_first_day(text, dates, parts.core),
        "period_to": last_of(periods),
        "weeks": find_weeks(text, parts.core),
        "zero_hours": find_zero_hours(text, parts),
        "direct_payment": find_direct_payment(text),
        "covid_cause": find_covid_cause(text),
        "ordinary_schemes_unavailable": find_ordinary_schemes_unavailable(text),
        "agreement_reached": find_agreement_reached(text, parts),
        "signatures": find_signing(text, ink),
    }


def _value_json(value: Extracted) -> dict[str, Any]:
    facts = asdict(value)
    listed = list(value.value) if isinstance(value.value, tuple) else value.value
    return facts | {"value": listed, "box": value.box.as_list() if value.box else None, "rules": list(value.rules)}


def _titled(problem: AgreementProblem, titles: Mapping[str, str]) -> AgreementProblem:
    title = titles.get(problem.source)
    return replace(problem, message=problem.message.replace(problem.source, title)) if title else problem


def _opened(files: Sequence[tuple[str, bytes]], most_pages: int, problems: list[AgreementProblem]) -> Iterator[Page]:
    for name, data in files:
        try:
            pages = open_pages(data, name=name, most_pages=most_pages)
        except UnreadablePages as error:
            problems.append(AgreementProblem(error.code, error.message, error.remedy, name))
            continue
        if len(pages) > MOST_PAGES:
            problems.append(_too_long(name, len(pages)))
            pages = (*pages[:_FIRST_OF_LONG], *pages[_FIRST_OF_LONG - MOST_PAGES :])
        yield from pages


def _texts(pages: Sequence[Page], until: float, problems: list[AgreementProblem]) -> Iterator[tuple[Page, PageText]]:
    for page in pages[:MOST_PAGES]:
        left = until - time.monotonic()
        if left <= 1:
            problems.append(_out_of_time(page))
            return
        try:
            text = read_page_text(page, seconds=min(_SECONDS_A_PAGE, left))
        except (UnreadablePages, TesseractUnavailable) as error:
            problems.append(AgreementProblem("page_unread", error.message, error.remedy, page.source_name, page.index))
            continue
        if not text.words:
            problems.append(_blank(page))
        elif text.quality < _POOR:
            problems.append(_poor(page))
        yield page, text


def _no_agreement(
    read: Sequence[tuple[Page, PageText]], problems: Sequence[AgreementProblem]
) -> Iterator[AgreementProblem]:
    if not read:
        return
    page, _ = read[0]
    if sum(len(text.words) for _, text in read) < _LEAST_WORDS and any(each.code == "blank_page" for each in problems):
        return
    yield AgreementProblem(
        "not_an_agreement",
        f"In «{page.source_name}» non riconosciamo un accordo sindacale né una comunicazione ai sindacati.",
        "Controlli di avere caricato il file giusto, per intero e leggibile.",
        page.source_name,
    )


def _too_long(name: str, pages: int) -> AgreementProblem:
    return AgreementProblem(
        "long_document",
        (
            f"«{name}» ha {pages} pagine: dell'accordo leggiamo le prime {_FIRST_OF_LONG} e le ultime "
            f"{MOST_PAGES - _FIRST_OF_LONG}."
        ),
        "Se il file contiene anche altri documenti, li carichi a parte.",
        name,
    )


def _out_of_time(page: Page) -> AgreementProblem:
    return AgreementProblem(
        "out_of_time",
        f"La lettura di «{page.source_name}» si è fermata a pagina {page.index}: ci voleva troppo tempo.",
        "Scansioni di nuovo il documento a 300 dpi, piano e senza ombre.",
        page.source_name,
        page.index,
    )


def _blank(page: Page) -> AgreementProblem:
    return AgreementProblem(
        "blank_page",
        f"«{page.source_name}», pagina {page.index}: non c'è nulla da leggere.",
        "Se la pagina dovrebbe essere scritta, la scansioni di nuovo.",
        page.source_name,
        page.index,
    )


def _poor(page: Page) -> AgreementProblem:
    return AgreementProblem(
        "poor_page",
        f"«{page.source_name}», pagina {page.index}, si legge male.",
        "Se può, scansioni di nuovo la pagina a 300 dpi, piana e senza ombre.",
        page.source_name,
        page.index,
    )
