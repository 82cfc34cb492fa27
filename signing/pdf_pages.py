"""The pages of a PDF in their order, whatever its page tree looks like (ISO 32000-2, 7.7.3)."""

from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import Reference

from signing.pdf_fields import resolved

_MOST_NODES = 20_000


def pages_of(root: generic.DictionaryObject) -> Iterator[tuple[Reference, generic.DictionaryObject]]:
    """Each page with its reference, from the catalog; a node that was seen before is left out, so loops end."""
    pending = [root.raw_get("/Pages")] if "/Pages" in root else []
    seen: set[Reference] = set()
    while pending and len(seen) < _MOST_NODES:
        raw = pending.pop()
        if not isinstance(raw, generic.IndirectObject) or raw.reference in seen:
            continue
        seen.add(raw.reference)
        node = raw.get_object()  # type: ignore[no-untyped-call]
        if not isinstance(node, generic.DictionaryObject):
            continue
        if "/Kids" in node:
            kids = resolved(node, "/Kids")
            pending.extend(kids.raw_get(index) for index in reversed(range(len(kids))))
        else:
            yield raw.reference, node
