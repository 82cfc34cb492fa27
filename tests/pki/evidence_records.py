"""Evidence records made by hand, in ASN.1 (RFC 4998) and in XML (RFC 6283), with time-stamps of the synthetic authority."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.pki.authority import AT
from tests.pki.xml_signer import EXCLUSIVE, canonical, encoded, token

_ERS = "urn:ietf:params:xml:ns:ers"
_OIDS = {"sha256": "0609608648016503040201", "sha512": "0609608648016503040203"}
_URIS = {"sha256": "http://www.w3.org/2001/04/xmlenc#sha256", "sha512": "http://www.w3.org/2001/04/xmlenc#sha512"}
SIBLING = b"un documento di un altro fascicolo"


@dataclass(frozen=True)
class Renewed:
    """A chain: its digest, and the time of each of its time-stamps; `of` replaces the encoding of the chains before it."""

    digest: str = "sha256"
    times: Sequence[datetime] = (AT,)
    of: bytes | None = None


def _hash(data: bytes, digest: str) -> bytes:
    return hashlib.new(digest, data).digest()


def _tree(leaves: Sequence[bytes], digest: str) -> tuple[list[list[bytes]], bytes]:
    """A reduced hash tree of two lists, and its root."""
    sibling = _hash(SIBLING, digest)
    first = sorted(leaves)
    group = _hash(b"".join(first), digest) if len(first) > 1 else first[0]
    return [list(leaves), [sibling]], _hash(b"".join(sorted([group, sibling])), digest)


def _token_of(root: bytes, digest: str, at: datetime) -> bytes:
    return token(root, at, digest=digest, hashed=True)


def _der(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _leaves(documents: Sequence[bytes], digest: str, *, grouped: bool) -> list[bytes]:
    hashes = [_hash(document, digest) for document in documents]
    return [_hash(b"".join(sorted(hashes)), digest)] if grouped else hashes


def asn1_record(
    documents: Sequence[bytes], chains: Sequence[Renewed] = (Renewed(),), *, tree: bool = True, grouped: bool = False
) -> bytes:
    """A record over the documents together; without a `tree` over one alone, `grouped` over the one hash of all."""
    encoded_chains: list[bytes] = []
    for chain in chains:
        leaves = _leaves(documents, chain.digest, grouped=grouped)
        if encoded_chains:
            older = _hash(chain.of or _der(0x30, *encoded_chains), chain.digest)
            leaves = [_hash(leaf + older, chain.digest) for leaf in leaves]
        stamps: list[bytes] = []
        for at in chain.times:
            lists, root = _tree(leaves, chain.digest) if tree else ([], leaves[0])
            stamp = _token_of(root, chain.digest, at)
            algorithm = _der(0xA0, bytes.fromhex(_OIDS[chain.digest]))
            reduced = _der(0xA2, *(_der(0x30, *(_der(0x04, one) for one in each)) for each in lists)) if tree else b""
            stamps.append(_der(0x30, algorithm, reduced, stamp))
            leaves = [_hash(stamp, chain.digest)]
        encoded_chains.append(_der(0x30, *stamps))
    algorithms = _der(0x30, *(_der(0x30, bytes.fromhex(_OIDS[chain.digest])) for chain in chains))
    return _der(0x30, b"\x02\x01\x01", algorithms, _der(0x30, *encoded_chains))


def xml_record(
    documents: Sequence[bytes], chains: Sequence[Renewed] = (Renewed(),), *, tree: bool = True, grouped: bool = False
) -> bytes:
    """The same in XML."""
    written = ""
    for order, chain in enumerate(chains, 1):
        leaves = _leaves(documents, chain.digest, grouped=grouped)
        if written:
            older = canonical(f'<ArchiveTimeStampSequence xmlns="{_ERS}">{written}</ArchiveTimeStampSequence>')
            leaves.append(_hash(chain.of or older, chain.digest))
        stamps = ""
        for place, at in enumerate(chain.times, 1):
            lists, root = _tree(leaves, chain.digest) if tree else ([], leaves[0])
            stamp = (
                f'<TimeStamp><TimeStampToken Type="RFC3161">{encoded(_token_of(root, chain.digest, at))}'
                "</TimeStampToken></TimeStamp>"
            )
            stamps += f'<ArchiveTimeStamp Order="{place}">{_hash_tree(lists)}{stamp}</ArchiveTimeStamp>'
            own = canonical(stamp.replace("<TimeStamp>", f'<TimeStamp xmlns="{_ERS}">'))
            leaves = [_hash(own, chain.digest)]
        written += (
            f'<ArchiveTimeStampChain Order="{order}"><DigestMethod Algorithm="{_URIS[chain.digest]}"></DigestMethod>'
            f'<CanonicalizationMethod Algorithm="{EXCLUSIVE}"></CanonicalizationMethod>{stamps}</ArchiveTimeStampChain>'
        )
    return (
        f'<EvidenceRecord xmlns="{_ERS}" Version="1.0"><ArchiveTimeStampSequence>{written}'
        "</ArchiveTimeStampSequence></EvidenceRecord>"
    ).encode()


def _hash_tree(lists: Sequence[Sequence[bytes]]) -> str:
    if not lists:
        return ""
    sequences = "".join(
        f'<Sequence Order="{order}">'
        + "".join(f"<DigestValue>{encoded(one)}</DigestValue>" for one in each)
        + "</Sequence>"
        for order, each in enumerate(lists, 1)
    )
    return f"<HashTree>{sequences}</HashTree>"
