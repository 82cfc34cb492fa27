"""A synthetic authority for digital stamps, and its one seller: writes ``marcaDaBollo`` files, canonical by construction.

The canonical bytes are written by hand, without any XML library, so that they are a witness of their own.
"""

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from signing.trust import TrustStore

NAMESPACE = "http://www.agenziaentrate.gov.it/2014/MarcaDaBollo"
DS = "http://www.w3.org/2000/09/xmldsig#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_INHERITED = f'xmlns="{DS}" xmlns:ns2="{DS}"'


def _name(common_name: str, unit: str) -> x509.Name:
    parts = ((NameOID.COUNTRY_NAME, "IT"), (NameOID.ORGANIZATION_NAME, "Agenzia delle Entrate"))
    rest = ((NameOID.ORGANIZATIONAL_UNIT_NAME, unit), (NameOID.COMMON_NAME, common_name))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in (*parts, *rest)])


@cache
def key(_who: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def authority() -> x509.Certificate:
    return _certificate(_name("CA Bollo Telematico", "Servizi Telematici"), "authority", ca=True)


@cache
def seller(issuer: str = "authority") -> x509.Certificate:
    return _certificate(_name("12345678903 CASSA DI PROVA SPA", "PSP"), "seller", ca=False, issuer=issuer)


@cache
def impostor() -> x509.Certificate:
    """An authority of the same make and another name, that we also trust for other ends."""
    return _certificate(_name("Altra CA", "Servizi"), "impostor", ca=True)


def _certificate(subject: x509.Name, who: str, *, ca: bool, issuer: str = "") -> x509.Certificate:
    names = {
        "": subject,
        "authority": _name("CA Bollo Telematico", "Servizi Telematici"),
        "impostor": _name("Altra CA", "Servizi"),
    }
    usage = x509.KeyUsage(False, not ca, False, False, False, ca, ca, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(names[issuer])
        .public_key(key(who).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2015, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2035, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key(issuer or who), hashes.SHA256())
    )


def trust_store() -> TrustStore:
    return TrustStore.empty().with_anchor(authority())


def trust_folder(folder: Path) -> Path:
    (folder / "anchors").mkdir(parents=True)
    (folder / "anchors" / "bollo.pem").write_bytes(authority().public_bytes(Encoding.PEM))
    return folder


def base64_digest(document: bytes) -> str:
    """The digest as the format writes it."""
    return base64.b64encode(hashlib.sha256(document).digest()).decode()


def digital_stamp(
    document: bytes,
    *,
    identifier: str = "01200002186093",
    amount: str = "16.00",
    bought_at: str = "2020-04-06T20:18:01+02:00",
    digest: str | None = None,
    issuer: str = "authority",
) -> bytes:
    """A stamp bought for ``document``; ``digest`` writes another in its place."""
    body = (
        "<PSP><CodiceFiscale>12345678903</CodiceFiscale><Denominazione>Cassa di prova &amp; C.</Denominazione></PSP>"
        f"<IUBD>{identifier}</IUBD><OraAcquisto>{bought_at}</OraAcquisto><Importo>{amount}</Importo><TipoBollo>01</TipoBollo>"
        f'<ImprontaDocumento><DigestMethod Algorithm="{SHA256}"></DigestMethod>'
        f"<ns2:DigestValue>{digest or base64_digest(document)}</ns2:DigestValue></ImprontaDocumento>"
    )
    opening = f'<marcaDaBollo xmlns="{NAMESPACE}" xmlns:ns2="{DS}">'
    signed = (
        '<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"></CanonicalizationMethod>'
        '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></SignatureMethod>'
        f'<Reference URI=""><Transforms><Transform Algorithm="{DS}enveloped-signature"></Transform></Transforms>'
        f'<DigestMethod Algorithm="{SHA256}"></DigestMethod>'
        f"<DigestValue>{base64_digest(f'{opening}{body}</marcaDaBollo>'.encode())}</DigestValue></Reference></SignedInfo>"
    )
    value = key("seller").sign(f"<SignedInfo {_INHERITED}>{signed}".encode(), padding.PKCS1v15(), hashes.SHA256())
    certificate = base64.b64encode(seller(issuer).public_bytes(Encoding.DER)).decode()
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{opening}{body}<Signature xmlns="{DS}"><SignedInfo>{signed}'
        f"<SignatureValue>{base64.b64encode(value).decode()}</SignatureValue><KeyInfo><X509Data>"
        f"<X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo></Signature></marcaDaBollo>"
    ).encode()
