"""When two writings of a value are the same value, and how values are written in results."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_SOFT = dict.fromkeys(map(ord, "\u00ad\u200b\ufeff"))
_LOOKALIKES = str.maketrans("OQDISBZGlo", "0001582610")
_DAY = re.compile(r"(\d{2})[/.-](\d{2})[/.-](\d{4})")
_ITALIAN_NUMBER = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+,\d+")


def same_value(one: str, other: str) -> bool:
    """Equal but for spacing: wrapped lines and gaps of a text layer do not change a value."""
    return _tight(one) == _tight(other)


def looks_like(one: str, other: str) -> bool:
    """Equal but for letters that readers mistake for each other, accents and case."""
    return _bare(one) == _bare(other)


def as_issued_where_alike(read: str, issued: str) -> str:
    """A reading of the issued length with the issued letters where both are letters that readers mistake."""
    if len(spaced(read)) != len(spaced(issued)):
        return read
    pairs = zip(spaced(read), spaced(issued), strict=True)
    return "".join(written if looks_like(one, written) else one for one, written in pairs)


def spaced(text: str) -> str:
    """Composed characters, single spaces, nothing invisible."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_SOFT).split())


def without_accents(text: str) -> str:
    """The text with its letters bare of accents and cedillas."""
    return "".join(part for part in unicodedata.normalize("NFD", text) if not unicodedata.combining(part))


def standard_value(column: str, text: str) -> str:
    """A date as ISO 8601, a number of hours with a point; everything else as written."""
    written = spaced(text)
    if day := _DAY.fullmatch(written):
        try:
            return date(int(day[3]), int(day[2]), int(day[1])).isoformat()
        except ValueError:
            return written
    if column.endswith("hours") and _ITALIAN_NUMBER.fullmatch(written):
        return written.replace(".", "").replace(",", ".")
    return written


def _tight(text: str) -> str:
    return spaced(text).replace(" ", "")


def _bare(text: str) -> str:
    parts = unicodedata.normalize("NFD", _tight(text).upper())
    letters = "".join(part for part in parts if not unicodedata.combining(part) and part.isalnum())
    return letters.translate(_LOOKALIKES)
