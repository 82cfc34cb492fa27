"""What a dishonest or careless hand does to a printed form, each with its truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from bench.forms.applications import SURNAMES
from bench.forms.handwriting import made_hand, moved, written
from bench.forms.issuing import BenchForm, forged_form
from bench.forms.pen import draw, line, made_pen
from bench.forms.printing import printed
from bench.forms.sheets import SHEET_DPI, AlterationKind, Altered, PrintPath, Rgb, Sheet
from ocr.form_map import Box, FormField
from ocr.pages import Character, open_pages

KINDS: tuple[AlterationKind, ...] = get_args(AlterationKind)
PRINTED_KINDS: tuple[AlterationKind, ...] = ("digit_replaced", "letter_replaced", "surname_replaced", "digit_appended")
_MM = 72 / 25.4
_LETTERS = "ABCDEFGHILMNOPQRSTUVZ"
_LOOKS_LIKE = {
    "0": "689",
    "1": "479",
    "2": "83",
    "3": "89",
    "4": "9",
    "5": "689",
    "6": "8",
    "7": "92",
    "8": "06",
    "9": "8",
}
_NUMBERS = ("requested_hours", "hired_on", "weekly_hours")
_BLANK_LIGHT = 200
_ADDED_WITHIN_MM = 40


@dataclass(frozen=True, slots=True)
class _Change:
    kind: AlterationKind
    field: FormField
    printed: str


def altered_sheet(
    form: BenchForm, page: int, *, seed: int, path: PrintPath = "pdfium", kinds: Sequence[AlterationKind] = KINDS
) -> Sheet:
    """``page`` of ``form`` printed with one alteration of each of ``kinds``, each in a worker's row of its own.

    A page with fewer rows gets as many as it has room for: a row between two altered ones stays as issued where it can.
    A page without rows is printed as issued. Printed changes come from a second printing of the same template.
    """
    rng = np.random.default_rng([seed, 31, page])
    rows = _rows_apart(form, page, rng, len(kinds))
    wanted = dict(zip([kind for kind in kinds if kind != "row_added"], rows, strict=False))
    changes = [
        change
        for kind, row in wanted.items()
        if kind in PRINTED_KINDS and (change := _printed_change(form, kind, row, rng))
    ]
    sheet, made = _with_printed_changes(form, page, changes, seed, path)
    picture = sheet.picture.copy()
    by_pen: list[Altered] = []
    for kind, row in wanted.items():
        if kind in _BY_PEN and (done := _BY_PEN[kind](picture, form, row, rng)):
            by_pen.append(done)
    if "row_added" in kinds and (added := _added_row(picture, form, page, rng)):
        by_pen.append(added)
    return replace(sheet, picture=picture, altered=(*made, *by_pen))


def reprinted_sheet(form: BenchForm, page: int, *, seed: int, share: float = 0.3, path: PrintPath = "pdfium") -> Sheet:
    """``page`` with ``share`` of its workers' names, codes, dates and hours replaced in print by those of other people.

    Each changed value is a ``digit_replaced`` (codes, dates, hours) or a ``surname_replaced`` (names).
    """
    rng = np.random.default_rng([seed, 32, page])
    changes = [
        change
        for field in form.form_map.on_page(page)
        if field.name.startswith("workers.") and rng.random() < share and (change := _other_value(form, field, rng))
    ]
    sheet, made = _with_printed_changes(form, page, changes, seed, path)
    return replace(sheet, altered=made)


def _with_printed_changes(
    form: BenchForm, page: int, changes: Sequence[_Change], seed: int, path: PrintPath
) -> tuple[Sheet, tuple[Altered, ...]]:
    """The changes that leave every box in its place, all in one printing."""
    possible = _possible(form, changes)
    forged = forged_form(form, _as_printed(possible))
    assert forged is not None
    sheet = printed(forged, page, seed=seed, path=path)
    made = tuple(
        Altered(each.kind, page, (each.field.name,), each.field.box, each.field.value, each.printed, "printed")
        for each in possible
    )
    return sheet, made


def _possible(form: BenchForm, changes: Sequence[_Change]) -> list[_Change]:
    """Those of ``changes`` that move nothing, found by halving."""
    if forged_form(form, _as_printed(changes)):
        return list(changes)
    half = len(changes) // 2
    return [*_possible(form, changes[:half]), *_possible(form, changes[half:])] if half else []


def _as_printed(changes: Sequence[_Change]) -> dict[str, str]:
    return {change.field.name: change.printed for change in changes}


def _rows_apart(form: BenchForm, page: int, rng: np.random.Generator, number: int) -> list[int]:
    """At most ``number`` rows of the page in random order, no two neighbours where there is room for that."""
    rows = list(form.workers_on(page))
    if len(rows) >= 2 * number:
        rows = rows[int(rng.integers(2)) :: 2]
    return [int(row) for row in rng.permutation(rows)[:number]]


def _printed_change(form: BenchForm, kind: AlterationKind, row: int, rng: np.random.Generator) -> _Change | None:
    if kind == "surname_replaced":
        field = form.field(f"workers.{row}.surname")
        others = [name for name in SURNAMES if name != field.value and abs(len(name) - len(field.value)) <= 3]
        return _Change(kind, field, str(rng.choice(others))) if others else None
    if kind == "letter_replaced":
        field = form.field(f"workers.{row}.surname")
        places = [place for place, sign in enumerate(field.value) if sign in _LETTERS]
        place = int(rng.choice(places))
        return _Change(
            kind, field, _with(field.value, place, str(rng.choice(list(_LETTERS.replace(field.value[place], "")))))
        )
    if kind == "digit_appended":
        field = form.field(f"workers.{row}.requested_hours")
        return _Change(kind, field, field.value + str(rng.integers(10)))
    column = str(rng.choice((*_NUMBERS, "tax_code")))
    return _other_digit(form.field(f"workers.{row}.{column}"), rng)


def _other_digit(field: FormField, rng: np.random.Generator) -> _Change:
    """One printed digit of the value is another; in a date one of its year, so that it stays a date."""
    places = [place for place, sign in enumerate(field.value) if sign.isdigit()]
    place = places[-1] if field.kind == "date" else int(rng.choice(places))
    digit = str(rng.choice([sign for sign in "0123456789" if sign != field.value[place]]))
    return _Change("digit_replaced", field, _with(field.value, place, digit))


def _other_value(form: BenchForm, field: FormField, rng: np.random.Generator) -> _Change | None:
    """The value that another worker of the form has in this column, a change of one digit where all have the same."""
    column = field.name.rsplit(".", 1)[1]
    if column not in (*_NUMBERS, "surname", "given_name", "tax_code"):
        return None
    others = {each.value for each in form.form_map.fields if each.name.endswith(f".{column}")} - {field.value, ""}
    if column in ("surname", "given_name"):
        others = {name for name in others if abs(len(name) - len(field.value)) <= 3}
        return _Change("surname_replaced", field, str(rng.choice(sorted(others)))) if others else None
    return _Change("digit_replaced", field, str(rng.choice(sorted(others)))) if others else _other_digit(field, rng)


def _with(value: str, place: int, sign: str) -> str:
    return value[:place] + sign + value[place + 1 :]


def _struck_rewritten(picture: Rgb, form: BenchForm, row: int, rng: np.random.Generator) -> Altered | None:
    """A line through the value and another one by hand, beside it or above it."""
    field = form.field(f"workers.{row}.{rng.choice(_NUMBERS)}")
    value = _other_digit(field, rng).printed
    pen, hand = made_pen(rng), made_hand(rng)
    extent = _ink_extent(form, field)
    middle = (extent.top + extent.bottom) / 2
    strike = line(
        (extent.left - 1.5, middle + rng.uniform(-0.6, 0.6)), (extent.right + 2, middle + rng.uniform(-0.8, 0.8)), rng
    )
    height = float(rng.uniform(2.0, 2.6)) * _MM
    strokes = written(value, hand, rng, height=height)
    room = field.box.right - extent.right
    right_of = room > height * 0.62 * len(value)
    x = extent.right + 1.5 if right_of else field.box.left + rng.uniform(1, 4)
    y = extent.bottom - height if right_of else extent.top - height * rng.uniform(0.7, 0.95)
    box = draw(picture, [strike, *moved(strokes, x, y)], pen, rng)
    return Altered("struck_rewritten", field.page, (field.name,), box, field.value, value, pen.ink)


def _row_struck(picture: Rgb, form: BenchForm, row: int, rng: np.random.Generator) -> Altered | None:
    fields = [field for field in form.form_map.fields if field.name.startswith(f"workers.{row}.")]
    left, right = min(field.box.left for field in fields) + rng.uniform(0, 20), max(field.box.right for field in fields)
    y = (fields[0].box.top + fields[0].box.bottom) / 2
    pen = made_pen(rng)
    stroke = line((left, y + rng.uniform(-1.5, 1.5)), (right - rng.uniform(0, 25), y + rng.uniform(-1.5, 1.5)), rng)
    box = draw(picture, [stroke], pen, rng)
    names = tuple(field.name for field in fields if field.value.strip())
    return Altered("row_struck", fields[0].page, names, box, fields[0].value, "", pen.ink)


def _added_row(picture: Rgb, form: BenchForm, page: int, rng: np.random.Generator) -> Altered | None:
    """A worker written by hand under the table, or above it, where that page has a blank strip for it."""
    tables = form.form_map.zones_on_page(page, "table")
    if not tables:
        return None
    height = float(rng.uniform(2.4, 3.2)) * _MM
    y = _blank_strip(picture, tables[0].box, height + 0.8 * _MM)
    if y is None:
        return None
    pen, hand = made_pen(rng), made_hand(rng)
    text = f"{rng.choice(SURNAMES)} {rng.choice(('ANNA', 'LUCA', 'SARA', 'IVO'))} {rng.integers(8, 300)}"
    x = tables[0].box.left + rng.uniform(20, 40) * _MM
    strokes = written(text, hand, rng, height=height)
    box = draw(picture, moved(strokes, x, y + 0.4 * _MM), pen, rng)
    return Altered("row_added", page, (), box, "", text, pen.ink)


def _blank_strip(picture: Rgb, table: Box, height: float) -> float | None:
    """The top, in points, of the strip nearest to the table, below it or else above, where nothing is printed."""
    left, right = (round((table.left + share * (table.right - table.left)) * SHEET_DPI / 72) for share in (0.08, 0.75))
    step, tall = SHEET_DPI // 50, round(height * SHEET_DPI / 72)
    below = round(table.bottom * SHEET_DPI / 72) + step
    above = round(table.top * SHEET_DPI / 72) - step - tall
    reach = round(_ADDED_WITHIN_MM * SHEET_DPI / 25.4)
    for top in (*range(below, below + reach, step), *range(above, max(0, above - reach), -step)):
        strip = picture[top : top + tall, left:right]
        if strip.shape[0] == tall and strip.min() > _BLANK_LIGHT:
            return float(top * 72 / SHEET_DPI)
    return None


def _pen_over_digit(picture: Rgb, form: BenchForm, row: int, rng: np.random.Generator) -> Altered | None:
    """Another digit written over a printed one, as near as a hand can follow it."""
    column = str(rng.choice((*_NUMBERS, "tax_code")))
    field = form.field(f"workers.{row}.{column}")
    digits = [
        (place, letter) for place, letter in enumerate(_printed_letters(form, field)) if letter.text in _LOOKS_LIKE
    ]
    if not digits:
        return None
    place, letter = digits[int(rng.integers(len(digits)))]
    new = str(rng.choice(list(_LOOKS_LIKE[letter.text])))
    pen, hand = made_pen(rng), made_hand(rng)
    upright = replace(hand, slant=hand.slant * 0.4, gap=0.0)
    tall = field.size * 0.73
    # The character's box spans its line; digits stand on its baseline, about a quarter of the size above the bottom.
    base = letter.bottom if letter.bottom - letter.top < tall * 1.2 else letter.bottom - 0.24 * field.size
    size = tall * float(rng.uniform(0.95, 1.2))
    strokes = written(new, upright, rng, height=size)
    wide = np.vstack(strokes)[:, 0].max()
    x = (letter.left + letter.right) / 2 - wide / 2 + rng.normal(0, 0.12)
    y = base - size * 0.98 + rng.normal(0, 0.12)
    box = draw(picture, moved(strokes, x, y), pen, rng)
    text = "".join(sign.text for sign in _printed_letters(form, field))
    return Altered("pen_over_digit", field.page, (field.name,), box, field.value, _with(text, place, new), pen.ink)


def _printed_letters(form: BenchForm, field: FormField) -> list[Character]:
    page = open_pages(form.pdf, name="form.pdf")[field.page - 1]
    box = field.box
    return [
        letter
        for letter in page.characters()
        if box.left <= (letter.left + letter.right) / 2 <= box.right
        and box.top <= (letter.top + letter.bottom) / 2 <= box.bottom
        and letter.text.strip()
    ]


def _ink_extent(form: BenchForm, field: FormField) -> Box:
    letters = _printed_letters(form, field)
    return Box(
        min(letter.left for letter in letters),
        min(letter.top for letter in letters),
        max(letter.right for letter in letters),
        max(letter.bottom for letter in letters),
    )


_BY_PEN: dict[AlterationKind, Callable[[Rgb, BenchForm, int, np.random.Generator], Altered | None]] = {
    "struck_rewritten": _struck_rewritten,
    "row_struck": _row_struck,
    "pen_over_digit": _pen_over_digit,
}
