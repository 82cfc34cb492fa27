"""All values of an agreement, out of its running text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.agreement.counts import find_total_staff, find_weeks, find_workers_involved
from ocr.agreement.dates import DateFound, dates_in
from ocr.agreement.opening import find_date, find_place
from ocr.agreement.parties import find_association, find_employer, find_representative
from ocr.agreement.parts import AgreementKind, Parts, parts_of
from ocr.agreement.periods import Period, find_first_day, find_periods, first_of, found_first, found_last, last_of
from ocr.agreement.signing import InkStroke, PenInk, find_signing
from ocr.agreement.statements import (
    find_agreement_reached,
    find_covid_cause,
    find_direct_payment,
    find_ordinary_schemes_unavailable,
    find_zero_hours,
)
from ocr.agreement.text import Found, RunningText, running_text
from ocr.agreement.unions import find_unions
from ocr.extracted import Extracted
from ocr.page_text import PageText
from ocr.pages import Page

FIELD_NAMES = (
    "date", "place", "employer", "representative", "association", "unions", "total_staff", "workers_involved",
    "period_from", "period_to", "weeks", "zero_hours", "direct_payment", "covid_cause", "ordinary_schemes_unavailable",
    "agreement_reached", "signatures",
)  # fmt: skip

_CODES = re.compile(r"(?<![A-Z0-9])(?:IT)?(\d{11}|[A-Z]{6}[A-Z0-9]{8}[A-Z0-9]{2})(?![A-Z0-9])")


@dataclass(frozen=True, slots=True)
class AgreementValues:
    """What one reading of the pages says; ``fields`` by name, every one of ``FIELD_NAMES``."""

    kind: AgreementKind
    fields: dict[str, Extracted]
    periods: tuple[tuple[Extracted, Extracted], ...]
    strokes: tuple[InkStroke, ...]
    codes: frozenset[str]


def values_of(read: Sequence[tuple[Page, PageText]]) -> AgreementValues:
    """The values of the pages in their order; of a paper that is no agreement, none. Raises ``UnreadablePages``."""
    text = running_text([each for _, each in read])
    parts = parts_of(text)
    if parts.kind == "other":
        return AgreementValues("other", dict.fromkeys(FIELD_NAMES, text.absent()), (), (), frozenset())
    ink = PenInk.looked_for(read, text, parts)
    dates = dates_in(text.plain)
    periods = find_periods(text, dates, parts.core)
    found = _found(text, parts, dates, periods, ink)
    return AgreementValues(
        parts.kind,
        {name: text.extracted(each) if (each := found[name]) else text.absent() for name in FIELD_NAMES},
        tuple((text.extracted(found_first(each)), text.extracted(found_last(each))) for each in periods),
        ink.strokes,
        frozenset(_CODES.findall(text.plain.upper())),
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
