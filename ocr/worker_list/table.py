"""A page of a list as rows of cells: rows stand where codici fiscali stand, columns where all rows leave a gap."""

from __future__ import annotations

import bisect
import re
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ocr.form_map import Box
from ocr.tax_codes import looks_like_tax_code
from ocr.text_rules import Rule, Rules
from ocr.text_words import PageText, TextLine, Word, around
from ocr.worker_list.columns import is_heading
from ocr.worker_list.values import folded

_TOTAL = re.compile(r"\b(tot|totale|totali|subtotale|riporto|a riportare|riepilogo)\b")
_GROUP = re.compile(
    r"^(reparto|ufficio|sede|cantiere|unita|settore|squadra|filiale|stabilimento|negozio|punto vendita)\b"
)
_CODE_PARTS = 4
_CODE_GAP_LETTERS = 1.5
_FREE_SHARE = 0.04
_GUTTER_LETTERS = 0.9
_LEAST_GUTTER_PT = 2.5
_MOST_HEADING_LINES = 4
_RULED_COLUMNS = 4
_SPANS = 0.6
_CONTINUES_WITHIN = 1.7
_HEADING_WITHIN = 1.4
_OVER_PT = 2.0
_NEAR_LETTERS = 2.5
_TRIED_PLACES = 40
_MIXED_SHARE = 0.6
_TWO_LINES_SHARE = 0.7
_SECOND_LINES_FROM = 0.6


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one cell, lines joined by a space; ``box`` on the upright page, None for an empty cell."""

    text: str = ""
    confidence: float = 1.0
    box: Box | None = None
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class CellRow:
    """The cells of one person's row and the box around all that belongs to it."""

    cells: tuple[Cell, ...]
    box: Box


@dataclass(frozen=True, slots=True)
class OtherLine:
    """A line among the rows that is no person: ``kind`` says what it is taken for."""

    kind: str
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class PageTable:
    """One page's table. ``edges`` part the columns of a row's first line; ``headings`` one for each cell of a row."""

    headings: tuple[str, ...]
    rows: tuple[CellRow, ...]
    others: tuple[OtherLine, ...]
    edges: tuple[float, ...]
    headed: bool


def page_table(text: PageText, rules: Rules, before: PageTable | None = None) -> PageTable | None:
    """The table on a page, None where no line holds a codice fiscale. ``before``: that of the page before, whose columns
    go on where this page has too few rows to show its own."""
    lines = text.lines()
    anchors = [number for number, line in enumerate(lines) if has_code(line)]
    if not anchors:
        return None
    heading_lines = _heading_lines(lines, anchors[0], rules)
    edges = _edges([lines[number] for number in anchors], rules, before)
    rows = [lines[each] for each in anchors]
    edges = _edges_by_kind(_edges_by_heading(edges, [lines[number] for number in heading_lines], rows), rows)
    anchors = sorted({*anchors, *_codeless(lines, anchors, edges)})
    members, others = _members(lines, anchors, heading_lines, rules, edges)
    second = _second_edges(lines, anchors, members)
    cell_rows = tuple(_row(lines, anchor, members[anchor], edges, second) for anchor in anchors)
    headings = _headings([lines[number] for number in heading_lines], edges, second)
    if not heading_lines and before is not None and len(before.headings) == len(headings):
        headings = before.headings
    return PageTable(headings, cell_rows, tuple(others), edges, bool(heading_lines))


def _codeless(lines: Sequence[TextLine], anchors: Sequence[int], edges: Sequence[float]) -> list[int]:
    """Lines among or right below the rows that fill most columns and hold no codice fiscale that could be read; where
    they are as many as the rows, they are the rows' second lines."""
    last = min(len(lines), anchors[-1] + 2)
    found = [
        number
        for number in range(anchors[0] + 1, last)
        if number not in anchors
        and line_kind(lines[number].text, _names_columns(lines[number])) is None
        and _fills(lines[number], edges)
    ]
    return found if len(found) < _SECOND_LINES_FROM * len(anchors) else []


def has_code(line: TextLine) -> bool:
    """Whether a line holds a codice fiscale, written in one piece or in up to four."""
    width = _letter_width(line.words)
    for start in range(len(line.words)):
        for end in range(start + 1, min(len(line.words), start + _CODE_PARTS) + 1):
            words = line.words[start:end]
            if any(other.box.left - one.box.right > _CODE_GAP_LETTERS * width for one, other in pairwise(words)):
                break
            if looks_like_tax_code("".join(word.text for word in words)):
                return True
    return False


