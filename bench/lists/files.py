"""Lists as files: a PDF typeset with Typst, the same printed and scanned, a workbook."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

import typst
from openpyxl import Workbook

from bench.lists.layouts import FIELDS, Layout, cell
from bench.lists.people import Worker, workers

_DEPARTMENTS = ("Reparto: Officina", "Reparto: Uffici", "Reparto: Magazzino")
_STROKES = {"all": "0.5pt", "level": "(x: none, y: 0.5pt)", "none": "none"}


@dataclass(frozen=True)
class MadeList:
    """A list and its truth: one dict of fields a worker, only those that the layout tells."""

    layout: Layout
    seed: int
    truth: tuple[dict[str, str], ...]
    people: tuple[Worker, ...]


def made_list(layout: Layout, seed: int, *, count: int = 30) -> MadeList:
    """The list of ``count`` people that ``seed`` gives."""
    people = workers(random.Random(f"{layout.name}/{seed}"), count)
    truth = tuple({key: getattr(each, key) for key in FIELDS if key in layout.fields} for each in people)
    return MadeList(layout, seed, truth, people)


def as_pdf(made: MadeList) -> bytes:
    """The list as a born-digital PDF, as many pages as it takes."""
    layout, rng = made.layout, random.Random(made.seed)
    cells: list[str] = []
    wide = len(layout.columns)
    for number, person in enumerate(made.people, 1):
        if layout.grouped and number % 9 == 1:
            cells.append(f"table.cell(colspan: {wide}, {_text(_DEPARTMENTS[number // 9 % 3])})")
        cells += [_text(cell(layout, key, person, number, rng)) for key, _, _ in layout.columns]
        cells += _second_line(layout, [cell(layout, key, person, number, rng) for key, _ in layout.second])
    if layout.totals:
        hours = sum(float(person.requested_hours) for person in made.people)
        total = f"{hours:.2f}".replace(".", ",")
        cells.append(f'table.cell(colspan: {wide - 1}, text(weight: "bold", {json.dumps("TOTALE ORE")}))')
        cells.append(_text(total))
    heading = ""
    if layout.headed:
        first = [_bold(words) for _, words, _ in layout.columns]
        heading = f"table.header({', '.join([*first, *_second_line(layout, [words for _, words in layout.second])])}),"
    fill = "(x, y) => if calc.odd(y) { luma(225) }" if layout.zebra else "none"
    widths = ", ".join(width for _, _, width in layout.columns)
    source = f"""
#set page(paper: "a4", flipped: {"true" if layout.landscape else "false"}, margin: (x: 15mm, y: 18mm),
  footer: context align(right, text(size: 7pt)[Pagina #counter(page).display() di #counter(page).final().first()]))
#set text(font: {json.dumps(layout.font)}, size: {layout.size}pt, lang: "it", hyphenate: false)
#text(size: 12pt, weight: "bold")[Officine Meccaniche di Prova S.r.l.] \\
Elenco dei lavoratori interessati alla sospensione \\
#v(6pt)
#table(columns: ({widths}), inset: {layout.inset}, stroke: {_STROKES[layout.rules]}, fill: {fill}, align: horizon, {heading}
{", ".join(cells)})
"""
    return cast("bytes", typst.compile(source.encode()))


def as_workbook(made: MadeList) -> bytes:
    """The list as XLSX: a title above, real dates and numbers, a row of totals where the layout has one."""
    layout, rng, book = made.layout, random.Random(made.seed), Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Officine Meccaniche di Prova S.r.l."])
    sheet.append([])
    columns = [(key, words) for key, words, _ in layout.columns] + list(layout.second)
    if layout.headed:
        sheet.append([words for _, words in columns])
    for number, person in enumerate(made.people, 1):
        if layout.grouped and number % 9 == 1:
            sheet.append([_DEPARTMENTS[number // 9 % 3]])
        sheet.append([_native(layout, key, person, number, rng) for key, _ in columns])
    if layout.totals:
        hours = sum(float(person.requested_hours) for person in made.people)
        sheet.append(["TOTALE ORE", *[None] * (len(columns) - 2), hours])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _native(layout: Layout, key: str, person: Worker, number: int, rng: random.Random) -> object:
    if key in layout.written:
        return cell(layout, key, person, number, rng)
    if key in {"hired_on", "born_on"}:
        return date.fromisoformat(getattr(person, key))
    if key in {"weekly_hours", "requested_hours"}:
        return float(getattr(person, key))
    return cell(layout, key, person, number, rng)


def _second_line(layout: Layout, texts: Sequence[str]) -> list[str]:
    if not layout.second:
        return []
    return [*(_text(text) for text in texts), *["[]"] * (len(layout.columns) - len(texts))]


def _text(text: str) -> str:
    return f"text({json.dumps(text, ensure_ascii=False)})"


def _bold(text: str) -> str:
    return f'text(weight: "bold", {json.dumps(text, ensure_ascii=False)})'
