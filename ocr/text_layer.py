"""The words of a page that is drawn with text, from the characters of its text layer."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ocr.form_map import Box
from ocr.pages import Character, Page
from ocr.text_words import IDENTITY, Nine, PageText, Word, around, in_lines

_MEANINGLESS = 0.1
_GAP_OF_HEIGHT = 0.25
_SAME_PLACE_PT = 1.0
_LIGATURES = frozenset("filt")


def layer_text(page: Page, *, table: bool) -> PageText | None:
    """The words of the text layer; None where too many of its letters have no meaning that a program can read.

    Text that runs up, down or upside down along the page is turned as a reader would turn the sheet.
    """
    characters = _once(page.characters())
    if _meaningless(characters):
        return None
    rotation = _running(characters)
    upright = [_turned(each, rotation, page.width_pt, page.height_pt) for each in characters]
    sideways = rotation in (90, 270)
    width, height = (page.height_pt, page.width_pt) if sideways else (page.width_pt, page.height_pt)
    words = in_lines(_words(upright), table=table)
    to_sheet = _to_sheet(rotation, page.width_pt, page.height_pt)
    return PageText(page.source_name, page.index, width, height, words, "pdf", rotation, to_sheet=to_sheet)


def _once(characters: Sequence[Character]) -> list[Character]:
    """Without the copies that some programs draw a hair aside to make letters bold."""
    kept: list[Character] = []
    places: dict[tuple[str, int, int], list[Character]] = {}
    for each in characters:
        column, row = round(each.left / 2), round(each.top / 2)
        near = [
            other
            for across in (-1, 0, 1)
            for down in (-1, 0, 1)
            for other in places.get((each.text, column + across, row + down), [])
        ]
        ligature = bool(kept) and each.text in _LIGATURES and _same_box(kept[-1], each)
        if not ligature and any(
            abs(each.left - other.left) + abs(each.top - other.top) < _SAME_PLACE_PT for other in near
        ):
            continue
        places.setdefault((each.text, column, row), []).append(each)
        kept.append(each)
    return kept


def _same_box(one: Character, other: Character) -> bool:
    return (one.left, one.top, one.right, one.bottom) == (other.left, other.top, other.right, other.bottom)


def _meaningless(characters: Sequence[Character]) -> bool:
    shown = [each.text for each in characters if not each.text.isspace()]
    unknown = sum(text == "\ufffd" or "\ue000" <= text <= "\uf8ff" for text in shown)
    return not shown or unknown > _MEANINGLESS * len(shown)


def _running(characters: Sequence[Character]) -> int:
    """By how many degrees clockwise most of the text lies turned: 0, 90, 180, 270."""
    votes: Counter[int] = Counter()
    for one, other in itertools.pairwise(characters):
        across = (other.left + other.right - one.left - one.right) / 2
        down = (other.top + other.bottom - one.top - one.bottom) / 2
        size = max(one.right - one.left, one.bottom - one.top)
        if max(abs(across), abs(down)) > 2 * size or one.text.isspace() or other.text.isspace():
            continue
        if abs(across) > abs(down):
            votes[0 if across > 0 else 180] += 1
        elif abs(down) > abs(across):
            votes[90 if down > 0 else 270] += 1
    return max(votes, key=lambda turn: (votes[turn], turn == 0), default=0)


def _turned(each: Character, rotation: int, width: float, height: float) -> Character:
    match rotation:
        case 90:
            return Character(each.text, each.top, width - each.right, each.bottom, width - each.left)
        case 180:
            return Character(each.text, width - each.right, height - each.bottom, width - each.left, height - each.top)
        case 270:
            return Character(each.text, height - each.bottom, each.left, height - each.top, each.right)
        case _:
            return each


def _to_sheet(rotation: int, width: float, height: float) -> Nine:
    return {
        90: (0.0, -1.0, width, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0),
        180: (-1.0, 0.0, width, 0.0, -1.0, height, 0.0, 0.0, 1.0),
        270: (0.0, 1.0, 0.0, -1.0, 0.0, height, 0.0, 0.0, 1.0),
    }.get(rotation, IDENTITY)


def _words(characters: Sequence[Character]) -> list[Word]:
    words: list[Word] = []
    before: Character | None = None
    for each in characters:
        if each.text.isspace():
            before = None
            continue
        box = Box(each.left, each.top, each.right, each.bottom)
        if before is not None and _joined(before, each):
            last = words[-1]
            words[-1] = replace(last, text=last.text + each.text, box=around([last.box, box]))
        else:
            words.append(Word(each.text, box, 1.0))
        before = each
    return words


def _joined(one: Character, other: Character) -> bool:
    gap = _GAP_OF_HEIGHT * max(one.bottom - one.top, other.bottom - other.top)
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0 and (_same_box(one, other) or -2 * gap < other.left - one.right < gap)
