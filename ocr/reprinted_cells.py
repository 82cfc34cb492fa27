"""What an altered cell says, where it was printed again in the form's own letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.cell_reading import without_edge_strokes
from ocr.form_map import FormField
from ocr.ink import Ink
from ocr.letter_check import LetterCheck, LetterComparison, LetterPlace, room_after
from ocr.letter_rivals import rivals_at, tax_code_letters
from ocr.pages import Character
from ocr.parts import parts_of
from ocr.print_reading import Letterset, PrintedLine, PrintRead, accented, printed_line
from ocr.tax_codes import LENGTH, is_tax_code
from ocr.verification import ComparedPage, is_prose, pixels
from ocr.written_values import spaced, without_accents

_INSIDE_MM = -0.25
_SEARCH_MM = 0.3
_GAP = 0.12
_NEAR_MM = 0.2
_UNEXPLAINED = 110
_STROKE_MM2 = 0.03
_EVIDENCE = 0.15
_EVIDENCE_OF_CODES = 0.3
_WITNESSED_EVIDENCE = -0.05
_WITNESSED_LIKENESS = 0.6
_NOT_REFUTED = -0.8
_CORRECTIONS = 2
_MOST_OTHER = {"code": 2, "text": 1}
_LEAST_PARTS_OF_A_ROW = 2
_MARKS_OF_NAMES = frozenset("’'-")
_LETTERS = {"date": frozenset("0123456789/.-"), "number": frozenset("0123456789.,")}


@dataclass(frozen=True, eq=False)
class PrintReader:
    """Reads the cells of one page: ``scanned`` is the page with its specks, among which accents and apostrophes are,
    ``least`` the likeness that a clear letter has on this page, ``known`` the values issued in each column of the form.
    """

    page: ComparedPage
    scanned: Ink
    letters: Mapping[str, Sequence[Character]]
    glyphs: LetterComparison
    least: float
    known: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def read(self, one: FormField) -> PrintRead | None:
        """The one line of the cell of ``one``, whose issued letters say how high it stands and in which font.

        None where nothing was issued, several lines, a whole text, or where nothing stands.
        """
        letters, dpi = self.letters[one.name], self.page.dpi
        if not letters or is_prose(one) or any(abs(each.top - letters[0].top) > one.size / 2 for each in letters):
            return None
        letterset, row = self.glyphs.letters.letterset(one, letters[0])
        letterset = letterset.only(_allowed(one, letterset.symbols))
        place = pixels(one.box, dpi, self.page.clean.shape, margin_mm=_INSIDE_MM)
        if not letterset.symbols or self.page.clean[place].size == 0:
            return None
        height = letterset.pictures.shape[2]
        cell, with_specks = (
            np.pad(without_edge_strokes(ink[place], dpi), ((height, height), (0, 0)))
            for ink in (self.page.clean, self.scanned)
        )
        expected = row - place[0].start + height
        reach = round(_SEARCH_MM * dpi / 25.4)
        tops = [top for top in range(expected - reach, expected + reach + 1) if 0 <= top <= cell.shape[0] - height]
        seen = with_specks if one.kind == "text" else cell
        line = accented(with_specks, printed_line(seen, letterset, tops), letterset) if tops else None
        if line is None or not line.letters:
            return None
        down = (line.top - expected) * 72 / dpi
        found = _characters(line, letters[0], down, letterset, place[1].start, dpi)
        found, checks = self._corrected(one, found, letterset)
        found, checks = self._as_known(one, found, checks)
        text = self._as_a_name(_text(found, one.size), one)
        surely = self._stands(one, text, checks) and not _left_over(cell, line, letterset, dpi)
        return PrintRead(text, min(each.likeness if each else 0.0 for each in checks), surely)

    def _stands(self, one: FormField, text: str, checks: Sequence[LetterCheck | None]) -> bool:
        """Whether each letter is clear by itself, or clear enough for a value that has a second witness: the form was issued
        with it elsewhere, or its check character holds.
        """
        code = one.kind == "code" and len(text) == LENGTH
        issued_elsewhere = one.kind != "number" and text in self.known.get(_column(one), ())
        witnessed = text != one.value and (issued_elsewhere or (code and is_tax_code(text)))
        least = min(self.least, _WITNESSED_LIKENESS) if witnessed else self.least
        clearly = _WITNESSED_EVIDENCE if witnessed else _EVIDENCE_OF_CODES if code else _EVIDENCE
        return all(each is not None and each.evidence > clearly and each.likeness > least for each in checks)

    def _corrected(
        self, one: FormField, found: list[Character], letterset: Letterset
    ) -> tuple[list[Character], list[LetterCheck | None]]:
        """Letters that another one explains better, or that cannot stand where they do, give way to it."""
        found, checks = max(
            (self._moved(one, found, shift * 36 / self.page.dpi) for shift in (-1, 0, 1)),
            key=lambda each: _clear(each[1]),
        )
        advances = dict(zip(letterset.symbols, letterset.advances * 72 / self.page.dpi, strict=True))
        for _ in range(_CORRECTIONS):
            better = [_better(one, found, number, check) for number, check in enumerate(checks)]
            if better == [each.text for each in found]:
                break
            found = [
                replace(each, text=text, right=each.left + float(advances.get(text, each.right - each.left)))
                for each, text in zip(found, better, strict=True)
            ]
            checks = self._checked(one, found)
        return found, checks

    def _moved(
        self, one: FormField, found: Sequence[Character], down: float
    ) -> tuple[list[Character], list[LetterCheck | None]]:
        there = [replace(each, top=each.top + down, bottom=each.bottom + down) for each in found]
        return there, self._checked(one, there)

    def _as_known(
        self, one: FormField, found: list[Character], checks: list[LetterCheck | None]
    ) -> tuple[list[Character], list[LetterCheck | None]]:
        """The letters of the one value issued elsewhere in the column that differs in so little that the ink allows it."""
        values = frozenset("".join(value.split()) for value in self.known.get(_column(one), ()))
        written, issued = "".join(each.text for each in found), "".join(one.value.split())
        near = one_value_near(written, values, issued, most=_MOST_OTHER.get(one.kind, 0))
        if near is None:
            return found, checks
        there = [replace(each, text=text) for each, text in zip(found, near, strict=True)]
        seen = self._checked(one, there)
        stands = all(each is not None and each.evidence > _NOT_REFUTED for each in seen)
        return (there, seen) if stands else (found, checks)

    def _checked(self, one: FormField, found: Sequence[Character]) -> list[LetterCheck | None]:
        return self.glyphs.check(self.page.laid, _places(one, found))

    def _as_a_name(self, text: str, one: FormField) -> str:
        """``text`` with the accents of the one other value of its column that is the same but for them."""
        known = self.known.get(_column(one), frozenset())
        if text in known or one.kind != "text":
            return text
        alike = {name for name in known if name != one.value and without_accents(name) == without_accents(text)}
        return alike.pop() if len(alike) == 1 else text


def one_value_near(written: str, values: frozenset[str], issued: str, *, most: int) -> str | None:
    """The value that differs from ``written`` in one to ``most`` letters, None where several do, or the cell's own issued
    value does too: a letter badly read must not make of an untouched code the code of a sibling.
    """
    if written in values:
        return None
    near = {
        value
        for value in values | {issued}
        if len(value) == len(written) and sum(a != b for a, b in zip(value, written, strict=True)) <= most
    }
    return near.pop() if len(near) == 1 and issued not in near else None


def values_by_column(fields: Iterable[FormField]) -> dict[str, frozenset[str]]:
    """The values that were issued in each column of a form's tables; names of people are one column, first or last."""
    values: dict[str, set[str]] = {}
    for one in fields:
        if one.value and len(one.name.split(".")) > _LEAST_PARTS_OF_A_ROW:
            values.setdefault(_column(one), set()).add(one.value)
    return {column: frozenset(found) for column, found in values.items()}


