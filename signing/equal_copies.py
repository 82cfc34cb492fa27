"""A revision looked at through equal copies: some signers write an object again under a new number and point to it.

The page then refers to other numbers although nothing that it shows is different. Seen through such copies, the revision refers
to the older objects again, so that the rules for updates judge what really changed. A copy counts only when it is equal to the
last byte, was never there before, and the object that it repeats was left as it was.
"""

from collections.abc import Iterator, Mapping

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

from signing.tolerant_reader import Revision

_DEEPEST = 12
_SIMPLE = (generic.NumberObject, generic.FloatObject, generic.BooleanObject, generic.NameObject, generic.NullObject)
_STRINGS = (generic.TextStringObject, generic.ByteStringObject)


def equal_copies(old: HistoricalResolver, new: HistoricalResolver) -> dict[Reference, Reference]:
    """New references that stand where older ones stood, with the older ones that they repeat."""
    search = _Search(old, new)
    for reference in search.written:
        if not old.is_ref_unassignable(reference):
            search.beside(old(reference), new(reference), 0)
    return search.copies


class RevisionThroughCopies(Revision):
    """A revision in which a reference to a copy reads as a reference to what it repeats."""

    def __init__(self, reader: PdfFileReader, revision: int, copies: Mapping[Reference, Reference]) -> None:
        self._copies = copies
        super().__init__(reader, revision)

    def _subsume_object(self, obj: generic.PdfObject) -> generic.PdfObject:
        if isinstance(obj, generic.IndirectObject) and obj.reference in self._copies:
            repeated = self._copies[obj.reference]
            return generic.IndirectObject(repeated.idnum, repeated.generation, self)  # type: ignore[no-untyped-call]
        return super()._subsume_object(obj)  # type: ignore[no-untyped-call, no-any-return]


class _Search:
    def __init__(self, old: HistoricalResolver, new: HistoricalResolver) -> None:
        self.old, self.new = old, new
        self.written: set[Reference] = new.explicit_refs_in_revision()  # type: ignore[no-untyped-call]
        self.copies: dict[Reference, Reference] = {}

    def beside(self, before: generic.PdfObject, after: generic.PdfObject, depth: int) -> None:
        """Look for copies at the same places of two values."""
        if depth > _DEEPEST:
            return
        for was, now in _pairs(before, after):
            if not isinstance(now, generic.IndirectObject):
                self.beside(was, now, depth + 1)
            elif isinstance(was, generic.IndirectObject) and was.reference != now.reference:
                self._is_copy(was.reference, now.reference, depth)

    def _is_copy(self, was: Reference, now: Reference, depth: int) -> bool:
        if self.copies.get(now) == was:
            return True
        fresh = now in self.written and self.old.is_ref_unassignable(now)
        if depth > _DEEPEST or not fresh or was in self.written or now in self.copies:
            return False
        if not self._equal(self.old(was), self.new(now), depth + 1):
            return False
        self.copies[now] = was
        return True

    def _equal(self, before: generic.PdfObject, after: generic.PdfObject, depth: int) -> bool:
        if isinstance(before, generic.IndirectObject) and isinstance(after, generic.IndirectObject):
            return before.reference == after.reference or self._is_copy(before.reference, after.reference, depth)
        if not _same_shape(before, after):
            return False
        if isinstance(before, _STRINGS) and isinstance(after, _STRINGS):
            return bool(before.original_bytes == after.original_bytes)
        if isinstance(before, _SIMPLE):
            return bool(before == after)
        return all(self._equal(was, now, depth + 1) for was, now in _pairs(before, after))


def _same_shape(before: generic.PdfObject, after: generic.PdfObject) -> bool:
    if isinstance(before, generic.StreamObject) and isinstance(after, generic.StreamObject):
        return before.encoded_data == after.encoded_data and before.keys() == after.keys()
    if isinstance(before, generic.DictionaryObject) and isinstance(after, generic.DictionaryObject):
        return type(before) is type(after) and before.keys() == after.keys()
    if isinstance(before, generic.ArrayObject) and isinstance(after, generic.ArrayObject):
        return len(before) == len(after)
    strings = isinstance(before, _STRINGS) and isinstance(after, _STRINGS)
    return strings or (isinstance(before, _SIMPLE) and type(before) is type(after))


def _pairs(
    before: generic.PdfObject, after: generic.PdfObject
) -> Iterator[tuple[generic.PdfObject, generic.PdfObject]]:
    if isinstance(before, generic.DictionaryObject) and isinstance(after, generic.DictionaryObject):
        for key in before.keys() & after.keys():
            yield before.raw_get(key), after.raw_get(key)
    elif isinstance(before, generic.ArrayObject) and isinstance(after, generic.ArrayObject):
        for place in range(min(len(before), len(after))):
            yield before.raw_get(place), after.raw_get(place)
