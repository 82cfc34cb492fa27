"""What a reading says: frozen facts with their place on the issued page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ocr.form_map import Box
from ocr.page_codes import ReadPageCode

CellStatus = Literal["agrees", "doubtful", "differs", "empty"]
CellSource = Literal["pdf", "ocr", "verified"]
AlterationKind = Literal["changed", "added", "removed"]
Belonging = Literal["ours", "foreign", "superseded", "unknown", "blank", "attachment", "unreadable", "not_looked_at"]
PageSource = tuple[str, int]


@dataclass(frozen=True, slots=True)
class ReadCell:
    """One value of the form as it came back. ``box`` is in points on the issued page, ``confidence`` from 0 to 1.

    ``read`` is None where ink was seen and could not be read. ``page_source`` is the file's name and its page from 1.
    """

    name: str
    page: int
    box: Box
    issued: str
    read: str | None
    confidence: float
    status: CellStatus
    source: CellSource
    page_source: PageSource


@dataclass(frozen=True, slots=True)
class Alteration:
    """What the paper says that the issued form does not; ``field`` is empty outside the form's values.

    ``seen`` is empty where nothing could be read there.
    """

    page: int
    box: Box
    field: str
    issued: str
    seen: str
    kind: AlterationKind
    page_source: PageSource


@dataclass(frozen=True, slots=True)
class SignatureBox:
    """A place for a signature; ``ink`` is the share of its area covered by ink that was not printed."""

    name: str
    page: int
    box: Box
    ink: float
    present: bool
    page_source: PageSource


@dataclass(frozen=True, slots=True)
class PageSeen:
    """One page of a received file. ``number`` counts from 1 in the file.

    ``rotation`` is by how many quarter turns the page was turned, in degrees clockwise (0, 90, 180, 270); ``skew_deg``
    what is left after them. ``quality`` from 0 to 1 is how much like the issued page the untouched print looks.
    ``problem`` tells the person what to do about the page. ``to_issued`` holds the nine numbers of the perspective
    that takes a point of the page to the point of the issued page, both in PDF points. ``other_codes`` are codes found
    on the page that say something else than ``code``.
    """

    source_name: str
    number: int
    code: ReadPageCode | None
    belongs: Belonging
    text_from: Literal["pdf", "ocr", "none"]
    skew_deg: float
    rotation: int
    quality: float
    problem: str | None
    to_issued: tuple[float, ...] | None = None
    other_codes: tuple[ReadPageCode, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnedReading:
    """All that was read from the returned files of one issued form; pages are in the order received."""

    pages: tuple[PageSeen, ...]
    missing_pages: tuple[int, ...]
    doubled_pages: tuple[int, ...]
    foreign_pages: tuple[PageSource, ...]
    cells: tuple[ReadCell, ...]
    alterations: tuple[Alteration, ...]
    signatures: tuple[SignatureBox, ...]
    seconds: float
