"""Which letters could stand in a place of a value instead of the issued one, by what the value is."""

from __future__ import annotations

import re
import unicodedata

from ocr.form_map import FormField

DIGITS = frozenset("0123456789")
LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
OMOCODIA = frozenset("LMNPQRSTUV")
TAX_CODE_DIGITS = frozenset({6, 7, 9, 10, 12, 13, 14})
TAX_CODE_MONTHS = frozenset("ABCDEHLMPRST")
_MONTH = 8
_UPRIGHT_STROKES = frozenset("lI1|i")
_DECIMAL_MARKS = frozenset(",.")
_TAX_CODE = re.compile(r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]")


def is_tax_code(value: str) -> bool:
    """Whether a value is written as a person's codice fiscale (art. 2 D.M. 23 dicembre 1976), omocodia included."""
    return _TAX_CODE.fullmatch(value) is not None


def read_alike(one: str, other: str, font: str) -> bool:
    """Whether telling two letters apart says nothing of what was written: the same letter small, large or accented,
    strokes that a sans serif draws alike, comma and point, a digit among the letters of words set in a sans serif.
    """
    pair = {one, other}
    if font == "sans" and one.isdigit() != other.isdigit():
        return True
    return _bare(one) == _bare(other) or pair <= _DECIMAL_MARKS or (font == "sans" and pair <= _UPRIGHT_STROKES)


def rivals_at(field: FormField, place: int) -> frozenset[str] | None:
    """The letters that could stand at ``place`` (from 0, blanks not counted) of the field's value; None for any.

    Nobody writes the letter O for the digit 0 of a date: a letter is never the rival of a digit, nor the reverse, where
    the value has its digits and letters in fixed places.
    """
    written = "".join(field.value.split())
    letter = written[place : place + 1]
    if field.kind in ("date", "number") and letter in DIGITS:
        return DIGITS
    if field.kind == "code" and is_tax_code(written):
        return _tax_code_rivals(letter, place)
    if field.kind == "code" and set(written) <= DIGITS:
        return DIGITS
    return None


def tax_code_letters(place: int) -> frozenset[str]:
    """The letters that may stand at ``place`` (from 0) of a person's codice fiscale, omocodia included."""
    if place in TAX_CODE_DIGITS:
        return DIGITS | OMOCODIA
    return TAX_CODE_MONTHS if place == _MONTH else LETTERS


def _tax_code_rivals(letter: str, place: int) -> frozenset[str]:
    if place in TAX_CODE_DIGITS:
        return DIGITS if letter in DIGITS else OMOCODIA
    return TAX_CODE_MONTHS if place == _MONTH else LETTERS


def _bare(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[:1].casefold()
