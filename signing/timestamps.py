"""Time-stamp tokens (RFC 3161, ETSI EN 319 422): do they prove an instant, and for which bytes."""

from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import tsp, x509

from signing.algorithms import UnsupportedSignature, digest_name
from signing.certificate_path import Material, Standing, judge_path
from signing.foreign_input import MALFORMED
from signing.signed_bytes import SignedBytes
from signing.signed_data import Integrity, SignerFacts, enclosed_in, examine_signers, load_signed_data
from signing.trust import TrustStore
from signing.trusted_lists import Purpose

_TST_INFO = "1.2.840.113549.1.9.16.1.4"


@dataclass(frozen=True, slots=True)
class TimestampFacts:
    """`time` is what the token says, `proves` whether it can be relied on, `problem` the code of what is wrong with it."""

    time: datetime | None
    proves: bool
    problem: str | None = None


def examine_timestamp(
    token: bytes, stamped: bytes | SignedBytes, *, trust: TrustStore, material: Material
) -> TimestampFacts:
    """Check a DER token over the bytes `stamped`: imprint, signature, authority, and its trust at the instant it states."""
    try:
        read = _read(token, stamped)
    except (UnsupportedSignature, *MALFORMED):
        return TimestampFacts(None, False, "timestamp_malformed")
    flaw = _flaw(read)
    if flaw:
        return TimestampFacts(read.time, False, flaw)
    signer = read.signers[0]
    own = Material(read.certificates, signer.crls, signer.ocsps)
    outcome = judge_path(
        signer.certificate, trust=trust, material=material.joined(own), at=read.time, purpose=Purpose.timestamp
    )
    if outcome.standing in {Standing.trusted, Standing.revocation_unknown}:
        return TimestampFacts(read.time, True)
    return TimestampFacts(read.time, False, "timestamp_not_trusted")


@dataclass(frozen=True, slots=True)
class _Token:
    """A token as read: the instant, whether its imprint is of our bytes, who signed it."""

    time: datetime
    of_these_bytes: bool
    signers: tuple[SignerFacts, ...]
    certificates: tuple[x509.Certificate, ...]


def _read(token: bytes, stamped: bytes | SignedBytes) -> _Token:
    signed_data = load_signed_data(token)
    enclosed = enclosed_in(signed_data)
    if enclosed.content_type != _TST_INFO or enclosed.content is None:
        raise ValueError("no TSTInfo")
    info = tsp.TSTInfo.load(enclosed.content)
    time: datetime = info["gen_time"].native
    imprint = info["message_imprint"]
    same = imprint["hashed_message"].native == SignedBytes.of(stamped).digest(digest_name(imprint["hash_algorithm"]))
    return _Token(
        time=time if time.tzinfo else time.replace(tzinfo=UTC),
        of_these_bytes=same,
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
    usage = read.signers[0].certificate.extended_key_usage_value
    return None if usage is not None and "time_stamping" in usage.native else "timestamp_without_authority"
