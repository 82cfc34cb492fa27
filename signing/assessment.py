"""From facts to the answer about one signature: indication (ETSI EN 319 102-1), verdict, and problems in office Italian."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from asn1crypto import x509

from signing.algorithms import WEAK_DIGESTS
from signing.certificate_path import Material, PathOutcome, Standing, judge_path
from signing.certificates import claims_of, is_identity_card, other_uses, signer_of
from signing.late_time_stamps import examine_late_stamps
from signing.problems import problem
from signing.qualification import Qualified, qualify
from signing.report import Claims, Indication, Problem, Signature, Signer, Verdict
from signing.signed_data import Integrity, SignerFacts
from signing.stated_times import future_times, in_rome, is_future
from signing.timestamps import TimestampFacts, examine_timestamp
from signing.trust import TrustStore
from signing.trusted_lists import Purpose


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a signature stands: format, depth of envelopes, what it covers and what came after it.

    `own_proofs` are instants of time-stamps over the signature's value, `later_proofs` of all others.
    """

    format: str
    depth: int
    covers: str = "whole_file"
    changes_after: str = "none"
    change_problems: tuple[Problem, ...] = ()
    later_proofs: tuple[datetime, ...] = ()
    own_proofs: tuple[datetime, ...] = ()
    counter_signature: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """Indication and verdict with the problem that led there, and what became of the certificate where it was asked."""

    indication: Indication
    verdict: Verdict
    sub_indication: str | None = None
    problems: tuple[Problem, ...] = field(default=())
    outcome: PathOutcome | None = None


_FAILED = {
    Integrity.hash_mismatch: ("hash_mismatch", "HASH_FAILURE"),
    Integrity.signature_mismatch: ("signature_mismatch", "SIG_CRYPTO_FAILURE"),
    Integrity.wrong_certificate: ("wrong_certificate", "SIG_CRYPTO_FAILURE"),
    Integrity.forged_range: ("byte_range_forged", "FORMAT_FAILURE"),
    Integrity.malformed: ("signature_malformed", "FORMAT_FAILURE"),
}
_UNANSWERED = {
    Integrity.content_missing: ("content_missing", "SIGNED_DATA_NOT_FOUND"),
    Integrity.nothing_signed: ("signs_nothing", "SIGNED_DATA_NOT_FOUND"),
    Integrity.certificate_missing: ("certificate_missing", "NO_SIGNING_CERTIFICATE_FOUND"),
    Integrity.attributes_not_der: ("attributes_not_der", "FORMAT_FAILURE"),
    Integrity.too_many: ("too_many_signatures", "SIGNED_DATA_NOT_FOUND"),
    Integrity.unsupported: ("algorithm_unsupported", "CRYPTO_CONSTRAINTS_FAILURE"),
}
_RESERVATIONS = {
    Standing.untrusted: "trust_not_established",
    Standing.revocation_unknown: "revocation_not_established",
    Standing.weak_algorithm: "weak_certificate",
}


def assess(
    facts: SignerFacts, around: Surroundings, *, trust: TrustStore, material: Material, at: datetime
) -> Signature:
    """Judge one signature. `material` is what the whole document brings for paths; `at` is when the question is asked."""
    own = material.joined(Material((), facts.crls, facts.ocsps))
    stamps = tuple(
        examine_timestamp(token, facts.signature_value, trust=trust, material=own) for token in facts.timestamps
    )
    late = examine_late_stamps(facts.late_stamps, trust=trust, material=own)
    dates = _past((*_own_proofs(stamps), *around.own_proofs, *trust.proofs_at(at)), at)
    later = _past(_while_valid((*late.times, *around.later_proofs), facts.certificate), at)
    proven = min((*dates, *later), default=None)
    asked = _Question(trust, own, proven, at, dated=bool(dates))
    judgement = _judge(facts, around, asked)
    certificate = facts.certificate
    fingerprint = hashlib.sha256(certificate.dump()).hexdigest() if certificate is not None else None
    qualified = _qualified(facts, judgement.outcome, asked)
    notes = tuple(problem(stamp.problem) for stamp in stamps if stamp.problem)
    own_times = (*(stamp.time for stamp in stamps if stamp.time is not None), *around.own_proofs)
    notes += future_times(facts.claimed_time, (*own_times, *late.times, *around.later_proofs), at)
    notes += (problem("cns_or_cie"),) if qualified.kind == "cns_or_cie" else ()
    notes += tuple(one for one in late.problems if one not in notes)
    notes += qualified.problems
    return Signature(
        format=around.format,
        depth=around.depth,
        verdict=_with_reservations(judgement.verdict, notes),
        indication=judgement.indication,
        sub_indication=judgement.sub_indication,
        intact=facts.integrity is Integrity.intact,
        signer=signer_of(certificate) if certificate is not None else Signer(),
        claimed_time=facts.claimed_time,
        proven_time=proven,
        digest=facts.digest,
        covers=around.covers,
        changes_after=around.changes_after,
        claims=claims_of(certificate) if certificate is not None else Claims(),
        qualification=qualified.kind,
        problems=(*judgement.problems, *notes),
        counter_signature=around.counter_signature,
        own_seal=fingerprint in trust.seals,
        certificate_sha256=fingerprint,
    )


