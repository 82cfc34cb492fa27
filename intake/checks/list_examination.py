"""Lists of workers among the papers that come with a form: found by what is in them, whatever heading they came under."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from intake.applications.draft import MOST_WORKERS
from ocr.extracted import Extracted
from ocr.page_text import read_page_text
from ocr.pages import open_pages
from ocr.papers.stack_kinds import list_pages
from ocr.unreadable import UnreadablePages
from ocr.worker_list.reading import ListedWorker, read_worker_list
from ocr.worker_list.spreadsheet import is_spreadsheet

LIST_SECONDS = 90.0
"""What is not read by then is named as not read."""

_MOST_PAGES = 200


@dataclass(frozen=True, slots=True)
class ListPaper:
    """A received file. ``pages``: those already recognised as a list. ``look_for_more``: whether the others are to be asked
    too, which they are where nothing but a list would name several people by their tax codes."""

    document: str
    content: bytes = field(repr=False)
    pages: frozenset[int] = frozenset()
    look_for_more: bool = True


def examine_lists(papers: Sequence[ListPaper], *, seconds: float = LIST_SECONDS) -> dict[str, Any] | None:
    """The rows of the lists among ``papers``, None where none of them holds a list.

    A page is one of a list when it was recognised as such, or when its text names people by their tax codes; a workbook
    is one as a whole.
    """
    began = time.monotonic()
    only = {each.document: _list_pages(each) for each in papers}
    lists = [(each.document, each.content) for each in papers if only[each.document] != frozenset()]
    if not lists:
        return None
    left = max(1.0, min(LIST_SECONDS, seconds) - (time.monotonic() - began))
    reading = read_worker_list(lists, only=only, seconds=left)
    return {
        "rows": [_row_json(each) for each in reading.rows[:MOST_WORKERS]],
        "problems": [asdict(each) for each in reading.problems],
        "seconds": reading.seconds,
    }


def _list_pages(paper: ListPaper) -> frozenset[int] | None:
    """Pages to read, all where None."""
    if not paper.look_for_more:
        return paper.pages
    if is_spreadsheet(paper.content):
        return None
    try:
        pages = open_pages(paper.content, name="", most_pages=_MOST_PAGES)
    except UnreadablePages:
        return paper.pages
    return paper.pages | list_pages((page.index, read_page_text(page).text) for page in pages if page.has_text)


def _row_json(worker: ListedWorker) -> dict[str, Any]:
    return {
        "row": worker.row,
        "source": worker.source,
        "page": worker.page,
        "box": worker.box.as_list() if worker.box else None,
        "rotation": worker.rotation,
        "fields": {name: _value_json(value) for name, value in worker.fields.items()},
    }


def _value_json(value: Extracted) -> dict[str, Any]:
    return asdict(value) | {"box": value.box.as_list() if value.box else None, "rules": list(value.rules)}
