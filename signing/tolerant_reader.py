"""pyHanko's reader, lenient where a PDF in use is careless and strict about how much work a file may cause."""

from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import (
    DEFAULT_PURPOSE_LIMITS,
    DecodeLimits,
    DecodePurpose,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.misc import PdfReadError, PdfStreamError, read_non_whitespace
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.pdf_utils.xref import ObjStreamRef, read_object_header

from signing.foreign_input import MALFORMED

_REPEATED_KEY = "Multiple definitions"
"""How pyHanko's parser words it."""

MOST_STEPS = 60_000
"""References followed inside one revision: a form of five thousand pages needs fifteen thousand, a web of crossing references
never ends."""
_MEGABYTE = 1024**2
_LIMITS = DecodeLimits(
    per_purpose={
        **DEFAULT_PURPOSE_LIMITS,
        # The table of a million objects; pyHanko itself sets no bound here.
        DecodePurpose.XREF_STREAM: StreamDecodeLimits(
            ratio_floor=_MEGABYTE, max_ratio=200, max_output_size=12 * _MEGABYTE
        ),
    }
)


class TooManySteps(Exception):
    """The objects of a revision refer to each other in more ways than can be followed."""


class Revision(HistoricalResolver):
    """A revision in which a reference to an object that no revision defines leads nowhere instead of failing.

    In an encrypted document pyHanko's search for references stops where a value still awaits decryption; here it goes on, in
    the value as it stands in the file: only its strings are encrypted, never its references.
    """

    def __init__(self, reader: PdfFileReader, revision: int) -> None:
        super().__init__(reader, revision)
        self._steps = 0

    def __call__(self, ref: Reference) -> generic.PdfObject:
        """The object as of this revision, as it stands in the file.

        Raises TooManySteps where following references has no end in sight.
        """
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooManySteps
        found: generic.PdfObject = super().__call__(ref)
        held = self.cache.get(ref)
        return held.raw_object if isinstance(held, generic.DecryptedObjectProxy) else found

    def _collect_indirect_references(
        self, obj: generic.PdfObject, seen: set[Reference], since_revision: int | None = None
    ) -> None:
        if isinstance(obj, generic.DecryptedObjectProxy):
            obj = obj.raw_object
        try:
            super()._collect_indirect_references(obj, seen, since_revision)  # type: ignore[no-untyped-call]
        except KeyError:
            if not isinstance(obj, generic.IndirectObject):
                raise


class _ObjectStream:
    """The decoded bytes of an object stream (ISO 32000-2, 7.5.7), and where in them each object begins."""

    def __init__(self, stream: generic.StreamObject) -> None:
        if stream["/Type"] != "/ObjStm":
            raise PdfReadError("no object stream")
        self.data = BytesIO(stream.read_data(DecodePurpose.OBJECT_STREAM))
        self.count, first = int(stream["/N"]), int(stream["/First"])
        head = self.data.getvalue()[:first].split()[: 2 * self.count]
        try:
            numbers = [int(each) for each in head]
        except ValueError:
            numbers = []
        pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
        self.starts = {number: first + offset for number, offset in reversed(pairs)}


class _StrictView:
    """The reader as a parser of single values sees it, with no indulgence."""

    strict = True

    def __init__(self, reader: PdfFileReader) -> None:
        self._reader = reader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


class TolerantReader(PdfFileReader):
    """pyHanko's lenient reader whose revisions bear references that lead nowhere, and to which null is as good as absent.

    It finds the objects of an object stream by an index made once, where pyHanko reads the stream's head for each of them.
    """

    def __init__(self, stream: BytesIO) -> None:
        self._object_streams: dict[int, _ObjectStream] = {}
        super().__init__(stream, strict=False, decode_limits=_LIMITS)

    @property
    def encrypt_dict(self) -> generic.DictionaryObject | None:
        """The encryption dictionary; None also for `/Encrypt null` (ISO 32000-2, 7.3.9)."""
        if "/Encrypt" in self.trailer and isinstance(self.trailer.raw_get("/Encrypt"), generic.NullObject):
            return None
        return super().encrypt_dict

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> generic.PdfObject:
        if stmnum not in self._object_streams:
            stream = generic.Reference(stmnum, 0, self).get_object()
            if not isinstance(stream, generic.StreamObject):
                raise PdfReadError("no object stream")
            self._object_streams[stmnum] = _ObjectStream(stream)
        held = self._object_streams[stmnum]
        if not 0 <= idx < held.count or idnum not in held.starts:
            return generic.NullObject()
        held.data.seek(held.starts[idnum])
        try:
            return generic.read_object(held.data, generic.Reference(idnum, 0, self))
        except (PdfStreamError, PdfReadError):
            return generic.NullObject()

    def get_historical_resolver(self, revision: int) -> HistoricalResolver:
        """The document as of that revision."""
        cache = self._historical_resolver_cache
        if revision not in cache:
            cache[revision] = Revision(self, revision)
        return cache[revision]

    def says_something_twice(self, revision: int) -> bool:
        """True when a dictionary that this revision writes has the same key twice: readers disagree on which of them counts."""
        xrefs = self.xrefs
        for reference in xrefs.explicit_refs_in_revision(revision):
            place = xrefs.get_historical_ref(reference, revision)
            if isinstance(place, ObjStreamRef):
                self._get_object_from_stream(reference.idnum, place.obj_stream_id, place.ix_in_stream)
                held = self._object_streams[place.obj_stream_id]
                if reference.idnum in held.starts and self._repeats(held.data, held.starts[reference.idnum]):
                    return True
            elif (
                place is not None
                and not self._is_signature(reference, revision)
                and self._repeats(self.stream, place, header=True)
            ):
                return True
        return self._trailer_repeats(xrefs.get_startxref_for_revision(revision))

    def _is_signature(self, reference: Reference, revision: int) -> bool:
        """A signature is long to read and shows nothing; the rules for updates bear its two keys in no other dictionary."""
        value = self.get_historical_resolver(revision)(reference)
        return isinstance(value, generic.DictionaryObject) and {"/ByteRange", "/Contents"} <= value.keys()

    def _trailer_repeats(self, table: int) -> bool:
        self.stream.seek(table)
        tail = self.stream.read()
        place = tail.find(b"trailer") if tail.lstrip().startswith(b"xref") else -1
        return place >= 0 and self._repeats(BytesIO(tail), place + len(b"trailer"))

    def _repeats(self, stream: BytesIO, place: int, *, header: bool = False) -> bool:
        stream.seek(place)
        try:
            if header:
                read_object_header(stream, strict=False)  # type: ignore[no-untyped-call]
            read_non_whitespace(stream, seek_back=True)  # type: ignore[no-untyped-call]
            generic.read_object(stream, generic.Reference(0, 0, _StrictView(self)))
        except MALFORMED as error:
            return _REPEATED_KEY in str(error)
        return False
