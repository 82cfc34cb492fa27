"""Worker lists in the employer's own layout: PDF, scan, photograph, workbook or text, read into the public format's fields.

Everything read is a proposal with its evidence; what was not understood is named, nothing is dropped.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ocr.form_map import Box
from ocr.pages import open_pages
from ocr.tesseract import TesseractUnavailable
from ocr.unreadable import UnreadablePages
from ocr.worker_list.page import read_list_page
from ocr.worker_list.rows import ListedWorker, ListTable, workers_of
from ocr.worker_list.sheet import sheet_table
from ocr.worker_list.spreadsheet import SheetUnreadable, is_spreadsheet, read_sheets
from ocr.worker_list.table import PageTable

__all__ = ["FileProblem", "ListedWorker", "OtherRow", "WorkerListReading", "read_worker_list"]

MOST_PAGES = 60
_MOST_AROUND = 200
"""Pages of a file of which only some are a list."""

_SECONDS_A_PAGE = 40.0
_SAVE_AGAIN = "Lo salvi di nuovo come XLSX, oppure carichi il PDF dell’elenco."
_NEEDED = (
    "L’elenco deve avere una riga per lavoratore con il codice fiscale. Se c’è ed è una scansione, la rifaccia a 300 dpi, "
    "in piano e diritta."
)


@dataclass(frozen=True, slots=True)
class OtherRow:
    """A line among the workers that is none: ``kind`` is total, heading (repeated), group or not_understood."""

    kind: str
    text: str
    source: str
    page: int
    box: Box | None


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A file or page that gave nothing: ``page`` None for the whole file; ``message`` and ``remedy`` are for the person."""

    source: str
    page: int | None
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class WorkerListReading:
    """The workers in the order of the list, the lines that are no workers, and what gave nothing."""

    rows: tuple[ListedWorker, ...]
    others: tuple[OtherRow, ...]
    problems: tuple[FileProblem, ...]
    seconds: float


def read_worker_list(
    files: Sequence[tuple[str, bytes]],
    *,
    only: Mapping[str, Collection[int] | None] = MappingProxyType({}),
    seconds: float = 600.0,
) -> WorkerListReading:
    """Reads the lists in ``files`` (name, bytes), in order, told apart by content. Raises nothing for bad input.

    ``only``: by file, the pages that are a list where others are not; all of a file that it does not name. ``seconds``:
    when they are over, the pages that are left are named as not read.
    """
    began = time.monotonic()
    rows: list[ListedWorker] = []
    others: list[OtherRow] = []
    problems: list[FileProblem] = []
    for name, data in files:
        for outcome in _tables(name, data, only.get(name), began + seconds):
            if isinstance(outcome, FileProblem):
                problems.append(outcome)
                continue
            rows += workers_of(outcome, after=len(rows))
            others += [
                OtherRow(other.kind, other.text, outcome.source, outcome.page, other.box) for other in outcome.others
            ]
    return WorkerListReading(tuple(rows), tuple(others), tuple(problems), round(time.monotonic() - began, 3))


def _tables(name: str, data: bytes, only: Collection[int] | None, until: float) -> Iterator[ListTable | FileProblem]:
    if data and is_spreadsheet(data):
        yield from _sheets(name, data)
    else:
        yield from _pages(name, data, only, until)


def _sheets(name: str, data: bytes) -> Iterator[ListTable | FileProblem]:
    try:
        sheets = read_sheets(data)
    except SheetUnreadable:
        yield FileProblem(name, None, "damaged_sheet", f"Il foglio di calcolo «{name}» non si apre.", _SAVE_AGAIN)
        return
    found = [table for sheet in sheets if (table := sheet_table(name, sheet)) is not None]
    yield from found
    if not found:
        yield FileProblem(name, None, "no_list", f"Nel foglio «{name}» non troviamo un elenco di lavoratori.", _NEEDED)


def _pages(name: str, data: bytes, only: Collection[int] | None, until: float) -> Iterator[ListTable | FileProblem]:
    try:
        pages = open_pages(data, name=name, most_pages=MOST_PAGES if only is None else _MOST_AROUND)
    except UnreadablePages as problem:
        yield FileProblem(name, None, problem.code, problem.message, problem.remedy)
        return
    before: PageTable | None = None
    for page in (page for page in pages if only is None or page.index in only):
        if time.monotonic() >= until:
            message = f"La pagina {page.index} di «{name}» non è stata letta: il tempo è finito."
            yield FileProblem(name, page.index, "no_time", message, "Carichi le pagine che mancano in un altro file.")
            continue
        try:
            read = read_list_page(page, before, seconds=min(_SECONDS_A_PAGE, until - time.monotonic()))
        except UnreadablePages as problem:
            yield FileProblem(name, page.index, problem.code, problem.message, problem.remedy)
        except TesseractUnavailable as problem:
            yield FileProblem(name, page.index, "no_reader", problem.message, problem.remedy)
        else:
            before = read.shape or before
            yield read.table or _no_list(name, page.index)


def _no_list(name: str, page: int) -> FileProblem:
    message = f"A pagina {page} di «{name}» non troviamo righe con un codice fiscale."
    return FileProblem(name, page, "no_list", message, _NEEDED)
