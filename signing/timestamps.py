"""Time-stamp tokens (RFC 3161, ETSI EN 319 422): do they prove an instant, and for which bytes."""

from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import tsp

from signing.algorithms import UnsupportedSignature, digest_name, hash_of
from signing.certificate_path import Material, Standing, judge_path
from signing.foreign_input import MALFORMED
from signing.signed_data import Integrity, enclosed_in, examine_signers, load_signed_data
from signing.trust import TrustStore

_TST_INFO = "1.2.840.113549.1.9.16.1.4"


@dataclass(frozen=True, slots=True)
class TimestampFacts:
    """`time` is what the token says, `proves` whether it can be relied on, `problem` the code of what is wrong with it."""

    time: datetime | None
    proves: bool
    problem: str | None = None


def examine_timestamp(token: bytes, stamped: bytes, *, trust: TrustStore, material: Material) -> TimestampFacts:
    """Check a DER token over the bytes `stamped`: imprint, signature, authority, and its trust at the instant it states."""
    try:
        signed_data = load_signed_data(token)
        enclosed = enclosed_in(signed_data)
        if enclosed.content_type != _TST_INFO or enclosed.content is None:
            return TimestampFacts(None, False, "timestamp_malformed")
        info = tsp.TSTInfo.load(enclosed.content)
        time = info["gen_time"].native
        time = time if time.tzinfo else time.replace(tzinfo=UTC)
        imprint = info["message_imprint"]
        if imprint["hashed_message"].native != hash_of(stamped, digest_name(imprint["hash_algorithm"])):
            return TimestampFacts(time, False, "timestamp_of_other_data")
        signers = examine_signers(signed_data, enclosed.content)
    except (UnsupportedSignature, *MALFORMED):
        return TimestampFacts(None, False, "timestamp_malformed")
    if len(signers) != 1 or signers[0].certificate is None:
        return TimestampFacts(time, False, "timestamp_without_authority")
    signer = signers[0]
    if signer.integrity is not Integrity.intact:
        return TimestampFacts(time, False, "timestamp_broken")
    usage = signer.certificate.extended_key_usage_value if signer.certificate else None
    if usage is None or "time_stamping" not in usage.native:
        return TimestampFacts(time, False, "timestamp_without_authority")
    own = Material(enclosed.certificates, signer.crls, signer.ocsps)
    outcome = judge_path(signers[0].certificate, trust=trust, material=material.joined(own), at=time)
    if outcome.standing in {Standing.trusted, Standing.revocation_unknown}:
        return TimestampFacts(time, True)
    return TimestampFacts(time, False, "timestamp_not_trusted")
