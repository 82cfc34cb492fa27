"""From the cells of a list to its workers: every field with its evidence, the name and the code as each other's witness."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ocr.extracted import Engine, Extracted
from ocr.form_map import Box
from ocr.tax_codes import CodeReading, compact, fits_name, read_tax_code
from ocr.worker_list.columns import FIELDS, FULL_NAME, IGNORED, NAME_SURNAME
from ocr.worker_list.names import SplitName, glued_ways, split_name, ways_to_split
from ocr.worker_list.values import Meaning, folded, meaning, tidy_name

SURE = 0.8
_PROVED, _PROVED_WITHOUT_NAME, _UNPROVED = 0.99, 0.75, 0.3
_AGREED, _RESEMBLING, _DISPUTED = 0.97, 0.7, 0.4
_SURE_ALONE, _SECOND_ALONE = 0.95, 0.85
_UNKNOWN_WORD = 0.6
_PLAIN = 127
_EXACT = frozenset(("pdf", "spreadsheet"))


@dataclass(frozen=True, slots=True)
class SecondReading:
    """What another engine read in the same cell, and where on the upright page."""

    text: str
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class ListCell:
    """A cell as read: ``text`` by ``engine`` with its confidence, ``again`` what another engine read in its place."""

    text: str
    confidence: float
    box: Box | None
    engine: Engine
    again: tuple[SecondReading, ...] = ()

    @property
    def readings(self) -> tuple[str, ...]:
        return (self.text, *(each.text for each in self.again))


@dataclass(frozen=True, slots=True)
class ListRow:
    """The cells of one worker; ``box`` around them on the page as received, None in a spreadsheet."""

    cells: tuple[ListCell, ...]
    box: Box | None


@dataclass(frozen=True, slots=True)
class ListOther:
    """A line that is no worker: ``kind`` heading, group, total or not_understood."""

    kind: str
    text: str
    box: Box | None


@dataclass(frozen=True, slots=True)
class ListTable:
    """The table of one page or sheet (from 1) of the file ``source``; ``kinds`` say what each column holds.

    ``rotation``: by how many degrees clockwise, in quarter turns, the page lies turned in the file.
    """

    source: str
    page: int
    kinds: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[ListRow, ...]
    others: tuple[ListOther, ...]
    rotation: int = 0


@dataclass(frozen=True, slots=True)
class ListedWorker:
    """One worker of a list: ``row`` counts from 1 over all pages. ``fields``: only those whose column the list has.

    ``text`` is the whole row as read, ``doubts`` the fields that a person must look at.
    """

    row: int
    source: str
    page: int
    box: Box | None
    fields: Mapping[str, Extracted]
    text: str
    rotation: int = 0

    @property
    def doubts(self) -> tuple[str, ...]:
        return tuple(name for name, field in self.fields.items() if is_doubtful(field))


def is_doubtful(field: Extracted) -> bool:
    """Whether a person must look at a value: not sure, not understood, or missing where the others have one."""
    return field.confidence < SURE or field.value is None


def workers_of(table: ListTable, *, after: int = 0) -> list[ListedWorker]:
    """The workers of ``table``, numbered from ``after`` + 1."""
    return [
        ListedWorker(
            number,
            table.source,
            table.page,
            row.box,
            _fields(table, row),
            " ".join(cell.text for cell in row.cells if cell.text),
            table.rotation,
        )
        for number, row in enumerate(table.rows, after + 1)
    ]


def _fields(table: ListTable, row: ListRow) -> dict[str, Extracted]:
    cells = {kind: cell for kind, cell in zip(table.kinds, row.cells, strict=True) if kind != IGNORED}
    code_cell = cells.get("tax_code")
    ways = _names(cells)
    code = read_tax_code(code_cell.readings, ways, typed=code_cell.engine in _EXACT) if code_cell else None
    read: dict[str, Extracted] = {}
    if code_cell is not None:
        read["tax_code"] = _code_field(table, code_cell, code)
    read |= _name_fields(table, cells, ways, code)
    for kind in FIELDS:
        if kind in cells and kind not in {"tax_code", "surname", "given_name"}:
            read[kind] = _plain_field(table, kind, cells[kind])
    return {kind: read[kind] for kind in FIELDS if kind in read}


def _names(cells: Mapping[str, ListCell]) -> list[tuple[str, str]]:
    """Every way to read the name, as surname and given name, the likeliest first."""
    whole = cells.get(FULL_NAME) or cells.get(NAME_SURNAME)
    if whole is not None:
        first = FULL_NAME in cells
        ways = [way for text in whole.readings for way in ways_to_split(text, surname_first=first)]
        return [(way.surname, way.given_name) for way in ways]
    empty = ListCell("", 0.0, None, "pdf")
    surnames, names = cells.get("surname", empty).readings, cells.get("given_name", empty).readings
    return [(tidy_name(one), tidy_name(other)) for one, other in itertools.product(surnames, names)]


def _code_field(table: ListTable, cell: ListCell, code: CodeReading | None) -> Extracted:
    if code is None:
        written = compact(cell.text) or None
        return _extracted(table, cell, written, 0.0, ("not_a_tax_code",) if written else ("missing",))
    sure = _PROVED if code.named else _PROVED_WITHOUT_NAME
    confidence = sure if code.proved else _UNPROVED
    if code.proved and cell.engine in _EXACT and code.value == compact(cell.text):
        confidence = _PROVED
    elif code.guessed:
        confidence = min(confidence, _RESEMBLING)
    rules = (*code.rules, "name") if code.named and "name" not in code.rules else code.rules
    return _extracted(table, cell, code.value, confidence, rules)


def _name_fields(
    table: ListTable, cells: Mapping[str, ListCell], ways: Sequence[tuple[str, str]], code: CodeReading | None
) -> dict[str, Extracted]:
    whole = cells.get(FULL_NAME) or cells.get(NAME_SURNAME)
    proving = code.value if code is not None and code.proved else ""
    glued = [(way.surname, way.given_name) for text in (whole.readings if whole else ()) for way in glued_ways(text)]
    fitting = next((way for way in (*ways, *glued) if proving and fits_name(proving, *way)), None)
    fitting = _best_spelt(fitting, ways) if fitting else None
    if whole is not None:
        split = _split(whole, ways, fitting, surname_first=FULL_NAME in cells)
        sure = _name_confidence(whole, proved=fitting is not None, other_says=bool(proving))
        rules = ("split", "tax_code") if fitting else ("split",)
        return {
            "surname": _extracted(table, whole, split.surname or None, sure, rules),
            "given_name": _extracted(table, whole, split.given_name or None, sure if split.given_name else 0.0, rules),
        }
    found = {}
    for place, kind in enumerate(("surname", "given_name")):
        if (cell := cells.get(kind)) is None:
            continue
        value = fitting[place] if fitting else tidy_name(cell.text)
        sure = _name_confidence(cell, proved=fitting is not None, other_says=bool(proving))
        found[kind] = _extracted(table, cell, value or None, sure, ("name", "tax_code") if fitting else ("name",))
    return found


def _best_spelt(name: tuple[str, str], ways: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The same name as another engine spells it, where that has more of its spaces and accents."""
    same = [way for way in ways if _letters(way) == _letters(name)]
    return max((name, *same), key=lambda way: sum(sign == " " or ord(sign) > _PLAIN for sign in "".join(way)))


