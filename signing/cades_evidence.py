"""Evidence records inside a CMS signature (RFC 4998, appendix A; ETSI TS 119 122-3): proofs of time over the whole message.

A record covers the message as it stood before the record was put in: its attribute is taken out again, byte by byte, so that
whatever encoding the message has stays as it was. In a detached signature it covers the document too.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, core, parser

from signing.algorithms import hash_of
from signing.canonical_xml import Canonicalization
from signing.der_encoding import CONTEXT, in_der, parts_of
from signing.evidence_examination import evidence_told, examined_record
from signing.evidence_record import EvidenceFacts
from signing.foreign_input import MALFORMED
from signing.problems import problem
from signing.report import Problem
from signing.signed_bytes import SignedBytes
from signing.signed_data import load_signed_data
from signing.trust import TrustStore

_INTERNAL = "1.2.840.113549.1.9.16.2.49"
_EXTERNAL = "1.2.840.113549.1.9.16.2.50"
_RECORDS = frozenset({_INTERNAL, _EXTERNAL})
_ENCODED = tuple(core.ObjectIdentifier(oid).dump() for oid in sorted(_RECORDS))
_SIGNATURE, _DOCUMENT = "questa firma", "il documento firmato"
_UNSIGNED = 1

MOST_RECORDS = 5
LARGEST_RECORDS = 512 * 1024
"""Records of one message that are examined, and their bytes together."""


@dataclass(frozen=True, slots=True)
class SealedBy:
    """What the records of one signer prove: instants at which the signature existed, and what has to be said of them."""

    times: tuple[datetime, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Record:
    """A record of a signer: its place among the signers, that of its attribute among the unsigned ones, and its encoding."""

    signer: int
    attribute: int
    external: bool
    encoding: bytes


def evidence_of_signers(message: bytes, content: bytes | SignedBytes | None, trust: TrustStore) -> dict[int, SealedBy]:
    """Hold every record of the message against it, by the place of the signer who carries it. Never raises for any bytes.

    `content` is the document of a detached signature.
    """
    if not any(oid in message for oid in _ENCODED):
        return {}
    try:
        records = list(_records(load_signed_data(message)))
    except MALFORMED:
        return {}
    sealed: dict[int, SealedBy] = {}
    left = LARGEST_RECORDS
    for number, record in enumerate(records):
        left -= len(record.encoding)
        before = sealed.get(record.signer, SealedBy())
        if number >= MOST_RECORDS or left < 0:
            told = [problem("evidence_records_left", count=len(records) - number)]
            sealed[record.signer] = SealedBy(before.times, (*before.problems, *told))
            break
        try:
            facts, subjects = _examined(record, records, message, content, trust)
        except MALFORMED as error:
            facts, subjects = (
                EvidenceFacts((), None, False, "evidence_record_broken", type(error).__name__),
                (_SIGNATURE,),
            )
        times = (facts.time,) if facts.proves and facts.time is not None else ()
        told = evidence_told(facts, subjects, stated=False)
        sealed[record.signer] = SealedBy((*before.times, *times), tuple(dict.fromkeys((*before.problems, *told))))
    return sealed


def _records(signed_data: cms.SignedData) -> Iterator[_Record]:
    for signer, info in enumerate(signed_data["signer_infos"]):
        for place, attribute in enumerate(info["unsigned_attrs"] or ()):
            oid = str(attribute["type"].dotted)
            if oid in _RECORDS:
                yield from (_Record(signer, place, oid == _EXTERNAL, value.dump()) for value in attribute["values"])


def _examined(
    record: _Record, records: list[_Record], message: bytes, content: bytes | SignedBytes | None, trust: TrustStore
) -> tuple[EvidenceFacts, tuple[str, ...]]:
    """A record over a message with its document must cover both (ETSI TS 119 122-3, 5.3)."""
    every = frozenset(one.attribute for one in records if one.signer == record.signer)
    readings = tuple(_readings(message, record.signer, dict.fromkeys((every, frozenset({record.attribute})))))
    held: dict[str, tuple[bytes | SignedBytes, ...]] = {_SIGNATURE: readings}
    if record.external and content is not None:
        held[_DOCUMENT] = (content,)
    facts = examined_record(record.encoding, tuple(held), _Held(held), trust)
    if facts.covers and set(facts.covers) != set(held):
        facts = EvidenceFacts((), None, False, "evidence_record_of_other_data")
    return facts, tuple(held)


@dataclass(frozen=True, slots=True)
class _Held:
    """What a record may cover, each in the encodings in which it may have been hashed."""

    readings: Mapping[str, tuple[bytes | SignedBytes, ...]]

    def hashes(self, name: str, digest: str, method: Canonicalization | None) -> Iterator[bytes]:  # noqa: ARG002 - for XML
        """The hash of each encoding."""
        for one in self.readings[name]:
            yield one.digest(digest) if isinstance(one, SignedBytes) else hash_of(one, digest)


def _readings(message: bytes, signer: int, left_out: Iterable[frozenset[int]]) -> Iterator[bytes]:
    """The message without those attributes: as it was encoded (RFC 4998), and in DER (ETSI TS 119 122-3)."""
    for attributes in left_out:
        shortened = _without(message, (1, 0, -1, signer), attributes)
        yield shortened
        yield in_der(shortened)


def _without(encoded: bytes, path: tuple[int, ...], attributes: frozenset[int]) -> bytes:
    """The value without those of its unsigned attributes; lengths around them follow, indefinite ones stay as they are."""
    class_, method, tag, header, contents, trailer = parser.parse(encoded)
    parts = list(parts_of(contents))
    if path:
        parts[path[0]] = _without(parts[path[0]], path[1:], attributes)
    else:
        parts = [one for one in (_filtered(part, attributes) for part in parts) if one]
    inside = b"".join(parts)
    if trailer:
        return bytes(header + inside + trailer)
    return bytes(parser.emit(class_, method, tag, inside))


def _filtered(part: bytes, attributes: frozenset[int]) -> bytes:
    """The unsigned attributes of a SignerInfo less some, nothing where none is left; any other part of it unchanged."""
    class_, method, tag, _, contents, _ = parser.parse(part)
    if (class_, tag) != (CONTEXT, _UNSIGNED):
        return part
    kept = b"".join(one for place, one in enumerate(parts_of(contents)) if place not in attributes)
    return bytes(parser.emit(class_, method, tag, kept)) if kept else b""