def _qualified(facts: SignerFacts, outcome: PathOutcome | None, asked: "_Question") -> Qualified:
    if facts.certificate is None:
        return Qualified("unknown")
    if outcome is None:
        return Qualified("cns_or_cie" if is_identity_card(facts.certificate) else "unknown")
    return qualify(
        facts.certificate,
        outcome.path,
        asked.trust,
        proven=asked.proven,
        claimed=facts.claimed_time,
        at=asked.at,
    )


def _with_reservations(verdict: Verdict, notes: Iterable[Problem]) -> Verdict:
    doubtful = any(note.severity != "info" for note in notes)
    return Verdict.signed_with_reservations if verdict is Verdict.signed and doubtful else verdict


def _while_valid(times: Iterable[datetime], certificate: x509.Certificate | None) -> tuple[datetime, ...]:
    """A later time-stamp made once the certificate had ended does not tell whether the signature is older than that end."""
    return tuple(time for time in times if certificate is None or time <= certificate.not_valid_after)


def _own_proofs(stamps: Iterable[TimestampFacts]) -> tuple[datetime, ...]:
    return tuple(stamp.time for stamp in stamps if stamp.proves and stamp.time is not None)


def _past(times: Iterable[datetime], at: datetime) -> tuple[datetime, ...]:
    return tuple(time for time in times if not is_future(time, at))


@dataclass(frozen=True, slots=True)
class _Question:
    """What trust is asked against: our anchors, the document's material, the proven time if any, and now.

    `dated` where a time-stamp over the signature's value or the arrival proves a time, and not later time-stamps alone.
    """

    trust: TrustStore
    material: Material
    proven: datetime | None
    at: datetime
    dated: bool


def _judge(facts: SignerFacts, around: Surroundings, asked: _Question) -> Judgement:
    if facts.integrity in _FAILED:
        code, sub = _FAILED[facts.integrity]
        return Judgement(Indication.total_failed, Verdict.broken, sub, (problem(code, facts.technical or sub),))
    if facts.integrity in _UNANSWERED:
        code, sub = _UNANSWERED[facts.integrity]
        return Judgement(Indication.indeterminate, Verdict.unverifiable, sub, (problem(code, facts.technical or sub),))
    if around.changes_after == "suspicious":
        return Judgement(Indication.total_failed, Verdict.changed, "FORMAT_FAILURE", around.change_problems)
    judgement = _judge_certificate(facts, asked)
    reservations = list(around.change_problems)
    if facts.digest in WEAK_DIGESTS:
        reservations.append(problem("weak_digest", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", digest=facts.digest.upper()))
    uses = other_uses(facts.certificate) if facts.certificate is not None else None
    if uses:
        reservations.append(problem("certificate_for_other_uses", f"CHAIN_CONSTRAINTS_FAILURE ({uses})"))
    return Judgement(
        judgement.indication,
        _with_reservations(judgement.verdict, reservations),
        judgement.sub_indication,
        (*judgement.problems, *reservations),
        judgement.outcome,
    )


def _judge_certificate(facts: SignerFacts, asked: _Question) -> Judgement:
    assert facts.certificate is not None
    purpose = Purpose.identity_card if is_identity_card(facts.certificate) else Purpose.signer
    outcome = judge_path(
        facts.certificate, trust=asked.trust, material=asked.material, at=asked.proven or asked.at, purpose=purpose
    )
    return replace(_judge_outcome(facts, outcome, asked), outcome=outcome)


def _judge_outcome(facts: SignerFacts, outcome: PathOutcome, asked: _Question) -> Judgement:
    proven = asked.proven is not None
    if outcome.standing is Standing.trusted:
        return Judgement(Indication.total_passed, Verdict.signed)
    if outcome.standing in _RESERVATIONS:
        return _reserved(_RESERVATIONS[outcome.standing], outcome)
    if outcome.standing is Standing.revoked:
        # Arrival is itself a proof of time: without an earlier one, a certificate revoked by then signed nothing (CAD art. 24).
        # A later time-stamp does not tell whether the signature is older than the revocation.
        return _refused("revoked", outcome, "REVOKED" if asked.dated else "REVOKED_NO_POE", failed=asked.dated)
    if outcome.standing is Standing.not_yet_valid:
        return _refused("not_yet_valid", outcome, "NOT_YET_VALID", failed=proven)
    if proven or _claims_to_be_later(facts, outcome):
        return _refused("expired_at_signing", outcome, "EXPIRED" if proven else "OUT_OF_BOUNDS_NO_POE", failed=proven)
    return _reserved("expired_now", outcome)


def _claims_to_be_later(facts: SignerFacts, outcome: PathOutcome) -> bool:
    return facts.claimed_time is not None and outcome.since is not None and facts.claimed_time > outcome.since


def _reserved(code: str, outcome: PathOutcome) -> Judgement:
    told = problem(code, outcome.technical, since=_day(outcome.since))
    return Judgement(Indication.indeterminate, Verdict.signed_with_reservations, outcome.technical, (told,))


def _refused(code: str, outcome: PathOutcome, sub: str, *, failed: bool) -> Judgement:
    told = problem(code, sub, since=_day(outcome.since))
    indication = Indication.total_failed if failed else Indication.indeterminate
    return Judgement(indication, Verdict.invalid_certificate, sub, (told,))


def _day(instant: datetime | None) -> str:
    return in_rome(instant).strftime("%d/%m/%Y") if instant else "giorno ignoto"
