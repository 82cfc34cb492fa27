"""Evidence records in XML (RFC 6283), read within bounds."""

from asn1crypto import core

from signing.algorithms import UnsupportedSignature
from signing.canonical_xml import Canonicalization, UnsupportedCanonicalization, canonical_bytes, read_canonicalization
from signing.evidence_record import MOST_TOKENS, ArchiveTimeStamp, Chain, EvidenceRecord
from signing.xades_properties import decoded, loaded_material
from signing.xml_algorithms import xml_digest_name
from signing.xml_document import Element, elements_of, local_name
from signing.xml_nodes import NodeSet

_NAMESPACE = "{urn:ietf:params:xml:ns:ers}"
_RFC3161 = "RFC3161"
_VERSION = "1.0"

MOST_ELEMENTS = 20_000
"""Elements of one record: each of its time-stamps has some dozens."""


def is_xml_record(root: Element) -> bool:
    """True for the root element of an evidence record."""
    return bool(root.tag == f"{_NAMESPACE}EvidenceRecord")


def read_xml_record(root: Element) -> EvidenceRecord:
    """Read a record. Raises UnsupportedSignature for what we do not compute, ValueError for what is no record."""
    if not is_xml_record(root) or root.get("Version") != _VERSION:
        raise ValueError("EvidenceRecord")
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise ValueError("too many elements")
    if root.find(f"{_NAMESPACE}EncryptionInformation") is not None:
        raise UnsupportedSignature("evidence record over encrypted data")
    sequence = _only(root, "ArchiveTimeStampSequence")
    chains = _in_order(sequence, "ArchiveTimeStampChain")
    stamps = [_in_order(chain, "ArchiveTimeStamp") for chain in chains]
    if not chains or not all(stamps) or sum(map(len, stamps)) > MOST_TOKENS:
        raise ValueError("archive time-stamps")
    try:
        read = tuple(_chain(sequence, chains, place, stamps[place]) for place in range(len(chains)))
    except UnsupportedCanonicalization as error:
        raise UnsupportedSignature(str(error)) from error
    return EvidenceRecord(read, joins_older=False, material=loaded_material(_information(root)))


def _chain(sequence: Element, chains: list[Element], place: int, stamps: list[Element]) -> Chain:
    digest = xml_digest_name(_only(chains[place], "DigestMethod"))
    method = read_canonicalization(_only(chains[place], "CanonicalizationMethod"))
    older = NodeSet(sequence, whole_document=False, comments=True)
    for chain in chains[place:]:
        older = older.without(chain)
    before = canonical_bytes(older, method) if place else b""
    return Chain(digest, tuple(_stamp(one, method) for one in stamps), before, method)


def _stamp(element: Element, method: Canonicalization) -> ArchiveTimeStamp:
    stamp = _only(element, "TimeStamp")
    token = _only(stamp, "TimeStampToken")
    if token.get("Type") != _RFC3161:
        raise UnsupportedSignature(f"time-stamp {token.get('Type')}")
    tree = element.find(f"{_NAMESPACE}HashTree")
    lists = tuple(map(_hashes, _in_order(tree, "Sequence"))) if tree is not None else ()
    if tree is not None and not (lists and all(lists)):
        raise ValueError("empty hash list")
    encoded = decoded(token)
    if encoded is None:
        raise ValueError("TimeStampToken")
    renewable = canonical_bytes(NodeSet(stamp, whole_document=False, comments=True), method)
    return ArchiveTimeStamp(_token(encoded), lists, renewable)


def _token(der: bytes) -> bytes:
    """The message alone: what follows it is no part of the token."""
    return bytes(core.Asn1Value.load(der).dump())


def _hashes(sequence: Element) -> tuple[bytes, ...]:
    elements = [one for one in elements_of(sequence) if local_name(one) == "DigestValue"]
    found = tuple(value for value in map(decoded, elements) if value)
    if len(found) != len(elements):
        raise ValueError("DigestValue")
    return found


def _information(root: Element) -> list[tuple[str, Element]]:
    """Certificates, lists and responses beside the time-stamps, with their kind (RFC 6283, 3.1.3)."""
    return [(one.get("Type") or "", one) for one in root.iter(f"{_NAMESPACE}CryptographicInformation")]


def _only(parent: Element, name: str) -> Element:
    found = parent.findall(f"{_NAMESPACE}{name}")
    if len(found) != 1:
        raise ValueError(f"{len(found)} {name}")
    return found[0]


def _in_order(parent: Element, name: str) -> list[Element]:
    """Children by their Order, which must be 1, 2, 3 and so on."""
    found = {int(one.get("Order") or "0"): one for one in parent.iterfind(f"{_NAMESPACE}{name}")}
    if sorted(found) != list(range(1, len(found) + 1)) or len(found) != len(parent.findall(f"{_NAMESPACE}{name}")):
        raise ValueError(f"Order of {name}")
    return [found[place] for place in sorted(found)]
