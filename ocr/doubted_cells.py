"""What one cell of a scanned page says: held by the comparison, or read where that leaves a doubt."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from ocr.cell_reading import agreed, read_cell, read_cell_again
from ocr.form_map import FormField
from ocr.print_reading import PrintRead
from ocr.reprinted_cells import PrintReader
from ocr.results import CellSource, CellStatus, PageSource, ReadCell
from ocr.tax_code_repair import repaired_tax_code
from ocr.tesseract import LineRead, TesseractUnavailable
from ocr.verification import CellCheck, PageLimits, holds, is_prose, may_hold
from ocr.written_values import as_issued_where_alike, looks_like, same_value

SURE = 0.6
READING_SECONDS = 30.0
AGAIN = "scansioni di nuovo la pagina a 300 dpi, in scala di grigi o a colori, su un piano e senza ombre."


class CellReader:
    """Reads cells while the page's time lasts; says once why it cannot."""

    def __init__(self, laid: NDArray[np.uint8], dpi: float, *, seconds: float = READING_SECONDS) -> None:
        self._laid = laid
        self._dpi = dpi
        self._until = time.monotonic() + seconds
        self.stopped_by: str | None = None

    def read(self, field: FormField) -> LineRead | None:
        """None when nothing can be read any more: no time left on this page, or no Tesseract."""
        return self._read(field, read_cell)

    def again(self, field: FormField) -> LineRead | None:
        """The cell read by another engine, None when nothing can be read any more."""
        return self._read(field, read_cell_again)

    def _read(
        self, field: FormField, engine: Callable[[NDArray[np.uint8], FormField, float], LineRead]
    ) -> LineRead | None:
        if self.stopped_by is not None:
            return None
        if time.monotonic() > self._until:
            self.stopped_by = "La pagina ha troppi valori incerti per leggerli tutti: " + AGAIN
            return None
        try:
            return engine(self._laid, field, self._dpi)
        except TesseractUnavailable as error:
            self.stopped_by = f"{error.message} {error.remedy}"
            return None


def read_as(
    check: CellCheck,
    limits: PageLimits,
    prints: PrintReader,
    reader: CellReader,
    names: Mapping[str, tuple[str, str]],
    source: PageSource,
) -> ReadCell:
    """The cell as verified where the comparison holds it, as read where it does not."""
    field = check.field
    if holds(check, limits) and not check.point_mm2 and not check.close_call:
        status: CellStatus = "agrees" if field.value.strip() else "empty"
        return _cell(field, field.value, 0.5 + 0.5 * check.weakest, status, source, verified=True)
    may_be_issued = may_hold(check, limits)
    printed = None if may_be_issued and not check.other_letters else prints.read(field)
    if printed is not None and (said := _as_printed(check, printed, source)):
        return said
    line = reader.read(field)
    if line is None or not line.text:
        return _cell(field, None, 0.0, "doubtful", source)
    as_issued = same_value if check.other_letters else looks_like
    if may_be_issued and as_issued(line.text, field.value) and line.confidence >= SURE:
        return _cell(field, field.value, line.confidence, "agrees", source)
    printed = printed or prints.read(field)
    if printed is not None and (said := _as_printed(check, printed, source)):
        return said
    return _of_readers(check, limits, printed, agreed(field, printed, line, reader.again), names, source)


def _of_readers(
    check: CellCheck,
    limits: PageLimits,
    printed: PrintRead | None,
    line: LineRead,
    names: Mapping[str, tuple[str, str]],
    source: PageSource,
) -> ReadCell:
    """The cell as its readers agree; another value only where the page's own comparison bears them out."""
    field = check.field
    readings = (line.text, printed.text) if printed else (line.text,)
    seen = repaired_tax_code(field, readings, names) or as_issued_where_alike(line.text, field.value)
    if seen == field.value or looks_like(line.text, field.value):
        return _cell(field, field.value, min(line.confidence, check.weakest), "doubtful", source)
    borne_out = check.inked or check.faded or check.other_letters or check.weakest < limits.window / 2
    surely_other = line.confidence >= SURE and not is_prose(field) and borne_out
    return _cell(field, seen, line.confidence, "differs" if surely_other else "doubtful", source)


def _as_printed(check: CellCheck, printed: PrintRead, source: PageSource) -> ReadCell | None:
    """The cell as its print says; where that is in doubt for letters alone that readers mistake, with the issued ones."""
    said = _said_by_print(check, printed)
    if said is None:
        return None
    text = as_issued_where_alike(printed.text, check.field.value) if said == "doubtful" else printed.text
    return _cell(check.field, text, printed.likeness, said, source, verified=True)


def _said_by_print(check: CellCheck, printed: PrintRead) -> CellStatus | None:
    """What a value read surely in the form's own print says of the issued one; None where that does not settle it."""
    if not printed.surely:
        return None
    if same_value(printed.text, check.field.value):
        doubted = check.inked or check.faded or check.clearly_other or check.point_mm2 > 0
        return None if doubted else "agrees"
    return "differs" if check.other_letters or not looks_like(printed.text, check.field.value) else "doubtful"


def _cell(
    field: FormField,
    read: str | None,
    confidence: float,
    status: CellStatus,
    source: PageSource,
    *,
    verified: bool = False,
) -> ReadCell:
    by: CellSource = "verified" if verified else "ocr"
    return ReadCell(field.name, field.page, field.box, field.value, read, round(confidence, 3), status, by, source)
