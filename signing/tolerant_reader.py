"""pyHanko's reader, lenient where a PDF in use is careless and strict about how much work a file may cause."""

from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import (
    DEFAULT_PURPOSE_LIMITS,
    DecodeLimits,
    DecodePurpose,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.misc import PdfReadError, PdfStreamError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

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


class ObjectStream:
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


class TolerantReader(PdfFileReader):
    """pyHanko's lenient reader whose revisions bear references that lead nowhere, and to which null is as good as absent.

    It finds the objects of an object stream by an index made once, where pyHanko reads the stream's head for each of them.
    """

    def __init__(self, stream: BytesIO) -> None:
        self._object_streams: dict[int, ObjectStream] = {}
        super().__init__(stream, strict=False, decode_limits=_LIMITS)

    @property
    def encrypt_dict(self) -> generic.DictionaryObject | None:
        """The encryption dictionary; None also for `/Encrypt null` (ISO 32000-2, 7.3.9)."""
        if "/Encrypt" in self.trailer and isinstance(self.trailer.raw_get("/Encrypt"), generic.NullObject):
            return None
        return super().encrypt_dict

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> generic.PdfObject:
        held = self.object_stream(stmnum)
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

    def object_stream(self, number: int) -> ObjectStream:
        """The object stream of that number, decoded once. Raises PdfReadError where it is none."""
        if number not in self._object_streams:
            stream = generic.Reference(number, 0, self).get_object()
            if not isinstance(stream, generic.StreamObject):
                raise PdfReadError("no object stream")
            self._object_streams[number] = ObjectStream(stream)
        return self._object_streams[number]
