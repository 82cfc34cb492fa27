"""XML signatures of the synthetic subscribers, put together by hand so that every part of them can be chosen or spoilt.

What is canonicalised here is canonicalised by libxml2, never by the code under test.
"""

import asyncio
import base64
import hashlib
from datetime import datetime
from functools import cache

from certomancer.registry import KeyLabel
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_private_key
from lxml import etree

from tests.pki.authority import AT, architecture, certificate, timestamper

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = f'<ds:Transform Algorithm="{DS}enveloped-signature"/>'
BASE64 = f'<ds:Transform Algorithm="{DS}base64"/>'
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA1 = f"{DS}sha1"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"


def transform(algorithm: str) -> str:
    return f'<ds:Transform Algorithm="{algorithm}"/>'


def xpath(expression: str) -> str:
    return (
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
        f"<ds:XPath>{expression}</ds:XPath></ds:Transform>"
    )


def filter2(*steps: tuple[str, str]) -> str:
    name = "http://www.w3.org/2002/06/xmldsig-filter2"
    inside = "".join(f'<f:XPath xmlns:f="{name}" Filter="{kind}">{expression}</f:XPath>' for kind, expression in steps)
    return f'<ds:Transform Algorithm="{name}">{inside}</ds:Transform>'


def canonical(text: str, *, exclusive: bool = True) -> bytes:
    """Canonical form of a whole document, by libxml2."""
    return bytes(etree.tostring(etree.fromstring(text.encode()), method="c14n", exclusive=exclusive))


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def reference(uri: str | None, octets: bytes, transforms: str = "", *, kind: str = "", digest: str = SHA256) -> str:
    """A Reference to what gives `octets` once transformed."""
    hashed = hashlib.sha1(octets) if digest == SHA1 else hashlib.sha256(octets)
    named = "" if uri is None else f' URI="{uri}"'
    return (
        f"<ds:Reference{named}{f' Type={chr(34)}{kind}{chr(34)}' if kind else ''}>"
        f"{f'<ds:Transforms>{transforms}</ds:Transforms>' if transforms else ''}"
        f'<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue>{encoded(hashed.digest())}</ds:DigestValue></ds:Reference>'
    )


@cache
def private_key(who: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    key = load_der_private_key(architecture().key_set.get_private_key(KeyLabel(who)).dump(), None)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return key


def x509_certificate(who: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate(who).dump())


def _certificate_reference(who: str) -> str:
    digest = encoded(hashlib.sha256(certificate(who).dump()).digest())
    return (
        f'<xades:Cert><xades:CertDigest><ds:DigestMethod xmlns:ds="{DS}" Algorithm="{SHA256}"/>'
        f'<ds:DigestValue xmlns:ds="{DS}">{digest}</ds:DigestValue></xades:CertDigest></xades:Cert>'
    )


def signed_properties(who: str, at: datetime, identifier: str, *, before: str = "") -> str:
    """SignedProperties that name the certificate of `who`, after that of `before` where one is given."""
    named = "".join(_certificate_reference(one) for one in (before, who) if one)
    return (
        f'<xades:SignedProperties xmlns:xades="{XADES}" Id="{identifier}"><xades:SignedSignatureProperties>'
        f"<xades:SigningTime>{at.isoformat()}</xades:SigningTime>"
        f"<xades:SigningCertificateV2>{named}</xades:SigningCertificateV2>"
        "</xades:SignedSignatureProperties></xades:SignedProperties>"
    )


def sign_xml_as(
    who: str,
    references: str,
    *,
    objects: str = "",
    identifier: str = "s",
    at: datetime = AT,
    properties: str | None = None,
    unsigned: str = "",
    shown: str | None = None,
    method: str = "",
) -> str:
    """A ds:Signature over `references` and its own signed properties (none when `properties` is empty).

    `shown` is whose certificate stands in KeyInfo (nobody's when empty); `unsigned` are UnsignedSignatureProperties.
    """
    own = signed_properties(who, at, f"{identifier}-p") if properties is None else properties
    if own:
        kind = "http://uri.etsi.org/01903#SignedProperties"
        references += reference(f"#{identifier}-p", canonical(own), transform(EXCLUSIVE), kind=kind)
    key = private_key(who)
    algorithm = method or f"{_MORE}{'rsa' if isinstance(key, rsa.RSAPrivateKey) else 'ecdsa'}-sha256"
    info = (
        f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
        f'<ds:SignatureMethod Algorithm="{algorithm}"/>{references}</ds:SignedInfo>'
    )
    value = _value(key, canonical(info), sha1=algorithm.endswith("sha1"))
    shown = who if shown is None else shown
    later = "<xades:UnsignedProperties><xades:UnsignedSignatureProperties>{}</xades:UnsignedSignatureProperties>"
    later = later.format(unsigned) + "</xades:UnsignedProperties>" if unsigned else ""
    qualifying = (
        f'<ds:Object><xades:QualifyingProperties xmlns:xades="{XADES}">{own}{later}</xades:QualifyingProperties>'
    )
    return (
        f'<ds:Signature xmlns:ds="{DS}" Id="{identifier}">{info}'
        f'<ds:SignatureValue Id="{identifier}-v">{encoded(value)}</ds:SignatureValue>{_key_info(shown)}'
        f"{qualifying + '</ds:Object>' if own else ''}{objects}</ds:Signature>"
    )


def _key_info(who: str) -> str:
    if not who:
        return ""
    shown = "".join(
        f"<ds:X509Certificate>{encoded(certificate(one).dump())}</ds:X509Certificate>" for one in (who, "ca")
    )
    return f"<ds:KeyInfo><ds:X509Data>{shown}</ds:X509Data></ds:KeyInfo>"


def _value(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, message: bytes, *, sha1: bool) -> bytes:
    digest = hashes.SHA1() if sha1 else hashes.SHA256()
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), digest)
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(digest)))
    length = (key.curve.key_size + 7) // 8
    return r.to_bytes(length, "big") + s.to_bytes(length, "big")


def token(data: bytes, at: datetime = AT, *, digest: str = "sha256", hashed: bool = False) -> bytes:
    """A time-stamp token over `data` (over the hash that it is, when `hashed`), in DER."""
    stamp = timestamper(at).async_timestamp(data if hashed else hashlib.new(digest, data).digest(), digest)
    return bytes(asyncio.run(stamp).dump())


def with_property(signature: str, added: str) -> str:
    """The signature with one more unsigned property."""
    place = "</xades:QualifyingProperties>"
    later = f"<xades:UnsignedProperties><xades:UnsignedSignatureProperties>{added}</xades:UnsignedSignatureProperties>"
    return signature.replace(place, f"{later}</xades:UnsignedProperties>{place}")


def value_element(signature: str) -> str:
    """The SignatureValue element, able to stand by itself."""
    start, end = signature.index("<ds:SignatureValue"), signature.index("</ds:SignatureValue>")
    return (
        signature[start:end].replace("<ds:SignatureValue", f'<ds:SignatureValue xmlns:ds="{DS}"', 1)
        + "</ds:SignatureValue>"
    )


def stamped(signature: str, at: datetime = AT) -> str:
    """The signature with a SignatureTimeStamp of `at`."""
    over = canonical(value_element(signature))
    return with_property(
        signature,
        f'<xades:SignatureTimeStamp><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/><xades:EncapsulatedTimeStamp>'
        f"{encoded(token(over, at))}</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>",
    )
