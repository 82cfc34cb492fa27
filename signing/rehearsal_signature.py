"""Signatures for trying: an authority of the installation that signs as anybody, in the layout of Italian certificates.

Its certificates say in the organisation's name that they have no value; nothing made here is accepted where the authority is
not given as an anchor, and only the rehearsal of a notice does that.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.sign.ades.api import CAdESSignedAttrSpec
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from signing.key_files import load_pair, save_pair
from signing.pdf_signing import Statement, sign_incrementally, signer_with
from signing.seal_key import signing_key_usage

WITHOUT_VALUE = "PROVA - CERTIFICATO SENZA VALORE"
AUTHORITY_NAME = "Autorità di prova dell'installazione"
_STEM = "rehearsal"
_AUTHORITY_DAYS = 7305
_SIGNER_DAYS = 1096
_NO_REVOCATION_AVAILABLE = x509.ObjectIdentifier("2.5.29.56")
_ASN1_NULL = b"\x05\x00"


@dataclass(frozen=True, slots=True)
class RehearsalAuthority:
    """A certification authority for rehearsals: give `certificate` as an anchor where its signatures are to be believed."""

    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, at: datetime) -> "RehearsalAuthority":
        """A new authority, valid twenty years from the day before `at` (aware)."""
        private_key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, WITHOUT_VALUE),
                x509.NameAttribute(NameOID.COMMON_NAME, AUTHORITY_NAME),
            ]
        )
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(private_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(at - timedelta(days=1))
            .not_valid_after(at + timedelta(days=_AUTHORITY_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(private_key.public_key()), critical=False)
            .sign(private_key, hashes.SHA256())
        )
        return cls(certificate, private_key)

    def save(self, folder: Path) -> None:
        """Keep the authority on disk, readable by its owner alone. Raises FileExistsError rather than replace one."""
        save_pair(folder, _STEM, self.certificate, self.private_key)

    @classmethod
    def load(cls, folder: Path) -> "RehearsalAuthority":
        """Read what `save` wrote. Raises FileNotFoundError, or ValueError when key and certificate are no pair."""
        return cls(*load_pair(folder, _STEM))

    def sign_pdf(
        self, pdf: bytes, given_name: str, surname: str, tax_code: str, at: datetime, field_name: str = "FirmaDiProva"
    ) -> bytes:
        """Sign as that person: PAdES baseline B appended to the PDF, with a certificate issued for this signature alone."""
        signer = self._signer(given_name, surname, tax_code, at)
        statement = Statement(field_name, "Firma di prova senza valore", f"{surname} {given_name}".upper(), at)
        return sign_incrementally(pdf, signer, statement)

    def sign_p7m(self, data: bytes, given_name: str, surname: str, tax_code: str, at: datetime) -> bytes:
        """Sign as that person: CAdES baseline B that encloses `data` (any bytes, an envelope too), in DER."""
        return envelop(data, self._signer(given_name, surname, tax_code, at), at)

    def _signer(self, given_name: str, surname: str, tax_code: str, at: datetime) -> SimpleSigner:
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, WITHOUT_VALUE),
                x509.NameAttribute(NameOID.SURNAME, surname.upper()),
                x509.NameAttribute(NameOID.GIVEN_NAME, given_name.upper()),
                x509.NameAttribute(NameOID.SERIAL_NUMBER, f"TINIT-{tax_code.upper()}"),
                x509.NameAttribute(NameOID.COMMON_NAME, f"{surname} {given_name}".upper()),
            ]
        )
        return signer_with(*self.issue(subject, at), (self.certificate,))

    def issue(self, subject: x509.Name, at: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        """A certificate for signing in that name, in force at `at` (aware), with a key made for it."""
        private_key = ec.generate_private_key(ec.SECP256R1())
        authority_key = x509.SubjectKeyIdentifier.from_public_key(self.private_key.public_key())
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.certificate.subject)
            .public_key(private_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(at - timedelta(minutes=5))
            .not_valid_after(at + timedelta(days=_SIGNER_DAYS))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(signing_key_usage(), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority_key), critical=False
            )
            # RFC 9608: this authority publishes no revocation, and says so.
            .add_extension(x509.UnrecognizedExtension(_NO_REVOCATION_AVAILABLE, _ASN1_NULL), critical=False)
            .sign(self.private_key, hashes.SHA256())
        )
        return certificate, private_key


def envelop(data: bytes, signer: SimpleSigner, at: datetime) -> bytes:
    """CAdES baseline B around `data` (RFC 5652, ETSI EN 319 122-1): enclosed content, signing time, signingCertificateV2.

    Raises ValueError for a naive `at`. Must not be called from a running event loop.
    """
    if at.tzinfo is None:
        raise ValueError("the time of a signature must be aware")
    attributes = PdfCMSSignedAttributes(signing_time=at, cades_signed_attrs=CAdESSignedAttrSpec())
    return asyncio.run(_enveloped(data, signer, attributes))


async def _enveloped(data: bytes, signer: SimpleSigner, attributes: PdfCMSSignedAttributes) -> bytes:
    message = await signer.async_sign_general_data(
        data, "sha256", detached=False, use_cades=True, signed_attr_settings=attributes
    )
    return bytes(message.dump())
