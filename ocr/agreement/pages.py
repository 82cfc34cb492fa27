"""The pages of an agreement's files and their words, within bounds; what could not be read is named."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ocr.page_text import PageText, read_page_text
from ocr.pages import Page, open_pages
from ocr.tesseract import TesseractUnavailable
from ocr.unreadable import UnreadablePages

MOST_PAGES = 20
"""Pages of one agreement that are read: the first sixteen and the last four of a longer file."""

Texts = Mapping[tuple[str, int], PageText]
"""Words of pages that were read before, by file and page."""

_SECONDS_A_PAGE = 25.0
_FIRST_OF_LONG = 16
_LEAST_WORDS = 25
_POOR = 0.6


@dataclass(frozen=True, slots=True)
class AgreementProblem:
    """Why something of the file could not be read: ``code`` for programs, Italian sentences for people."""

    code: str
    message: str
    remedy: str
    source: str
    page: int | None = None


def opened(
    files: Sequence[tuple[str, bytes]],
    most_pages: int,
    only: Mapping[str, Collection[int]],
    problems: list[AgreementProblem],
) -> Iterator[Page]:
    """The pages of all files, those in the middle of a long one left out; ``problems`` gets what is wrong. ``only``: by file,
    the pages that are the agreement's; all of a file that it does not name."""
    for name, data in files:
        try:
            pages = open_pages(data, name=name, most_pages=most_pages)
        except UnreadablePages as error:
            problems.append(AgreementProblem(error.code, error.message, error.remedy, name))
            continue
        pages = tuple(page for page in pages if name not in only or page.index in only[name])
        if len(pages) > MOST_PAGES:
            problems.append(_too_long(name, len(pages)))
            pages = (*pages[:_FIRST_OF_LONG], *pages[_FIRST_OF_LONG - MOST_PAGES :])
        yield from pages


def texts_of(
    pages: Sequence[Page], known: Texts, until: float, problems: list[AgreementProblem]
) -> Iterator[tuple[Page, PageText]]:
    """Each page with its words, until the monotonic instant ``until``; ``problems`` gets what could not be read."""
    for page in pages[:MOST_PAGES]:
        left = until - time.monotonic()
        if left <= 1:
            problems.append(_out_of_time(page))
            return
        try:
            before = known.get((page.source_name, page.index))
            text = before or read_page_text(page, seconds=min(_SECONDS_A_PAGE, left))
        except (UnreadablePages, TesseractUnavailable) as error:
            problems.append(AgreementProblem("page_unread", error.message, error.remedy, page.source_name, page.index))
            continue
        if not text.words:
            problems.append(_blank(page))
        elif text.quality < _POOR:
            problems.append(_poor(page))
        yield page, text


def strange_paper(
    read: Sequence[tuple[Page, PageText]], problems: Sequence[AgreementProblem]
) -> Iterator[AgreementProblem]:
    """That the words read are no agreement's; nothing where there were none to read."""
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


def titled(problem: AgreementProblem, titles: Mapping[str, str]) -> AgreementProblem:
    """The same, the file called as people call it."""
    title = titles.get(problem.source)
    return replace(problem, message=problem.message.replace(problem.source, title)) if title else problem
