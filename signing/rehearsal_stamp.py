"""Digital stamps for trying, sold by the rehearsal authority: well made, for one document, and worth nothing."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import Name, NameAttribute
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, SignatureConstructionMethod
from signxml.signer import XMLSigner

from signing.rehearsal_signature import WITHOUT_VALUE, RehearsalAuthority
from signing.stamp_duty.digital import DS, NAMESPACE
from signing.xml_document import Element

_SELLER_CODE = "00000000000"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


@dataclass(frozen=True, slots=True)
class TrialPurchase:
    """What is bought: the stamp's number of 14 digits, its amount in euros, the instant (aware)."""

    identifier: str
    amount: Decimal
    at: datetime


def sell_trial_stamp(authority: RehearsalAuthority, document: bytes, purchase: TrialPurchase) -> bytes:
    """A ``marcaDaBollo`` bought for `document`, signed by a seller that the rehearsal authority certifies for it alone."""
    root = etree.Element(f"{{{NAMESPACE}}}marcaDaBollo", nsmap={None: NAMESPACE})
    seller = etree.SubElement(root, f"{{{NAMESPACE}}}PSP")
    _add(seller, "CodiceFiscale", _SELLER_CODE)
    _add(seller, "Denominazione", WITHOUT_VALUE)
    _add(root, "IUBD", purchase.identifier)
    _add(root, "OraAcquisto", purchase.at.isoformat(timespec="seconds"))
    _add(root, "Importo", f"{purchase.amount:.2f}")
    _add(root, "TipoBollo", "01")
    imprint = etree.SubElement(root, f"{{{NAMESPACE}}}ImprontaDocumento")
    etree.SubElement(imprint, f"{{{NAMESPACE}}}DigestMethod", Algorithm=_SHA256)
    digest = etree.SubElement(imprint, f"{{{DS}}}DigestValue")
    digest.text = base64.b64encode(hashlib.sha256(document).digest()).decode()
    signed = _signed(root, authority, purchase.at)
    return bytes(etree.tostring(signed, xml_declaration=True, encoding="UTF-8"))


def _add(parent: Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = text


def _signed(root: Element, authority: RehearsalAuthority, at: datetime) -> Element:
    """Exclusive canonicalization: the namespaces around the signature are no part of what is signed."""
    certificate, key = authority.issue(
        Name(
            [
                NameAttribute(NameOID.COUNTRY_NAME, "IT"),
                NameAttribute(NameOID.ORGANIZATION_NAME, WITHOUT_VALUE),
                NameAttribute(NameOID.COMMON_NAME, f"{_SELLER_CODE} VENDITORE DI PROVA"),
            ]
        ),
        at,
    )
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm="ecdsa-sha256",
        digest_algorithm="sha256",
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    return signer.sign(
        root,
        key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        cert=certificate.public_bytes(Encoding.PEM).decode(),
    )
