"""Qualifying properties of XAdES (ETSI EN 319 132-1, TS 101 903 from 1.1.1 on): signed beside the data, or added later."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import TypeVar

from asn1crypto import crl, ocsp, x509

from signing.certificate_path import Material
from signing.certificates import is_readable
from signing.foreign_input import MALFORMED
from signing.stated_times import stated_time
from signing.xml_algorithms import xml_hash
from signing.xml_document import Element, elements_of, local_name, text_of
from signing.xml_references import DS

_T = TypeVar("_T")
_ARMOUR = re.compile(r"-----(?:BEGIN|END) [A-Z0-9 ]{1,40}-----")
MOST_OF_A_KIND = 100
"""Certificates, lists and responses of one signature that are read, of each kind."""

_XADES = "http://uri.etsi.org/01903/"
_EVIDENCE = "{http://uri.etsi.org/19132/v1.1.1#}SealingEvidenceRecords"


class AmbiguousProperties(Exception):
    """A signature with more than one set of qualifying properties: no one can say which of them was signed."""


class StampKind(StrEnum):
    """What an unsigned time-stamp property covers: the value of the signature, references to certificates and revocation
    material, both, or everything there was (EN 319 132-1, 5.3 to 5.5 and annex A)."""

    signature = "SignatureTimeStamp"
    references = "RefsOnlyTimeStamp"
    signature_and_references = "SigAndRefsTimeStamp"
    archive = "ArchiveTimeStamp"


@dataclass(frozen=True, slots=True)
class StampElement:
    """A time-stamp property: its kind, its element (which may name a canonicalization) and its tokens in DER."""

    kind: StampKind
    element: Element
    tokens: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class QualifyingProperties:
    """What the properties of one signature say. `signed` is the SignedProperties element, `evidence` those that hold evidence
    records (ETSI TS 119 132-3)."""

    signed: Element
    claimed_time: datetime | None
    certificate_references: tuple[Element, ...]
    stamps: tuple[StampElement, ...]
    counter_signatures: tuple[Element, ...]
    material: Material
    evidence: tuple[Element, ...] = ()


def is_xades(element: Element, name: str) -> bool:
    """True for an element of that name in the namespace of any version of XAdES."""
    return isinstance(element.tag, str) and element.tag.startswith(f"{{{_XADES}") and local_name(element) == name


def _below(parent: Element, *path: str) -> list[Element]:
    found = [parent]
    for name in path:
        found = [child for one in found for child in elements_of(one) if is_xades(child, name)]
    return found


def read_properties(signature: Element) -> QualifyingProperties | None:
    """The properties of a ds:Signature; None where it has none signed. Raises AmbiguousProperties where it has several."""
    holders = [one for thing in signature.iterfind(f"{DS}Object") for one in elements_of(thing)]
    holders = [one for one in holders if is_xades(one, "QualifyingProperties")]
    signed = [one for holder in holders for one in _below(holder, "SignedProperties")]
    if len(signed) > 1 or len(holders) > 1:
        raise AmbiguousProperties(f"{len(holders)} QualifyingProperties, {len(signed)} SignedProperties")
    if not signed:
        return None
    holder, properties = holders[0], signed[0]
    unsigned = _below(holder, "UnsignedProperties", "UnsignedSignatureProperties")
    added = [one for parent in unsigned for one in elements_of(parent)]
    return QualifyingProperties(
        signed=properties,
        claimed_time=_claimed_time(properties),
        certificate_references=_certificate_references(properties),
        stamps=tuple(_stamps(added)),
        counter_signatures=tuple(
            one for place in added if is_xades(place, "CounterSignature") for one in place.iterfind(f"{DS}Signature")
        ),
        material=embedded_material(holder),
        evidence=tuple(one for one in added if one.tag == _EVIDENCE),
    )


def _claimed_time(properties: Element) -> datetime | None:
    for one in _below(properties, "SignedSignatureProperties", "SigningTime"):
        try:
            moment = datetime.fromisoformat(text_of(one).strip())
        except ValueError:
            return None
        return stated_time(moment)
    return None


def _certificate_references(properties: Element) -> tuple[Element, ...]:
    """The Cert elements of SigningCertificateV2, or of SigningCertificate."""
    for name in ("SigningCertificateV2", "SigningCertificate"):
        found = _below(properties, "SignedSignatureProperties", name, "Cert")
        if found:
            return tuple(found)
    return ()


def names_certificate(reference: Element, certificate: x509.Certificate) -> bool:
    """True where a Cert element bears the digest of the certificate. Raises UnsupportedSignature for an unknown digest.

    The issuer and serial number beside it are hints (EN 319 132-1, 5.2.2): producers write them in many ways.
    """
    for digest in _below(reference, "CertDigest"):
        # Version 1.1.1 had elements of its own where the later ones take those of XML Signature.
        parts = {local_name(one): one for one in elements_of(digest)}
        expected = decoded(parts["DigestValue"]) if "DigestValue" in parts else None
        return xml_hash(certificate.dump(), parts.get("DigestMethod")) == expected
    return False


def _stamps(properties: Iterable[Element]) -> Iterator[StampElement]:
    for element in properties:
        for kind in StampKind:
            if is_xades(element, kind) or is_xades(element, f"{kind}V2"):
                tokens = [decoded(one) for one in elements_of(element) if is_xades(one, "EncapsulatedTimeStamp")]
                yield StampElement(kind, element, tuple(token for token in tokens if token is not None))


def decoded(element: Element) -> bytes | None:
    """The base64 text of an element, without the lines of an armour that programs leave around it; None where it is none."""
    try:
        return base64.b64decode("".join(_ARMOUR.sub("", text_of(element)).split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _loaded(elements: Iterable[Element], load: Callable[[bytes], _T]) -> tuple[_T, ...]:
    """What can be read of the first ones; the rest is left out, as material for a path may lack but never mislead."""
    found = []
    for element in islice(elements, MOST_OF_A_KIND):
        try:
            found.append(load(decoded(element) or b""))
        except MALFORMED:
            continue
    return tuple(found)


def _certificate(der: bytes) -> x509.Certificate:
    certificate = x509.Certificate.load(der, strict=True)
    if not is_readable(certificate):
        raise ValueError("certificate")
    return certificate


def _revocation_list(der: bytes) -> crl.CertificateList:
    loaded = crl.CertificateList.load(der, strict=True)
    _ = loaded.issuer.native, len(loaded["tbs_cert_list"]["revoked_certificates"])
    return loaded


def _response(der: bytes) -> ocsp.OCSPResponse:
    """An OCSPResponse, also where only the BasicOCSPResponse inside it was kept."""
    try:
        loaded = ocsp.OCSPResponse.load(der, strict=True)
        _ = loaded.response_data.native
    except MALFORMED:
        basic = ocsp.BasicOCSPResponse.load(der, strict=True)
        _ = basic["tbs_response_data"].native
        return ocsp.OCSPResponse(
            {
                "response_status": "successful",
                "response_bytes": {"response_type": "basic_ocsp_response", "response": basic},
            }
        )
    return loaded


def embedded_material(holder: Element) -> Material:
    """Certificates, revocation lists and OCSP responses in the properties: they prove themselves."""
    inside = list(holder.iter())
    return Material(
        _loaded((one for one in inside if is_xades(one, "EncapsulatedX509Certificate")), _certificate),
        _loaded((one for one in inside if is_xades(one, "EncapsulatedCRLValue")), _revocation_list),
        _loaded((one for one in inside if is_xades(one, "EncapsulatedOCSPValue")), _response),
    )


def loaded_material(encoded: Iterable[tuple[str, Element]]) -> Material:
    """Material from elements with their kind: CERT, CRL or OCSP (RFC 6283, 3.1.3); others are left out."""
    given = list(encoded)
    return Material(
        _loaded((one for kind, one in given if kind == "CERT"), _certificate),
        _loaded((one for kind, one in given if kind == "CRL"), _revocation_list),
        _loaded((one for kind, one in given if kind == "OCSP"), _response),
    )


def key_info_material(signature: Element) -> Material:
    """Certificates and revocation lists of the signature's own ds:KeyInfo."""
    data = [one for info in signature.iterfind(f"{DS}KeyInfo") for one in info.iterfind(f"{DS}X509Data")]
    return Material(
        _loaded((one for place in data for one in place.iterfind(f"{DS}X509Certificate")), _certificate),
        _loaded((one for place in data for one in place.iterfind(f"{DS}X509CRL")), _revocation_list),
    )


def named_certificates(
    properties: QualifyingProperties | None, candidates: tuple[x509.Certificate, ...]
) -> tuple[x509.Certificate, ...]:
    """The candidates that the signed properties name: the signer's, in any place, and perhaps others of its path.

    Raises UnsupportedSignature for an unknown digest.
    """
    references = properties.certificate_references if properties is not None else ()
    return tuple(one for each in references for one in candidates if names_certificate(each, one))
