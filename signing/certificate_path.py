"""Does a path lead from a certificate to an anchor at a given time, and was anything on it revoked.

pyhanko-certvalidator does the work (RFC 5280). An anchor is one of our own or a service of a trusted list; what a listed
service may vouch for depends on its type. A time-stamping unit may itself be the listed service: the list vouches for it.
"""

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

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
from pyhanko_certvalidator.path import ValidationPath

from signing.certificates import publishes_no_revocation
from signing.foreign_input import MALFORMED
from signing.revocation_signers import Authorised, told_about
from signing.trust import TrustStore
from signing.trusted_lists import IN_FORCE, Purpose

_ANCHOR_AND_SIGNER = 2


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
    """`since` is the revocation or expiry instant where there is one; `technical` the ETSI sub-indication; `path` leads from
    the anchor down to the certificate, where there is one."""

    standing: Standing
    since: datetime | None = None
    technical: str | None = None
    path: ValidationPath | None = None


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


def judge_path(
    certificate: x509.Certificate,
    *,
    trust: TrustStore,
    material: Material,
    at: datetime,
    purpose: Purpose = Purpose.signer,
) -> PathOutcome:
    """Judge `certificate` at the instant `at` (aware). Must not be called from a running event loop."""
    if trust.is_own_seal(certificate) and _in_force(certificate, at):
        return PathOutcome(Standing.trusted)
    if not trust.believes_anyone:
        return _dates_only(certificate, at)
    if purpose is Purpose.timestamp and _listed_itself(certificate, trust, at):
        return PathOutcome(Standing.trusted)
    asked = _Asked(certificate, trust, material, at, purpose)
    outcome = _judged(asked)
    if purpose is Purpose.timestamp and outcome.path is not None and not _vouches_for_time(outcome.path, trust, at):
        return PathOutcome(Standing.untrusted, None, "NO_CERTIFICATE_CHAIN_FOUND")
    return outcome


def _judged(asked: "_Asked") -> PathOutcome:
    strict = _attempt(asked, revocation_mode="require")
    if strict.standing in {Standing.expired, Standing.revoked}:
        return replace(strict, path=_once_valid(asked).path)
    if strict.standing is not Standing.revocation_unknown:
        return strict
    lenient = _attempt(asked, revocation_mode="soft-fail")
    if lenient.standing is not Standing.trusted or publishes_no_revocation(asked.certificate):
        return lenient
    return _told_by_others(asked, lenient) or _asked_online(asked, lenient) or replace(strict, path=lenient.path)


def _told_by_others(asked: "_Asked", found: PathOutcome) -> PathOutcome | None:
    """The outcome where a delegated or listed signer of revocation information settles what the authority itself does not.

    The rest of the path has to be settled as any other.
    """
    certificates = list(found.path.iter_certs(include_root=True)) if found.path is not None else []
    if len(certificates) < _ANCHOR_AND_SIGNER:
        return None
    issuer = certificates[-2]
    told = told_about(
        asked.certificate,
        issuer,
        responses=asked.material.ocsps,
        lists=(*asked.trust.crls, *asked.material.crls),
        known=(*asked.material.certificates, *asked.trust.intermediates),
        authorised=Authorised(asked.trust.lists, lambda responder: _responder_stands(asked, responder)),
        at=asked.at,
    )
    if told is None:
        return None
    if told.is_revoked(asked.at):
        return PathOutcome(Standing.revoked, told.revoked_since, "REVOKED", found.path)
    is_settled = len(certificates) == _ANCHOR_AND_SIGNER or (
        _attempt(replace(asked, certificate=issuer), revocation_mode="require").standing is Standing.trusted
    )
    return PathOutcome(Standing.trusted, path=found.path) if is_settled else None


def _responder_stands(asked: "_Asked", responder: x509.Certificate) -> bool:
    """Whether its own authority says that a delegated responder is not revoked."""
    own = replace(asked, certificate=responder)
    outcome = _attempt(own, revocation_mode="require")
    if outcome.standing is not Standing.revocation_unknown:
        return outcome.standing is Standing.trusted
    lenient = _attempt(own, revocation_mode="soft-fail")
    return (_asked_online(own, lenient, of_responder=True) or outcome).standing is Standing.trusted


def _asked_online(asked: "_Asked", found: PathOutcome, *, of_responder: bool = False) -> PathOutcome | None:
    """The outcome with what the authorities of the path answer, None where that settles nothing or asking is not permitted.

    About a responder (`of_responder`) only the authority itself is believed.
    """
    source = asked.trust.revocation
    if source is None or found.path is None:
        return None
    for answer in source.answers(found.path):
        fetched = Material((), tuple(each for _, each in answer.lists), tuple(each for _, each in answer.responses))
        wider = replace(asked, material=asked.material.joined(fetched))
        outcome = _attempt(wider, revocation_mode="require")
        if outcome.standing is Standing.revocation_unknown and not of_responder:
            outcome = _told_by_others(wider, found) or outcome
        if outcome.standing is not Standing.revocation_unknown:
            source.keep(answer)
            return replace(outcome, path=found.path)
    return None


