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
    go back no further than its sections say (ISO 32000-2, 7.5.5). What cannot be read as a PDF is taken to go on.
    """
    try:
        ours, theirs = (TolerantReader(BytesIO(each)).xrefs for each in (issued, returned))
        first = range(ours.total_revisions)
        kept = [ours.get_startxref_for_revision(one) for one in first]
        return theirs.total_revisions >= len(kept) and kept == [theirs.get_startxref_for_revision(one) for one in first]
    except MALFORMED:
        return True
