"""A value read from a document that this service did not issue, with the evidence of where and how it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ocr.form_map import Box

Engine = Literal["pdf", "tesseract", "rapidocr", "spreadsheet"]


@dataclass(frozen=True, slots=True)
class Extracted:
    """One value and its evidence.

    ``value`` in the form that programs rely on: dates ISO 8601, numbers with a point, yes and no as ``true`` and ``false``,
    a tuple for a list; None where the document does not say it. ``raw`` is the text it was taken from. ``confidence`` from
    0 to 1. ``source`` is the file's name, ``page`` counts from 1 in it, ``box`` is in PDF points from the top left corner
    of that page, None where there is no picture of it (a spreadsheet). ``rules`` are the names of the rules that made
    ``value`` of ``raw``.
    """

    value: str | tuple[str, ...] | None
    raw: str
    confidence: float
    engine: Engine
    source: str
    page: int
    box: Box | None
    rules: tuple[str, ...] = ()
