"""The filled signature fields of a PDF: one bad field never hides the others (ISO 32000-2, 12.7.5.5 and 12.8)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.foreign_input import MALFORMED

_DEEPEST_FIELD = 32
_MOST_FIELDS = 20_000


@dataclass(frozen=True, slots=True)
class SignatureField:
    """A field of type Sig with a value. `dictionary` is None when the value cannot be read: `defect` says why."""

    name: str
    field: generic.DictionaryObject
    reference: generic.Reference | None
    dictionary: generic.DictionaryObject | None
    defect: str | None = None


def resolved(holder: generic.DictionaryObject, key: str) -> Any:
    """The value of a key with references followed (pyHanko's own `get` does not follow them); None where it is absent."""
    return holder[key] if key in holder else None  # noqa: SIM401 - see above


def signature_fields(reader: PdfFileReader) -> tuple[SignatureField, ...]:
    """All filled signature fields that the form reaches, in its order. Raises what MALFORMED lists for no catalog."""
    root = reader.root
    form = _dictionary(root, "/AcroForm")
    fields = _array(form, "/Fields") if form is not None else generic.ArrayObject()
    return tuple(_walk(fields, "", "", 0, set()))


def _dictionary(holder: generic.DictionaryObject, key: str) -> generic.DictionaryObject | None:
    value = resolved(holder, key)
    return value if isinstance(value, generic.DictionaryObject) else None


def _array(holder: generic.DictionaryObject, key: str) -> generic.ArrayObject:
    value = resolved(holder, key)
    return value if isinstance(value, generic.ArrayObject) else generic.ArrayObject()


def _walk(
    fields: generic.ArrayObject, parent: str, inherited: str, depth: int, seen: set[generic.Reference]
) -> Iterator[SignatureField]:
    if depth > _DEEPEST_FIELD or len(seen) > _MOST_FIELDS:
        return
    for index in range(len(fields)):
        raw = fields.raw_get(index)
        if isinstance(raw, generic.IndirectObject):
            if raw.reference in seen:
                continue
            seen.add(raw.reference)
        try:
            field = raw.get_object()
        except MALFORMED:
            continue
        if isinstance(field, generic.DictionaryObject):
            yield from _one(field, parent, inherited, depth, seen)


def _one(
    field: generic.DictionaryObject, parent: str, inherited: str, depth: int, seen: set[generic.Reference]
) -> Iterator[SignatureField]:
    try:
        partial = resolved(field, "/T")
        name = ".".join(filter(None, (parent, str(partial) if partial is not None else "")))
        kind = str(resolved(field, "/FT") or inherited)
        children = _array(field, "/Kids")
        filled = "/V" in field
    except MALFORMED as error:
        yield SignatureField(parent, field, None, None, type(error).__name__)
        return
    if kind == "/Sig" and filled:
        yield _filled(field, name)
    yield from _walk(children, name, kind, depth + 1, seen)


def _filled(field: generic.DictionaryObject, name: str) -> SignatureField:
    try:
        raw = field.raw_get("/V")
        reference = raw.reference if isinstance(raw, generic.IndirectObject) else raw.get_container_ref()
        value = raw.get_object()
    except MALFORMED as error:
        return SignatureField(name, field, None, None, type(error).__name__)
    if not isinstance(value, generic.DictionaryObject):
        return SignatureField(name, field, None, None, "value is no dictionary")
    return SignatureField(name, field, reference, value)
