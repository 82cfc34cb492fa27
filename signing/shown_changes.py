"""What an update that the rules explain lets a viewer draw otherwise than it was signed.

A signature field may be added after a signature, and its appearance may be anything: drawn over the page it replaces what was
signed. The settings of a form may be changed, and they decide how the values in its fields are shown. And to fill in a field is
to give it the value it had not: another value, or another picture of the same one, is no filling in.
"""

from collections.abc import Collection, Iterator
from enum import Enum, auto

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import HistoricalResolver

from signing.foreign_input import MALFORMED
from signing.pdf_fields import resolved
from signing.pdf_pages import pages_of

LARGEST_SHARE = 0.5
"""Share of a page that the appearances of signatures put there by one update may cover."""

_EMPTY = (None, "", b"", "/Off")
_HIDDEN = 0b100010
"""Annotation flags Hidden and NoView (ISO 32000-2, 12.5.3)."""

_DEEPEST = 16
_MOST_FIELDS = 20_000
_A4 = (0.0, 0.0, 595.0, 842.0)
_Box = tuple[float, float, float, float]


class FormSettings(Enum):
    """How an update changes the settings by which fields are drawn."""

    unchanged = auto()
    changed = auto()
    replaced = auto()


def hides_a_page(old: HistoricalResolver, new: HistoricalResolver) -> bool:
    """True where signature fields of the update cover much of a page, or one draws anything and nobody signed in it."""
    boxes: dict[Reference, _Box] = {}
    for reference in new.explicit_refs_in_revision():  # type: ignore[no-untyped-call]
        widget = new(reference)
        if not isinstance(widget, generic.DictionaryObject) or _inherited(widget, "/FT") != "/Sig":
            continue
        box = _box(resolved(widget, "/Rect"))
        if box is None or not _area(box) or not _draws(widget):
            continue
        if _inherited(widget, "/V") is None and old.is_ref_unassignable(reference):
            return True
        boxes[reference] = box
    return bool(boxes) and any(_share(page, boxes) >= LARGEST_SHARE for _, page in pages_of(new.root))


def _inherited(holder: generic.DictionaryObject, key: str) -> object:
    for _ in range(_DEEPEST):
        if key in holder:
            return resolved(holder, key)
        parent = resolved(holder, "/Parent")
        if not isinstance(parent, generic.DictionaryObject):
            return None
        holder = parent
    return None