def _letters(name: tuple[str, str]) -> str:
    return "/".join(folded(part).replace(" ", "") for part in name)


def _split(
    cell: ListCell, ways: Sequence[tuple[str, str]], fitting: tuple[str, str] | None, *, surname_first: bool
) -> SplitName:
    if fitting is not None:
        return SplitName(*fitting, proved=True)
    if ways:
        return SplitName(*ways[0], proved=False)
    return split_name(cell.text, None, surname_first=surname_first)


def _name_confidence(cell: ListCell, *, proved: bool, other_says: bool) -> float:
    """The code proves a name's consonants only: a name well read stays as sure as it was read."""
    if cell.engine in _EXACT:
        return 1.0 if proved else _RESEMBLING
    agreed = bool(cell.again) and all(_letters((each.text, "")) == _letters((cell.text, "")) for each in cell.again)
    if proved and cell.again and not agreed:
        return _RESEMBLING
    if proved:
        return _AGREED if agreed else max(cell.confidence, SURE)
    return min(cell.confidence, _RESEMBLING if agreed or not other_says else _DISPUTED)


def _plain_field(table: ListTable, kind: str, cell: ListCell) -> Extracted:
    """The value that the readings agree on; where only one makes sense, that one."""
    first = meaning(kind, cell.text)
    if not cell.again:
        return _extracted(table, cell, first.value, _alone(cell, first), first.rules)
    second, sure = meaning(kind, cell.again[0].text), cell.again[0].confidence
    one, other = _says(first), _says(second)
    if one and other and first.value == second.value:
        return _extracted(table, cell, first.value, _AGREED, (*first.rules, "two_engines"))
    if other and (not one or sure >= cell.confidence):
        confidence = _DISPUTED if one else min(sure, _SECOND_ALONE) if sure >= _SURE_ALONE else _RESEMBLING
        return _extracted(table, cell, second.value, confidence, (*second.rules, "second_engine"))
    return _extracted(
        table, cell, first.value, min(_alone(cell, first), _DISPUTED if other else _RESEMBLING), first.rules
    )


def _says(each: Meaning) -> bool:
    return each.value is not None and "unknown_word" not in each.rules


def _alone(cell: ListCell, only: Meaning) -> float:
    """How sure a value is that nothing but its own reading speaks for."""
    if only.value is None:
        return 0.0
    if "unknown_word" in only.rules:
        return min(cell.confidence, _UNKNOWN_WORD)
    return cell.confidence if only.exact else min(cell.confidence, _RESEMBLING)


def _extracted(
    table: ListTable, cell: ListCell, value: str | None, confidence: float, rules: tuple[str, ...]
) -> Extracted:
    return Extracted(value, cell.text, round(confidence, 3), cell.engine, table.source, table.page, cell.box, rules)
