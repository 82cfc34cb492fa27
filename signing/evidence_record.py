"""Evidence records (RFC 4998, RFC 6283): time-stamps over trees of hashes, renewed before they age. They sign nobody's will.

Reading the two encodings is for `signing.evidence_record_asn1` and `signing.evidence_record_xml`; here a record is held against
documents (RFC 4998, 4.3 and 5.3; RFC 6283, 3.3 and 4.3).
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from signing.algorithms import hash_of
from signing.canonical_xml import Canonicalization
from signing.certificate_path import Material
from signing.evidenced_documents import Hashed
from signing.signed_bytes import Imprint
from signing.timestamps import examine_timestamp, imprint_of
from signing.trust import TrustStore

MOST_TOKENS = 40
"""Time-stamps of one record: a renewal comes once in some years."""


@dataclass(frozen=True, slots=True)
class ArchiveTimeStamp:
    """One archive time-stamp. `lists` are the hash lists from the documents up to the root, none for a single hash;
    `renewable` are the bytes that the next time-stamp of the chain hashes."""

    token: bytes
    lists: tuple[tuple[bytes, ...], ...]
    renewable: bytes


@dataclass(frozen=True, slots=True)
class Chain:
    """Archive time-stamps of one digest; `older` encodes the chains before this one, empty in the first.

    `method` is the canonicalization that XML documents may have been hashed in.
    """

    digest: str
    stamps: tuple[ArchiveTimeStamp, ...]
    older: bytes = b""
    method: Canonicalization | None = None


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """A record read. `joins_older` tells how a new chain binds the old ones: their hash joined to that of each document
    (RFC 4998, 5.2), or listed beside it (RFC 6283, 4.2.2)."""

    chains: tuple[Chain, ...]
    joins_older: bool
    material: Material = field(default_factory=Material)


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """What a record proves: that the documents `covers` existed at `time`, if `proves`; `problem` is the code of what is wrong,
    `technical` the time-stamp it is wrong with."""

    covers: tuple[str, ...]
    time: datetime | None
    proves: bool
    problem: str | None = None
    technical: str | None = None


class RecordBroken(Exception):
    """The record does not hold together; the text says where."""


def examine_evidence(
    record: EvidenceRecord, names: Sequence[str], documents: Hashed, *, trust: TrustStore
) -> EvidenceFacts:
    """Hold a record against the documents of these names. Those it does not speak of are left out of `covers`.

    Raises UnsupportedSignature for a digest that we do not know.
    """
    imprints = [[imprint_of(stamp.token) for stamp in chain.stamps] for chain in record.chains]
    covered = tuple(names)
    try:
        for chain, own in zip(record.chains, imprints, strict=True):
            hashes = {name: documents.hashes(name, chain.digest, chain.method) for name in covered}
            covered = _covered(record, chain, own[0], hashes)
            _check_renewals(chain, own)
    except RecordBroken as broken:
        return EvidenceFacts((), None, False, "evidence_record_broken", str(broken))
    if not covered:
        return EvidenceFacts((), None, False, "evidence_record_of_other_data")
    return _in_time(record, imprints, covered, trust)


def _covered(
    record: EvidenceRecord, chain: Chain, imprint: Imprint, hashes: Mapping[str, Iterator[bytes]]
) -> tuple[str, ...]:
    """Names of the documents that the first archive time-stamp of the chain binds, and through it the chains before."""
    lists = chain.stamps[0].lists
    older = hash_of(chain.older, chain.digest) if chain.older else b""
    beside = (older,) if older and not record.joins_older else ()
    if lists and not set(lists[0]).issuperset(beside):
        raise RecordBroken("the hash of the older chains is not there")
    if lists and _root(lists, chain.digest) != imprint.value:
        raise RecordBroken("the root of the hash tree is not what is stamped")
    listed = frozenset(lists[0]) if lists else frozenset()

    def is_bound(leaf: bytes) -> bool:
        own = hash_of(leaf + older, chain.digest) if older and record.joins_older else leaf
        return own in listed if lists else _joined((own, *beside), chain.digest) == imprint.value

    return tuple(name for name, leaves in hashes.items() if any(map(is_bound, leaves)))


def _check_renewals(chain: Chain, imprints: list[Imprint]) -> None:
    if any(each.digest != chain.digest for each in imprints):
        raise RecordBroken("a time-stamp of another digest than its chain's")
    for before, stamp, imprint in zip(chain.stamps, chain.stamps[1:], imprints[1:], strict=False):
        renewed = hash_of(before.renewable, chain.digest)
        if stamp.lists and renewed not in stamp.lists[0]:
            raise RecordBroken("a renewal of another time-stamp")
        if (_root(stamp.lists, chain.digest) if stamp.lists else renewed) != imprint.value:
            raise RecordBroken("the root of the hash tree of a renewal is not what is stamped")


def _root(lists: tuple[tuple[bytes, ...], ...], digest: str) -> bytes:
    """Each list is hashed in binary ascending order and goes into the next one (RFC 4998, 4.3)."""
    root = _joined(lists[0], digest)
    for further in lists[1:]:
        root = _joined(further if root in further else (root, *further), digest)
    return root


def _joined(hashes: tuple[bytes, ...], digest: str) -> bytes:
    """One hash alone stands for itself."""
    return hashes[0] if len(hashes) == 1 else hash_of(b"".join(sorted(hashes)), digest)


def _in_time(
    record: EvidenceRecord, imprints: list[list[Imprint]], covered: tuple[str, ...], trust: TrustStore
) -> EvidenceFacts:
    """Every time-stamp must hold, and each still have been good when the next one came (RFC 4998, 5.3)."""
    tokens = [stamp.token for chain in record.chains for stamp in chain.stamps]
    stamped = [imprint for own in imprints for imprint in own]
    facts = [
        examine_timestamp(token, imprint, trust=trust, material=record.material)
        for token, imprint in zip(tokens, stamped, strict=True)
    ]
    times = [one.time for one in facts if one.time is not None]
    first = times[0] if times else None
    broken = next((one for one in facts if one.problem not in {None, "timestamp_not_trusted"}), None)
    if broken is not None:
        return EvidenceFacts((), None, False, "evidence_record_broken", broken.problem)
    late = any(
        before.valid_until is not None and after.time is not None and before.valid_until < after.time
        for before, after in itertools.pairwise(facts)
    )
    if late or times != sorted(times):
        return EvidenceFacts(covered, first, False, "evidence_record_broken", "renewed too late")
    if not all(one.proves for one in facts):
        return EvidenceFacts(covered, first, False, "evidence_record_not_trusted")
    return EvidenceFacts(covered, first, True)
