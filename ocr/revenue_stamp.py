"""Reading revenue stamps (contrassegni telematici) on page pictures: the bars first, the printed text as second witness."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from ocr.form_map import Box
from ocr.pages import Gray, Page
from ocr.stamp_label import LabelPlace, label_corners, label_picture, label_places
from ocr.tesseract import TesseractUnavailable, TextLine, read_lines

_FINEST_DPI = 300.0
_COARSEST_DPI = 150.0
_DRAWN_DPI = 200.0
_MOST_LABELS = 12
_ROME = ZoneInfo("Europe/Rome")

_CONFUSED = str.maketrans("OoQDIil|!BSZ", "000011111852")
_IDENTIFIER = re.compile(r"(?<!\d)0\s?1(?:\s?\d){12}(?!\d)")
_AFTER_WORD = re.compile(r"[Il1|]DENT[Il1|]F[Il1|]CAT[Il1|]V[O0]\W*([\dOoQDIil|!BSZ ]{14,24})", re.IGNORECASE)
_MARKED_AMOUNT = re.compile(r"(?:€|EUR(?:O)?)\s*(\d{1,3})\s?[.,]\s?(\d{2})(?!\d)", re.IGNORECASE)
_BARE_AMOUNT = re.compile(r"(?<![\d/.,:])(\d{1,3}),(\d{2})(?![\d/])")
_INSTANT = re.compile(r"(\d{2})\s?/\s?(\d{2})\s?/\s?(\d{4})(?:\s+(\d{2})\s?:\s?(\d{2})\s?:\s?(\d{2}))?")
_IN_WORDS = re.compile(r"\b([A-Z]{3,12})\s?/\s?(\d{2})\b")
_NUMBERS = dict(
    zip(
        (
            *("UNO", "DUE", "TRE", "QUATTRO", "CINQUE", "SEI", "SETTE", "OTTO", "NOVE", "DIECI"),
            *("UNDICI", "DODICI", "TREDICI", "QUATTORDICI", "QUINDICI", "SEDICI"),
        ),
        range(1, 17),
        strict=True,
    )
)
_LABEL_WORDS = re.compile(r"marca\s+da\s+b|ministero|finanze|agenzia|entrate|identificativo", re.IGNORECASE)
_LEAST_WORDS = 2


@dataclass(frozen=True, slots=True)
class RevenueStamp:
    """One label. ``from_code`` and ``from_text`` are the identifier's two witnesses, None where one does not speak.

    ``amount`` in euros; ``issued_at`` on Italian time; ``page`` from 1 in its file, ``box`` in points from the top left;
    ``text`` as recognised.
    """

    page: int
    box: Box
    from_code: str | None
    from_text: str | None
    amount: Decimal | None
    issued_at: datetime | None
    text: str

    @property
    def identifier(self) -> str | None:
        """What the bars say, else what is printed."""
        return self.from_code or self.from_text

    @property
    def witnesses_agree(self) -> bool | None:
        """None where there are not two witnesses."""
        return None if self.from_code is None or self.from_text is None else self.from_code == self.from_text


def find_revenue_stamps(page: Page) -> tuple[RevenueStamp, ...]:
    """Every label on a page, in reading order. Raises ``UnreadablePages`` and, when a label is there, ``TesseractUnavailable``.

    What looks like bars and bears none of a label's words is no label.
    """
    dpi = min(_FINEST_DPI, max(_COARSEST_DPI, page.native_dpi or _DRAWN_DPI))
    return stamps_in_picture(page.image(dpi), dpi, number=page.index)


def stamps_in_picture(gray: Gray, dpi: float, *, number: int = 1) -> tuple[RevenueStamp, ...]:
    """The same on a page picture in grey."""
    found = [_stamp(gray, place, dpi, number) for place in label_places(gray, dpi)[:_MOST_LABELS]]
    stamps = _without_repeats(each for each in found if each is not None)
    return tuple(sorted(stamps, key=lambda stamp: (round(stamp.box.top / 40), stamp.box.left)))


def stamp_in_lines(lines: Sequence[TextLine], dpi: float, *, number: int = 1) -> RevenueStamp | None:
    """A label told by its words alone, in the lines recognised on a page picture: a photocopy whose bars are gone."""
    texts = [line.text for line in lines]
    identifier = printed_identifier(texts)
    if identifier is None or _words(texts) < _LEAST_WORDS:
        return None
    near = [line for line in lines if _LABEL_WORDS.search(line.text) or printed_identifier([line.text]) == identifier]
    left, top, right, bottom = (
        pick(line.box[edge] for line in near) * 72 / dpi for edge, pick in enumerate((min, min, max, max))
    )
    return RevenueStamp(
        number,
        Box(left, top, right, bottom),
        from_code=None,
        from_text=identifier,
        amount=printed_amount(texts),
        issued_at=printed_instant(texts),
        text="\n".join(texts),
    )


def _without_repeats(stamps: Iterable[RevenueStamp]) -> list[RevenueStamp]:
    """One label is found once, whatever found it; two labels with one number are two."""
    kept: list[RevenueStamp] = []
    for stamp in stamps:
        if not any(_overlap(stamp.box, known.box) > 0.3 for known in kept):
            kept.append(stamp)
    return kept


def _overlap(one: Box, other: Box) -> float:
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    smaller = min((each.right - each.left) * (each.bottom - each.top) for each in (one, other))
    return max(0.0, width) * max(0.0, height) / smaller


def _stamp(gray: Gray, place: LabelPlace, dpi: float, number: int) -> RevenueStamp | None:
    if place.code is not None:
        try:
            lines = _lines(gray, place, dpi, half_turned=False)
        except TesseractUnavailable:
            # The bars alone are a witness: the label is told, its text is not.
            lines = ()
        return _as_read(place, lines, dpi, number, half_turned=False)
    upright, turned = (_lines(gray, place, dpi, half_turned=way) for way in (False, True))
    half_turned = _words(turned) > _words(upright)
    lines = turned if half_turned else upright
    return _as_read(place, lines, dpi, number, half_turned=half_turned) if _words(lines) >= _LEAST_WORDS else None


def _lines(gray: Gray, place: LabelPlace, dpi: float, *, half_turned: bool) -> tuple[str, ...]:
    picture = label_picture(gray, place, dpi, half_turned=half_turned)
    return tuple(line.text for line in read_lines(picture))


def _words(lines: Sequence[str]) -> int:
    return len(set(map(str.lower, _LABEL_WORDS.findall(" ".join(lines)))))


def _as_read(place: LabelPlace, lines: Sequence[str], dpi: float, number: int, *, half_turned: bool) -> RevenueStamp:
    corners = label_corners(place, dpi, half_turned=half_turned) * 72 / dpi
    (left, top), (right, bottom) = np.maximum(corners.min(axis=0), 0), corners.max(axis=0)
    return RevenueStamp(
        page=number,
        box=Box(float(left), float(top), float(right), float(bottom)),
        from_code=place.code,
        from_text=printed_identifier(lines, place.code),
        amount=printed_amount(lines),
        issued_at=printed_instant(lines),
        text="\n".join(lines),
    )


def printed_identifier(lines: Sequence[str], code: str | None = None) -> str | None:
    """The 14 digits as printed, letters that look like digits taken for them; the one that agrees with ``code`` first."""
    named = [match.group(1) for line in lines if (match := _AFTER_WORD.search(line))]
    digits = [line for line in lines if sum(letter.isdigit() for letter in line) >= 10]
    found = [
        re.sub(r"\s", "", each.group())
        for text in (*named, *digits)
        for each in _IDENTIFIER.finditer(text.translate(_CONFUSED))
    ]
    return code if code in found else next(iter(found), None)


def printed_amount(lines: Sequence[str]) -> Decimal | None:
    """The amount beside the euro sign; else in words (SEDICI/00), else the first that is written like one."""
    text = "\n".join(lines)
    if found := _MARKED_AMOUNT.search(text):
        return Decimal(f"{found.group(1)}.{found.group(2)}")
    for words in _IN_WORDS.finditer(text):
        if words.group(1) in _NUMBERS:
            return Decimal(f"{_NUMBERS[words.group(1)]}.{words.group(2)}")
    bare = _BARE_AMOUNT.search(text)
    return Decimal(f"{bare.group(1)}.{bare.group(2)}") if bare else None


def printed_instant(lines: Sequence[str]) -> datetime | None:
    """Day and time of issue, on Italian time; midnight where no time is printed."""
    for found in _INSTANT.finditer("\n".join(lines)):
        day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
        try:
            return datetime(year, month, day, hour, minute, second, tzinfo=_ROME)
        except ValueError:
            continue
    return None
