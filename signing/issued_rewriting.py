"""A returned PDF that is not the issued file: the same document saved again by another program, or another document."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from io import BytesIO
from itertools import islice

from pyhanko.pdf_utils import generic

from signing.foreign_input import MALFORMED
from signing.pdf_fields import resolved
from signing.pdf_pages import pages_of
from signing.tolerant_reader import TolerantReader, TooManySteps

_MOST_PAGES = 2_000


class Rewriting(StrEnum):
    """`saved_again`: every page draws what the issued one draws, instruction by instruction. `made_anew`: it does not, so only
    reading can tell (printed to PDF, scanned, or another document). `unreadable`: it cannot be opened as a PDF."""

    saved_again = "saved_again"
    made_anew = "made_anew"
    unreadable = "unreadable"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """How the file was made anew, and with which program, as it says itself (empty where it does not)."""

    how: Rewriting
    program: str


def rewriting_of(issued: bytes, returned: bytes) -> Rewritten:
    """Compare the drawing instructions of the pages. Never raises for what was returned."""
    ours = _pages(TolerantReader(BytesIO(issued)))
    try:
        reader = TolerantReader(BytesIO(returned))
        theirs, program = _pages(reader), _program(reader)
    except (TooManySteps, *MALFORMED):
        return Rewritten(Rewriting.unreadable, "")
    return Rewritten(Rewriting.saved_again if ours == theirs else Rewriting.made_anew, program)


def _pages(reader: TolerantReader) -> list[bytes]:
    return [_drawing(page) for _, page in islice(pages_of(reader.root), _MOST_PAGES)]


def _drawing(page: generic.DictionaryObject) -> bytes:
    contents = resolved(page, "/Contents")
    parts = contents if isinstance(contents, generic.ArrayObject) else generic.ArrayObject([contents])
    digest = sha256()
    for index in range(len(parts)):
        stream = parts[index]
        digest.update(b" ".join(bytes(stream.data).split()) if isinstance(stream, generic.StreamObject) else b"")
        digest.update(b" ")
    return digest.digest()


def _program(reader: TolerantReader) -> str:
    info = resolved(reader.trailer_view, "/Info")
    said = resolved(info, "/Producer") if isinstance(info, generic.DictionaryObject) else None
    return str(said)[:80] if said else ""
