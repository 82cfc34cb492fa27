"""Sealing what the service issues, and recognising that seal again (PAdES baseline B and T, ETSI EN 319 142-1).

The key is the installation's own: the seal proves that a document comes from here unchanged, by comparison with a fingerprint
that the service publishes. Where its certificate is self-signed it is no qualified seal and does not claim to be.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509 as asn1_x509
from cryptography import x509

from signing.pades import ReadSignature, read_signatures
from signing.pdf_signing import Statement, sign_incrementally
from signing.problems import problem
from signing.report import Problem
from signing.seal_key import SealingKey, fingerprint_of
from signing.signed_data import Integrity
from signing.time_stamping import ReadToken, TimeStampAuthority, read_token, time_stamper

KnownSeals = Mapping[str, datetime | None]
"""SHA-256 of each certificate that ever sealed here, with the instant it was retired at (None: it still seals)."""


def seal_pdf(
    pdf: bytes,
    key: SealingKey,
    *,
    at: datetime,
    reason: str,
    name: str,
    field_name: str = "Sigillo",
    authority: TimeStampAuthority | None = None,
) -> bytes:
    """Seal a PDF the service issues: an incremental update, no visible appearance, PDF/A kept.

    `at` (aware) is the time the seal states, `reason` and `name` its /Reason and /Name; with `authority` that time is stamped
    too (baseline T). Raises ValueError for a naive `at`, pyHanko's PdfError for what is no PDF, TimeStampUnavailable when the
    authority gives no token, TokenUnavailable when the key is in a token that cannot be used.
    """
    stamper = time_stamper(authority) if authority else None
    with key.signer() as signer:
        return sign_incrementally(pdf, signer, Statement(field_name, reason, name, at), stamper)


@dataclass(frozen=True, slots=True)
class SealCheck:
    """`intact`: the seal matches its bytes and its certificate was in force at the time it states; `covers_whole_file`: nothing
    follows it; `certificate_matches`: it is an expected one. `holds` is all three.

    `stamped_at` and `stamped_by` are of an intact time-stamp over the seal; whether its authority is trusted is not asked here.
    """

    intact: bool
    covers_whole_file: bool
    certificate_matches: bool
    signer_name: str
    sealed_at: datetime | None
    problems: tuple[Problem, ...]
    stamped_at: datetime | None = None
    stamped_by: str = ""

    @property
    def holds(self) -> bool:
        return self.intact and self.covers_whole_file and self.certificate_matches


def verify_seal(pdf: bytes, expected: str | x509.Certificate | KnownSeals, at: datetime) -> SealCheck:
    """Look for the seal made with an expected certificate (or its SHA-256 fingerprint) and check it, as of `at` (aware).

    Signatures of others beside the seal are not judged here. Never raises for any bytes.
    """
    wanted = _known(expected)
    found = read_signatures(pdf)
    if found.unreadable is not None:
        return _no_seal(found.unreadable)
    candidates = [one for one in found.signatures if one.facts.certificate is not None]
    if not candidates:
        return _no_seal(problem("seal_missing"))
    ours = [one for one in candidates if _fingerprint(one) in wanted]
    chosen = ours[0] if ours else candidates[0]
    until = [limit for limit in (wanted.get(_fingerprint(chosen)), at) if limit is not None]
    return _check(chosen, bool(ours), min(until))


def _known(expected: str | x509.Certificate | KnownSeals) -> KnownSeals:
    if isinstance(expected, str):
        return {expected.lower().replace(":", ""): None}
    return {fingerprint_of(expected): None} if isinstance(expected, x509.Certificate) else expected


def _fingerprint(one: ReadSignature) -> str:
    certificate: asn1_x509.Certificate = one.facts.certificate
    return hashlib.sha256(certificate.dump()).hexdigest()


def _no_seal(why: Problem) -> SealCheck:
    return SealCheck(False, False, False, "", None, (why,))


def _check(one: ReadSignature, matches: bool, until: datetime) -> SealCheck:
    certificate: asn1_x509.Certificate = one.facts.certificate
    stated, stamp = one.facts.claimed_time, _stamp_of(one)
    instants = [instant for instant in (stated, stamp.time if stamp else None) if instant is not None]
    last = min(certificate.not_valid_after, until)
    in_force = bool(instants) and all(certificate.not_valid_before <= instant <= last for instant in instants)
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
    if one.facts.timestamps and stamp is None:
        problems.append(problem("timestamp_broken"))
    return SealCheck(
        intact=one.facts.integrity is Integrity.intact and in_force,
        covers_whole_file=whole,
        certificate_matches=matches,
        signer_name=str(certificate.subject.native.get("common_name", "")),
        sealed_at=stated,
        problems=tuple(problems),
        stamped_at=stamp.time if stamp else None,
        stamped_by=stamp.authority if stamp else "",
    )


def _stamp_of(one: ReadSignature) -> ReadToken | None:
    """The earliest intact time-stamp over the seal."""
    read = [
        token for token in map(read_token, one.facts.timestamps) if token and token.is_of(one.facts.signature_value)
    ]
    return min(read, key=lambda token: token.time, default=None)