def _in_force(certificate: x509.Certificate, at: datetime) -> bool:
    return bool(certificate.not_valid_before <= at <= certificate.not_valid_after)


def _listed_itself(certificate: x509.Certificate, trust: TrustStore, at: datetime) -> bool:
    service = trust.lists.service_of(certificate, Purpose.timestamp) if trust.lists else None
    term = service.term_at(at) if service else None
    return term is not None and term.status in IN_FORCE and _in_force(certificate, at)


def _vouches_for_time(path: ValidationPath, trust: TrustStore, at: datetime) -> bool:
    """An own anchor always does; a listed service only while its status at the stamped instant allowed it."""
    authority = path.trust_anchor.authority
    if any(each.public_key.dump() == authority.public_key.dump() for each in trust.anchors):
        return True
    services = trust.lists.services_named(authority.name) if trust.lists else ()
    terms = (service.term_at(at) for service in services if service.serves(Purpose.timestamp))
    return any(term is not None and term.status in IN_FORCE for term in terms)


def _dates_only(certificate: x509.Certificate, at: datetime) -> PathOutcome:
    if certificate.not_valid_after < at:
        return PathOutcome(Standing.expired, certificate.not_valid_after, "OUT_OF_BOUNDS_NO_POE")
    return PathOutcome(Standing.untrusted, None, "NO_CERTIFICATE_CHAIN_FOUND")


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question about one certificate."""

    certificate: x509.Certificate
    trust: TrustStore
    material: Material
    at: datetime
    purpose: Purpose


def _attempt(asked: _Asked, *, revocation_mode: str) -> PathOutcome:
    try:
        path = asyncio.run(_validate(asked, revocation_mode))
    except (PathError, ValidationError) as error:
        return _outcome_of(error)
    except MALFORMED:
        return PathOutcome(Standing.untrusted, None, "CERTIFICATE_CHAIN_GENERAL_FAILURE")
    return PathOutcome(Standing.trusted, path=path)


def _once_valid(asked: _Asked) -> PathOutcome:
    """Where the path leads that held while the certificate did, whatever became of it."""
    certificates = Material(asked.material.certificates)
    trust = replace(asked.trust, crls=())
    within = min(max(asked.at, asked.certificate.not_valid_before), asked.certificate.not_valid_after)
    return _attempt(replace(asked, trust=trust, material=certificates, at=within), revocation_mode="soft-fail")


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


@lru_cache(maxsize=1024)
def _as_anchor(der: bytes) -> x509.Certificate:
    """The certificate of an anchor that others issued, told as self-issued: of an anchor only name and key count (RFC 5280,
    6.1.1 d), and the validator finds the issuer of an anchor's revocation list only where issuer and subject are the same.
    """
    certificate = x509.Certificate.load(der)
    contents = certificate["tbs_certificate"].copy()
    contents["issuer"] = contents["subject"]
    # Its serial number belongs to another issuer, and must not be that of a certificate it issued.
    contents["serial_number"] = int.from_bytes(hashlib.sha256(der).digest()[:19], "big")
    kept = [each for each in contents["extensions"] if each["extn_id"].native != "authority_key_identifier"]
    contents["extensions"] = x509.Extensions(kept)
    algorithm, signature = certificate["signature_algorithm"], certificate["signature_value"]
    told = x509.Certificate(
        {"tbs_certificate": contents, "signature_algorithm": algorithm, "signature_value": signature}
    )
    return x509.Certificate.load(told.dump())


async def _validate(asked: _Asked, revocation_mode: str) -> ValidationPath:
    trust, material = asked.trust, asked.material
    anchors = trust.anchors_for((asked.certificate, *material.certificates), asked.purpose)
    known = {each.sha256 for each in anchors}
    others = (each for each in (*trust.intermediates, *material.certificates) if each.sha256 not in known)
    context = ValidationContext(
        trust_roots=[each if each.self_issued else _as_anchor(each.dump()) for each in anchors],
        other_certs=_distinct(others),
        crls=[*trust.crls, *material.crls],
        ocsps=list(material.ocsps),
        moment=asked.at,
        allow_fetching=False,
        revocation_mode=revocation_mode,
        # A list issued after the moment tells about the moment too.
        retroactive_revinfo=True,
    )
    validator = CertificateValidator(asked.certificate, validation_context=context)
    return await validator.async_validate_path()


def _distinct(certificates: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    return list({certificate.sha256: certificate for certificate in certificates}.values())
