"""A paper as blocks, and its typesetting."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

import typst

_FACES = ("Liberation Serif", "Liberation Sans", "DejaVu Serif", "DejaVu Sans", "Libertinus Serif")


@dataclass(frozen=True, slots=True)
class Title:
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    left: tuple[str, ...]
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Signatures:
    """Places for signatures, two in a row, each with its name above a line; ``line`` False leaves bare room."""

    names: tuple[str, ...]
    line: bool = True


@dataclass(frozen=True, slots=True)
class NewPage:
    pass


Block = Title | Text | Items | Columns | Table | Signatures | NewPage


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF drawn with text; ``places``: page from 1, left and top in points of each room for a signature."""

    pdf: bytes
    places: tuple[tuple[int, float, float], ...]


def typeset_paper(blocks: Sequence[Block], rng: random.Random) -> Paper:
    """The paper, its face, size and margins drawn from ``rng``."""
    numbering = 'numbering: "1 / 1", ' if rng.random() < 0.4 else ""
    margins = f"margin: (x: {rng.choice((20, 24, 28))}mm, y: {rng.choice((18, 22))}mm)"
    hyphens, justified = (str(rng.random() < share).lower() for share in (0.3, 0.6))
    head = (
        f'#set page(paper: "a4", {numbering}{margins})\n'
        f"#set text(font: {_quoted(rng.choice(_FACES))}, size: {rng.choice((10, 10.5, 11, 11.5))}pt, "
        f'lang: "it", hyphenate: {hyphens})\n'
        f"#set par(justify: {justified}, leading: {rng.choice((0.6, 0.7, 0.85))}em)\n\n"
    )
    source = (head + "\n\n".join(map(_markup, blocks))).encode()
    spots = json.loads(typst.query(source, "<spot>", field="value"))
    places = tuple((int(spot["page"]), _points(spot["x"]), _points(spot["y"])) for spot in spots)
    return Paper(typst.compile(source, format="pdf"), places)


def _points(length: str) -> float:
    return float(length.removesuffix("pt"))


def _markup(block: Block) -> str:
    match block:
        case Title(text):
            made = f"#align(center)[#strong({_quoted(text)})]"
        case Text(text, align):
            made = f"#align({align})[#{_quoted(text)}]"
        case Items(items, numbered):
            kind = "enum" if numbered else "list"
            made = f"#{kind}({', '.join(f'[#{_quoted(each)}]' for each in items)})"
        case Columns(left, right):
            sides = ("#linebreak()".join(f"#{_quoted(each)}" for each in side) for side in (left, right))
            made = "#grid(columns: (1fr, 1fr), gutter: 9mm, " + ", ".join(f"[{side}]" for side in sides) + ")"
        case Table(rows):
            cells = ", ".join(f"[#{_quoted(cell)}]" for row in rows for cell in row)
            made = f"#table(columns: {len(rows[0])}, inset: 4pt, {cells})"
        case Signatures(names, line):
            places = ", ".join(_place(name, line) for name in names)
            made = f"#v(4mm)\n#grid(columns: (1fr, 1fr), column-gutter: 12mm, row-gutter: 7mm, {places})"
        case NewPage():
            made = "#pagebreak()"
    return made


def _place(name: str, line: bool) -> str:
    below = "#line(length: 75%, stroke: 0.5pt)" if line else ""
    spot = "#context [#metadata(here().position()) <spot>]"
    return f"block(breakable: false)[#{_quoted(name)} #linebreak() {spot} #v(13mm) {below}]"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
