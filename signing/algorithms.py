"""Raw signature verification with `cryptography`, from the algorithm identifiers of CMS (RFC 3370, 4056, 5754, 8419, 8702)."""

from collections.abc import Iterable

from asn1crypto import algos, core, keys
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

_WEAKEST_FIRST = ("md5", "sha1")
WEAK_DIGESTS = frozenset(_WEAKEST_FIRST)

_DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha3_224": hashes.SHA3_224,
    "sha3_256": hashes.SHA3_256,
    "sha3_384": hashes.SHA3_384,
    "sha3_512": hashes.SHA3_512,
}
_SEQUENCE = 0x30
_SHAKE256_OID = "2.16.840.1.101.3.4.2.12"
_SHAKE256_LENGTH_OID = "2.16.840.1.101.3.4.2.18"
_LENGTH_512 = core.Integer(512).dump()
"""The one length that RFC 8419 (2.3) admits for Ed448; it is also the length of id-shake256 in CMS (RFC 8702)."""
_DIGEST_OIDS = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.7": "sha3_224",
    "2.16.840.1.101.3.4.2.8": "sha3_256",
    "2.16.840.1.101.3.4.2.9": "sha3_384",
    "2.16.840.1.101.3.4.2.10": "sha3_512",
    _SHAKE256_OID: "shake256",
}
_NIST = "2.16.840.1.101.3.4.3."
# Signature algorithm -> (key family, digest it fixes; None where digestAlgorithm or the parameters say it).
_SIGNATURES: dict[str, tuple[str, str | None]] = {
    "1.2.840.113549.1.1.1": ("rsa", None),
    "1.2.840.113549.1.1.4": ("rsa", "md5"),
    "1.2.840.113549.1.1.5": ("rsa", "sha1"),
    "1.3.14.3.2.29": ("rsa", "sha1"),
    "1.2.840.113549.1.1.11": ("rsa", "sha256"),
    "1.2.840.113549.1.1.12": ("rsa", "sha384"),
    "1.2.840.113549.1.1.13": ("rsa", "sha512"),
    "1.2.840.113549.1.1.14": ("rsa", "sha224"),
    "1.2.840.113549.1.1.10": ("pss", None),
    "1.2.840.10045.2.1": ("ecdsa", None),
    "1.2.840.10045.4.1": ("ecdsa", "sha1"),
    "1.2.840.10045.4.3.1": ("ecdsa", "sha224"),
    "1.2.840.10045.4.3.2": ("ecdsa", "sha256"),
    "1.2.840.10045.4.3.3": ("ecdsa", "sha384"),
    "1.2.840.10045.4.3.4": ("ecdsa", "sha512"),
    "1.2.840.10040.4.1": ("dsa", None),
    "1.2.840.10040.4.3": ("dsa", "sha1"),
    **{f"{_NIST}{n}": ("dsa", d) for n, d in ((1, "sha224"), (2, "sha256"), (3, "sha384"), (4, "sha512"))},
    **{f"{_NIST}{n}": ("ecdsa", d) for n, d in ((9, "sha3_224"), (10, "sha3_256"), (11, "sha3_384"), (12, "sha3_512"))},
    **{f"{_NIST}{n}": ("rsa", d) for n, d in ((13, "sha3_224"), (14, "sha3_256"), (15, "sha3_384"), (16, "sha3_512"))},
    "1.3.101.112": ("ed25519", "sha512"),
    "1.3.101.113": ("ed448", "shake256"),
}

_CURVES = {"ed25519": ed25519.Ed25519PublicKey, "ed448": ed448.Ed448PublicKey}


class UnsupportedSignature(Exception):
    """The algorithm, the key or their combination is none we can verify; the text names it."""


def digest_name(algorithm: algos.DigestAlgorithm) -> str:
    """Short name of a digest algorithm, or its dotted OID where unknown."""
    oid = str(algorithm["algorithm"].dotted)
    if oid == _SHAKE256_LENGTH_OID and algorithm["parameters"].dump() == _LENGTH_512:
        return "shake256"
    return _DIGEST_OIDS.get(oid, oid)


def weakest(*digests: str) -> str:
    """The digest that gives least assurance of those that bind one document, the first where none is weak."""
    return min(digests, key=lambda name: _WEAKEST_FIRST.index(name) if name in WEAK_DIGESTS else len(_WEAKEST_FIRST))


def signed_digest(algorithm: algos.SignedDigestAlgorithm, digest: str) -> str:
    """The digest that a signature value is made over: of the algorithm, of its parameters, or `digest` where neither says."""
    oid = str(algorithm["algorithm"].dotted)
    if _SIGNATURES.get(oid, ("", None))[0] == "pss":
        return digest_name(algorithm["parameters"]["hash_algorithm"])
    return _SIGNATURES.get(oid, ("", None))[1] or digest


def hash_of(data: bytes, name: str) -> bytes:
    """Digest of `data`; raises UnsupportedSignature for a digest that is not in the table."""
    return running_hash((data,), name).finalize()


