"""The ``agreement`` of ``sportello inspect``: what a document says as a union agreement, without a database."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ocr.agreement.reading import read_agreement

READING_SECONDS = 20.0


def inspect_agreement(
    name: str, content: bytes, pages: Collection[dict[str, Any]], *, seconds: float
) -> tuple[dict[str, Any] | None, frozenset[int] | None]:
    """The contract's ``agreement``, and the pages annexed to it that list workers.

    None and None for a document that is no agreement, or that has pages of a form of ours. ``pages``: those of the JSON
    document, with the codes that were found on them.
    """
    if seconds <= 0 or not pages or any(page["page_code"] for page in pages):
        return None, None
    reading = read_agreement([(name, content)], seconds=seconds)
    if reading.kind == "other":
        return None, None
    return reading.as_json(), frozenset(page for _, page in reading.lists)
