"""The ``agreement`` of ``sportello inspect``: what a document says as a union agreement, without a database."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ocr.agreement.reading import read_agreement

READING_SECONDS = 20.0


def inspect_agreement(
    name: str, content: bytes, pages: Collection[dict[str, Any]], *, seconds: float
) -> dict[str, Any] | None:
    """The contract's ``agreement``; None for a document that is none, or that has pages of a form of ours.

    ``pages``: those of the JSON document, with the codes that were found on them.
    """
    if seconds <= 0 or not pages or any(page["page_code"] for page in pages):
        return None
    reading = read_agreement([(name, content)], seconds=seconds)
    return None if reading.kind == "other" else reading.as_json()
