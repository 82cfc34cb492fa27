"""The ats-hash-index of an archive time-stamp: which parts of a signature it binds (EN 319 122-1, 5.5.2; TS 101 733, 6.4.2).

The index stands inside the token and lists hashes: of certificates, of revocation material, of unsigned attributes.
"""

from collections.abc import Collection
from dataclasses import dataclass

from asn1crypto import algos, cms, core

from signing.algorithms import UnsupportedSignature, digest_name, hash_of
from signing.cms_values import attribute_values
from signing.der_encoding import inside
from signing.stamped_message import StampedAttribute, StampedMessage, StampedSigner

_FIRST = "0.4.0.1733.2.5"
_SECOND = "0.4.0.19122.1.4"
_THIRD = "0.4.0.19122.1.5"
"""The third version hashes each value with the type of its attribute, those before the attribute as a whole."""
_FIELDS = 4
_CERTIFICATE_VALUES = "1.2.840.113549.1.9.16.2.23"
_REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.24"


@dataclass(frozen=True, slots=True)
class HashIndex:
    """An index as read: its encoding, the short name of its digest, and the hashes it lists.

    `of_values` is whether each value of an unsigned attribute has a hash of its own.
    """

    encoding: bytes
    digest: str
    certificates: frozenset[bytes]
    revocation: frozenset[bytes]
    attributes: frozenset[bytes]
    of_values: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """An index held against a signature: whether something it lists is not there (then it is invalid), and the places of what
    it does not list, among certificates, revocation material and unsigned attributes together."""

    altered: bool
    left_out: frozenset[int]


def hash_index_of(token: cms.SignedData) -> HashIndex:
    """The one index of a time-stamp token. Raises ValueError where there is none or no single one, where it is not shaped as
    the standard says, and UnsupportedSignature for a digest that binds nothing."""
    (signer,) = token["signer_infos"]
    kinds = (_FIRST, _SECOND, _THIRD)
    found = [(oid, value) for oid in kinds for value in attribute_values(signer["unsigned_attrs"], oid)]
    if len(found) != 1:
        raise ValueError(f"{len(found)} indexes")
    oid, value = found[0]
    encoding = bytes(value.dump())
    parts = inside(encoding)
    digest = _digest(parts, required=oid != _FIRST)
    certificates, revocation, attributes = (_hashes(part) for part in parts[-3:])
    return HashIndex(encoding, digest, certificates, revocation, attributes, oid == _THIRD)


def _digest(parts: list[bytes], *, required: bool) -> str:
    if len(parts) == _FIELDS - 1 and not required:
        return "sha256"
    if len(parts) != _FIELDS:
        raise ValueError(f"index of {len(parts)} fields")
    digest = digest_name(algos.DigestAlgorithm.load(parts[0]))
    if digest == "md5":
        raise UnsupportedSignature(f"index of {digest}")
    return digest


def _hashes(part: bytes) -> frozenset[bytes]:
    return frozenset(bytes(core.OctetString.load(one).native) for one in inside(part))


def held_against(index: HashIndex, signer: StampedSigner, message: StampedMessage, later: Collection[str]) -> Listed:
    """Look for what the index lists. `later` are the types of attributes that it is no matter of, being added after it.

    Raises UnsupportedSignature for a digest that we do not know, ValueError for attributes that are not what they should be.
    """
    certificates, revocation = message.hashes(index.digest)
    hashed = _hashes_of(signer.attributes, index, message)
    kept_certificates, kept_revocation = _kept(signer.attributes, index, message)
    altered = not (
        index.certificates <= {*certificates, *kept_certificates}
        and index.revocation <= {*revocation, *kept_revocation}
        and index.attributes <= {each for hashes in hashed for each in hashes}
    )
    there = [
        *(one in index.certificates for one in certificates),
        *(one in index.revocation for one in revocation),
        *(
            attribute.kind in later or index.attributes.issuperset(hashes)
            for attribute, hashes in zip(signer.attributes, hashed, strict=True)
        ),
    ]
    return Listed(altered, frozenset(place for place, one in enumerate(there) if not one))


def _hashes_of(
    attributes: Collection[StampedAttribute], index: HashIndex, message: StampedMessage
) -> list[list[bytes]]:
    """For each attribute the hashes by which the index may list it: over what came; where the index lists others, in DER."""
    listable = [_listable(one, index, message) for one in attributes]
    found = [[hash_of(before + one, index.digest) for one in encodings] for before, encodings in listable]
    if index.attributes <= {each for hashes in found for each in hashes}:
        return found
    return [
        hashes
        if index.attributes.issuperset(hashes)
        else [hash_of(before + message.in_der(one), index.digest) for one in encodings]
        for hashes, (before, encodings) in zip(found, listable, strict=True)
    ]


def _listable(attribute: StampedAttribute, index: HashIndex, message: StampedMessage) -> tuple[bytes, list[bytes]]:
    """What an index hashes of an attribute: each value after the type, or the attribute as a whole after nothing."""
    if index.of_values:
        kind, values = attribute.type_and_values
        return kind, _inside(values, message)
    return b"", [attribute.encoding]


def _kept(
    attributes: Collection[StampedAttribute], index: HashIndex, message: StampedMessage
) -> tuple[list[bytes], list[bytes]]:
    """Certificates and revocation material among the unsigned attributes: some indexes list these too."""
    values = [value for one in attributes if one.kind == _CERTIFICATE_VALUES for value in _values(one, message)]
    certificates = [each for value in values for each in _inside(value, message)]
    values = [value for one in attributes if one.kind == _REVOCATION_VALUES for value in _values(one, message)]
    tagged = [each for value in values for each in _inside(value, message)]
    revocation = [each for one in tagged for listed in _inside(one, message) for each in _inside(listed, message)]
    return [hash_of(one, index.digest) for one in certificates], [hash_of(one, index.digest) for one in revocation]


def _values(attribute: StampedAttribute, message: StampedMessage) -> list[bytes]:
    return _inside(attribute.type_and_values[1], message)


def _inside(encoded: bytes, message: StampedMessage) -> list[bytes]:
    """The encodings inside, on the account of the message. Raises UnsupportedSignature once it is overdrawn."""
    parts = inside(encoded)
    message.spend(len(parts))
    return parts