def _heading_lines(lines: Sequence[TextLine], first: int, rules: Rules) -> list[int]:
    """The lines above the first row that name its columns: those that name two or more, and what stands closer to them
    than to the row or the title."""
    start = max(0, first - _MOST_HEADING_LINES)
    named = [number for number in range(start, first) if _names_columns(lines[number])]
    if not named:
        return []
    levels = [rule.at for rule in rules.level]
    return [
        number
        for number in range(start, first)
        if number in named or _is_of_heading(lines, number, named, lines[first].box, levels)
    ]


def _is_of_heading(
    lines: Sequence[TextLine], number: int, named: Sequence[int], first: Box, levels: Sequence[float]
) -> bool:
    middle = _middle(lines[number].box)
    nearest = min((lines[each].box for each in named), key=lambda box: abs(_middle(box) - middle))
    parted = any(min(middle, _middle(nearest)) < level < max(middle, _middle(nearest)) for level in levels)
    near = abs(_middle(nearest) - middle) <= _HEADING_WITHIN * (nearest.bottom - nearest.top)
    closer = abs(_middle(nearest) - middle) < abs(_middle(first) - middle)
    return near and closer and not parted


def _names_columns(line: TextLine) -> bool:
    return sum(is_heading(piece) for piece in _pieces(line)) >= 2


def _pieces(line: TextLine) -> list[str]:
    """The texts of a line parted at gaps wider than a letter."""
    return [" ".join(word.text for word in piece) for piece in _pieces_of(line)]


def _pieces_of(line: TextLine) -> list[list[Word]]:
    width = _letter_width(line.words)
    pieces = [[line.words[0]]]
    for one, other in pairwise(line.words):
        if other.box.left - one.box.right > 1.2 * width:
            pieces.append([])
        pieces[-1].append(other)
    return pieces


def _letter_width(words: Iterable[Word]) -> float:
    widths = [((word.box.right - word.box.left), len(word.text)) for word in words]
    letters = sum(count for _, count in widths)
    return sum(width for width, _ in widths) / letters if letters else 5.0


def _edges(anchored: Sequence[TextLine], rules: Rules, before: PageTable | None) -> tuple[float, ...]:
    """The places that part the columns: upright rules where the table is ruled, else gaps that all rows leave."""
    top, bottom = anchored[0].box.top, anchored[-1].box.bottom
    spanning = [rule.at for rule in rules.upright if _span(rule, top, bottom) >= _SPANS * (bottom - top)]
    left = min(line.box.left for line in anchored)
    right = max(line.box.right for line in anchored)
    inner = [at for at in spanning if left - 2 < at < right + 2]
    gutters = _gutters(anchored)
    if len(inner) >= _RULED_COLUMNS:
        return tuple(inner)
    if len(anchored) < 3 and before is not None and before.edges:
        return before.edges
    return tuple(sorted({*gutters, *(at for at in inner if all(abs(at - gutter) > 4 for gutter in gutters))}))


def _edges_by_heading(
    edges: Sequence[float], headings: Sequence[TextLine], anchored: Sequence[TextLine]
) -> tuple[float, ...]:
    """The edges, and one more where two headings stand side by side over what seemed one column: at the place between
    them that fewest words run over."""
    boxes = [word.box for line in anchored for word in line.words]
    more: set[float] = set()
    for line in headings:
        pieces = [(words, around([word.box for word in words])) for words in _pieces_of(line)]
        named = [box for words, box in pieces if is_heading(" ".join(word.text for word in words))]
        for one, other in pairwise(named):
            if bisect.bisect(edges, _across(one)) == bisect.bisect(edges, _across(other)):
                more.add(_least_covered(_across(one), _across(other), boxes))
    return tuple(sorted({*edges, *more}))


def _edges_by_kind(edges: Sequence[float], anchored: Sequence[TextLine]) -> tuple[float, ...]:
    """The edges, and one more in each column where most rows have words and to the right of them numbers."""
    more: list[float] = []
    for column in zip(*(_by_column([line], edges) for line in anchored), strict=True):
        ends = [
            (words, numbers) for cell in column if (found := _words_then_numbers(cell)) for words, numbers in [found]
        ]
        if len(ends) >= _MIXED_SHARE * len(anchored) and len(ends) >= 3:
            left, right = (statistics.median(each[side] for each in ends) for side in (0, 1))
            more.append(_least_covered(left, right, [word.box for cell in column for word in cell]))
    return tuple(sorted({*edges, *more}))


