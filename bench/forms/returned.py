"""Whole returned forms and the truth about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from bench.forms.alterations import altered_sheet, reprinted_sheet
from bench.forms.files import pdf_file
from bench.forms.issuing import BenchForm, issued_form
from bench.forms.marks import signed_and_stamped
from bench.forms.printing import printed
from bench.forms.scanning import Level, ScannedPage, scanned
from bench.forms.sheets import PrintPath, Sheet

Treatment = Literal["untouched", "altered", "reprinted"]


@dataclass(frozen=True, eq=False)
class ReturnedForm:
    """What came back of ``form``: ``pdf`` is the scan, ``pages`` its pages in order with the sheet each was made of.

    ``values`` are what the paper says, by field name: the printed or written value where it was altered.
    """

    form: BenchForm
    pages: tuple[ScannedPage, ...]
    pdf: bytes = field(repr=False)
    values: dict[str, str] = field(repr=False)

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        return tuple(page.sheet for page in self.pages)


def returned_form(
    seed: int,
    *,
    level: Level,
    dpi: int,
    treatment: Treatment = "untouched",
    path: PrintPath = "pdfium",
    colour: bool = True,
    workers: int | None = None,
    only: Sequence[int] | None = None,
    upside_down: bool = False,
) -> ReturnedForm:
    """The form of ``seed`` printed, signed, stamped, altered as ``treatment`` says, and scanned. ``only``: these pages.

    Equal arguments give equal bytes; levels and resolutions of one seed show the same sheets of paper.
    """
    form = _form(seed, workers)
    numbers = tuple(only or range(1, form.form_map.pages + 1))
    sheets = [sheet_of(seed, number, treatment=treatment, path=path, workers=workers) for number in numbers]
    pages = tuple(
        scanned(sheet, level=level, dpi=dpi, seed=seed, colour=colour, upside_down=upside_down) for sheet in sheets
    )
    return ReturnedForm(form, pages, pdf_file(pages), values_on(form, sheets))


@lru_cache(maxsize=6)
def sheet_of(
    seed: int, page: int, *, treatment: Treatment = "untouched", path: PrintPath = "pdfium", workers: int | None = None
) -> Sheet:
    """One sheet of paper, before it is scanned; its picture must not be written to."""
    form = _form(seed, workers)
    if treatment == "altered":
        sheet = altered_sheet(form, page, seed=seed, path=path)
    elif treatment == "reprinted":
        sheet = reprinted_sheet(form, page, seed=seed, path=path)
    else:
        sheet = printed(form, page, seed=seed, path=path)
    return signed_and_stamped(sheet, form, seed=seed)


def values_on(form: BenchForm, sheets: Sequence[Sheet]) -> dict[str, str]:
    """What each value of the sheets truly says."""
    numbers = {sheet.page for sheet in sheets}
    values = {each.name: each.value for each in form.form_map.fields if each.page in numbers}
    for altered in (altered for sheet in sheets for altered in sheet.altered if altered.fields):
        struck = altered.kind == "row_struck"
        values.update(dict.fromkeys(altered.fields, "" if struck else altered.written))
    return values


@lru_cache(maxsize=4)
def _form(seed: int, workers: int | None) -> BenchForm:
    return issued_form(seed, workers=workers)
