"""Is what came back the very file we issued, or that file with something appended (ISO 32000-2, 7.5.6: incremental updates)."""

from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

from signing.foreign_input import MALFORMED
from signing.tolerant_reader import TolerantReader


class Relation(StrEnum):
    """How returned bytes relate to the issued ones."""

    identical = "identical"
    prefix = "prefix"
    different = "different"


@dataclass(frozen=True, slots=True)
class PrefixComparison:
    """`extra_bytes` counts what follows the issued bytes; 0 where the relation is identical or different."""

    relation: Relation
    extra_bytes: int


def compare_with_issued(issued: bytes, returned_content: bytes) -> PrefixComparison:
    """Compare the issued PDF with the content that came back (out of its envelopes).

    `prefix` says only that nothing of the issued bytes was touched, and that the document goes on from them: what the appended
    updates do is for the difference analysis of the signatures to tell. Raises ValueError for empty issued bytes, of which
    everything would be a continuation.
    """
    if not issued:
        raise ValueError("the issued document is empty")
    if returned_content == issued:
        return PrefixComparison(Relation.identical, 0)
    if returned_content.startswith(issued) and continues(issued, returned_content):
        return PrefixComparison(Relation.prefix, len(returned_content) - len(issued))
    return PrefixComparison(Relation.different, 0)


def continues(issued: bytes, returned: bytes) -> bool:
    """Whether the cross-reference sections of the issued PDF are the first ones of the returned PDF too.

    Otherwise the issued bytes only stand at the beginning of a file that shows another document: readers begin at its end, and
    go back no further than its sections say (ISO 32000-2, 7.5.5). Nor does a file go on whose sections cannot be read: each
    reader mends it in its own way. Issued bytes that are no PDF have none to keep.
    """
    try:
        first = _sections(issued)
    except MALFORMED:
        return True
    try:
        return _sections(returned)[: len(first)] == first
    except MALFORMED:
        return False


def _sections(pdf: bytes) -> list[int]:
    """Where each cross-reference section begins, the oldest first. Raises one of ``MALFORMED`` for bytes that have none."""
    sections = TolerantReader(BytesIO(pdf)).xrefs
    return [sections.get_startxref_for_revision(one) for one in range(sections.total_revisions)]
