"""What stands in a returned PDF after the bytes that were issued, object by object, and whether rules explain it.

The updates between the issued document and the first signature are covered by that signature and so never "changed after
signing": somebody may have written on the form and then signed it. They are judged here with the same whitelist as updates that
follow a signature (`signing.update_policy`), and named for people by `signing.issued_words`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import HistoricalResolver

from signing.foreign_input import MALFORMED
from signing.issued_prefix import continues
from signing.pdf_fields import resolved, signature_fields
from signing.pdf_pages import pages_of
from signing.tolerant_reader import TolerantReader, TooManySteps
from signing.update_policy import UpdateNotAnalysable, UpdateReview

_DEEPEST = 6
_MOST_OBJECTS = 5_000
_NOT_NAMED = frozenset({"/XRef", "/ObjStm"})


class Added(StrEnum):
    """Kinds of objects that an update brings, as a person tells them apart."""

    signature = "signature"
    time_stamp = "time_stamp"
    signature_field = "signature_field"
    signature_appearance = "signature_appearance"
    filled_field = "filled_field"
    validation_data = "validation_data"
    metadata = "metadata"
    structure = "structure"
    catalog = "catalog"
    page = "page"
    page_content = "page_content"
    annotation = "annotation"
    attachment = "attachment"
    action = "action"
    other = "other"


SIGNING = frozenset(
    {
        *(Added.signature, Added.time_stamp, Added.signature_field, Added.signature_appearance),
        *(Added.validation_data, Added.metadata, Added.structure, Added.catalog, Added.page),
    }
)
"""What a signing program writes: the page only because its list of annotations names the new field."""


@dataclass(frozen=True, slots=True)
class Addition:
    """So many objects of one kind; `detail` is the PDF's own word (an annotation's subtype), `page` counts from 1."""

    kind: Added
    count: int
    page: int | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Additions:
    """All that was appended. `explained` is False where the whitelist does not clear an update, or it cannot be analysed."""

    found: tuple[Addition, ...]
    filled_fields: tuple[str, ...]
    explained: bool


def additions_after(issued: bytes, returned: bytes) -> Additions:
    """What `returned`, which begins with `issued`, appends to it. Never raises for what was appended.

    Raises ValueError when `returned` does not begin with `issued`.
    """
    if not returned.startswith(issued):
        raise ValueError("the returned bytes do not begin with the issued ones")
    try:
        first = TolerantReader(BytesIO(issued)).xrefs.total_revisions
        reader = TolerantReader(BytesIO(returned))
        if not continues(issued, returned):
            return Additions((Addition(Added.other, 1),), (), explained=False)
        found = _named(reader, first)
    except (TooManySteps, *MALFORMED):
        return Additions((), (), explained=False)
    try:
        _admit_first_signature(reader, first)
        review = UpdateReview(returned, reader).after(first - 1, None, None)
        signatures = {field.name for field in signature_fields(reader)}
    except (TooManySteps, UpdateNotAnalysable, *MALFORMED):
        return Additions(found, (), explained=False)
    fields = tuple(sorted(review.changed_form_fields - signatures)) if review else ()
    loose = returned[returned.rfind(b"%%EOF") + 5 :].strip()
    return Additions(found, fields, explained=review is not None and not loose)


def _admit_first_signature(reader: TolerantReader, first: int) -> None:
    """The first signature gives the document a form, or tells its form that there is one (/SigFlags, ISO 32000-2, 12.7.3), and
    one that certifies names itself (/Perms, 12.8.6): the whitelist, made for documents that are signed already, takes all three
    for granted."""
    for revision in range(first, reader.xrefs.total_revisions):
        before, after = (reader.get_historical_resolver(one).root for one in (revision - 1, revision))
        new = resolved(after, "/AcroForm")
        if not isinstance(new, generic.DictionaryObject) or "/SigFlags" not in new:
            continue
        permissions = resolved(after, "/Perms")
        if (
            "/Perms" not in before
            and isinstance(permissions, generic.DictionaryObject)
            and set(permissions) == {"/DocMDP"}
        ):
            del after["/Perms"]  # the signature it names is reached, and judged, through its field
        if "/AcroForm" not in before:
            fields = {generic.NameObject("/Fields"): generic.ArrayObject()}
            before[generic.NameObject("/AcroForm")] = generic.DictionaryObject(fields)  # type: ignore[no-untyped-call]
        old = resolved(before, "/AcroForm")
        if isinstance(old, generic.DictionaryObject) and "/SigFlags" not in old:
            old[generic.NameObject("/SigFlags")] = new.raw_get("/SigFlags")


def _named(reader: TolerantReader, first: int) -> tuple[Addition, ...]:
    counted: Counter[tuple[Added, int | None, str | None]] = Counter()
    for revision in range(first, reader.xrefs.total_revisions):
        document = reader.get_historical_resolver(revision)
        map_of = _Places(document)
        for number, reference in enumerate(reader.xrefs.explicit_refs_in_revision(revision)):
            if number > _MOST_OBJECTS:
                counted[Added.other, None, None] += 1
                break
            value = document(reference)
            kind = map_of.kind_of(reference, value)
            if kind is not None:
                counted[kind, map_of.page_of(reference, value), _detail(kind, value)] += 1
    order = list(Added)
    rows = [Addition(kind, count, page, detail) for (kind, page, detail), count in counted.items()]
    return tuple(sorted(rows, key=lambda each: (order.index(each.kind), each.page or 0, each.detail or "")))


def _detail(kind: Added, value: generic.PdfObject) -> str | None:
    if kind not in {Added.annotation, Added.action} or not isinstance(value, generic.DictionaryObject):
        return None
    word = resolved(value, "/Subtype") if kind is Added.annotation else resolved(value, "/S")
    return str(word).removeprefix("/") if word else None


class _Places:
    """Where the objects of one revision hang: pages, contents, signature widgets and what draws them, security store."""

    def __init__(self, document: HistoricalResolver) -> None:
        self._document = document
        self._pages: dict[Reference, int] = {}
        self._contents: dict[Reference, int] = {}
        self._drawing: set[Reference] = set()
        for number, (reference, page) in enumerate(pages_of(document.root), start=1):
            self._pages[reference] = number
            for each in _references(page, "/Contents", 1):
                self._contents[each] = number
            for widget in _entries(page, "/Annots"):
                if isinstance(widget, generic.DictionaryObject) and _field_type(widget) == "/Sig":
                    self._drawing |= _references(widget, "/AP", _DEEPEST)
        self._store = _references(document.root, "/DSS", _DEEPEST)
        self._info = _references(document.root, "/Metadata", 1)

    def kind_of(self, reference: Reference, value: generic.PdfObject) -> Added | None:
        """What a person would call the object; None for what only holds the file together."""
        if reference in self._store:
            return Added.validation_data
        if reference in self._contents:
            return Added.page_content
        if reference in self._drawing:
            return Added.signature_appearance
        if not isinstance(value, generic.DictionaryObject):
            return Added.structure if isinstance(value, generic.ArrayObject | generic.NullObject) else Added.other
        return _kind_of_dictionary(value)

    def page_of(self, reference: Reference, value: generic.PdfObject) -> int | None:
        """The page the object is, is written on, or stands on."""
        if reference in self._contents:
            return self._contents[reference]
        if reference in self._pages:
            return self._pages[reference]
        if not isinstance(value, generic.DictionaryObject) or "/P" not in value or "/Subtype" not in value:
            return None
        page = value.raw_get("/P")
        return self._pages.get(page.reference) if isinstance(page, generic.IndirectObject) else None


_BY_TYPE = {
    "/Catalog": Added.catalog,
    "/Page": Added.page,
    "/Pages": Added.structure,
    "/Sig": Added.signature,
    "/DocTimeStamp": Added.time_stamp,
    "/DSS": Added.validation_data,
    "/VRI": Added.validation_data,
    "/Metadata": Added.metadata,
    "/StructTreeRoot": Added.structure,
    "/StructElem": Added.structure,
    "/Filespec": Added.attachment,
    "/EmbeddedFile": Added.attachment,
    "/Action": Added.action,
}
_ACTIONS = frozenset({"/Launch", "/URI", "/SubmitForm", "/JavaScript", "/GoToR"})
_INFO_KEYS = frozenset({"/Producer", "/ModDate", "/CreationDate", "/Creator"})


def _kind_of_dictionary(value: generic.DictionaryObject) -> Added | None:
    told = str(resolved(value, "/Type") or "")
    if told in _NOT_NAMED:
        return None
    if "/ByteRange" in value:
        stamp = resolved(value, "/SubFilter") == "/ETSI.RFC3161" or told == "/DocTimeStamp"
        return Added.time_stamp if stamp else Added.signature
    if told in _BY_TYPE:
        return _BY_TYPE[told]
    field = _field_type(value)
    if field is not None:
        return Added.signature_field if field == "/Sig" else Added.filled_field
    return _kind_by_keys(value, told)


def _kind_by_keys(value: generic.DictionaryObject, told: str) -> Added:
    keys = set(value)
    if told == "/Annot" or {"/Rect", "/Subtype"} <= keys:
        return Added.annotation
    if "/JS" in keys or resolved(value, "/S") in _ACTIONS:
        return Added.action
    if "/Fields" in keys or {"/S", "/P"} <= keys or "/Nums" in keys:
        return Added.structure
    information = keys & _INFO_KEYS and not isinstance(value, generic.StreamObject)
    return Added.metadata if information else Added.other


def _field_type(widget: generic.PdfObject) -> object:
    for _ in range(_DEEPEST):
        if not isinstance(widget, generic.DictionaryObject):
            return None
        if "/FT" in widget:
            return widget["/FT"]
        widget = resolved(widget, "/Parent")
    return None


def _entries(holder: generic.DictionaryObject, key: str) -> Iterator[generic.PdfObject]:
    values = resolved(holder, key)
    for index in range(len(values) if isinstance(values, generic.ArrayObject) else 0):
        yield values[index]


def _references(holder: generic.DictionaryObject, key: str, depth: int) -> set[Reference]:
    """References under a key, followed `depth` steps."""
    found: set[Reference] = set()
    pending = [(holder.raw_get(key), depth)] if key in holder else []
    while pending and len(found) < _MOST_OBJECTS:
        raw, left = pending.pop()
        if isinstance(raw, generic.IndirectObject):
            if raw.reference in found or left == 0:
                continue
            found.add(raw.reference)
            raw, left = raw.get_object(), left - 1  # type: ignore[no-untyped-call]
        if isinstance(raw, generic.DictionaryObject):
            pending.extend((raw.raw_get(each), left) for each in raw if each not in {"/P", "/Parent"})
        elif isinstance(raw, generic.ArrayObject):
            pending.extend((raw.raw_get(index), left) for index in range(len(raw)))
    return found
