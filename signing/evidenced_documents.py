"""Documents that an evidence record may speak of, each hashed once; XML also in its canonical form, within bounds."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from signing.algorithms import hash_of
from signing.canonical_xml import Canonicalization, canonical_bytes
from signing.signed_bytes import SignedBytes
from signing.xml_document import RefusedXml, UnreadableXml, parse_xml
from signing.xml_nodes import NodeSet

MOST_CANONICALIZED = 1024 * 1024
"""Bytes of XML put in canonical form for all records of one file; what goes beyond is only hashed as it stands."""


class Hashed(Protocol):
    """What a record may speak of, by name."""

    def hashes(self, name: str, digest: str, method: Canonicalization | None) -> Iterator[bytes]:
        """Every hash that a record may hold for that name. Raises UnsupportedSignature for an unknown digest."""
        ...


class EvidencedDocuments:
    """Bytes by name. Digests and canonical forms are remembered for every record that asks."""

    def __init__(self, members: Mapping[str, bytes]) -> None:
        self._pieces = {name: SignedBytes(data) for name, data in members.items()}
        self._canonical: dict[tuple[str, Canonicalization], bytes | None] = {}
        self._left = MOST_CANONICALIZED

    def hashes(self, name: str, digest: str, method: Canonicalization | None) -> Iterator[bytes]:
        """What a record may hold for that document: the hash of its bytes and, with a method, of its canonical form
        (RFC 6283, 3.2.1). Raises UnsupportedSignature for an unknown digest, KeyError for an unknown name."""
        yield self._pieces[name].digest(digest)
        canonical = self._canonical_form(name, method) if method is not None else None
        if canonical is not None:
            yield hash_of(canonical, digest)

    def _canonical_form(self, name: str, method: Canonicalization) -> bytes | None:
        key = (name, method)
        if key not in self._canonical:
            data = self._pieces[name].whole()
            self._left -= len(data)
            self._canonical[key] = _canonical(data, method) if self._left >= 0 else None
        return self._canonical[key]


def _canonical(data: bytes, method: Canonicalization) -> bytes | None:
    if b"<" not in data[:4]:
        return None
    try:
        return canonical_bytes(NodeSet(parse_xml(data), whole_document=True, comments=True), method)
    except (UnreadableXml, RefusedXml):
        return None