def _column(one: FormField) -> str:
    column = one.name.rpartition(".")[2]
    return "name" if column in ("surname", "given_name") else column


def _clear(checks: Sequence[LetterCheck | None]) -> float:
    return sum(each.likeness for each in checks if each is not None)


def _allowed(one: FormField, symbols: Sequence[str]) -> frozenset[str]:
    """The letters that a value of this kind is printed with: small ones, digits, marks only where the issued one has some."""
    if one.kind in _LETTERS:
        return _LETTERS[one.kind] | frozenset(one.value)
    small, digits = any(map(str.islower, one.value)), any(map(str.isdigit, one.value))
    return frozenset(
        each
        for each in symbols
        if (small or not each.islower())
        and (digits or one.kind == "code" or not each.isdigit())
        and (each.isalnum() or each in _MARKS_OF_NAMES or each in one.value)
    )


def _characters(
    line: PrintedLine, first: Character, down: float, letterset: Letterset, left: int, dpi: float
) -> list[Character]:
    advances = dict(zip(letterset.symbols, letterset.advances, strict=True))
    return [
        Character(
            each.text,
            (left + each.left) * 72 / dpi,
            first.top + down,
            (left + each.left + float(advances[each.text])) * 72 / dpi,
            first.bottom + down,
        )
        for each in line.letters
    ]


