"""The returned forms that the reading is measured on: sheets of paper, each scanned in every way."""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import cv2

from bench.forms import (
    DPIS,
    KEYS,
    LEVELS,
    BenchForm,
    Level,
    PrintPath,
    ReturnedForm,
    ScannedPage,
    Treatment,
    issued_form,
    pdf_file,
    returned_form,
)
from bench.reading_counts import counted, same_text
from bench.reading_rivals import by_ocrmypdf, cells_exact, ocrmypdf_missing, plain_tesseract
from ocr.pages import open_pages
from ocr.reading import read_returned
from ocr.revenue_stamp import find_revenue_stamps

OWN_LEVELS: tuple[Level, ...] = tuple(level for level in LEVELS if level != "independent")
PAGES_OF_A_FORM = 3


@dataclass(frozen=True, slots=True)
class Papers:
    """The ``pages`` of one form after one ``treatment``, how they are scanned, and which rivals read one of them."""

    seed: int
    treatment: Treatment
    path: PrintPath
    pages: tuple[int, ...]
    rivals: tuple[str, ...] = ()
    colour: bool = True
    upside_down: bool = False


@dataclass(frozen=True)
class Observation:
    """What was counted of some papers scanned in one way; ``seconds`` of processor time for each page read."""

    papers: Papers
    level: Level
    dpi: int
    counts: Counter[str]
    seconds: float
    rival_counts: dict[str, Counter[str]] = field(default_factory=dict)


def papers_of(seed: int, *, quick: bool) -> tuple[Papers, ...]:
    """The papers of one seed: its form as issued, altered and reprinted, printed by either of two programs.

    Odd seeds are printed by poppler, even ones by pdfium. Of a long form the first, a middle and the last page are taken.
    Altered pages are scanned in colour, a third of the others in grey; half of the reprinted ones lie upside down.
    """
    form = issued_form(seed)
    path: PrintPath = "poppler" if seed % 2 else "pdfium"
    with_workers = sorted(_pages_with_workers(form), key=lambda page: -len(form.workers_on(page)))
    untouched = sorted({1, with_workers[0], form.form_map.pages})
    fullest = tuple(sorted(with_workers[: 1 if quick else 2]))
    both = seed % 6 == 0 and not quick and ocrmypdf_missing() is None
    rivals = ("pytesseract", "ocrmypdf") if both else ("pytesseract",)
    return (
        Papers(seed, "untouched", path, tuple(untouched[:PAGES_OF_A_FORM]), rivals, colour=seed % 3 > 0),
        Papers(seed, "altered", path, fullest),
        Papers(seed, "reprinted", path, fullest[:1], colour=seed % 3 < 2, upside_down=seed % 4 > 1),
    )


def observed(
    papers: Papers, conditions: Iterable[tuple[Level, int]], rivals_at: Sequence[Level] = LEVELS
) -> list[Observation]:
    """Reads the papers scanned in each of ``conditions``, and lets the rivals read one page of each of ``rivals_at``."""
    cv2.setNumThreads(1)
    return [
        _observed(papers if level in rivals_at else replace(papers, rivals=()), level, dpi) for level, dpi in conditions
    ]


def conditions(levels: Sequence[Level] = LEVELS, dpis: Sequence[int] = DPIS) -> list[tuple[Level, int]]:
    return [(level, dpi) for level in levels for dpi in dpis]


def _observed(papers: Papers, level: Level, dpi: int) -> Observation:
    back = returned_form(
        papers.seed,
        level=level,
        dpi=dpi,
        treatment=papers.treatment,
        path=papers.path,
        colour=papers.colour,
        only=papers.pages,
        upside_down=papers.upside_down,
    )
    began = processor_seconds()
    reading = read_returned([("scan.pdf", back.pdf)], back.form.form_map, KEYS, issued_pdf=back.form.pdf)
    seconds = processor_seconds() - began
    counts = counted(back, reading)
    if papers.treatment == "untouched":
        counts += _stamps(back)
    rivals = _rivals(back, papers.rivals) if papers.rivals else {}
    return Observation(papers, level, dpi, counts, seconds, rivals)


def _stamps(back: ReturnedForm) -> Counter[str]:
    """The revenue stamps glued onto the pages, and how many are read, or read as another one."""
    counts: Counter[str] = Counter()
    for number, sheet in enumerate(back.sheets):
        for mark in (mark for mark in sheet.marks if mark.kind == "revenue_stamp"):
            found = find_revenue_stamps(open_pages(back.pdf, name="scan.pdf")[number])
            read = {stamp.identifier for stamp in found} - {None}
            counts["stamps"] += 1
            counts["stamps_read"] += mark.says in read
            counts["stamps_misread"] += bool(read - {mark.says})
    return counts


def _rivals(back: ReturnedForm, names: Sequence[str]) -> dict[str, Counter[str]]:
    """The fullest page read by each rival, and by us alone: cells exact, and processor milliseconds."""
    page = max(back.pages, key=lambda each: len(back.form.workers_on(each.sheet.page)))
    pdf = pdf_file([page])
    began = processor_seconds()
    reading = read_returned([("scan.pdf", pdf)], back.form.form_map, KEYS, issued_pdf=back.form.pdf)
    ours = round(1000 * (processor_seconds() - began))
    exact = sum(same_text(cell.read or "", back.values[cell.name]) for cell in reading.cells)
    told = {}
    for name in names:
        counts = _rival(name, back, page)
        counts["our_milliseconds"], counts["ours_exact"] = ours, exact
        told[name] = counts
    return told


def _rival(name: str, back: ReturnedForm, page: ScannedPage) -> Counter[str]:
    began = processor_seconds()
    words = plain_tesseract(page) if name == "pytesseract" else by_ocrmypdf(page)
    seconds = processor_seconds() - began
    exact, cells = cells_exact(words or [], page, back.form, back.values)
    counts: Counter[str] = Counter(pages=1, cells=cells, exact=exact, refused=int(words is None))
    counts["milliseconds"] = round(seconds * 1000)
    return counts


def _pages_with_workers(form: BenchForm) -> list[int]:
    return [page for page in range(1, form.form_map.pages + 1) if form.workers_on(page)]


def processor_seconds() -> float:
    """Processor time of this process and of the programs it has run and that have ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