def running_hash(pieces: Iterable[bytes | memoryview], name: str) -> hashes.Hash:
    """The state after the pieces, for more to follow; raises UnsupportedSignature for a digest that is not in the table."""
    kind = _DIGESTS.get(name)
    if name != "shake256" and kind is None:
        raise UnsupportedSignature(f"digest {name}")
    state = hashes.Hash(hashes.SHAKE256(64) if kind is None else kind())
    for piece in pieces:
        state.update(piece)
    return state


def public_key(info: keys.PublicKeyInfo) -> PublicKeyTypes:
    """Key of a certificate; an RSA modulus encoded as a negative integer is read as the unsigned number that was meant."""
    try:
        return serialization.load_der_public_key(info.dump())
    except (ValueError, UnsupportedAlgorithm) as error:
        if info.algorithm != "rsa":
            raise UnsupportedSignature(f"key {info.algorithm}") from error
    parsed = info["public_key"].parsed
    modulus = int.from_bytes(parsed["modulus"].contents, "big")
    try:
        return rsa.RSAPublicNumbers(parsed["public_exponent"].native, modulus).public_key()
    except ValueError as error:
        raise UnsupportedSignature("rsa key") from error


def _pss(parameters: algos.RSASSAPSSParams) -> tuple[padding.PSS, hashes.HashAlgorithm]:
    content = _DIGESTS.get(digest_name(parameters["hash_algorithm"]))
    mask = _DIGESTS.get(digest_name(parameters["mask_gen_algorithm"]["parameters"]))
    if content is None or mask is None:
        raise UnsupportedSignature("rsassa_pss parameters")
    return padding.PSS(padding.MGF1(mask()), parameters["salt_length"].native), content()


def verify_signature(
    key: PublicKeyTypes, algorithm: algos.SignedDigestAlgorithm, digest: str, signature: bytes, message: bytes
) -> bool:
    """True when `signature` over `message` verifies. `digest` is the name in SignerInfo.digestAlgorithm.

    Raises UnsupportedSignature where no answer is possible: unknown algorithm, key of another family, digest unknown, or EdDSA
    with a digest RFC 8419 does not allow.
    """
    oid = str(algorithm["algorithm"].dotted)
    family, fixed = _SIGNATURES.get(oid, ("", None))
    if not family:
        raise UnsupportedSignature(f"signature algorithm {oid}")
    name = fixed or digest
    if family in {"ed25519", "ed448"} and name != digest:
        raise UnsupportedSignature(f"{family} with {digest}")
    try:
        if family in {"ed25519", "ed448", "pss"}:
            _verify_self_contained(key, family, algorithm, signature, message)
        else:
            _verify_with_digest(key, family, name, signature, message)
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, ValueError, TypeError) as error:
        raise UnsupportedSignature(f"{family}: {error}") from error
    return True


def _verify_self_contained(
    key: PublicKeyTypes, family: str, algorithm: algos.SignedDigestAlgorithm, signature: bytes, message: bytes
) -> None:
    if isinstance(key, _CURVES.get(family, ())):
        assert isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey)
        key.verify(signature, message)
    elif isinstance(key, rsa.RSAPublicKey) and family == "pss":
        scheme, content = _pss(algorithm["parameters"])
        key.verify(signature, message, scheme, content)
    else:
        raise UnsupportedSignature(f"{family} with another kind of key")


def _verify_with_digest(key: PublicKeyTypes, family: str, name: str, signature: bytes, message: bytes) -> None:
    kind = _DIGESTS.get(name)
    if kind is None:
        raise UnsupportedSignature(f"digest {name}")
    if isinstance(key, rsa.RSAPublicKey) and family == "rsa":
        _verify_pkcs1(key, kind(), name, signature, message)
    elif isinstance(key, ec.EllipticCurvePublicKey) and family == "ecdsa":
        key.verify(signature, message, ec.ECDSA(kind()))
    elif isinstance(key, dsa.DSAPublicKey) and family == "dsa":
        key.verify(signature, message, kind())
    else:
        raise UnsupportedSignature(f"{family} with another kind of key")


def _verify_pkcs1(
    key: rsa.RSAPublicKey, kind: hashes.HashAlgorithm, name: str, signature: bytes, message: bytes
) -> None:
    """PKCS #1 v1.5, also where the signer left out the NULL parameters of the digest (RFC 8017, 9.2, note 2)."""
    try:
        key.verify(signature, message, padding.PKCS1v15(), kind)
    except InvalidSignature:
        if key.recover_data_from_signature(signature, padding.PKCS1v15(), None) != _bare_digest_info(name, message):
            raise


def _bare_digest_info(name: str, message: bytes) -> bytes:
    oid = next(each for each, known in _DIGEST_OIDS.items() if known == name)
    identifier: bytes = core.ObjectIdentifier(oid).dump()
    digest: bytes = core.OctetString(hash_of(message, name)).dump()
    inside = bytes((_SEQUENCE, len(identifier))) + identifier + digest
    return bytes((_SEQUENCE, len(inside))) + inside
