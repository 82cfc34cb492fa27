"""Evidence records inside an XAdES signature (ETSI TS 119 132-3): proofs of time over all that the signature binds.

A record covers, as one group of hashes (RFC 6283, 3.2.1): what each reference selects, SignedInfo, SignatureValue, KeyInfo, the
unsigned properties before it, the other objects, and what signed manifests list.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from signing.algorithms import hash_of
from signing.canonical_xml import (
    DEFAULT_CANONICALIZATION,
    Canonicalization,
    UnsupportedCanonicalization,
    named_canonicalization,
    read_canonicalization,
)
from signing.evidence_examination import evidence_told, examined_record
from signing.evidence_record import EvidenceFacts
from signing.problems import problem
from signing.report import Problem
from signing.trust import TrustStore
from signing.xades_properties import decoded, is_xades
from signing.xml_document import Element, elements_of, local_name
from signing.xml_nodes import NodeSet, UnsupportedSelection
from signing.xml_references import DS, Match, ReferenceFacts, ReferenceReader
from signing.xml_signature import XmlSignatureFacts

_SIGNATURE = "questa firma"
MOST_RECORDS = 5
"""Records of one signature that are examined."""


@dataclass(frozen=True, slots=True)
class _Sealed:
    """The signature as the records of one property cover it, in each canonicalization that its producer may have used: the
    standard leaves open which."""

    facts: XmlSignatureFacts
    holder: Element
    reader: ReferenceReader

    def hashes(self, name: str, digest: str, method: Canonicalization | None) -> Iterator[bytes]:  # noqa: ARG002 - one name
        """The hash of the group, in each reading."""
        stated = read_canonicalization(_of(self.facts.element, "SignedInfo/CanonicalizationMethod"))
        for one in dict.fromkeys((stated, method or stated, named_canonicalization(DEFAULT_CANONICALIZATION))):
            hashes = sorted(hash_of(each, digest) for each in self._group(one))
            yield hash_of(b"".join(hashes), digest)

    def _group(self, method: Canonicalization) -> Iterator[bytes]:
        for reference in self.facts.references:
            yield self._octets(reference, method)
        signature = self.facts.element
        earlier = [one for one in self.holder.itersiblings(preceding=True) if isinstance(one.tag, str)]
        objects = [one for one in signature.iterfind(f"{DS}Object") if not _holds_properties(one)]
        own = [one for name in ("SignedInfo", "SignatureValue", "KeyInfo") for one in signature.iterfind(f"{DS}{name}")]
        for element in (*own, *earlier, *objects):
            yield self.reader.canonical_as(NodeSet(element, whole_document=False, comments=True), method)
        if any(reference.match is not Match.matches for reference in self.facts.listed):
            raise UnsupportedSelection("a document of a manifest is not at hand")
        for reference in self.facts.listed:
            yield self._octets(reference, method)

    def _octets(self, reference: ReferenceFacts, method: Canonicalization) -> bytes:
        if reference.ends_in_nodes and reference.nodes is not None:
            return self.reader.canonical_as(reference.nodes, method)
        return reference.octets


def evidence_of_signature(
    facts: XmlSignatureFacts, reader: ReferenceReader, trust: TrustStore
) -> tuple[list[datetime], list[Problem]]:
    """Instants that the evidence records of an intact signature prove for it, and what has to be said of them."""
    proven: list[datetime] = []
    told: list[Problem] = []
    holders = facts.properties.evidence if facts.properties is not None else ()
    records = [(holder, record) for holder in holders for record in elements_of(holder)]
    for holder, record in records[:MOST_RECORDS]:
        found = _examined(record, _Sealed(facts, holder, reader), trust)
        told.extend(evidence_told(found, (_SIGNATURE,), stated=False))
        if found.proves and found.time is not None:
            proven.append(found.time)
    if len(records) > MOST_RECORDS:
        told.append(problem("evidence_records_left", count=len(records) - MOST_RECORDS))
    return proven, told


def _examined(record: Element, sealed: _Sealed, trust: TrustStore) -> EvidenceFacts:
    """A record was made by itself: its own canonical forms are first sought without what it inherits here, then with it."""
    if local_name(record) == "ASN1EvidenceRecord":
        return _held(decoded(record) or b"", sealed, trust)
    alone = _held(copy.deepcopy(record), sealed, trust)
    return alone if alone.covers else _held(record, sealed, trust)


def _held(record: bytes | Element, sealed: _Sealed, trust: TrustStore) -> EvidenceFacts:
    try:
        return examined_record(record, (_SIGNATURE,), sealed, trust)
    except (UnsupportedCanonicalization, UnsupportedSelection) as error:
        return EvidenceFacts((), None, False, "evidence_record_unsupported", str(error))


def _of(signature: Element, path: str) -> Element:
    found = signature.find("/".join(f"{DS}{name}" for name in path.split("/")))
    if found is None:
        raise ValueError(path)
    return found


def _holds_properties(holder: Element) -> bool:
    return any(is_xades(one, "QualifyingProperties") for one in elements_of(holder))