def _words_then_numbers(cell: Sequence[Word]) -> tuple[float, float] | None:
    """The middles of the last word and the first number of a cell that has words and then numbers, None for others."""
    ordered = sorted((word for word in cell if any(map(str.isalnum, word.text))), key=lambda word: word.box.left)
    numbers = [not any(map(str.isalpha, word.text)) for word in ordered]
    turn = numbers.index(True) if True in numbers else 0
    if turn == 0 or not all(numbers[turn:]):
        return None
    return _across(ordered[turn - 1].box), _across(ordered[turn].box)


def _least_covered(left: float, right: float, boxes: Sequence[Box]) -> float:
    places = [left + (right - left) * step / _TRIED_PLACES for step in range(1, _TRIED_PLACES)]
    return min(places, key=lambda place: sum(box.left < place < box.right for box in boxes))


def _across(box: Box) -> float:
    return (box.left + box.right) / 2


def _span(rule: Rule, top: float, bottom: float) -> float:
    return min(rule.end, bottom) - max(rule.start, top)


def _gutters(lines: Sequence[TextLine]) -> list[float]:
    """The middles of the gaps that run down through nearly all lines, wider than a space between words."""
    boxes = [word.box for line in lines for word in line.words]
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    least = max(_LEAST_GUTTER_PT, _GUTTER_LETTERS * _letter_width(word for line in lines for word in line.words))
    steps = int((right - left) * 2) + 2
    covered = [0] * (steps + 1)
    for box in boxes:
        start, end = int((box.left - left) * 2), int((box.right - left) * 2) + 1
        covered[start] += 1
        covered[min(end, steps)] -= 1
    most, running, free_from = int(_FREE_SHARE * len(lines)), 0, None
    gutters = []
    for step in range(steps):
        running += covered[step]
        if running <= most:
            free_from = step if free_from is None else free_from
            continue
        if free_from is not None and free_from > 0 and (step - free_from) / 2 >= least:
            gutters.append(left + (free_from + step) / 4)
        free_from = None
    return gutters


def _members(
    lines: Sequence[TextLine],
    anchors: Sequence[int],
    heading_lines: Sequence[int],
    rules: Rules,
    edges: Sequence[float],
) -> tuple[dict[int, list[int]], list[OtherLine]]:
    """For each row's line the other lines that belong to it, and the lines that are no person's."""
    members: dict[int, list[int]] = {anchor: [] for anchor in anchors}
    others: list[OtherLine] = []
    start = heading_lines[-1] + 1 if heading_lines else max(0, anchors[0] - 2)
    pitch = _pitch(lines, anchors)
    for number in range(start, len(lines)):
        line = lines[number]
        if number in members or number in heading_lines:
            continue
        kind = line_kind(line.text, _names_columns(line))
        owner = _owner(line, lines, anchors, rules, pitch)
        if kind is None and owner is not None:
            members[owner].append(number)
        elif anchors[0] < number < anchors[-1] or kind == "total" or _fills(line, edges):
            others.append(OtherLine(kind or "not_understood", line.text, line.box))
    return members, others


def line_kind(text: str, names_columns: bool) -> str | None:
    """Whether a line is a total, a repeated heading or the heading of a group of workers; None for none of these."""
    words = folded(text)
    if _TOTAL.search(words):
        return "total"
    if names_columns:
        return "heading"
    return "group" if _GROUP.search(words) else None


def _pitch(lines: Sequence[TextLine], anchors: Sequence[int]) -> float:
    heights = [line.box.bottom - line.box.top for line in (lines[number] for number in anchors)]
    return statistics.median(heights)


def _owner(
    line: TextLine, lines: Sequence[TextLine], anchors: Sequence[int], rules: Rules, height: float
) -> int | None:
    """The row that a line without a code belongs to: the one in the same ruled band, else the nearest within a line."""
    middle = _middle(line.box)
    nearest = min(anchors, key=lambda anchor: abs(_middle(lines[anchor].box) - middle))
    levels = [rule.at for rule in rules.level if rule.end - rule.start > 0.5 * (line.box.right - line.box.left)]
    if len(levels) >= len(anchors):
        band = bisect.bisect(levels, middle)
        in_band = [anchor for anchor in anchors if bisect.bisect(levels, _middle(lines[anchor].box)) == band]
        if len(in_band) == 1:
            return in_band[0]
        if 0 < band < len(levels) and not in_band:
            return _next_band(lines, anchors, levels, band)
    return nearest if abs(_middle(lines[nearest].box) - middle) <= _CONTINUES_WITHIN * height else None


