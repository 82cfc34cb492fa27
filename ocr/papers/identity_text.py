"""Identity documents without a machine readable zone: kind, names and expiry by the labels printed beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rapidfuzz import fuzz

from ocr.papers.stack_kinds import folded
from ocr.text_words import PageText, TextLine

IdentityKind = Literal[
    "electronic_identity_card", "paper_identity_card", "driving_licence", "passport", "residence_permit"
]

_KINDS: tuple[tuple[IdentityKind, re.Pattern[str]], ...] = (
    ("residence_permit", re.compile(r"PERMESSO DI SOGGIORNO|RESIDENCE PERMIT")),
    ("driving_licence", re.compile(r"PATENTE DI GUIDA|DRIVING LICEN[CS]E|\bMIT-?UCO\b")),
    ("passport", re.compile(r"\bPASSAPORTO\b|\bPASSPORT\b")),
    ("electronic_identity_card", re.compile(r"IDENTITA ELETTRONICA|IDENTITY CARD")),
    ("paper_identity_card", re.compile(r"CARTA D.? ?IDENTITA")),
)
_LABELS = {
    "surname": re.compile(r"^(?:1[.,]|(?:\d[.,] ?)?COGNOME\b(?: ?/? ?\(?SURNAME\)?)?|SURNAME\b)[ .:/]*"),
    "given_name": re.compile(r"^(?:2[.,]|(?:\d[.,] ?)?NOME\b(?: ?/? ?\(?(?:GIVEN )?NAMES?\)?)?|GIVEN NAMES?\b)[ .:/]*"),
}
_ONLY_LABELS = re.compile(
    r"^(?:[A-Z]{0,2}\d?[.,:/() -]|COGNOME|SURNAME|NOME|NAME|GIVEN|NAMES|LUOGO|NATO|SESSO|DATA|\W)*$"
)
_A_NAME = re.compile(r"^[A-Z][A-Z' -]{1,40}$")
_DATE = re.compile(r"\b(\d{1,2}) ?[/.\- ] ?(\d{1,2}) ?[/.\- ] ?((?:19|20)\d{2}|\d{2})\b")
_EXPIRY = re.compile(r"SCADENZA|EXPIRY|\bSCADE\b|VALID[AO] FINO|\b4 ?B\b[.,]?|PROROGAT|DATE OF EXP")
_LINES_BELOW = 2
_ALIKE = 90.0


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A value found beside a label: ``value`` plain, ``raw`` as read, in which line of the page."""

    value: str
    raw: str
    line: TextLine
    rule: str


def kind_in(text: PageText) -> tuple[IdentityKind, str] | None:
    """The kind that the page names itself, with the words that say it."""
    plain = folded(text.text)
    return next(((kind, seen[0]) for kind, pattern in _KINDS if (seen := pattern.search(plain))), None)


def name_in(text: PageText, field: Literal["surname", "given_name"]) -> LabelledText | None:
    """The surname or the given names: what follows the label on its line, else what stands below it."""
    label = _LABELS[field]
    lines = text.lines()
    for number, line in enumerate(lines):
        plain = folded(line.text)
        seen = label.match(plain)
        if seen is None:
            continue
        for place, said in _after(lines, number, plain[seen.end() :]):
            if _A_NAME.match(said):
                return LabelledText(said.strip(" -'"), place.text, place, "label")
    return None


def _after(lines: Sequence[TextLine], number: int, rest: str) -> Iterator[tuple[TextLine, str]]:
    if rest and not _ONLY_LABELS.match(rest):
        yield lines[number], rest
        return
    for below in lines[number + 1 : number + 1 + _LINES_BELOW]:
        plain = folded(below.text)
        if _ONLY_LABELS.match(plain):
            continue
        yield below, plain
        return


def expiry_in(text: PageText) -> LabelledText | None:
    """The day until which the document is valid, ISO 8601: the last date on the line of its label, or on the next lines.

    Where it was prolonged, the latest counts.
    """
    lines = text.lines()
    found: list[LabelledText] = []
    for number, line in enumerate(lines):
        label = _EXPIRY.search(folded(line.text))
        if label is None:
            continue
        same = _dates(folded(line.text)[label.end() :])
        if same:
            found.append(LabelledText(max(same).isoformat(), line.text, line, "expiry_label"))
            continue
        for below in lines[number + 1 : number + 1 + _LINES_BELOW]:
            if days := _dates(folded(below.text)):
                found.append(LabelledText(max(days).isoformat(), below.text, below, "expiry_below_label"))
                break
    return max(found, key=lambda each: each.value, default=None)


def _dates(plain: str) -> list[date]:
    days = []
    for day, month, year in _DATE.findall(plain):
        try:
            days.append(date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day)))
        except ValueError:
            continue
    return days


def line_with(text: PageText, words: str) -> TextLine | None:
    """The line of the page that holds ``words``, but for accents, case and a letter misread; None where none does."""
    wanted = folded(words)
    if not wanted:
        return None
    best, likeness = None, 0.0
    for line in text.lines():
        plain = folded(line.text)
        alike = fuzz.partial_ratio(wanted, plain) if len(plain) >= len(wanted) else 0.0
        if alike > likeness:
            best, likeness = line, alike
    return best if likeness >= _ALIKE and (len(wanted) > 3 or likeness == 100.0) else None
