"""Envelopes that are neither a PDF nor a SignedData message, each judged by the module that knows it."""

import re
from dataclasses import dataclass
from datetime import datetime

from signing.asic import inspect_asic
from signing.assessment import Surroundings
from signing.cades import judge_signers, read_signers
from signing.enclosed import Enclosed, EnvelopeFindings
from signing.evidence_alone import inspect_evidence
from signing.mime_parts import read_parts, text_outside_parts
from signing.problems import problem
from signing.timestamp_alone import inspect_token
from signing.timestamped_data import inspect_m7m, inspect_timestamped_data
from signing.trust import TrustStore
from signing.xades import inspect_xml

_SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope met at `depth`, `signed` where somebody signed what is around it; `detached` is the document given beside the
    file, `existed_by` what is proven of its age."""

    kind: str
    data: bytes
    name: str
    depth: int
    signed: bool = False
    detached: bytes | None = None
    existed_by: tuple[datetime, ...] = ()

    @property
    def stamped(self) -> bytes | None:
        """What a time-stamp or an evidence record is held against: who signed one of these signed no document beside it."""
        return None if self.signed else self.detached


def inspect_envelope(envelope: Envelope, *, trust: TrustStore, at: datetime) -> EnvelopeFindings:
    """Judge the signatures of the envelope itself, and give back the document inside. Never raises for any bytes."""
    match envelope.kind:
        case "xml":
            return _xml(envelope, trust, at)
        case "tsd" | "m7m" | "evidence" | "token":
            return _stamped(envelope, trust)
        case "smime-signed" | "mail-signed":
            return _signed_mail(envelope, trust, at)
        case "office":
            return EnvelopeFindings(problems=(problem("container_not_supported", kind="Office Open XML"),))
        case _:
            return inspect_asic(
                envelope.data,
                kind=envelope.kind,
                trust=trust,
                at=at,
                depth=envelope.depth,
                existed_by=envelope.existed_by,
            )


def _stamped(envelope: Envelope, trust: TrustStore) -> EnvelopeFindings:
    match envelope.kind:
        case "tsd":
            return inspect_timestamped_data(
                envelope.data,
                name=_without_extension(envelope.name),
                detached=envelope.stamped,
                trust=trust,
                existed_by=envelope.existed_by,
            )
        case "m7m":
            return inspect_m7m(envelope.data, name=envelope.name, trust=trust, existed_by=envelope.existed_by)
        case "token":
            return inspect_token(
                envelope.data,
                name=envelope.name,
                detached=envelope.stamped,
                trust=trust,
                existed_by=envelope.existed_by,
            )
        case _:
            return _evidence(envelope, trust)


def _evidence(envelope: Envelope, trust: TrustStore) -> EnvelopeFindings:
    return inspect_evidence(
        envelope.data,
        name=envelope.name,
        detached=envelope.stamped,
        trust=trust,
        existed_by=envelope.existed_by,
    )


def _xml(envelope: Envelope, trust: TrustStore, at: datetime) -> EnvelopeFindings:
    found = inspect_xml(
        envelope.data,
        outside=lambda _: envelope.detached,
        trust=trust,
        at=at,
        depth=envelope.depth,
        existed_by=envelope.existed_by,
        documents_have_names=False,
    )
    if any(one.code == "evidence_record_alone" for one in found.problems):
        return _evidence(envelope, trust)
    inside = None
    if found.enclosed is not None:
        inside = Enclosed(_without_extension(envelope.name), found.enclosed, envelope.existed_by)
    return EnvelopeFindings(found.signatures, found.problems, inside, looks_outside=bool(found.named))


def _signed_mail(envelope: Envelope, trust: TrustStore, at: datetime) -> EnvelopeFindings:
    """multipart/signed: the first part is signed as it stands, with its headers and CR LF line ends (RFC 8551, 3.5.3)."""
    parts = read_parts(envelope.data)
    if len(parts) != 2 or parts[1].media_type not in _SIGNATURES:
        return EnvelopeFindings(problems=(problem("envelope_unreadable", f"{len(parts)} parts"),))
    document, signature = parts
    canonical = re.sub(rb"\r?\n", b"\r\n", document.raw)
    facts, material = read_signers(signature.body, canonical)
    around = Surroundings("CAdES", envelope.depth, later_proofs=envelope.existed_by)
    name = document.name or _without_extension(envelope.name)
    loose = text_outside_parts(envelope.data)
    told = (problem("text_beside_envelope", count=loose),) if loose else ()
    return EnvelopeFindings(
        judge_signers(facts, material, around, trust=trust, at=at),
        (*told, problem("signed_mail")) if envelope.kind == "mail-signed" else told,
        enclosed=Enclosed(name, document.body, envelope.existed_by),
    )


def _without_extension(name: str) -> str:
    return re.sub(r"\.(tsd|m7m|xml|p7s|eml)$", "", name, flags=re.IGNORECASE)