def _better(one: FormField, found: Sequence[Character], number: int, check: LetterCheck | None) -> str:
    text = found[number].text
    if check is None:
        return text
    could = _could_stand(one, found, number)
    if check.evidence < 0 or (could is not None and text not in could):
        return check.other
    return text


def _places(one: FormField, found: Sequence[Character]) -> list[LetterPlace]:
    return [
        LetterPlace(
            one,
            letter,
            (0.0, 0.0),
            room_after(one, letter, found[number + 1] if number + 1 < len(found) else None),
            _could_stand(one, found, number),
        )
        for number, letter in enumerate(found)
    ]


def _could_stand(one: FormField, found: Sequence[Character], number: int) -> frozenset[str] | None:
    if one.kind == "code":
        return tax_code_letters(number) if len(found) == LENGTH else None
    written = replace(one, value="".join(letter.text for letter in found))
    return rivals_at(written, number)


def _text(found: Sequence[Character], size: float) -> str:
    text = ""
    for before, letter in zip([None, *found], found, strict=False):
        text += " " if before is not None and letter.left - before.right > _GAP * size else ""
        text += letter.text
    return spaced(text)


def _left_over(cell: Ink, line: PrintedLine, letterset: Letterset, dpi: float) -> bool:
    """Whether the cell has strokes that the line's letters do not explain."""
    reach = max(1, round(_NEAR_MM * dpi / 25.4))
    near = cv2.dilate(_drawn(cell.shape, line, letterset), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    over = cv2.subtract(cell, cv2.convertScaleAbs(near, alpha=2.5))
    strokes = (over > _UNEXPLAINED).astype(np.uint8)
    return any(float(part.sum()) * (25.4 / dpi) ** 2 > _STROKE_MM2 for _, part in parts_of(strokes))


def _drawn(shape: tuple[int, ...], line: PrintedLine, letterset: Letterset) -> NDArray[np.uint8]:
    drawn = np.zeros(shape, np.uint8)
    _, places, height, width = letterset.pictures.shape
    numbers = {symbol: number for number, symbol in enumerate(letterset.symbols)}
    for letter in line.letters:
        left, phase = divmod(round(letter.left * places), places)
        picture = letterset.pictures[numbers[letter.text], phase]
        place = drawn[line.top : line.top + height, left : left + width]
        np.maximum(place, (picture[: place.shape[0], : place.shape[1]] * 255).astype(np.uint8), out=place)
    return drawn
