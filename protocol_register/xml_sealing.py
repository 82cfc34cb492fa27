"""Sealing what the register writes as XML: XAdES baseline B (ETSI EN 319 132-1), inside the file or around it."""

import io
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

if TYPE_CHECKING:
    from signxml.algorithms import SignatureConstructionMethod

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ASIC = "http://uri.etsi.org/02918/v1.2.1#"
ASIC_S = "application/vnd.etsi.asic-s+zip"
SIGNATURES = "META-INF/signatures.xml"


@dataclass(frozen=True)
class XmlSeal:
    """The certificate and the key that seal what the register writes as XML."""

    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def sealed_xml(root: Any, seal: XmlSeal, *, at: datetime) -> bytes:
    """The element with an enveloped XAdES-B signature as its last child, and the XML declaration."""
    from signxml.algorithms import SignatureConstructionMethod

    signed = _sign(root, seal, SignatureConstructionMethod.enveloped, at=at)
    return bytes(etree.tostring(signed, xml_declaration=True, encoding="UTF-8"))


def sealed_container(name: str, xml: bytes, seal: XmlSeal, *, at: datetime) -> bytes:
    """An ASiC-S container (ETSI EN 319 162-1) of one XML file of ours and the XAdES-B signature over it.

    For a file whose schema has no place for a signature: `xml` stays byte for byte what it is, under the name `name`.
    """
    from signxml.algorithms import SignatureConstructionMethod

    root = etree.Element(f"{{{ASIC}}}XAdESSignatures", nsmap={"asic": ASIC})
    signed = _sign(etree.fromstring(xml), seal, SignatureConstructionMethod.detached, at=at, reference_uri=name)
    root.append(signed)
    signatures = bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(_member("mimetype", at), ASIC_S, compress_type=zipfile.ZIP_STORED)
        package.writestr(_member(name, at), xml, compress_type=zipfile.ZIP_DEFLATED)
        package.writestr(_member(SIGNATURES, at), signatures, compress_type=zipfile.ZIP_DEFLATED)
    return output.getvalue()


def _sign(
    root: Any, seal: XmlSeal, method: "SignatureConstructionMethod", *, at: datetime, reference_uri: str | None = None
) -> Any:
    from signxml.xades.xades import XAdESSigner

    class Signer(XAdESSigner):
        def add_signing_time(self, signed_signature_properties: Any, sig_root: Any, signing_settings: Any) -> None:  # noqa: ARG002
            """The time stated is the one given, not the machine's."""
            etree.SubElement(signed_signature_properties, f"{{{XADES}}}SigningTime").text = at.isoformat(
                timespec="seconds"
            )

        def _add_reference_to_signed_info(self, sig_root: Any, node_to_reference: Any, **attrs: Any) -> None:
            """Says how the digest was made; unsaid, a verifier takes in the namespaces of the whole document."""
            super()._add_reference_to_signed_info(sig_root, node_to_reference, **attrs)  # type: ignore[no-untyped-call]
            reference = sig_root.findall(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")[-1]
            transforms = etree.Element(f"{{{DS}}}Transforms")
            etree.SubElement(transforms, f"{{{DS}}}Transform", Algorithm=EXCLUSIVE)
            reference.insert(0, transforms)

    signer = Signer(
        method=method,
        signature_algorithm="rsa-sha256" if isinstance(seal.private_key, rsa.RSAPrivateKey) else "ecdsa-sha256",
        digest_algorithm="sha256",
        c14n_algorithm=EXCLUSIVE,
    )
    return signer.sign(
        root, key=seal.private_key, cert=[seal.certificate], always_add_key_value=False, reference_uri=reference_uri
    )


def _member(name: str, at: datetime) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
