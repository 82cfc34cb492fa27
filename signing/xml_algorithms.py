"""Algorithm identifiers of XML Signature (RFC 9231, W3C XML Signature 1.1) and how their values differ from those of CMS."""

from asn1crypto import algos
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from signing.algorithms import UnsupportedSignature, hash_of, verify_signature
from signing.xml_document import Element

_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_DSIG11 = "http://www.w3.org/2009/xmldsig11#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE07 = "http://www.w3.org/2007/05/xmldsig-more#"
_MORE21 = "http://www.w3.org/2021/04/xmldsig-more#"
_ENC = "http://www.w3.org/2001/04/xmlenc#"

_DIGESTS = {
    f"{_MORE}md5": "md5",
    f"{_DSIG}sha1": "sha1",
    f"{_MORE}sha224": "sha224",
    f"{_ENC}sha256": "sha256",
    f"{_MORE}sha384": "sha384",
    f"{_ENC}sha512": "sha512",
    **{f"{_MORE07}sha3-{size}": f"sha3_{size}" for size in (224, 256, 384, 512)},
}
_RSA = {"md5", "sha1", "sha224", "sha256", "sha384", "sha512"}
_LONGER = _RSA - {"md5", "sha1"}
# Algorithm -> (identifier of CMS for the same mathematics, digest).
_SIGNATURES: dict[str, tuple[str, str]] = {
    f"{_DSIG}rsa-sha1": ("rsassa_pkcs1v15", "sha1"),
    f"{_MORE}rsa-md5": ("rsassa_pkcs1v15", "md5"),
    **{f"{_MORE}rsa-{digest}": ("rsassa_pkcs1v15", digest) for digest in _LONGER},
    **{f"{_MORE07}{digest}-rsa-MGF1": ("rsassa_pss", digest) for digest in _LONGER | {"sha1"}},
    **{f"{_MORE07}sha3-{size}-rsa-MGF1": ("rsassa_pss", f"sha3_{size}") for size in (224, 256, 384, 512)},
    **{f"{_MORE}ecdsa-{digest}": ("1.2.840.10045.2.1", digest) for digest in _LONGER | {"sha1"}},
    **{f"{_MORE21}ecdsa-sha3-{size}": ("1.2.840.10045.2.1", f"sha3_{size}") for size in (224, 256, 384, 512)},
    f"{_DSIG}dsa-sha1": ("1.2.840.10040.4.1", "sha1"),
    f"{_DSIG11}dsa-sha256": ("1.2.840.10040.4.1", "sha256"),
    f"{_MORE21}eddsa-ed25519": ("1.3.101.112", "sha512"),
    f"{_MORE21}eddsa-ed448": ("1.3.101.113", "shake256"),
}
_PSS_WITH_PARAMETERS = f"{_MORE07}rsa-pss"


def xml_digest_name(method: Element | None) -> str:
    """Short name of the digest of a DigestMethod. Raises UnsupportedSignature where it is missing or unknown."""
    algorithm = method.get("Algorithm") if method is not None else None
    name = _DIGESTS.get(algorithm or "")
    if name is None:
        raise UnsupportedSignature(f"digest {algorithm}")
    return name


def xml_hash(data: bytes, method: Element | None) -> bytes:
    """Digest of `data` by a DigestMethod. Raises UnsupportedSignature."""
    return hash_of(data, xml_digest_name(method))


def signature_digest(method: Element) -> str:
    """Digest that a SignatureMethod implies. Raises UnsupportedSignature for an unknown method, HMAC among them.

    A keyed hash says nothing of who made it: whoever can verify it could have made it.
    """
    return _method(method)[1]


def _method(method: Element) -> tuple[str, str]:
    algorithm = method.get("Algorithm") or ""
    if algorithm == _PSS_WITH_PARAMETERS:
        found = method.find(f"{{{_MORE07}}}RSAPSSParams/{{{_DSIG}}}DigestMethod")
        return "rsassa_pss", xml_digest_name(found) if found is not None else "sha256"
    if algorithm not in _SIGNATURES:
        raise UnsupportedSignature(f"signature algorithm {algorithm}")
    return _SIGNATURES[algorithm]


def verify_xml_signature(key: PublicKeyTypes, method: Element, signature: bytes, message: bytes) -> bool:
    """True when a SignatureValue verifies. Raises UnsupportedSignature where no answer is possible."""
    name, digest = _method(method)
    algorithm = algos.SignedDigestAlgorithm({"algorithm": name})
    if name == "rsassa_pss":
        algorithm["parameters"] = _pss_parameters(method, digest)
    value = _in_der(key, signature)
    return value is not None and verify_signature(key, algorithm, digest, value, message)


def _pss_parameters(method: Element, digest: str) -> algos.RSASSAPSSParams:
    """RFC 9231: salt as long as the digest and the same digest in the mask, unless RSAPSSParams say otherwise."""
    parameters = method.find(f"{{{_MORE07}}}RSAPSSParams")
    salt, mask = None, digest
    if parameters is not None:
        stated = parameters.findtext(f"{{{_MORE07}}}SaltLength")
        salt = int(stated) if stated else None
        masked = parameters.find(f"{{{_MORE07}}}MaskGenerationFunction/{{{_DSIG}}}DigestMethod")
        mask = xml_digest_name(masked) if masked is not None else digest
    return algos.RSASSAPSSParams(
        {
            "hash_algorithm": {"algorithm": digest},
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": mask}},
            "salt_length": len(hash_of(b"", digest)) if salt is None else salt,
        }
    )


def _in_der(key: PublicKeyTypes, signature: bytes) -> bytes | None:
    """ECDSA and DSA values stand as two integers of equal length (XML Signature 6.4); None where they do not.

    Programs in use leave out zeros that both begin with, as those of P-521 often do.
    """
    if isinstance(key, ec.EllipticCurvePublicKey):
        length = (key.curve.key_size + 7) // 8
    elif isinstance(key, dsa.DSAPublicKey):
        length = (key.parameters().parameter_numbers().q.bit_length() + 7) // 8
    else:
        return signature
    half, odd = divmod(len(signature), 2)
    if odd or not 0 < half <= length:
        return None
    return encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
