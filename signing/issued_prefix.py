"""Is what came back the very file we issued, or that file with something appended (ISO 32000-2, 7.5.6: incremental updates)."""

from dataclasses import dataclass
from enum import StrEnum


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

    `prefix` says only that nothing of the issued bytes was touched: what the appended updates do is for the difference
    analysis of the signatures to tell. Raises ValueError for empty issued bytes, of which everything would be a continuation.
    """
    if not issued:
        raise ValueError("the issued document is empty")
    if returned_content == issued:
        return PrefixComparison(Relation.identical, 0)
    if returned_content.startswith(issued):
        return PrefixComparison(Relation.prefix, len(returned_content) - len(issued))
    return PrefixComparison(Relation.different, 0)
