"""Signatures around a document (CMS, ETSI EN 319 122-1): every envelope, every parallel signer, every counter-signature."""

from datetime import datetime

from signing.assessment import Surroundings, assess
from signing.certificate_path import Material
from signing.container import Layer
from signing.foreign_input import MALFORMED
from signing.report import Signature
from signing.signed_data import Integrity, SignerFacts, enclosed_in, examine_signers, load_signed_data
from signing.trust import TrustStore


def inspect_layer(
    layer: Layer, *, depth: int, detached: bytes | None, trust: TrustStore, at: datetime
) -> tuple[Signature, ...]:
    """Judge the signatures of one envelope over its own content, or over `detached` when it encloses none."""
    try:
        signed_data = load_signed_data(layer.message)
        enclosed = enclosed_in(signed_data)
        content = detached if layer.content is None else layer.content
        facts = examine_signers(signed_data, content)
    except MALFORMED as error:
        facts, material = (SignerFacts(Integrity.malformed, technical=type(error).__name__),), Material()
    else:
        material = Material(enclosed.certificates, enclosed.crls, enclosed.ocsps)
    return tuple(
        assess(one, Surroundings("CAdES", depth, counter_signature=counter), trust=trust, material=material, at=at)
        for one, counter in _with_counter_signers(facts, counter=False)
    )


def _with_counter_signers(facts: tuple[SignerFacts, ...], *, counter: bool) -> list[tuple[SignerFacts, bool]]:
    found = []
    for one in facts:
        found.append((one, counter))
        found.extend(_with_counter_signers(one.counter_signers, counter=True))
    return found
