"""How an incremental update is written: nothing in it may be read in two ways (ISO 32000-2, 7.5.4 and 7.5.6).

Programs disagree on which of two equal keys counts, and those that rebuild a table they find damaged take up objects that no
table lists.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.misc import read_non_whitespace
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import ObjStreamRef, XRefSectionType, read_object_header

from signing.foreign_input import MALFORMED
from signing.tolerant_reader import TolerantReader

_REPEATED_KEY = "Multiple definitions"
"""How pyHanko's parser words it."""

_END_OF_FILE = b"%%EOF"
_END_OF_OBJECT = re.compile(rb"[\s\0]*endobj")
_BETWEEN_OBJECTS = re.compile(rb"(?:[\s\0]+|%(?:(?!\sobj\b)[^\r\n])*(?![^\r\n])|startxref\s+\d+)*")


@dataclass(frozen=True, slots=True)
class _Written:
    """A value as it stands in the file, up to `end`; `repeats` where a dictionary in it has a key twice."""

    start: int
    end: int
    repeats: bool = False


class _StrictView:
    """The reader as a parser of single values sees it, with no indulgence."""

    strict = True

    def __init__(self, reader: PdfFileReader) -> None:
        self._reader = reader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


def is_ambiguous(data: bytes, reader: TolerantReader, revision: int) -> bool:
    """True when an update has a key twice in a dictionary, or bytes that belong to none of its objects and that a reader may
    take for one."""
    written = [*_objects(data, reader, revision), *_table(data, reader, revision)]
    if any(one.repeats for one in written):
        return True
    start = max(_end_after(data, _table_end(reader, earlier)) for earlier in range(revision))
    stop = _end_after(data, max(one.end for one in written))
    return not all(_BETWEEN_OBJECTS.fullmatch(gap) for gap in _gaps(data, written, start, stop))


def _table_end(reader: TolerantReader, revision: int) -> int:
    return int(reader.xrefs.get_xref_container_info(revision).end_location)


def _end_after(data: bytes, place: int) -> int:
    """The end of the first end-of-file marker after `place`."""
    found = data.find(_END_OF_FILE, place)
    return len(data) if found < 0 else found + len(_END_OF_FILE)


def _gaps(data: bytes, written: list[_Written], start: int, stop: int) -> Iterator[bytes]:
    position = start
    for one in sorted(written, key=lambda each: each.start):
        if one.start >= stop:
            break
        if one.start > position:
            yield data[position : one.start]
        position = max(position, one.end)
    if position < stop:
        yield data[position:stop]


def _objects(data: bytes, reader: TolerantReader, revision: int) -> Iterator[_Written]:
    xrefs = reader.xrefs
    for reference in xrefs.explicit_refs_in_revision(revision):
        place = xrefs.get_historical_ref(reference, revision)
        if isinstance(place, ObjStreamRef):
            held = reader.object_stream(place.obj_stream_id)
            if reference.idnum in held.starts:
                inside = _value(reader, held.data, held.starts[reference.idnum])
                yield _Written(0, 0, inside.repeats)
        elif place is not None and _is_signature(reader, reference, revision):
            yield _Written(place, _closed(data, place))
        elif place is not None:
            yield _object(data, _value(reader, reader.stream, place, header=True))


def _closed(data: bytes, place: int) -> int:
    found = data.find(b"endobj", place)
    return place if found < 0 else found + len(b"endobj")


def _is_signature(reader: TolerantReader, reference: Reference, revision: int) -> bool:
    """A signature is long to read and shows nothing; the rules for updates bear its two keys in no other dictionary."""
    value = reader.get_historical_resolver(revision)(reference)
    return isinstance(value, generic.DictionaryObject) and {"/ByteRange", "/Contents"} <= value.keys()


def _table(data: bytes, reader: TolerantReader, revision: int) -> Iterator[_Written]:
    """The cross-reference section: a table with its trailer and the stream that may go with it, or a stream alone."""
    section = reader.xrefs.get_xref_container_info(revision)
    if section.xref_section_type is XRefSectionType.STREAM:
        yield _object(data, _Written(section.start_location, section.end_location))
        return
    start = max(0, data.rfind(b"xref", 0, section.end_location))
    place = data.find(b"trailer", start) + len(b"trailer")
    trailer = _value(reader, BytesIO(data[place:]), 0)
    end = max(section.end_location, place + trailer.end)
    yield _Written(start, end, trailer.repeats)
    beside = re.search(rb"/XRefStm\s+(\d+)", data[place:end])
    if beside:
        yield _object(data, _value(reader, reader.stream, int(beside[1]), header=True))


def _object(data: bytes, value: _Written) -> _Written:
    """The value with the keyword that ends its object, where nothing stands between."""
    ended = _END_OF_OBJECT.match(data, value.end)
    return replace(value, end=ended.end()) if ended else value


def _value(reader: TolerantReader, stream: Any, place: int, *, header: bool = False) -> _Written:
    stream.seek(place)
    try:
        if header:
            read_object_header(stream, strict=False)  # type: ignore[no-untyped-call]
        read_non_whitespace(stream, seek_back=True)  # type: ignore[no-untyped-call]
        generic.read_object(stream, generic.Reference(0, 0, _StrictView(reader)))
    except MALFORMED as error:
        return _Written(place, place, _REPEATED_KEY in str(error))
    return _Written(place, stream.tell())
