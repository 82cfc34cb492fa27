"""Lists of workers among the papers that come with a form: found by what is in them, whatever heading they came under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from intake.applications.draft import MOST_WORKERS
from ocr.extracted import Extracted
from ocr.page_text import read_page_text
from ocr.pages import open_pages
from ocr.papers.stack import StackReading
from ocr.papers.stack_kinds import TAX_CODE
from ocr.unreadable import UnreadablePages
from ocr.worker_list.reading import ListedWorker, read_worker_list
from ocr.worker_list.spreadsheet import is_spreadsheet

LIST_SECONDS = 90.0
"""What is not read by then is named as not read."""

_LEAST_CODES = 2
_MOST_PAGES = 60


def examine_lists(papers: Sequence[tuple[str, bytes]], stack: StackReading | None) -> dict[str, Any] | None:
    """``papers``: identifier and content of every file but the form. None where none of them holds a list.

    A file holds one when its pages were recognised as such, when it is a workbook, or when a page of its text names
    people by their tax codes.
    """
    recognised = {page.source for page in stack.pages if page.kind == "worker_list"} if stack else set()
    lists = [(document, content) for document, content in papers if document in recognised or _names_people(content)]
    if not lists:
        return None
    reading = read_worker_list(lists, seconds=LIST_SECONDS)
    return {
        "rows": [_row_json(each) for each in reading.rows[:MOST_WORKERS]],
        "problems": [asdict(each) for each in reading.problems],
        "seconds": reading.seconds,
    }


def _names_people(content: bytes) -> bool:
    if is_spreadsheet(content):
        return True
    try:
        pages = open_pages(content, name="", most_pages=_MOST_PAGES)
    except UnreadablePages:
        return False
    texts = (read_page_text(page).text for page in pages if page.has_text)
    return any(len(set(TAX_CODE.findall(text.upper()))) >= _LEAST_CODES for text in texts)


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
