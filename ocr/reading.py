"""Reading the files that came back for one issued form."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ocr.alignment import Alignment, align, at_dpi
from ocr.attachments import form_data_of, form_map_of
from ocr.drawn_page import read_drawn_page
from ocr.form_map import FormMap
from ocr.identification import (
    LookedAt,
    belonging,
    damage_of,
    identify_pages,
    look_at,
    page_not_seen,
    page_seen,
    turn_of,
)
from ocr.issued_form import IssuedForm
from ocr.page_findings import PageFindings
from ocr.pages import Page, open_pages
from ocr.papers.sheets import box_of, halves, shows_two_pages
from ocr.printed_number import page_by_printed_number
from ocr.results import Alteration, Belonging, PageSeen, ReadCell, ReturnedReading, SignatureBox
from ocr.scanned_page import read_scanned_page
from ocr.tesseract import TesseractUnavailable
from ocr.unreadable import UnreadablePages
from ocr.worker_rows import rows_of

__all__ = [
    "Alteration",
    "PageSeen",
    "ReadCell",
    "ReturnedReading",
    "SignatureBox",
    "form_data_of",
    "form_map_of",
    "identify_pages",
    "read_returned",
    "rows_of",
]

_FINE_DPI = 300.0
_FINE_FROM_DPI = 235.0
_COARSE_DPI = 200.0
_LEAST_DPI = 140.0
_SAME_PLACE_PX = 1.5
READING_SECONDS = 420.0
_NOT_ALIGNED = (
    "Non troviamo i segni agli angoli della pagina: "
    "scansioni di nuovo la pagina intera, a 300 dpi, senza tagliarne i bordi."
)
_BY_NUMBER = (
    "I codici della pagina non si leggono: l’abbiamo riconosciuta dal numero stampato, che è meno sicuro. "
    "Scansioni di nuovo la pagina con i due codici interi."
)
_NO_TIME = "Le pagine sono troppe per guardarle tutte nel tempo che abbiamo: le guarderà una persona."
_TOO_COARSE = "La pagina è a risoluzione troppo bassa: la scansioni di nuovo a 300 dpi."


def read_returned(
    files: Sequence[tuple[str, bytes]],
    form_map: FormMap,
    keys: tuple[Ed25519PublicKey, ...],
    *,
    progress: Callable[[int, int], None] | None = None,
    issued_pdf: bytes | None = None,
    seconds: float = READING_SECONDS,
) -> ReturnedReading:
    """Reads the pages of ``files`` (name, bytes) against the issued form, in whatever order, number and turn they come.

    With ``issued_pdf`` scans are verified against the issued pages as drawn, and marks outside the form's values are
    found; without it scans are read and compared with the map's values. ``progress`` is told pages done and pages in
    all. Of a page that came twice the best copy gives the cells and signatures, all copies give alterations. A page that
    cannot be drawn, and those left over after ``seconds``, are named as such and cost the others nothing.
    Raises ``UnreadablePages`` for the first file that gives no pages, ``ValueError`` when map and issued form disagree.
    """
    began = time.monotonic()
    issued = IssuedForm.of(form_map, issued_pdf)
    pages = [page for name, data in files for page in open_pages(data, name=name)]
    seen: list[PageSeen] = []
    found: dict[int, list[PageFindings]] = defaultdict(list)
    for done, page in enumerate(pages, start=1):
        for page_as_seen, read in _read_sheet(page, keys, issued, began + seconds):
            seen.append(page_as_seen)
            for number, findings in read:
                found[number].append(findings)
        if progress is not None:
            progress(done, len(pages))
    best = {number: max(copies, key=lambda copy: copy.quality) for number, copies in sorted(found.items())}
    return ReturnedReading(
        pages=tuple(seen),
        missing_pages=tuple(number for number in range(1, form_map.pages + 1) if number not in found),
        doubled_pages=tuple(number for number, copies in sorted(found.items()) if len(copies) > 1),
        foreign_pages=tuple((page.source_name, page.number) for page in seen if page.belongs == "foreign"),
        cells=tuple(cell for findings in best.values() for cell in findings.cells),
        alterations=tuple(each for _, copies in sorted(found.items()) for copy in copies for each in copy.alterations),
        signatures=tuple(signature for findings in best.values() for signature in findings.signatures),
        seconds=round(time.monotonic() - began, 3),
    )


PageRead = tuple[PageSeen, list[tuple[int, PageFindings]]]


def _read_sheet(
    sheet: Page, keys: tuple[Ed25519PublicKey, ...], issued: IssuedForm, until: float
) -> Iterator[PageRead]:
    """The page, or the two pages, of a sheet as received."""
    if time.monotonic() > until:
        yield page_not_seen(sheet, "not_looked_at", _NO_TIME), []
        return
    try:
        look = look_at(sheet, keys)
        looks = [look_at(half, keys) for half in halves(sheet)] if shows_two_pages(look) else [look]
        for each in looks:
            yield _read_look(each.as_page_of(issued.form_map.form), issued)
    except UnreadablePages as problem:
        yield page_not_seen(sheet, "unreadable", problem.message), []


def _read_look(look: LookedAt, issued: IssuedForm) -> PageRead:
    belongs = belonging(look, issued.form_map)
    if belongs != "ours" or look.code is None:
        return _read_without_code(look, belongs, issued)
    number = look.code.code.page
    page_as_seen, findings = _read_page(look, number, issued)
    if findings.alterations and (damaged := damage_of(look)):
        page_as_seen = replace(page_as_seen, problem=damaged)
    return page_as_seen, [(number, findings)]


def _read_without_code(look: LookedAt, belongs: Belonging, issued: IssuedForm) -> PageRead:
    """A page whose code is missing or not ours; one that bears this form's printed number is read as the form's page."""
    base = page_seen(look, belongs)
    if belongs != "unknown":
        return base, []
    try:
        number = page_by_printed_number(look, issued)
    except TesseractUnavailable as error:
        return replace(base, problem=f"{error.message} {error.remedy}"), []
    if number is None:
        return base, []
    page_as_seen, findings = _read_page(look, number, issued)
    return replace(page_as_seen, problem=page_as_seen.problem or _BY_NUMBER), [(number, findings)]


def _read_page(look: LookedAt, number: int, issued: IssuedForm) -> tuple[PageSeen, PageFindings]:
    base = page_seen(look, "ours")
    if look.page.has_text:
        alignment = align(look.landmarks, issued.landmarks(number, look.dpi), issued.size(number, look.dpi))
        if alignment is not None and _lies_as_issued(alignment, issued.size(number, look.dpi)):
            findings = read_drawn_page(look, number, issued)
            return replace(base, text_from="pdf", quality=findings.quality), findings
    alignment = _aligned(look, number, issued)
    if alignment is None:
        return replace(base, problem=_NOT_ALIGNED), PageFindings((), (), (), 0.0, _NOT_ALIGNED)
    resolution = _FINE_DPI / alignment.pixels_of_issued
    dpi = _FINE_DPI if resolution > _FINE_FROM_DPI else _COARSE_DPI
    alignment = at_dpi(alignment, _FINE_DPI, dpi)
    findings = read_scanned_page(look, number, issued, alignment, dpi)
    rotation, skew = turn_of(alignment.turn_deg)
    return (
        replace(
            base,
            text_from="ocr",
            rotation=rotation,
            skew_deg=round(skew, 2),
            quality=findings.quality,
            problem=_TOO_COARSE if resolution < _LEAST_DPI else findings.problem,
            to_issued=_in_points(alignment, look, dpi),
        ),
        findings,
    )


def _aligned(look: LookedAt, number: int, issued: IssuedForm) -> Alignment | None:
    size = round(issued.form_map.width * _FINE_DPI / 72), round(issued.form_map.height * _FINE_DPI / 72)
    return align(look.landmarks, issued.landmarks(number, _FINE_DPI), size)


def _lies_as_issued(alignment: Alignment, size: tuple[int, int]) -> bool:
    width, height = size
    corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], dtype=np.float64).T
    there = alignment.matrix @ corners
    return bool(np.abs(there[:2] / there[2] - corners[:2]).max() < _SAME_PLACE_PX)


def _in_points(alignment: Alignment, look: LookedAt, issued_dpi: float) -> tuple[float, ...]:
    """From points of the sheet as received to points of the issued page."""
    part, scale = box_of(look.page), look.dpi / 72
    left, top = (part.left, part.top) if part else (0.0, 0.0)
    to_pixels = np.array([[scale, 0, -0.5 - left * scale], [0, scale, -0.5 - top * scale], [0, 0, 1]])
    to_points = np.array([[72 / issued_dpi, 0, 36 / issued_dpi], [0, 72 / issued_dpi, 36 / issued_dpi], [0, 0, 1]])
    return tuple(float(value) for value in (to_points @ alignment.matrix @ to_pixels).ravel())
