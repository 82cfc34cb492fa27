"""The ats-hash-index of an archive time-stamp: which parts of a signature it binds (EN 319 122-1, 5.5.2; TS 101 733, 6.4.2).

The index stands inside the token and lists hashes: of certificates, of revocation material, of unsigned attributes.
"""

from dataclasses import dataclass

from asn1crypto import algos, cms, core

from signing.algorithms import UnsupportedSignature, digest_name, hash_of
from signing.cms_values import attribute_values

_OF_ATTRIBUTES = ("0.4.0.1733.2.5", "0.4.0.19122.1.4")
_OF_VALUES = "0.4.0.19122.1.5"
"""The third version hashes each value with the type of its attribute, those before the attribute as a whole."""
_FIELDS = 4


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

    def hash_of(self, encoded: bytes) -> bytes:
        """The hash by which the index lists that encoding."""
        return hash_of(encoded, self.digest)


class _Parts(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.Any


class _Hashes(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.OctetString


def hash_index_of(token: cms.SignedData) -> HashIndex:
    """The one index of a time-stamp token. Raises ValueError where there is none or no single one, where it is not shaped as
    the standard says, and UnsupportedSignature for a digest that we do not know or that binds nothing."""
    (signer,) = token["signer_infos"]
    kinds = (*_OF_ATTRIBUTES, _OF_VALUES)
    found = [(oid, value) for oid in kinds for value in attribute_values(signer["unsigned_attrs"], oid)]
    if len(found) != 1:
        raise ValueError(f"{len(found)} indexes")
    oid, value = found[0]
    encoding = bytes(value.dump())
    parts = [one.dump() for one in _Parts.load(encoding)]
    digest = _digest(parts, required=oid not in _OF_ATTRIBUTES[:1])
    certificates, revocation, attributes = (_hashes(part) for part in parts[-3:])
    return HashIndex(encoding, digest, certificates, revocation, attributes, oid == _OF_VALUES)


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
    return frozenset(bytes(one.native) for one in _Hashes.load(part))