def _box(value: object) -> _Box | None:
    try:
        left, bottom, right, top = (float(each) for each in value)  # type: ignore[attr-defined]
    except MALFORMED:
        return None
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def _area(box: _Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _draws(widget: generic.DictionaryObject) -> bool:
    appearances = resolved(widget, "/AP")
    normal = resolved(appearances, "/N") if isinstance(appearances, generic.DictionaryObject) else None
    if not isinstance(normal, generic.StreamObject):
        return isinstance(normal, generic.DictionaryObject)
    try:
        return bool(normal.data.strip())
    except MALFORMED:
        return True


def _share(page: generic.DictionaryObject, boxes: dict[Reference, _Box]) -> float:
    """How much of the page the boxes that stand on it take, from nothing to all of it and more."""
    annotations = resolved(page, "/Annots")
    held = [annotations.raw_get(index) for index in range(len(annotations or ()))]
    here = {one.reference for one in held if isinstance(one, generic.IndirectObject)} & boxes.keys()
    if not here:
        return 0.0
    sheet = _box(_inherited(page, "/CropBox")) or _box(_inherited(page, "/MediaBox")) or _A4
    return sum(_area(_common(boxes[one], sheet)) for one in here) / max(1.0, _area(sheet))


def _common(one: _Box, other: _Box) -> _Box:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def form_settings(old: HistoricalResolver, new: HistoricalResolver) -> FormSettings:
    """Whether the update changes the settings of a form that has fields to fill in, and whether it replaces those by which
    values were shown when it was signed (ISO 32000-2, 12.7.3 and 12.7.4.3)."""
    before, after = resolved(old.root, "/AcroForm"), resolved(new.root, "/AcroForm")
    if not isinstance(before, generic.DictionaryObject) or not isinstance(after, generic.DictionaryObject):
        return FormSettings.unchanged
    changed = {key for key in ("/DA", "/Q", "/NeedAppearances", "/DR") if resolved(before, key) != resolved(after, key)}
    fields = list(_fields_to_fill(before)) if changed else []
    if not fields:
        return FormSettings.unchanged
    replaced = any(key in before for key in changed & {"/DA", "/Q"}) or _resources_replaced(before, after)
    filled = any(_inherited(field, "/V") not in _EMPTY for _, field in fields)
    return FormSettings.replaced if replaced and filled else FormSettings.changed


def values_replaced(old: HistoricalResolver, new: HistoricalResolver) -> bool:
    """True where the update gives a field another value than the one it had, shows that value otherwise, or hides a field."""
    form = resolved(old.root, "/AcroForm")
    if not isinstance(form, generic.DictionaryObject):
        return False
    written = new.explicit_refs_in_revision()  # type: ignore[no-untyped-call]
    for reference, before in _fields_to_fill(form):
        after = new(reference) if reference is not None else before
        if not isinstance(after, generic.DictionaryObject):
            return True
        if _flags(after) & ~_flags(before) & _HIDDEN:
            return True
        if _inherited(before, "/V") not in _EMPTY and _says_otherwise(before, after, written):
            return True
    return False


def _flags(widget: generic.DictionaryObject) -> int:
    flags = resolved(widget, "/F")
    return flags if isinstance(flags, int) else 0


def _says_otherwise(
    before: generic.DictionaryObject, after: generic.DictionaryObject, written: Collection[Reference]
) -> bool:
    if _inherited(before, "/V") != _inherited(after, "/V") or resolved(before, "/AS") != resolved(after, "/AS"):
        return True
    was, now = resolved(before, "/AP"), resolved(after, "/AP")
    if not isinstance(was, generic.DictionaryObject):
        return False
    return was != now or any(
        isinstance(held, generic.IndirectObject) and held.reference in written for held in map(was.raw_get, was)
    )


def _fields_to_fill(
    form: generic.DictionaryObject,
) -> Iterator[tuple[Reference | None, generic.DictionaryObject]]:
    """Fields of the form that are no signature fields, and their widgets, each with its reference where it has one."""
    pending = [(resolved(form, "/Fields"), 0)]
    seen = 0
    while pending and seen < _MOST_FIELDS:
        fields, depth = pending.pop()
        for index in range(len(fields or ())):
            seen += 1
            field = fields[index]
            if not isinstance(field, generic.DictionaryObject) or depth > _DEEPEST:
                continue
            if _inherited(field, "/FT") not in {"/Sig", None}:
                raw = fields.raw_get(index)
                yield (raw.reference if isinstance(raw, generic.IndirectObject) else None), field
            if "/Kids" in field:
                pending.append((resolved(field, "/Kids"), depth + 1))


def _resources_replaced(before: generic.DictionaryObject, after: generic.DictionaryObject) -> bool:
    """True where a resource that the fields could name has gone, or its name now means another object."""
    was, now = resolved(before, "/DR"), resolved(after, "/DR")
    if not isinstance(was, generic.DictionaryObject):
        return False
    if not isinstance(now, generic.DictionaryObject):
        return True
    return any(_kind_replaced(resolved(was, kind), resolved(now, kind)) for kind in was)


def _kind_replaced(was: object, now: object) -> bool:
    if not isinstance(was, generic.DictionaryObject):
        return was != now
    if not isinstance(now, generic.DictionaryObject):
        return True
    return any(name not in now or was.raw_get(name) != now.raw_get(name) for name in was)
