"""What the documents of one application say of its workers, each document a witness with the place of everything it says."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from ocr.form_map import Box


class WitnessKind(StrEnum):
    """Which paper speaks: the application as filed, its form as it came back, or a document of others."""

    APPLICATION = "application"
    FORM = "form"
    LIST = "list"
    DECLARATIONS = "declarations"
    AGREEMENT = "agreement"
    INPS = "inps"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands. ``document``: identifier of the received file, None for the issued form itself.

    ``page`` and ``box`` (PDF points from the top left corner) are those of the received page, or of the issued form's
    page where ``on_form``. ``stored``: the SHA-256 of a list brought while the application was compiled, which is no
    returned document; ``rotation``: by how many degrees clockwise that page lies turned.
    """

    document: str | None = None
    page: int | None = None
    box: Box | None = None
    on_form: bool = False
    stored: str | None = None
    rotation: int = 0


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """A worker as one document names him. ``row`` counts from 1 in that document; None where the document does not say it.

    ``signed`` speaks of declarations. ``unsure``: names of the attributes that were read with doubt.
    """

    row: int
    place: Place
    surname: str | None = None
    given_name: str | None = None
    tax_code: str | None = None
    weekly_hours: Decimal | None = None
    requested_hours: Decimal | None = None
    signed: bool | None = None
    unsure: frozenset[str] = frozenset()

    @property
    def full_name(self) -> str:
        """Surname and name; the tax code where there is neither."""
        return " ".join(part for part in (self.surname, self.given_name) if part) or self.tax_code or ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a document states, with its place. ``sure``: read without doubt."""

    value: Decimal
    place: Place
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Span:
    """A period that a document states, both days included."""

    first: date
    last: date
    place: Place
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Stated:
    """The figures of a document about all workers together; None or empty where it does not state them."""

    total_staff: Figure | None = None
    workers: Figure | None = None
    requested_hours: Figure | None = None
    weeks: Figure | None = None
    periods: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Witness:
    """One document. ``workers`` None: it names nobody, so nobody is missing there. ``name`` as its sender called it."""

    kind: WitnessKind
    name: str = ""
    document: str | None = None
    workers: tuple[WorkerSeen, ...] | None = None
    stated: Stated = field(default_factory=Stated)


_LETTERS_FOR_DIGITS = dict(zip("LMNPQRSTUV", "0123456789", strict=True))
_DIGIT_PLACES = frozenset((6, 7, 9, 10, 12, 13, 14))


def folded_name(text: str) -> str:
    """Names for comparing: capital letters alone, without accents, apostrophes and spaces."""
    letters = unicodedata.normalize("NFD", text.upper())
    return "".join(sign for sign in letters if "A" <= sign <= "Z")


def plain_code(code: str) -> str:
    """A tax code for comparing: without the letters that stand for digits in codes shared by two people (DM 23/12/1976,
    art. 6), and without the check character, which changes with them."""
    compact = re.sub(r"[\s./-]", "", code).upper()
    if len(compact) != 16:
        return compact
    return "".join(
        _LETTERS_FOR_DIGITS.get(sign, sign) if place in _DIGIT_PLACES else sign
        for place, sign in enumerate(compact[:15])
    )
