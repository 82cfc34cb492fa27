"""An enveloped XML signature over a whole small document (W3C XMLDSig, section 6.6.4): the form digital stamps have.

lxml canonicalises an element inside a document with wrong ``xmlns=""`` declarations; here each element that is signed
becomes the root of a document of its own, with every namespace it inherits, as inclusive C14N 1.0 asks.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

DS = "http://www.w3.org/2000/09/xmldsig#"
_XML = "http://www.w3.org/XML/1998/namespace"
_ENVELOPED = f"{DS}enveloped-signature"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": hashlib.sha256,
    f"{_MORE}sha384": hashlib.sha384,
    "http://www.w3.org/2001/04/xmlenc#sha512": hashlib.sha512,
}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_SIGNATURES = {f"{_MORE}{family}-{digest}": (family, digest) for family in ("rsa", "ecdsa") for digest in _HASHES}


class SignatureState(StrEnum):
    """``unsupported``: a method that is not verified here, or more than one part signed."""

    intact = "intact"
    broken = "broken"
    missing = "missing"
    unsupported = "unsupported"


@dataclass(frozen=True, slots=True)
class XmlSignature:
    """The state, the certificate of KeyInfo, and the revocation lists that travel with it, in DER."""

    state: SignatureState
    certificate: x509.Certificate | None = None
    crls: tuple[bytes, ...] = ()
    technical: str | None = None


class _NotSupported(Exception):
    """A method that is not verified here; the text names it."""


def _canonical(element: Any, *, exclusive: bool = False, with_comments: bool = False) -> bytes:
    """Canonical bytes of an element and all below it."""
    return bytes(etree.tostring(element, method="c14n", exclusive=exclusive, with_comments=with_comments))


_INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_CANONICAL: dict[str, Callable[[Any], bytes]] = {
    _INCLUSIVE: _canonical,
    f"{_INCLUSIVE}#WithComments": partial(_canonical, with_comments=True),
    _EXCLUSIVE: partial(_canonical, exclusive=True),
    f"{_EXCLUSIVE}WithComments": partial(_canonical, exclusive=True, with_comments=True),
}


def examine_enveloped(root: Any) -> XmlSignature:
    """Verify the one signature that is a child of ``root`` and signs all of it (Reference URI=""). Never raises."""
    signatures = root.findall(f"{{{DS}}}Signature")
    if len(signatures) != 1:
        return XmlSignature(SignatureState.missing if not signatures else SignatureState.unsupported)
    signature = signatures[0]
    try:
        certificate, crls = _certificate(signature), _crls(signature)
        holds = _reference_holds(root, signature) and _value_holds(signature, certificate)
    except (_NotSupported, UnsupportedAlgorithm) as error:
        return XmlSignature(SignatureState.unsupported, technical=str(error))
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        return XmlSignature(SignatureState.broken, technical=type(error).__name__)
    return XmlSignature(SignatureState.intact if holds else SignatureState.broken, certificate, crls)


def as_root(element: Any) -> Any:
    """A copy of ``element`` as a document of its own, with the namespaces and ``xml:`` attributes that it inherits."""
    alone = etree.Element(element.tag, nsmap=element.nsmap)
    for ancestor in reversed(list(element.iterancestors())):
        for name, value in ancestor.attrib.items():
            if name.startswith(f"{{{_XML}}}"):
                alone.set(name, value)
    for name, value in element.attrib.items():
        alone.set(name, value)
    alone.text = element.text
    alone.extend(deepcopy(child) for child in element)
    return alone


def _reference_holds(root: Any, signature: Any) -> bool:
    references = signature.findall(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    if len(references) != 1 or references[0].get("URI") != "":
        raise _NotSupported("Reference")
    reference = references[0]
    transforms = [each.get("Algorithm") for each in reference.iterfind(f"{{{DS}}}Transforms/{{{DS}}}Transform")]
    if _ENVELOPED not in transforms:
        raise _NotSupported("Transforms without enveloped-signature")
    others = [each for each in transforms if each != _ENVELOPED] or [_INCLUSIVE]
    if len(others) > 1 or others[0] not in _CANONICAL:
        raise _NotSupported(f"Transform {others[-1]}")
    digest = _DIGESTS.get(_algorithm(reference, "DigestMethod"))
    if digest is None:
        raise _NotSupported(f"DigestMethod {_algorithm(reference, 'DigestMethod')}")
    return digest(_CANONICAL[others[0]](_without(root, signature))).digest() == _decoded(reference, "DigestValue")


def _without(root: Any, signature: Any) -> Any:
    """A copy of the document without its signature; the text that follows the signature stays."""
    copy = deepcopy(root)
    gone = copy[list(root).index(signature)]
    before = gone.getprevious()
    if gone.tail and before is not None:
        before.tail = (before.tail or "") + gone.tail
    elif gone.tail:
        copy.text = (copy.text or "") + gone.tail
    copy.remove(gone)
    return copy


def _value_holds(signature: Any, certificate: x509.Certificate) -> bool:
    signed_info = signature.find(f"{{{DS}}}SignedInfo")
    canonical = _CANONICAL.get(_algorithm(signed_info, "CanonicalizationMethod"))
    method = _algorithm(signed_info, "SignatureMethod")
    if canonical is None or method not in _SIGNATURES:
        raise _NotSupported(method)
    family, digest = _SIGNATURES[method]
    value, message = _decoded(signature, "SignatureValue"), canonical(as_root(signed_info))
    key = certificate.public_key()
    try:
        if family == "rsa" and isinstance(key, rsa.RSAPublicKey):
            key.verify(value, message, padding.PKCS1v15(), _HASHES[digest])
        elif family == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            half = len(value) // 2
            numbers = int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
            key.verify(encode_dss_signature(*numbers), message, ec.ECDSA(_HASHES[digest]))
        else:
            raise _NotSupported(f"{method} with another kind of key")
    except InvalidSignature:
        return False
    return True


def _algorithm(parent: Any, name: str) -> str:
    return str(parent.find(f"{{{DS}}}{name}").get("Algorithm"))


def _decoded(parent: Any, name: str) -> bytes:
    return base64.b64decode("".join(parent.find(f"{{{DS}}}{name}").text.split()), validate=True)


def _certificate(signature: Any) -> x509.Certificate:
    found = signature.find(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    if found is None:
        raise _NotSupported("KeyInfo without X509Certificate")
    return x509.load_der_x509_certificate(base64.b64decode("".join(found.text.split())))


def _crls(signature: Any) -> tuple[bytes, ...]:
    found = signature.iterfind(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509CRL")
    return tuple(base64.b64decode("".join((each.text or "").split())) for each in found)
