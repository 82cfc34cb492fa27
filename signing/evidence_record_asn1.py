"""Evidence records in ASN.1 (RFC 4998), read within bounds."""

from typing import Any, ClassVar

from asn1crypto import algos, cms, core

from signing.algorithms import UnsupportedSignature, digest_name
from signing.evidence_record import MOST_TOKENS, ArchiveTimeStamp, Chain, EvidenceRecord
from signing.timestamps import imprint_of

_VERSION = 1


class _Attributes(core.SetOf):  # type: ignore[misc]
    _child_spec = core.Any


class _Information(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.Any


class _PartialHashtree(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.OctetString


class _ReducedHashtree(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _PartialHashtree


class _ArchiveTimeStamp(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar[list[tuple[Any, ...]]] = [
        ("digest_algorithm", algos.DigestAlgorithm, {"implicit": 0, "optional": True}),
        ("attributes", _Attributes, {"implicit": 1, "optional": True}),
        ("reduced_hashtree", _ReducedHashtree, {"implicit": 2, "optional": True}),
        ("time_stamp", cms.ContentInfo),
    ]


class _ArchiveTimeStampChain(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _ArchiveTimeStamp


class _ArchiveTimeStampSequence(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _ArchiveTimeStampChain


class _DigestAlgorithms(core.SequenceOf):  # type: ignore[misc]
    _child_spec = algos.DigestAlgorithm


class _EvidenceRecord(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar[list[tuple[Any, ...]]] = [
        ("version", core.Integer),
        ("digest_algorithms", _DigestAlgorithms),
        ("crypto_infos", _Information, {"implicit": 0, "optional": True}),
        ("encryption_info", _Information, {"implicit": 1, "optional": True}),
        ("sequence", _ArchiveTimeStampSequence),
    ]


def read_asn1_record(der: bytes) -> EvidenceRecord:
    """Read a record. Raises UnsupportedSignature for one over encrypted data, one of MALFORMED for anything else."""
    record = _EvidenceRecord.load(der, strict=True)
    if record["version"].native != _VERSION:
        raise ValueError("version")
    if not isinstance(record["encryption_info"], core.Void):
        raise UnsupportedSignature("evidence record over encrypted data")
    chains = list(record["sequence"])
    if not chains or not all(len(chain) for chain in chains) or sum(map(len, chains)) > MOST_TOKENS:
        raise ValueError("archive time-stamps")
    return EvidenceRecord(tuple(_chain(chains, place) for place in range(len(chains))), joins_older=True)


def _chain(chains: list[_ArchiveTimeStampChain], place: int) -> Chain:
    stamps = tuple(map(_stamp, chains[place]))
    stated = chains[place][0]["digest_algorithm"]
    digest = imprint_of(stamps[0].token).digest if isinstance(stated, core.Void) else digest_name(stated)
    older = _ArchiveTimeStampSequence(chains[:place]).dump() if place else b""
    return Chain(digest, stamps, older)


def _stamp(stamp: _ArchiveTimeStamp) -> ArchiveTimeStamp:
    tree, token = stamp["reduced_hashtree"], stamp["time_stamp"].dump()
    lists = () if isinstance(tree, core.Void) else tuple(tuple(one.native for one in each) for each in tree)
    if not all(lists):
        raise ValueError("empty hash list")
    return ArchiveTimeStamp(token, lists, token)
