"""Time-stamp tokens (RFC 3161, ETSI EN 319 422): do they prove an instant, and for which bytes."""

from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import tsp, x509

from signing.algorithms import UnsupportedSignature, digest_name
from signing.certificate_path import Material, Standing, judge_path
from signing.foreign_input import MALFORMED
from signing.signed_bytes import Imprint, SignedBytes
from signing.signed_data import TST_INFO, Integrity, SignerFacts, enclosed_in, examine_signers, load_signed_data
from signing.trust import TrustStore
from signing.trusted_lists import Purpose

LATE_FLAWS = {
    "timestamp_of_other_data": "archive_timestamp_of_other_data",
    "timestamp_broken": "archive_timestamp_broken",
}
"""What is said instead of a time-stamp that covers more than the value of a signature."""


@dataclass(frozen=True, slots=True)
class TimestampFacts:
    """`time` is what the token says, `proves` whether it can be relied on, `problem` the code of what is wrong with it;
    `valid_until` is the end of the certificate of an intact token."""

    time: datetime | None
    proves: bool
    problem: str | None = None
    valid_until: datetime | None = None


def imprint_of(token: bytes) -> Imprint:
    """The imprint of a DER token, whatever it is worth. Raises one of MALFORMED for what is no token."""
    enclosed = enclosed_in(load_signed_data(token))
    if enclosed.content_type != TST_INFO or enclosed.content is None:
        raise ValueError("no TSTInfo")
    imprint = tsp.TSTInfo.load(enclosed.content)["message_imprint"]
    return Imprint(digest_name(imprint["hash_algorithm"]), imprint["hashed_message"].native)


def examine_timestamp(
    token: bytes, stamped: bytes | SignedBytes | Imprint, *, trust: TrustStore, material: Material
) -> TimestampFacts:
    """Check a DER token over the bytes `stamped`, or over a hash of them: imprint, signature, authority, and its trust at the
    instant it states."""
    try:
        read = _read(token, stamped)
    except (UnsupportedSignature, *MALFORMED):
        return TimestampFacts(None, False, "timestamp_malformed")
    flaw = _flaw(read)
    if flaw:
        return TimestampFacts(read.time, False, flaw)
    signer = read.signers[0]
    authority: x509.Certificate = signer.certificate
    own = Material(read.certificates, signer.crls, signer.ocsps)
    outcome = judge_path(authority, trust=trust, material=material.joined(own), at=read.time, purpose=Purpose.timestamp)
    until = authority.not_valid_after
    if outcome.standing in {Standing.trusted, Standing.revocation_unknown}:
        return TimestampFacts(read.time, True, valid_until=until)
    return TimestampFacts(read.time, False, "timestamp_not_trusted", until)


@dataclass(frozen=True, slots=True)
class _Token:
    """A token as read: the instant, the digest of its imprint and whether that is of our bytes, who signed it."""

    time: datetime
    digest: str
    of_these_bytes: bool
    signers: tuple[SignerFacts, ...]
    certificates: tuple[x509.Certificate, ...]


def _read(token: bytes, stamped: bytes | SignedBytes | Imprint) -> _Token:
    signed_data = load_signed_data(token)
    enclosed = enclosed_in(signed_data)
    if enclosed.content_type != TST_INFO or enclosed.content is None:
        raise ValueError("no TSTInfo")
    info = tsp.TSTInfo.load(enclosed.content)
    time: datetime = info["gen_time"].native
    imprint = info["message_imprint"]
    own = Imprint(digest_name(imprint["hash_algorithm"]), imprint["hashed_message"].native)
    expected = (
        stamped if isinstance(stamped, Imprint) else Imprint(own.digest, SignedBytes.of(stamped).digest(own.digest))
    )
    return _Token(
        time=time if time.tzinfo else time.replace(tzinfo=UTC),
        digest=own.digest,
        of_these_bytes=own == expected,
        signers=examine_signers(signed_data, enclosed.content),
        certificates=enclosed.certificates,
    )


def _flaw(read: _Token) -> str | None:
    if not read.of_these_bytes:
        return "timestamp_of_other_data"
    if len(read.signers) != 1 or read.signers[0].certificate is None:
        return "timestamp_without_authority"
    if read.signers[0].integrity is not Integrity.intact:
        return "timestamp_broken"
    if "md5" in {read.digest, read.signers[0].digest}:
        return "timestamp_unsupported"
    usage = read.signers[0].certificate.extended_key_usage_value
    return None if usage is not None and "time_stamping" in usage.native else "timestamp_without_authority"
