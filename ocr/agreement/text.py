"""The pages of an agreement as one running text, from which every passage finds its way back to page and box."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocr.extracted import Engine, Extracted
from ocr.form_map import Box
from ocr.page_text import PageText, Word
from ocr.text_words import TextLine, around

_SAME_LETTER = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "–": "-", "—": "-", "º": "°", "“": '"', "”": '"'})
_LOOKS_NUMERIC = re.compile(r"(?<![a-z0-9])(?=[0-9olis|.,/:-]*[0-9])[0-9olis|][0-9olis|.,/:-]*(?![a-z0-9])")
_DIGITS = str.maketrans({"o": "0", "l": "1", "i": "1", "|": "1", "s": "5"})
_WIDE_PT = 16.0
_COLUMN_GAP_PT = 9.0
_LEFT_OF_COLUMN_PT = 4.0
_EMPLOYERS_SIDE = re.compile(r"azienda|datorial|datore|societa|impresa")
_UNIONS_SIDE = re.compile(r"sindacal|oo\.?\s?ss|lavorator|organizzazion")
_RAGGED = 0.12
_LEAST_PROSE = 0.35
_RAGGED_COLUMN = 0.2
_AFTER_PARTIES = re.compile(r"premett|premess|considerat|si\s+conviene|\bvist[oi]\b|concordano|convengono")
_STRAY_STOP = re.compile(r"(?<=[a-zà-ú]{4})[.](?= ?[a-zà-ú]{2})")
"""A full stop before a small letter ends no sentence: it is dirt."""

_MEANS_ALONE = frozenset("-–—/&:;%")
_BULLETS = frozenset("•*-–—·")
_PAGE_NUMBER = re.compile(r"(?:pag(?:ina|\.)?\s*)?\d{1,3}\s*(?:/|di|-)\s*\d{1,3}|-\s*\d{1,3}\s*-", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page that the text goes through; ``page`` counts from 1 in the file ``source``."""

    source: str
    page: int
    engine: Engine


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word of the running text between two offsets, on the sheet with this index; ``bottom``: how far down the upright page
    it reaches, in points."""

    start: int
    end: int
    sheet: int
    box: Box
    confidence: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Found:
    """What one rule made of a passage; ``weight`` from 0 to 1 is how much the rule is worth when every letter is sure.

    ``box`` and ``sheet``: what was seen on a page beside the text, instead of the passage's own place.
    """

    value: str | tuple[str, ...]
    start: int
    end: int
    weight: float
    rules: tuple[str, ...]
    box: Box | None = None
    sheet: int | None = None


@dataclass(frozen=True, slots=True)
class RunningText:
    """``shown`` as it was read, a line break where a line ends before the margin.

    ``plain`` has the same length, for rules to look in: small letters without accents, one kind of apostrophe and dash,
    letters that stand for digits within numbers turned back.
    """

    shown: str
    plain: str
    words: tuple[PlacedWord, ...]
    sheets: tuple[Sheet, ...]

    def extracted(self, found: Found) -> Extracted:
        """The value with its evidence; the box is around what stands on the first page of the passage."""
        words = [word for word in self.words if word.end > found.start and word.start < found.end]
        index = found.sheet if found.sheet is not None else words[0].sheet if words else 0
        sheet = self.sheets[index]
        sure = sum(word.confidence for word in words) / len(words) if words else 0.0
        on_it = [word.box for word in words if word.sheet == index]
        box = found.box or (around(on_it) if on_it else None)
        raw = " ".join(self.shown[found.start : found.end].split())
        confidence = round(found.weight * sure, 3)
        return Extracted(found.value, raw, confidence, sheet.engine, sheet.source, sheet.page, box, found.rules)

    def absent(self) -> Extracted:
        """What stands for a value that the document does not say."""
        sheet = self.sheets[0] if self.sheets else Sheet("", 1, "pdf")
        return Extracted(None, "", 0.0, sheet.engine, sheet.source, sheet.page, None)

    def before(self, place: int, reach: int) -> str:
        """The plain text that leads up to a place, at most ``reach`` characters."""
        return self.plain[max(0, place - reach) : place]

    def after(self, place: int, reach: int) -> str:
        return self.plain[place : place + reach]


def running_text(pages: Sequence[PageText]) -> RunningText:
    """Lines in reading order, a tab where a line leaves wide room; a word divided at the end of a line is joined, numbers of
    pages are left out. Boxes are on the pages as received."""
    shown = ""
    words: list[PlacedWord] = []
    sheets = []
    for page in pages:
        sheets.append(Sheet(page.source, page.page, page.engine))
        for line, margin in _in_order(page):
            if _PAGE_NUMBER.fullmatch(line.text):
                continue
            first = line.words[0].text[:1]
            shown = f"{shown[:-1]}\n" if first in _BULLETS and shown.endswith(" ") else shown
            divided = (
                shown[-2:] in {"- ", "-\n"} and shown[-3:-2].isalpha() and shown[-3:-2].islower() == first.islower()
            )
            shown = shown[:-2] if divided and first.isalpha() else shown
            for before, word in zip((None, *line.words), line.words, strict=False):
                shown += _between(before, word)
                box = page.on_sheet(word.box)
                end = len(shown) + len(word.text)
                words.append(PlacedWord(len(shown), end, len(sheets) - 1, box, word.confidence, word.box.bottom))
                shown += word.text
            shown += " " if line.box.right > margin else "\n"
    return RunningText(shown, plain_of(shown), tuple(words), tuple(sheets))


def plain_of(shown: str) -> str:
    """``shown`` letter by letter without accents and capitals; numbers with their digits. Same length."""
    folded = "".join(_base(letter) for letter in _STRAY_STOP.sub(" ", shown.translate(_SAME_LETTER)))
    return _LOOKS_NUMERIC.sub(lambda number: number[0].translate(_DIGITS), folded)


def _base(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0].lower()
    return base if len(base) == 1 else letter


def _in_order(page: PageText) -> Iterator[tuple[TextLine, float]]:
    """The lines without dirt, each with how far it must reach to go on in the next; the parties, set side by side under
    their headings, one after the other."""
    clean = [TextLine(words) for line in page.lines() if (words := _without_dirt(line.words))]
    margin, place = _right_margin(page), 0
    while place < len(clean):
        gutter = _gutter_of_parties(clean[place])
        if gutter is None:
            line = clean[place]
            prose = line.box.right - line.box.left > _LEAST_PROSE * page.width and not _leaves_room(line)
            yield line, margin if prose else page.width
            place += 1
            continue
        end = place + 1
        while end < len(clean) and _leaves_free(clean[end], gutter):
            end += 1
        yield from _one_side(clean[place:end], gutter, left=True)
        yield from _one_side(clean[place:end], gutter, left=False)
        place = end


def _without_dirt(words: Sequence[Word]) -> tuple[Word, ...]:
    """Without signs that mean nothing, and without single letters that stand far from every word."""
    kept = [
        word
        for place, word in enumerate(words)
        if any(sign.isalnum() for sign in word.text) or word.text in (_MEANS_ALONE if place else _BULLETS)
    ]
    return tuple(word for place, word in enumerate(kept) if not _stands_apart(kept, place))


def _stands_apart(words: Sequence[Word], place: int) -> bool:
    word = words[place]
    if len(word.text) > 1 or word.text.isdigit():
        return False
    before = word.box.left - words[place - 1].box.right if place else _WIDE_PT + 1
    after = words[place + 1].box.left - word.box.right if place + 1 < len(words) else _WIDE_PT + 1
    return min(before, after) > _WIDE_PT


def _leaves_room(line: TextLine) -> bool:
    return any(word.box.left - before.box.right > _WIDE_PT for before, word in pairwise(line.words))


def _gutter_of_parties(line: TextLine) -> float | None:
    """Where the unions' side begins, where a line is the heading of the employer's side and of theirs."""
    for before, word in pairwise(line.words):
        if word.box.left - before.box.right > _WIDE_PT:
            place = line.words.index(word)
            left, right = (" ".join(each.text for each in side) for side in (line.words[:place], line.words[place:]))
            if _EMPLOYERS_SIDE.search(plain_of(left)) and _UNIONS_SIDE.search(plain_of(right)):
                return word.box.left - _LEFT_OF_COLUMN_PT
    return None


def _leaves_free(line: TextLine, gutter: float) -> bool:
    """Whether a line still belongs to the two sides: nothing of it stands in the room between them."""
    across = any(word.box.left < gutter < word.box.right for word in line.words)
    close = any(
        before.box.right < gutter < word.box.left and word.box.left - before.box.right < _COLUMN_GAP_PT
        for before, word in pairwise(line.words)
    )
    return not across and not close and not _AFTER_PARTIES.search(plain_of(line.text))


def _one_side(lines: Sequence[TextLine], gutter: float, *, left: bool) -> Iterator[tuple[TextLine, float]]:
    of_side = (tuple(word for word in line.words if (word.box.left < gutter) == left) for line in lines)
    side = [TextLine(words) for words in of_side if words]
    start, end = min(line.box.left for line in side), max(line.box.right for line in side)
    for line in side:
        yield line, end - _RAGGED_COLUMN * (end - start)


def _right_margin(page: PageText) -> float:
    """From where on a line is taken to go on in the next one."""
    ends = sorted(line.box.right for line in page.lines())
    return ends[int(0.9 * (len(ends) - 1))] - _RAGGED * page.width if ends else page.width


def _between(before: Word | None, word: Word) -> str:
    if before is None:
        return ""
    return "\t" if word.box.left - before.box.right > _WIDE_PT else " "
