"""A signature field added to a tagged PDF enters its structure tree (ISO 32000-2, 14.7; PDF/UA): that much is explained.

Explained is: a new element of type Form at the end of the children of the root or of an element, which holds nothing but
the widget of a signature field; and a parent tree that still says of every older entry what it said. None of this is drawn.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath
from pyhanko.sign.diff_analysis.commons import compare_dicts
from pyhanko.sign.diff_analysis.rules_api import Context, ReferenceUpdate, WhitelistRule

from signing.pdf_fields import resolved

_TREE = "/StructTreeRoot"
_MAY_GROW = frozenset({"/K", "/ParentTree", "/ParentTreeNextKey"})
_FORM_ELEMENT_KEYS = {"/Type", "/S", "/P", "/Pg", "/K", "/T", "/Lang", "/ID"}
_OBJECT_REFERENCE_KEYS = {"/Type", "/Obj", "/Pg"}
_DEEPEST_NODE = 16


class StructureTreeRule(WhitelistRule):
    """Clears what a new signature field adds to the structure tree, and nothing else."""

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        """Yield what is explained; what is not is simply not yielded, so that the policy finds it unexplained."""
        old_tree, new_tree = resolved(old.root, _TREE), resolved(new.root, _TREE)
        if not (isinstance(old_tree, generic.DictionaryObject) and isinstance(new_tree, generic.DictionaryObject)):
            return
        here = Context.from_absolute(old, RawPdfPath("/Root", _TREE))
        added: set[Reference] = set()
        for reference in new.explicit_refs_in_revision():  # type: ignore[no-untyped-call]
            if old.is_ref_unassignable(reference):
                continue
            grown = _grown(old(reference), new(reference), old)
            if grown is not None:
                added |= grown
                yield ReferenceUpdate(reference)
        for reference in added:
            yield ReferenceUpdate(reference, context_checked=here)
        if added and _still_says(old_tree, new_tree, added):
            for reference in _nodes(new_tree):
                if old.is_ref_unassignable(reference):
                    yield ReferenceUpdate(reference, context_checked=here)
                elif _belongs_to_structure(reference, old):
                    yield ReferenceUpdate(reference)


def _belongs_to_structure(reference: Reference, old: HistoricalResolver) -> bool:
    """True where the older revision used the object in its structure tree alone: what a page draws, named as a node of the
    parent tree, would pass for one."""
    old._load_reverse_xref_cache()  # type: ignore[no-untyped-call]  # noqa: SLF001 - as the policy itself does
    usages = old._get_usages_of_ref(reference)  # noqa: SLF001 - as the policy itself does
    return all(tuple(islice(path, 2)) == ("/Root", _TREE) for path in usages)


def _is_structure(value: generic.PdfObject) -> bool:
    if not isinstance(value, generic.DictionaryObject) or isinstance(value, generic.StreamObject):
        return False
    return resolved(value, "/Type") in {_TREE, "/StructElem"} or {"/S", "/P"} <= set(value)


def _kids(element: generic.DictionaryObject) -> list[generic.PdfObject]:
    if "/K" not in element:
        return []
    value = element["/K"]
    return (
        [value.raw_get(i) for i in range(len(value))]
        if isinstance(value, generic.ArrayObject)
        else [element.raw_get("/K")]
    )


def _grown(before: generic.PdfObject, after: generic.PdfObject, old: HistoricalResolver) -> set[Reference] | None:
    """The objects added under an element that is otherwise as it was; None when anything else about it changed."""
    if not (_is_structure(before) and _is_structure(after)):
        return None
    assert isinstance(before, generic.DictionaryObject)
    assert isinstance(after, generic.DictionaryObject)
    if not compare_dicts(before, after, _MAY_GROW, raise_exc=False):
        return None
    was, now = _kids(before), _kids(after)
    if now[: len(was)] != was:
        return None
    added: set[Reference] = set()
    for kid in now[len(was) :]:
        explained = _signature_element(kid, old)
        if explained is None:
            return None
        added |= explained
    return added


def _signature_element(kid: generic.PdfObject, old: HistoricalResolver) -> set[Reference] | None:
    if not isinstance(kid, generic.IndirectObject) or not old.is_ref_unassignable(kid.reference):
        return None
    element = kid.get_object()  # type: ignore[no-untyped-call]
    if not isinstance(element, generic.DictionaryObject) or not set(element) <= _FORM_ELEMENT_KEYS:
        return None
    contents = _kids(element)
    if resolved(element, "/S") != "/Form" or len(contents) != 1:
        return None
    added, content = {kid.reference}, contents[0]
    if isinstance(content, generic.IndirectObject):
        added.add(content.reference)
        content = content.get_object()  # type: ignore[no-untyped-call]
    if not isinstance(content, generic.DictionaryObject) or not set(content) <= _OBJECT_REFERENCE_KEYS:
        return None
    widget = resolved(content, "/Obj")
    return added if isinstance(widget, generic.DictionaryObject) and _field_type(widget) == "/Sig" else None


def _field_type(widget: generic.DictionaryObject) -> object:
    parent = resolved(widget, "/Parent")
    return resolved(widget, "/FT") or (
        resolved(parent, "/FT") if isinstance(parent, generic.DictionaryObject) else None
    )


def _entries(tree: object) -> Iterator[tuple[int, list[Reference]]]:
    """Numbers and references of a number tree, each of its nodes once (ISO 32000-2, 7.9.7)."""
    pending, seen = [(tree, 0)], set[int]()
    while pending:
        node, depth = pending.pop()
        if not isinstance(node, generic.DictionaryObject) or depth > _DEEPEST_NODE or id(node) in seen:
            continue
        seen.add(id(node))
        numbers = resolved(node, "/Nums")
        for place in range(0, len(numbers or ()) - 1, 2):
            yield int(numbers[place]), _references(numbers, place + 1)
        pending.extend((kid.get_object(), depth + 1) for kid in resolved(node, "/Kids") or ())


def _references(numbers: generic.ArrayObject, place: int) -> list[Reference]:
    value, raw = numbers[place], numbers.raw_get(place)
    if isinstance(value, generic.ArrayObject):
        inside = [value.raw_get(index) for index in range(len(value))]
        return [one.reference for one in inside if isinstance(one, generic.IndirectObject)]
    return [raw.reference] if isinstance(raw, generic.IndirectObject) else []


def _still_says(old_tree: generic.DictionaryObject, new_tree: generic.DictionaryObject, added: set[Reference]) -> bool:
    before = dict(_entries(resolved(old_tree, "/ParentTree")))
    after = dict(_entries(resolved(new_tree, "/ParentTree")))
    kept = all(after.get(key) == value for key, value in before.items())
    return kept and all(set(after[key]) <= added for key in after.keys() - before.keys())


def _nodes(tree: generic.DictionaryObject) -> Iterator[Reference]:
    """References that make up the parent tree: its nodes and the arrays of its entries, not the elements they name."""
    pending: list[tuple[generic.PdfObject, int]] = [(tree.raw_get("/ParentTree"), 0)] if "/ParentTree" in tree else []
    seen: set[Reference] = set()
    while pending:
        raw, depth = pending.pop()
        if isinstance(raw, generic.IndirectObject):
            if raw.reference in seen:
                continue
            seen.add(raw.reference)
            yield raw.reference
        node = raw.get_object()  # type: ignore[no-untyped-call]
        if not isinstance(node, generic.DictionaryObject) or depth > _DEEPEST_NODE:
            continue
        kids = resolved(node, "/Kids")
        pending.extend((kids.raw_get(index), depth + 1) for index in range(len(kids or ())))
        yield from _entry_arrays(resolved(node, "/Nums"))


def _entry_arrays(numbers: generic.ArrayObject | None) -> Iterator[Reference]:
    if numbers is None:
        return
    for place in range(1, len(numbers), 2):
        entry = numbers.raw_get(place)
        if isinstance(entry, generic.IndirectObject) and isinstance(numbers[place], generic.ArrayObject):
            yield entry.reference