def _next_band(lines: Sequence[TextLine], anchors: Sequence[int], levels: Sequence[float], band: int) -> int | None:
    """Where each person has a ruled band more than the one with the code: the person of the band above."""
    bands = [bisect.bisect(levels, _middle(lines[anchor].box)) for anchor in anchors]
    steps = [other - one for one, other in pairwise(bands)]
    if not steps or statistics.median(steps) < 2:
        return None
    return next((anchor for anchor, own in zip(anchors, bands, strict=True) if own == band - 1), None)


def _middle(box: Box) -> float:
    return (box.top + box.bottom) / 2


def _fills(line: TextLine, edges: Sequence[float]) -> bool:
    """Whether a line has something in two columns of three."""
    filled = {bisect.bisect(edges, (word.box.left + word.box.right) / 2) for word in line.words}
    return len(edges) > 1 and len(filled) * 3 > (len(edges) + 1) * 2


def _second_edges(
    lines: Sequence[TextLine],
    anchors: Sequence[int],
    members: dict[int, list[int]],
) -> tuple[float, ...] | None:
    """The columns of a second line where nearly every person has one of several cells; None where lines only go on."""
    seconds = [lines[number] for anchor in anchors for number in members[anchor] if len(_pieces(lines[number])) >= 2]
    if len(seconds) < _TWO_LINES_SHARE * len(anchors) or len(anchors) < 2:
        return None
    return tuple(_gutters(seconds))


def _row(
    lines: Sequence[TextLine],
    anchor: int,
    members: Sequence[int],
    edges: Sequence[float],
    second: Sequence[float] | None,
) -> CellRow:
    own = [*members, anchor]
    below = [number for number in members if second is not None and number > anchor]
    first = [number for number in own if number not in below]
    cells = [_cell(words) for words in _by_column([lines[number] for number in sorted(first)], edges)]
    if second is not None:
        cells += [_cell(words) for words in _by_column([lines[number] for number in sorted(below)], second)]
    return CellRow(tuple(cells), around([lines[number].box for number in own]))


def _by_column(lines: Sequence[TextLine], edges: Sequence[float]) -> list[list[Word]]:
    columns: list[list[Word]] = [[] for _ in range(len(edges) + 1)]
    for line in lines:
        for whole in line.words:
            for word in _parted(whole, edges):
                columns[bisect.bisect(edges, (word.box.left + word.box.right) / 2)].append(word)
    return columns


def _parted(word: Word, edges: Sequence[float]) -> list[Word]:
    """A word that runs over an edge as two, where letters meet figures about there: the values of two tight cells."""
    box, width = word.box, word.box.right - word.box.left
    over = [edge for edge in edges if box.left + _OVER_PT < edge < box.right - _OVER_PT]
    if not over or len(word.text) < 3:
        return [word]
    place = (over[0] - box.left) / width * len(word.text)
    turns = [
        number
        for number, (one, other) in enumerate(pairwise(word.text), 1)
        if one.isalpha() != other.isalpha() and abs(number - place) <= _NEAR_LETTERS
    ]
    if not turns:
        return [word]
    turn = min(turns, key=lambda number: abs(number - place))
    return [
        replace(word, text=word.text[:turn], box=replace(box, right=over[0])),
        *_parted(replace(word, text=word.text[turn:], box=replace(box, left=over[0])), over[1:]),
    ]


def _cell(found: Sequence[Word]) -> Cell:
    """The words of a cell without the dirt and bits of rules between them."""
    words = [word for word in found if any(letter.isalnum() for letter in word.text)]
    if not words:
        return Cell()
    text = " ".join(word.text for word in words)
    return Cell(text, min(word.confidence for word in words), around([word.box for word in words]), tuple(words))


def _headings(lines: Sequence[TextLine], edges: Sequence[float], second: Sequence[float] | None) -> tuple[str, ...]:
    if second is None or len(lines) < 2:
        texts = [" ".join(word.text for word in words) for words in _by_column(lines, edges)]
        return tuple(texts) if second is None else (*texts, *[""] * (len(second) + 1))
    first, rest = lines[: len(lines) // 2], lines[len(lines) // 2 :]
    return tuple(
        " ".join(word.text for word in words) for words in [*_by_column(first, edges), *_by_column(rest, second)]
    )
