"""Workers from a spreadsheet: columns known by their heading, every wrong cell named by row and column."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from python_calamine import CalamineWorkbook

from intake.applications.draft import MOST_WORKERS
from intake.applications.fields import WORKER, Field, Kind
from intake.applications.identifiers import person_tax_code_fault
from intake.checks.apart import ApartFailed, run_apart
from intake.errors import Refusal

SHEET_SECONDS = 30
MOST_ROWS = 5 * MOST_WORKERS
MOST_COLUMNS = 200
HEADINGS = {
    "surname": ("cognome", "surname"),
    "given_name": ("nome", "given name", "first name"),
    "tax_code": ("codice fiscale", "cod fiscale", "cf", "tax code"),
    "qualification": ("qualifica", "qualification"),
    "contract": ("contratto", "tipo contratto", "tipologia contratto", "contract"),
    "category": ("categoria", "category"),
    "weekly_hours": ("ore settimanali", "orario settimanale", "ore sett", "weekly hours"),
    "hired_on": ("data assunzione", "data di assunzione", "assunzione", "assunto il", "hired on"),
    "requested_hours": ("ore richieste", "ore cig", "ore cigd", "requested hours"),
    "exception": ("eccezione", "eccezione dichiarata", "exception"),
}


class UnreadableSheet(Refusal):
    code = "unreadable_sheet"
    message = "Il file non è un foglio di calcolo che sappiamo leggere."
    remedy = "Salvi l'elenco come XLSX, ODS o CSV (testo separato da punto e virgola) e lo ricarichi."


class HeadingsMissing(Refusal):
    code = "headings_missing"
    message = "Nell'elenco non troviamo le intestazioni delle colonne: {missing}."
    remedy = "Metta nella prima riga i nomi delle colonne come nel modello scaricabile, poi ricarichi il file."


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A cell that cannot be taken as it is. ``row`` and ``column`` as the spreadsheet shows them: 2 and ``C``.

    ``worker``: its place, from 1, among the rows read; 0 of a row that was not read. ``remedy`` may be empty.
    """

    worker: int
    row: int
    column: str
    field: str
    value: str
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class ImportedWorkers:
    """Rows ready for the draft, wrong cells kept as typed, and what is wrong with them."""

    rows: tuple[dict[str, str], ...]
    problems: tuple[CellProblem, ...]


def import_workers(data: bytes, choices: dict[str, dict[str, str]]) -> ImportedWorkers:
    """Reads XLSX, XLS, ODS or CSV by content. ``choices``: for each choice field, its keys and words.

    Raises ``UnreadableSheet`` or ``HeadingsMissing``. Rows beyond the most that a draft holds are not read.
    """
    grid = _grid(data)
    heading_row, columns = _columns(grid)
    rows: list[dict[str, str]] = []
    problems: list[CellProblem] = []
    for number, cells in enumerate(grid[heading_row + 1 :], heading_row + 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) >= MOST_WORKERS:
            problems.append(
                CellProblem(0, number, "", "", "", f"Le righe oltre la {MOST_WORKERS}ª non sono state lette.")
            )
            break
        row, found = _row(len(rows) + 1, number, cells, columns, choices)
        rows.append(row)
        problems += found
    return ImportedWorkers(tuple(rows), tuple(problems))


def _row(
    worker: int, number: int, cells: Sequence[str], columns: dict[str, int], choices: dict[str, dict[str, str]]
) -> tuple[dict[str, str], list[CellProblem]]:
    row: dict[str, str] = {}
    problems = []
    for field in WORKER:
        place = columns.get(field.path)
        raw = cells[place].strip() if place is not None and place < len(cells) else ""
        row[field.path], *said = _cell(field, raw, choices.get(field.path, {}))
        if place is not None and any(said):
            problems.append(CellProblem(worker, number, _letter(place), field.path, raw, *said))
    return row, problems


