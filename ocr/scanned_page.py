"""Reading a scanned page: laid over the issued one, verified cell by cell, read only where that fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from ocr.alignment import STRAIGHT, Alignment, Bends, bends, laid_over
from ocr.coloured_ink import coloured_in_cells
from ocr.doubted_cells import AGAIN, READING_SECONDS, SURE, CellReader, read_as
from ocr.form_map import FormField
from ocr.identification import LookedAt
from ocr.ink import Ink, ink_of, levelled, rules_in, softened, softness
from ocr.issued_form import IssuedForm
from ocr.page_findings import PageFindings
from ocr.reprinted_cells import PrintReader, values_by_column
from ocr.results import Alteration, AlterationKind, PageSource, ReadCell
from ocr.scan_lines import without_scan_lines
from ocr.signature_ink import signature_boxes
from ocr.strange_marks import is_displaced, is_rule, marks_outside
from ocr.tax_code_repair import names_of_rows
from ocr.verification import CellCheck, ComparedPage, Flags, check_cells, page_limits
from ocr.written_values import looks_like, same_value

_LEAST_QUALITY = 0.7
_MOST_FAILING = 0.25
_SET = np.uint8(255)
_SHOWS = 64


def read_scanned_page(
    look: LookedAt, number: int, issued: IssuedForm, alignment: Alignment, dpi: float
) -> PageFindings:
    """Reads the page that ``alignment`` lays over page ``number`` of the issued form at ``dpi``."""
    source: PageSource = (look.page.source_name, look.page.index)
    fields = issued.form_map.on_page(number)
    drawn = issued.ink(number, dpi, as_printed=True)
    mended = without_scan_lines(ink_of(look.picture))
    even = mended.ink
    if drawn is None:
        laid = laid_over(even, alignment, STRAIGHT, issued.size(number, dpi))
        return _read_without_issued(laid, fields, issued, number, dpi, source)
    size = drawn.shape[1], drawn.shape[0]
    bent = bends(even, drawn, alignment, dpi)
    scanned = laid_over(even, alignment, bent, size, way=cv2.INTER_CUBIC)
    unseen = None if mended.unseen is None else _laid_flags(mended.unseen, alignment, bent, size)
    sigma = softness(drawn, scanned)
    expected = softened(drawn, sigma)
    scanned = levelled(scanned, expected)
    page = ComparedPage.of(scanned, expected, dpi, scan_dpi=dpi / alignment.pixels_of_issued, unseen=unseen)
    letters, glyphs = issued.letters(number), issued.letter_comparison(dpi, sigma)
    coloured = coloured_in_cells(look, alignment, dpi, fields)
    checks = tuple(
        replace(check, coloured_mm2=ink)
        for check, ink in zip(check_cells(page, fields, letters, glyphs), coloured, strict=True)
    )
    limits = page_limits(checks)
    reader = CellReader(np.asarray(255 - page.clean, dtype=np.uint8), dpi)
    known = values_by_column(issued.form_map.fields)
    prints = PrintReader(page, scanned, letters, glyphs, limits.letter, known)
    names = names_of_rows(fields)
    cells = tuple(read_as(check, limits, prints, reader, names, source) for check in checks)
    alterations = [
        *_altered_cells(checks, cells),
        *_marks(page, "added", issued, number, source),
        *_marks(page, "removed", issued, number, source),
    ]
    quality = float(np.median([check.weakest for check in checks if check.field.value] or [1.0]))
    failing = sum(cell.status in ("doubtful", "differs") for cell in cells) > _MOST_FAILING * max(4, len(cells))
    poor = "La pagina si legge male: " + AGAIN if quality < _LEAST_QUALITY or failing else None
    signatures = signature_boxes(page.stray, scanned, issued.form_map, number, dpi, source)
    return PageFindings(cells, tuple(alterations), signatures, round(quality, 3), reader.stopped_by or poor)


def _laid_flags(flags: Flags, alignment: Alignment, bent: Bends, size: tuple[int, int]) -> Flags:
    """Where a quarter or more of what is laid there comes from pixels that are set in ``flags``."""
    return np.asarray(laid_over(flags.astype(np.uint8) * _SET, alignment, bent, size) > _SHOWS)


def _altered_cells(checks: Sequence[CellCheck], cells: Sequence[ReadCell]) -> list[Alteration]:
    altered = []
    for check, cell in zip(checks, cells, strict=True):
        doubt = cell.status == "doubtful" and (check.inked or check.faded or check.other_letters or check.point_mm2 > 0)
        if cell.status != "differs" and not doubt:
            continue
        kind: AlterationKind = "changed" if cell.issued.strip() else "added"
        if kind == "changed" and not cell.read and not check.inked and check.stray_mm2 == 0:
            kind = "removed"
        altered.append(Alteration(cell.page, cell.box, cell.name, cell.issued, cell.read or "", kind, cell.page_source))
    return altered


def _marks(
    page: ComparedPage, kind: AlterationKind, issued: IssuedForm, number: int, source: PageSource
) -> list[Alteration]:
    """Marks outside the values. Rules are not judged when they fade, nor is print that lies a little off its place."""
    changed = page.stray if kind == "added" else page.lacking
    if kind == "removed" and changed.any():
        changed = changed & ~rules_in(page.issued, page.dpi)
    return [
        Alteration(number, mark.box, "", "", "", kind, source)
        for mark in marks_outside(changed, issued.form_map, number, page.dpi)
        if not (kind == "removed" and is_rule(mark)) and not is_displaced(page, mark)
    ]


def _read_without_issued(
    ink: Ink,
    fields: Sequence[FormField],
    issued: IssuedForm,
    number: int,
    dpi: float,
    source: PageSource,
) -> PageFindings:
    reader = CellReader(np.asarray(255 - ink, dtype=np.uint8), dpi, seconds=4 * READING_SECONDS)
    cells = tuple(_cell_as_read(field, reader, source) for field in fields)
    altered = tuple(
        Alteration(
            cell.page, cell.box, cell.name, cell.issued, cell.read or "", "changed" if cell.issued else "added", source
        )
        for cell in cells
        if cell.status == "differs"
    )
    quality = sum(cell.status in ("agrees", "empty") for cell in cells) / max(1, len(cells))
    signatures = signature_boxes(None, ink, issued.form_map, number, dpi, source)
    poor = "La pagina si legge male: " + AGAIN if quality < _LEAST_QUALITY else None
    return PageFindings(cells, altered, signatures, round(quality, 3), reader.stopped_by or poor)


def _cell_as_read(field: FormField, reader: CellReader, source: PageSource) -> ReadCell:
    place = (field.name, field.page, field.box, field.value)
    line = reader.read(field)
    if line is None:
        return ReadCell(*place, None, 0.0, "doubtful", "ocr", source)
    if same_value(line.text, field.value):
        status = "agrees" if field.value.strip() else "empty"
        return ReadCell(
            *place, field.value, line.confidence, "agrees" if status == "agrees" else "empty", "ocr", source
        )
    if line.confidence < SURE or looks_like(line.text, field.value):
        return ReadCell(*place, line.text or None, round(line.confidence, 3), "doubtful", "ocr", source)
    return ReadCell(*place, line.text, round(line.confidence, 3), "differs", "ocr", source)
