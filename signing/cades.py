"""Signatures around a document (CMS, ETSI EN 319 122-1): every envelope, every parallel signer, every counter-signature."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from signing.assessment import Surroundings, assess
from signing.cades_evidence import SealedBy, evidence_of_signers
from signing.certificate_path import Material
from signing.container import Layer
from signing.foreign_input import MALFORMED
from signing.report import Signature
from signing.signed_data import Integrity, SignerFacts, enclosed_in, examine_signers, load_signed_data
from signing.trust import TrustStore


def inspect_layer(
    layer: Layer,
    *,
    depth: int,
    detached: bytes | None,
    trust: TrustStore,
    at: datetime,
    existed_by: tuple[datetime, ...] = (),
) -> tuple[Signature, ...]:
    """Judge the signatures of one envelope over its own content, or over `detached` when it encloses none.

    `existed_by` are proven instants at which the envelope already existed.
    """
    facts, material = read_signers(layer.message, detached if layer.content is None else layer.content)
    around = Surroundings("CAdES", depth, later_proofs=existed_by)
    sealed = evidence_of_signers(layer.message, detached if layer.content is None else None, trust)
    return judge_signers(facts, material, around, trust=trust, at=at, sealed=sealed)


def read_signers(message: bytes, content: bytes | None) -> tuple[tuple[SignerFacts, ...], Material]:
    """The signers of a SignedData message over `content`, and what the message brings for paths. Never raises for any bytes."""
    try:
        signed_data = load_signed_data(message)
        enclosed = enclosed_in(signed_data)
        facts = examine_signers(signed_data, content)
    except MALFORMED as error:
        return (SignerFacts(Integrity.malformed, technical=type(error).__name__),), Material()
    return facts, Material(enclosed.certificates, enclosed.crls, enclosed.ocsps)


def judge_signers(
    facts: tuple[SignerFacts, ...],
    material: Material,
    around: Surroundings,
    *,
    trust: TrustStore,
    at: datetime,
    sealed: Mapping[int, SealedBy] = MappingProxyType({}),
) -> tuple[Signature, ...]:
    """Judge signers and, after each, those who countersigned it; `sealed` is what evidence records prove, by place."""
    return tuple(
        assess(
            one,
            replace(_sealed(around, sealed.get(place)), counter_signature=counter),
            trust=trust,
            material=material,
            at=at,
        )
        for place, signer in enumerate(facts)
        for one, counter in _with_counter_signers((signer,), counter=False)
    )


def _sealed(around: Surroundings, sealed: SealedBy | None) -> Surroundings:
    if sealed is None:
        return around
    return replace(
        around,
        later_proofs=(*around.later_proofs, *sealed.times),
        change_problems=(*around.change_problems, *sealed.problems),
    )


def _with_counter_signers(facts: tuple[SignerFacts, ...], *, counter: bool) -> list[tuple[SignerFacts, bool]]:
    found = []
    for one in facts:
        found.append((one, counter))
        found.extend(_with_counter_signers(one.counter_signers, counter=True))
    return found
