"""Keys that seal. The installation's own is self-signed and kept in a folder; a token's is in `signing.seal_pkcs11`."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from pyhanko.sign.signers import Signer

from signing.key_files import load_pair, save_pair
from signing.pdf_signing import signer_with

FIRST_SEAL = "seal"
_DAYS = 3653


class SealingKey(Protocol):
    """Whatever can seal: a key in a file (`SealKey`) or in a token (`signing.seal_pkcs11.TokenKey`)."""

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate that the seal carries."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, lower-case hexadecimal."""

    @property
    def private_key(self) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
        """What signs, for programs that take such an object."""

    def signer(self) -> AbstractContextManager[Signer]:
        """pyHanko's signer, for as long as the block lasts."""


def signing_key_usage() -> x509.KeyUsage:
    """Key usage of certificates that sign documents: nonRepudiation alone (AgID Det. 121/2019, type A)."""
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


@dataclass(frozen=True, slots=True)
class SealKey:
    """A certificate and its private key (P-256)."""

    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, common_name: str, organization: str, at: datetime) -> "SealKey":
        """A new key with a self-signed certificate of an electronic seal, valid ten years from `at` (aware)."""
        private_key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
                x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            ]
        )
        key_identifier = x509.SubjectKeyIdentifier.from_public_key(private_key.public_key())
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(private_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(at - timedelta(minutes=5))
            .not_valid_after(at + timedelta(days=_DAYS))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(signing_key_usage(), critical=True)
            .add_extension(key_identifier, critical=False)
            .sign(private_key, hashes.SHA256())
        )
        return cls(certificate, private_key)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, lower-case hexadecimal."""
        return fingerprint_of(self.certificate)

    @contextmanager
    def signer(self) -> Iterator[Signer]:
        """pyHanko's signer over this key."""
        yield signer_with(self.certificate, self.private_key)

    def save(self, folder: Path, stem: str = FIRST_SEAL) -> None:
        """Keep the key on disk, readable by its owner alone. Raises FileExistsError rather than replace a key."""
        save_pair(folder, stem, self.certificate, self.private_key)

    @classmethod
    def load(cls, folder: Path, stem: str = FIRST_SEAL) -> "SealKey":
        """Read what `save` wrote. Raises FileNotFoundError, or ValueError when key and certificate are no pair."""
        return cls(*load_pair(folder, stem))


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate, lower-case hexadecimal."""
    return certificate.fingerprint(hashes.SHA256()).hex()
