"""Sealing what the service issues, and recognising that seal again (PAdES baseline B, ETSI EN 319 142-1).

The key is the installation's own, self-signed: the seal proves that a document comes from here unchanged, by comparison with a
fingerprint that the service publishes. It is no qualified seal and does not claim to be.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from signing.key_files import load_pair, save_pair
from signing.pades import ReadSignature, read_signatures
from signing.pdf_signing import Statement, sign_incrementally, signer_with
from signing.problems import problem
from signing.report import Problem
from signing.signed_data import Integrity

_DAYS = 3653
_STEM = "seal"


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

    def save(self, folder: Path) -> None:
        """Keep the key on disk, readable by its owner alone. Raises FileExistsError rather than replace a key."""
        save_pair(folder, _STEM, self.certificate, self.private_key)

    @classmethod
    def load(cls, folder: Path) -> "SealKey":
        """Read what `save` wrote. Raises FileNotFoundError, or ValueError when key and certificate are no pair."""
        return cls(*load_pair(folder, _STEM))


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate, lower-case hexadecimal."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def seal_pdf(pdf: bytes, key: SealKey, *, at: datetime, reason: str, name: str, field_name: str = "Sigillo") -> bytes:
    """Seal a PDF the service issues: an incremental update, no visible appearance, PDF/A kept.

    `at` (aware) is the time the seal states, `reason` and `name` its /Reason and /Name. Raises ValueError for a naive `at` and
    pyHanko's PdfError for what is no PDF.
    """
    return sign_incrementally(
        pdf, signer_with(key.certificate, key.private_key), Statement(field_name, reason, name, at)
    )


@dataclass(frozen=True, slots=True)
class SealCheck:
    """`intact`: the seal matches its bytes and its certificate was in force at the time it states; `covers_whole_file`: nothing
    follows it; `certificate_matches`: it is the expected one. `holds` is all three."""

    intact: bool
    covers_whole_file: bool
    certificate_matches: bool
    signer_name: str
    sealed_at: datetime | None
    problems: tuple[Problem, ...]

    @property
    def holds(self) -> bool:
        return self.intact and self.covers_whole_file and self.certificate_matches


def verify_seal(pdf: bytes, expected: str | x509.Certificate, at: datetime) -> SealCheck:
    """Look for the seal made with the expected certificate (or its SHA-256 fingerprint) and check it, as of `at` (aware).

    Signatures of others beside the seal are not judged here. Never raises for any bytes.
    """
    wanted = expected.lower().replace(":", "") if isinstance(expected, str) else fingerprint_of(expected)
    found = read_signatures(pdf)
    if found.unreadable is not None:
        return _no_seal(found.unreadable)
    candidates = [one for one in found.signatures if one.facts.certificate is not None]
    if not candidates:
        return _no_seal(problem("seal_missing"))
    ours = [one for one in candidates if _fingerprint(one) == wanted]
    return _check(ours[0] if ours else candidates[0], bool(ours), at)


def _fingerprint(one: ReadSignature) -> str:
    certificate: asn1_x509.Certificate = one.facts.certificate
    return hashlib.sha256(certificate.dump()).hexdigest()


def _no_seal(why: Problem) -> SealCheck:
    return SealCheck(False, False, False, "", None, (why,))


def _check(one: ReadSignature, matches: bool, at: datetime) -> SealCheck:
    certificate: asn1_x509.Certificate = one.facts.certificate
    stated = one.facts.claimed_time
    in_force = stated is not None and certificate.not_valid_before <= stated <= min(certificate.not_valid_after, at)
    whole = one.after.covers == "whole_file"
    problems = list(one.after.problems)
    if one.facts.integrity is not Integrity.intact:
        problems.append(problem("signature_mismatch", one.facts.technical))
    if not matches:
        problems.append(problem("seal_of_another"))
    if not whole and not problems:
        problems.append(problem("seal_followed"))
    if not in_force:
        problems.append(problem("seal_out_of_time"))
    return SealCheck(
        intact=one.facts.integrity is Integrity.intact and in_force,
        covers_whole_file=whole,
        certificate_matches=matches,
        signer_name=str(certificate.subject.native.get("common_name", "")),
        sealed_at=stated,
        problems=tuple(problems),
    )
