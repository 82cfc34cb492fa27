"""The map of an issued form: which value stands in which box of which page.

The map is made when the form is typeset, travels inside the PDF as the associated file ``mappa.json`` and is all that a
later comparison needs. Boxes are in PDF points, measured from the top left corner of the page.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

MAP_ATTACHMENT = "mappa.json"
DATA_ATTACHMENT = "domanda.json"

FieldKind = Literal["text", "code", "date", "number", "choice"]
ZoneKind = Literal["signature", "office_stamp", "revenue_stamp", "page_code", "marker", "table"]


_ONE_LINE = 1.5


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in PDF points from the top left corner of the page."""

    left: float
    top: float
    right: float
    bottom: float

    def as_list(self) -> list[float]:
        return [self.left, self.top, self.right, self.bottom]


@dataclass(frozen=True, slots=True)
class FormField:
    """One printed value. ``name`` is a path into the data, rows counted from 1: ``workers.3.tax_code``."""

    name: str
    page: int
    box: Box
    value: str
    kind: FieldKind
    font: Literal["mono", "sans"]
    size: float

    @property
    def is_tight(self) -> bool:
        """Whether the box holds one line of text and no room for a rule around it."""
        return self.box.bottom - self.box.top < _ONE_LINE * self.size


@dataclass(frozen=True, slots=True)
class FormZone:
    """A reserved place: a signature box, a stamp's place, a page code, a corner mark (``name`` is its number)."""

    kind: ZoneKind
    name: str
    page: int
    box: Box
    label: str = ""


@dataclass(frozen=True, slots=True)
class FormMap:
    """All fields and zones of one issued form; page numbers count from 1."""

    form: str
    pages: int
    width: float
    height: float
    fields: tuple[FormField, ...]
    zones: tuple[FormZone, ...]
    schema: int = 1

    def on_page(self, page: int) -> tuple[FormField, ...]:
        return tuple(field for field in self.fields if field.page == page)

    def zones_on_page(self, page: int, *kinds: ZoneKind) -> tuple[FormZone, ...]:
        return tuple(zone for zone in self.zones if zone.page == page and (not kinds or zone.kind in kinds))

    def to_json(self) -> bytes:
        """UTF-8 JSON with sorted keys, the same bytes for the same map."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> FormMap:
        """Raises ``ValueError`` when ``raw`` is not a map of this schema."""
        try:
            read = json.loads(raw)
            if read["schema"] != 1:
                raise ValueError(f"unknown form map schema {read['schema']!r}")
            return cls(
                form=read["form"],
                pages=read["pages"],
                width=read["width"],
                height=read["height"],
                fields=tuple(FormField(**{**field, "box": Box(**field["box"])}) for field in read["fields"]),
                zones=tuple(FormZone(**{**zone, "box": Box(**zone["box"])}) for zone in read["zones"]),
            )
        except (KeyError, TypeError, UnicodeDecodeError) as error:
            raise ValueError(f"not a form map: {error}") from error
