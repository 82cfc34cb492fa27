"""Does a path lead from a certificate to one of our anchors at a given time, and was anything on it revoked.

pyhanko-certvalidator does the work (RFC 5280); nothing is fetched: only given and embedded material counts.
"""

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asn1crypto import crl, ocsp, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    PathError,
    RevokedError,
    ValidationError,
)

from signing.certificates import publishes_no_revocation
from signing.foreign_input import MALFORMED
from signing.trust import TrustStore


class Standing(StrEnum):
    """How a certificate stands at a time."""

    trusted = "trusted"
    revocation_unknown = "revocation_unknown"
    untrusted = "untrusted"
    weak_algorithm = "weak_algorithm"
    expired = "expired"
    not_yet_valid = "not_yet_valid"
    revoked = "revoked"


@dataclass(frozen=True, slots=True)
class PathOutcome:
    """`since` is the revocation or expiry instant where there is one; `technical` the ETSI sub-indication."""

    standing: Standing
    since: datetime | None = None
    technical: str | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """What the document itself brings for building and checking paths."""

    certificates: tuple[x509.Certificate, ...] = ()
    crls: tuple[crl.CertificateList, ...] = ()
    ocsps: tuple[ocsp.OCSPResponse, ...] = ()

    def joined(self, other: "Material") -> "Material":
        return Material(
            (*self.certificates, *other.certificates), (*self.crls, *other.crls), (*self.ocsps, *other.ocsps)
        )


def judge_path(certificate: x509.Certificate, *, trust: TrustStore, material: Material, at: datetime) -> PathOutcome:
    """Judge `certificate` at the instant `at` (aware). Must not be called from a running event loop."""
    if hashlib.sha256(certificate.dump()).hexdigest() in trust.seals and _in_force(certificate, at):
        return PathOutcome(Standing.trusted)
    if not trust.anchors:
        return _dates_only(certificate, at)
    strict = _attempt(certificate, trust, material, at, revocation_mode="require")
    if strict.standing is not Standing.revocation_unknown:
        return strict
    lenient = _attempt(certificate, trust, material, at, revocation_mode="soft-fail")
    if lenient.standing is Standing.trusted and not publishes_no_revocation(certificate):
        return strict
    return lenient


def _in_force(certificate: x509.Certificate, at: datetime) -> bool:
    return bool(certificate.not_valid_before <= at <= certificate.not_valid_after)


def _dates_only(certificate: x509.Certificate, at: datetime) -> PathOutcome:
    if certificate.not_valid_after < at:
        return PathOutcome(Standing.expired, certificate.not_valid_after, "OUT_OF_BOUNDS_NO_POE")
    return PathOutcome(Standing.untrusted, None, "NO_CERTIFICATE_CHAIN_FOUND")


def _attempt(
    certificate: x509.Certificate, trust: TrustStore, material: Material, at: datetime, *, revocation_mode: str
) -> PathOutcome:
    try:
        asyncio.run(_validate(certificate, trust, material, at, revocation_mode))
    except (PathError, ValidationError) as error:
        return _outcome_of(error)
    except MALFORMED:
        return PathOutcome(Standing.untrusted, None, "CERTIFICATE_CHAIN_GENERAL_FAILURE")
    return PathOutcome(Standing.trusted)


def _outcome_of(error: PathError | ValidationError) -> PathOutcome:
    match error:
        case RevokedError():
            outcome = PathOutcome(
                Standing.revoked, error.revocation_dt, "REVOKED" if error.is_ee_cert else "REVOKED_CA"
            )
        case ExpiredError():
            outcome = PathOutcome(Standing.expired, error.expired_dt, "OUT_OF_BOUNDS_NO_POE")
        case NotYetValidError():
            outcome = PathOutcome(Standing.not_yet_valid, error.valid_from, "NOT_YET_VALID")
        case DisallowedAlgorithmError():
            outcome = PathOutcome(Standing.weak_algorithm, None, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE")
        case InsufficientRevinfoError():
            outcome = PathOutcome(Standing.revocation_unknown, None, "TRY_LATER")
        case _:
            outcome = PathOutcome(Standing.untrusted, None, "NO_CERTIFICATE_CHAIN_FOUND")
    return outcome


async def _validate(
    certificate: x509.Certificate, trust: TrustStore, material: Material, at: datetime, revocation_mode: str
) -> None:
    context = ValidationContext(
        trust_roots=list(trust.anchors),
        other_certs=_distinct((*trust.intermediates, *material.certificates)),
        crls=[*trust.crls, *material.crls],
        ocsps=list(material.ocsps),
        moment=at,
        allow_fetching=False,
        revocation_mode=revocation_mode,
        # A list issued after the moment tells about the moment too.
        retroactive_revinfo=True,
    )
    await CertificateValidator(certificate, validation_context=context).async_validate_path()


def _distinct(certificates: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    return list({certificate.sha256: certificate for certificate in certificates}.values())
