"""Whom we trust: anchors, intermediates and revocation lists given by the administration, and the EU trusted lists it keeps."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from asn1crypto import crl, pem, x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate as CryptographyCertificate

from signing.revocation import RevocationPolicy, RevocationSource
from signing.trusted_list_store import FOLDER as LISTS
from signing.trusted_list_store import PINS_FOLDER, has_lists, load_lists
from signing.trusted_lists import Purpose, TrustedLists

_FOLDERS = ("anchors", "intermediates", "crls")


def _blocks(path: Path) -> list[bytes]:
    data = path.read_bytes()
    if not pem.detect(data):
        return [data]
    return [der for _, _, der in pem.unarmor(data, multiple=True)]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.is_file()) if folder.is_dir() else []


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        found = [x509.Certificate.load(der, strict=True) for der in _blocks(path)]
        for certificate in found:
            _ = certificate.subject.native, certificate.public_key.algorithm
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path}: not a certificate in PEM or DER") from error
    return found


def _revocation_lists(path: Path) -> list[crl.CertificateList]:
    try:
        found = [crl.CertificateList.load(der, strict=True) for der in _blocks(path)]
        for revocation_list in found:
            _ = revocation_list.issuer.native
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path}: not a certificate revocation list in PEM or DER") from error
    return found


def is_authority(certificate: x509.Certificate) -> bool:
    """True for a certificate that may issue others: basicConstraints cA and keyCertSign in any keyUsage (RFC 5280)."""
    constraints = certificate.basic_constraints_value
    usage = certificate.key_usage_value
    return bool(constraints and constraints["ca"].native) and (usage is None or "key_cert_sign" in usage.native)


@dataclass(frozen=True, slots=True)
class TrustStore:
    """Anchors end a path, intermediates only help to build one, lists say what was revoked (asn1crypto objects).

    `seals` are SHA-256 fingerprints of our own seal certificates: believed by themselves, no person's signature.
    `lists` are the EU trusted lists at hand: their services are anchors too, and alone tell what is qualified.
    `revocation` is the permission to ask over the network whether a certificate is revoked; None: nothing is ever fetched.
    `received` is the instant by which the bytes are proven to have existed: a certified mail's receipt or a registration in the
    protocol, which the law holds good against anybody (DPCM 22 febbraio 2013, art. 41).
    """

    anchors: tuple[x509.Certificate, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()
    crls: tuple[crl.CertificateList, ...] = ()
    seals: frozenset[str] = frozenset()
    lists: TrustedLists | None = None
    revocation: RevocationSource | None = None
    received: datetime | None = None

    @classmethod
    def empty(cls) -> "TrustStore":
        """Trusts nobody: signatures are checked for integrity, trust stays unestablished."""
        return cls()

    @classmethod
    def from_folder(cls, path: Path) -> "TrustStore":
        """Read `anchors/`, `intermediates/`, `crls/` (PEM or DER) and `lists/` of the folder; each may be missing.

        Raises ValueError naming the file that is no certificate, no revocation list, or no authority though given as an anchor,
        when the kept lists are damaged, and when the folder itself has none of these, nor the pins of the lists.
        """
        expected = (*_FOLDERS, LISTS, PINS_FOLDER)
        if not any((path / name).is_dir() for name in expected):
            raise ValueError(f"{path}: has none of the folders {', '.join(expected)}")
        anchors: list[x509.Certificate] = []
        for file in _files(path / "anchors"):
            for certificate in _certificates(file):
                if not is_authority(certificate):
                    raise ValueError(f"{file}: is no certification authority and cannot be a trust anchor")
                anchors.append(certificate)
        intermediates = [c for file in _files(path / "intermediates") for c in _certificates(file)]
        crls = [c for file in _files(path / "crls") for c in _revocation_lists(file)]
        lists = load_lists(path) if has_lists(path) else None
        return cls(tuple(anchors), tuple(intermediates), tuple(crls), lists=lists)

    @property
    def believes_anyone(self) -> bool:
        """Whether there is any anchor, own or listed, that a path could end at."""
        return bool(self.anchors) or self.lists is not None

    def anchors_for(self, certificates: Iterable[x509.Certificate], purpose: Purpose) -> tuple[x509.Certificate, ...]:
        """Where a path through any of these certificates may end: own anchors, and listed services of that purpose."""
        listed = self.lists.authorities_for((*certificates, *self.intermediates), purpose) if self.lists else ()
        return (*self.anchors, *listed)

    def with_anchor(self, certificate: x509.Certificate | CryptographyCertificate | bytes) -> "TrustStore":
        """A store that also trusts this authority (object of either library, or PEM/DER bytes).

        Raises ValueError when it is no authority.
        """
        loaded = _loaded(certificate)
        if not is_authority(loaded):
            raise ValueError(
                f"{loaded.subject.human_friendly}: is no certification authority and cannot be a trust anchor"
            )
        return replace(self, anchors=(*self.anchors, loaded))

    def proofs_at(self, at: datetime) -> tuple[datetime, ...]:
        """The proven instant, where there is one that is not later than the question."""
        return (self.received,) if self.received is not None and self.received <= at else ()

    def knowing_received(self, instant: datetime) -> "TrustStore":
        """A store for documents received by that instant. Raises ValueError for one without a time zone."""
        if instant.tzinfo is None:
            raise ValueError("`instant` must be aware")
        return replace(self, received=instant)

    def asking_online(self, policy: RevocationPolicy) -> "TrustStore":
        """A store that may ask the authorities over the network about revocation, for the inspection of one document."""
        return replace(self, revocation=RevocationSource(policy))

    def is_own_seal(self, certificate: x509.Certificate) -> bool:
        """Whether it is one of `seals`."""
        return fingerprint_of(certificate) in self.seals

    def with_seal(self, fingerprint: str) -> "TrustStore":
        """A store that recognises the seal of that certificate (SHA-256, hexadecimal) as our own."""
        return replace(self, seals=self.seals | {fingerprint.lower().replace(":", "")})


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER, hexadecimal."""
    return hashlib.sha256(certificate.dump()).hexdigest()


def _loaded(certificate: x509.Certificate | CryptographyCertificate | bytes) -> x509.Certificate:
    if isinstance(certificate, x509.Certificate):
        return certificate
    data = certificate if isinstance(certificate, bytes) else certificate.public_bytes(Encoding.DER)
    return x509.Certificate.load(pem.unarmor(data)[2] if pem.detect(data) else data, strict=True)