def _cell(field: Field, raw: str, admitted: dict[str, str]) -> tuple[str, str, str]:
    """The value kept of a cell, what is wrong with it and what to do. A column that the notice has no entries for is not
    kept: no screen would show it. In a file there is no list to choose from: the entries admitted are named.
    """
    if field.kind is not Kind.CHOICE:
        value = field.tidy(raw)
        return value, cell_fault(field, value, admitted) or "", ""
    if raw and not admitted:
        return "", f"«{raw}» non è stato letto: questo avviso non chiede la colonna.", "Non serve correggere il foglio."
    value = known_choice(field, raw, admitted)
    fault = cell_fault(field, value, admitted)
    if fault is None or not value:
        return value, fault or "", ""
    entries = ", ".join(f"«{word}»" for word in admitted.values())
    return value, f"«{value}» non è tra le voci ammesse.", f"Nel foglio si può scrivere: {entries}."


def cell_fault(field: Field, value: str, choices: dict[str, str]) -> str | None:
    """What is wrong with one tidied cell of the worker table; None when nothing is."""
    if not value:
        return f"Manca: {field.label_within}." if field.required else None
    match field.kind:
        case Kind.PERSON_TAX_CODE:
            return person_tax_code_fault(value)
        case Kind.DATE:
            return (
                None
                if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) and _is_date(value)
                else f"«{value}» non è una data: la scriva come gg/mm/aaaa."
            )
        case Kind.HOURS | Kind.NUMBER:
            return None if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,2})?", value) else f"«{value}» non è un numero di ore."
        case Kind.CHOICE:
            return None if value in choices else f"«{value}» non è tra le voci ammesse: scelga dall'elenco."
        case _:
            return None


def known_choice(field: Field, raw: str, choices: dict[str, str]) -> str:
    """The key of a choice typed as key, word, or the beginning of exactly one word."""
    folded = _fold(raw)
    exact = [key for key, word in choices.items() if folded in {_fold(key), _fold(word)}]
    near = [key for key, word in choices.items() if folded and _fold(word).startswith(folded)]
    return exact[0] if exact else near[0] if len(near) == 1 else field.tidy(raw)


def _grid(data: bytes) -> list[list[str]]:
    if data[:4] in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}:
        try:
            return run_apart(_first_sheet, data, lambda: None, seconds=SHEET_SECONDS)
        except ApartFailed as error:
            raise UnreadableSheet from error
    text = _decoded(data)
    if "\x00" in text:
        raise UnreadableSheet
    top = text.split("\n", 5)[:5]
    counts = {separator: sum(line.count(separator) for line in top) for separator in ";\t,"}
    separator = max(counts, key=lambda mark: counts[mark])
    try:
        return list(islice(csv.reader(io.StringIO(text, newline=None), delimiter=separator), MOST_ROWS))
    except csv.Error as error:
        raise UnreadableSheet from error


def _first_sheet(data: bytes, _tell: object) -> list[list[str]]:
    """Read apart: two cells far from each other in a file of a few kilobytes ask for more memory than there is."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    return [
        [_cell_text(cell) for cell in row[:MOST_COLUMNS]] for row in sheet.to_python(skip_empty_area=False)[:MOST_ROWS]
    ]


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableSheet


def _cell_text(cell: Any) -> str:
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _columns(grid: list[list[str]]) -> tuple[int, dict[str, int]]:
    """The heading row is the first of the top twenty that names the tax code and the names."""
    best: dict[str, int] = {}
    for number, cells in enumerate(grid[:20]):
        found: dict[str, int] = {}
        for place, cell in enumerate(cells):
            field = next((name for name, words in HEADINGS.items() if _fold(cell) in words), None)
            if field and field not in found:
                found[field] = place
        if {"surname", "given_name", "tax_code"} <= found.keys():
            return number, found
        best = max(best, found, key=len)
    words = {field.path: field.label for field in WORKER}
    missing = [words[name] for name in ("surname", "given_name", "tax_code") if name not in best]
    raise HeadingsMissing(missing=", ".join(missing))


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split())


def _letter(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
