"""The copy of an identity document: which kind, whose, valid until when; what cannot be read is said plainly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from rapidfuzz import fuzz

from ocr.extracted import Engine, Extracted
from ocr.form_map import Box
from ocr.papers.identity_mrz import AS_LETTER, MachineReadable, machine_readable
from ocr.papers.identity_text import LabelledText, expiry_in, kind_in, line_with, name_in
from ocr.papers.sheets import box_of
from ocr.papers.stack import StackPage
from ocr.papers.stack_kinds import folded
from ocr.text_words import PageText, TextLine

_MRZ_DAY_CONFIDENCE = 0.98
_MRZ_NAME_CONFIDENCE = 0.85
_LABEL_CONFIDENCE = 0.75
_KINDS_OF_ZONE = {"P": "passport", "C": "electronic_identity_card", "A": "electronic_identity_card"}
_MONTHS = "ABCDEHLMPRST"
_SAME_LONG_WORD = 90.0
_TAX_CODE_DAY = re.compile(r"^[A-Z]{6}(\d{2})([ABCDEHLMPRST])(\d{2})")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the document may belong to; ``full_name`` in whatever order."""

    full_name: str
    tax_code: str


@dataclass(frozen=True, slots=True)
class IdentityReading:
    """What one identity document says. Each value None where the document does not show it.

    ``kind`` is an ``IdentityKind``; ``born`` and ``expires`` are ISO 8601. ``holder`` is the one of the people asked for
    whose document it is, with ``holder_by`` what says so: ``names``, ``tax_code`` or ``birth_day``.
    ``other_holder``: it is legibly the document of somebody else. ``legible``: the kind, or whose it is, could be read.
    """

    kind: Extracted | None
    surname: Extracted | None
    given_name: Extracted | None
    born: Extracted | None
    expires: Extracted | None
    holder: Person | None
    holder_by: tuple[str, ...]
    other_holder: bool
    legible: bool
    pages: tuple[tuple[str, int], ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        return {
            **{name: _json(getattr(self, name)) for name in ("kind", "surname", "given_name", "born", "expires")},
            "holder": self.holder.full_name if self.holder else None,
            "holder_by": list(self.holder_by),
            "other_holder": self.other_holder,
            "legible": self.legible,
            "pages": [{"source": source, "page": page} for source, page in self.pages],
        }


@dataclass(frozen=True, slots=True)
class _Side:
    """One page of the document with what its text says."""

    page: StackPage
    text: PageText
    zone: MachineReadable | None


def read_identity_document(pages: Sequence[StackPage], people: Sequence[Person]) -> IdentityReading:
    """Reads the pages of one identity document, front and back in whatever order.

    ``people``: whose it may be, the most likely first: their names, tax code and day of birth are looked for before anything
    is read for itself. The machine readable zone goes before labels. Its number is never kept.
    """
    sides = [_side(page, page.text) for page in pages if page.text is not None]
    holder, by = _holder(sides, people)
    surname, given_name = _name(sides, "surname"), _name(sides, "given_name")
    kind = _kind(sides)
    legible = kind is not None or holder is not None or surname is not None
    return IdentityReading(
        kind,
        surname,
        given_name,
        next((_of_zone(side, side.zone.born.isoformat()) for side in sides if side.zone and side.zone.born), None),
        _expires(sides),
        holder,
        by,
        holder is None and bool(people) and _is_somebody(surname, given_name),
        legible,
        tuple(dict.fromkeys(page.place for page in pages)),
    )


def identity_documents(pages: Sequence[StackPage], people: Sequence[Person]) -> tuple[IdentityReading, ...]:
    """The documents among some pages. Front and back that came as two files are one document, unless they name two people."""
    files = tuple(dict.fromkeys(page.source for page in pages))
    each = [read_identity_document([page for page in pages if page.source == file], people) for file in files]
    names = {_holder_named(reading) for reading in each} - {None}
    return tuple(each) if len(names) > 1 else ((read_identity_document(pages, people),) if pages else ())


def _holder_named(reading: IdentityReading) -> str | None:
    if reading.holder is not None:
        return reading.holder.tax_code
    if reading.surname is None or reading.given_name is None:
        return None
    return f"{reading.surname.value} {reading.given_name.value}"


def _side(page: StackPage, text: PageText) -> _Side:
    return _Side(page, text, machine_readable([line.text for line in text.lines()]))


def _kind(sides: Iterable[_Side]) -> Extracted | None:
    for side in sides:
        if found := kind_in(side.text):
            kind, words = found
            line = line_with(side.text, words)
            return _extracted(side, kind, words, _LABEL_CONFIDENCE, line, "own_name")
    for side in sides:
        if side.zone and (named := _KINDS_OF_ZONE.get(side.zone.document)):
            return _of_zone(side, named)
    return None


def _name(sides: Iterable[_Side], name: str) -> Extracted | None:
    for side in sides:
        if side.zone and (said := side.zone.surname if name == "surname" else side.zone.given_name):
            return _of_zone(side, said, _MRZ_NAME_CONFIDENCE)
    for side in sides:
        found = name_in(side.text, "surname") if name == "surname" else name_in(side.text, "given_name")
        if found is not None:
            return _labelled(side, found)
    return None


def _expires(sides: Iterable[_Side]) -> Extracted | None:
    for side in sides:
        if side.zone and side.zone.expires:
            return _of_zone(side, side.zone.expires.isoformat())
    labelled = [(found.value, side, found) for side in sides if (found := expiry_in(side.text)) is not None]
    if not labelled:
        return None
    _, side, found = max(labelled, key=lambda each: each[0])
    return _labelled(side, found)


def _holder(sides: Sequence[_Side], people: Sequence[Person]) -> tuple[Person | None, tuple[str, ...]]:
    for person in people:
        by = tuple(rule for rule, holds in _WITNESSES if any(holds(side, person) for side in sides))
        if {"names", "tax_code"} & set(by):
            return person, by
    return None, ()


def _by_names(side: _Side, person: Person) -> bool:
    """Every word of the name stands on the page, or in its machine readable zone."""
    wanted = _name_words(person.full_name)
    seen = _name_words(side.text.text)
    if side.zone:
        seen |= _name_words(f"{side.zone.surname} {side.zone.given_name}")
    return bool(wanted) and all(any(_same_word(word, other) for other in seen) for word in wanted)


def _name_words(text: str) -> set[str]:
    plain = folded(text).replace("'", " ").replace("-", " ")
    words = ("".join(letter for letter in word if letter.isalnum()) for word in plain.split())
    return {word.translate(AS_LETTER) for word in words if len(word) > 1}


def _same_word(word: str, other: str) -> bool:
    return word == other or fuzz.ratio(word, other) >= _SAME_LONG_WORD


def _by_tax_code(side: _Side, person: Person) -> bool:
    code = person.tax_code.upper()
    return len(code) == 16 and code in "".join(letter for letter in folded(side.text.text) if letter.isalnum())


def _by_birth_day(side: _Side, person: Person) -> bool:
    """The day of birth and the sex in the zone are those in the tax code (D.M. 23 dicembre 1976)."""
    seen = _TAX_CODE_DAY.match(person.tax_code.upper())
    if seen is None or side.zone is None or side.zone.born is None:
        return False
    day = int(seen[3])
    born = side.zone.born
    same_day = (born.year % 100, born.month, born.day) == (int(seen[1]), _MONTHS.index(seen[2]) + 1, day % 40)
    return same_day and side.zone.sex in ("", "F" if day > 40 else "M")


_WITNESSES = (("names", _by_names), ("tax_code", _by_tax_code), ("birth_day", _by_birth_day))


def _is_somebody(surname: Extracted | None, given_name: Extracted | None) -> bool:
    return surname is not None and given_name is not None


def _labelled(side: _Side, found: LabelledText) -> Extracted:
    return _extracted(side, found.value, found.raw, _LABEL_CONFIDENCE, found.line, found.rule)


def _of_zone(side: _Side, value: str, confidence: float = _MRZ_DAY_CONFIDENCE) -> Extracted:
    assert side.zone is not None
    lines = side.text.lines()
    used = [lines[place] for place in side.zone.lines]
    raw = " ".join(line.text for line in used)
    return _extracted(side, value, raw, confidence, used[0], "machine_readable_zone")


def _extracted(side: _Side, value: str, raw: str, confidence: float, line: TextLine | None, rule: str) -> Extracted:
    engine: Engine = side.text.engine
    sure = confidence if line is None else confidence * max(0.5, line.confidence)
    box = _on_page(side, line.box) if line else None
    return Extracted(value, raw, round(sure, 3), engine, side.page.source, side.page.page, box, (rule,))


def _on_page(side: _Side, box: Box) -> Box:
    there = side.text.on_sheet(box)
    part = box_of(side.page.sheet) if side.page.sheet else None
    x, y = (part.left, part.top) if part else (0.0, 0.0)
    return Box(*(round(edge, 2) for edge in (there.left + x, there.top + y, there.right + x, there.bottom + y)))


def _json(value: Extracted | None) -> dict[str, Any] | None:
    if value is None:
        return None
    facts = {each.name: getattr(value, each.name) for each in fields(value)}
    return {**facts, "box": value.box.as_list() if value.box else None, "rules": list(value.rules)}
