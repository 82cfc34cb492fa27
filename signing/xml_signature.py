"""One XML signature (XML Signature 1.1, ETSI EN 319 132-1): does it match its bytes, by whom, and what exactly does it sign.

signxml is not used: on a collection of known signatures it accepts two wrapping attacks and refuses more than half of the good
ones (counter-signatures, Filter 2.0, several signatures, inherited namespaces), and it does not give back the nodes that were
signed, by which the question of wrapping is decided. Parsing and XPath are lxml's, the mathematics is `cryptography`'s.
"""

import base64
import binascii
from dataclasses import dataclass, field, replace
from itertools import islice

from asn1crypto import x509

from signing.algorithms import WEAK_DIGESTS, UnsupportedSignature, public_key
from signing.canonical_xml import UnsupportedCanonicalization, canonical_bytes, read_canonicalization
from signing.certificate_path import Material
from signing.foreign_input import MALFORMED
from signing.signed_data import Integrity, SignerFacts
from signing.xades_properties import (
    AmbiguousProperties,
    QualifyingProperties,
    key_info_material,
    named_certificates,
    read_properties,
)
from signing.xml_algorithms import signature_digest, verify_xml_signature
from signing.xml_document import Element, local_name, text_of
from signing.xml_nodes import NodeSet
from signing.xml_references import (
    DS,
    MOST_REFERENCES,
    Match,
    ReferenceFacts,
    ReferenceReader,
    reference_elements,
)
from signing.xml_signed_data import shows_data


@dataclass(frozen=True, slots=True)
class XmlSignatureFacts:
    """One ds:Signature, examined. `references` are those of SignedInfo, `listed` those of the manifests that they sign."""

    element: Element
    signer: SignerFacts
    references: tuple[ReferenceFacts, ...] = ()
    listed: tuple[ReferenceFacts, ...] = ()
    properties: QualifyingProperties | None = None
    material: Material = field(default_factory=Material)

    @property
    def not_at_hand(self) -> tuple[str, ...]:
        """Names of the documents listed in signed manifests that are neither in the file nor given beside it."""
        return tuple(one.uri or "" for one in self.listed if one.match is Match.missing)


def examine_xml_signature(signature: Element, reader: ReferenceReader) -> XmlSignatureFacts:
    """Examine a ds:Signature of the reader's document. Never raises for what the document holds."""
    try:
        return _examined(signature, reader)
    except (UnsupportedSignature, UnsupportedCanonicalization) as error:
        candidates = key_info_material(signature).certificates
        certificate = candidates[0] if len(candidates) == 1 else None
        return _failed(signature, Integrity.unsupported, str(error), certificate)
    except AmbiguousProperties as error:
        return _failed(signature, Integrity.malformed, str(error))
    except MALFORMED as error:
        return _failed(signature, Integrity.malformed, type(error).__name__)


def _failed(
    signature: Element, integrity: Integrity, technical: str, certificate: x509.Certificate | None = None
) -> XmlSignatureFacts:
    return XmlSignatureFacts(signature, SignerFacts(integrity, certificate=certificate, technical=technical))


def _only(parent: Element, name: str) -> Element:
    found = parent.findall(f"{DS}{name}")
    if len(found) != 1:
        raise ValueError(f"{len(found)} {name}")
    return found[0]


def _examined(signature: Element, reader: ReferenceReader) -> XmlSignatureFacts:
    signed_info = _only(signature, "SignedInfo")
    method = _only(signed_info, "SignatureMethod")
    own = key_info_material(signature)
    properties = read_properties(signature)
    material = own.joined(properties.material) if properties is not None else own
    digest = signature_digest(method)
    named = named_certificates(properties, material.certificates)
    certificate = _by_its_key(signature, named or own.certificates or material.certificates)
    facts = XmlSignatureFacts(
        signature,
        SignerFacts(
            Integrity.intact,
            digest,
            certificate,
            properties.claimed_time if properties is not None else None,
            has_signed_attributes=properties is not None,
        ),
        properties=properties,
        material=material,
    )
    if certificate is None and _holds_certificates(signature):
        return _with_integrity(facts, Integrity.malformed, "X509Certificate")
    if certificate is None:
        return _with_integrity(facts, Integrity.certificate_missing, "NO_SIGNING_CERTIFICATE_FOUND")
    if not _mathematics_hold(signature, certificate):
        return _with_integrity(facts, Integrity.signature_mismatch, "SIG_CRYPTO_FAILURE")
    return _with_references(facts, reader, named)


def _with_integrity(facts: XmlSignatureFacts, integrity: Integrity, technical: str | None) -> XmlSignatureFacts:
    return replace(facts, signer=replace(facts.signer, integrity=integrity, technical=technical))


def _by_its_key(signature: Element, candidates: tuple[x509.Certificate, ...]) -> x509.Certificate | None:
    """The certificate whose key verifies; where none does, the first, against which the failure is told."""
    for one in candidates if len(candidates) > 1 else ():
        if _verifies_quietly(signature, one):
            return one
    return candidates[0] if candidates else None


def _verifies_quietly(signature: Element, certificate: x509.Certificate) -> bool:
    try:
        return _mathematics_hold(signature, certificate)
    except UnsupportedSignature:
        return False


def _holds_certificates(signature: Element) -> bool:
    return signature.find(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate") is not None


def _mathematics_hold(signature: Element, certificate: x509.Certificate) -> bool:
    signed_info = _only(signature, "SignedInfo")
    algorithm = read_canonicalization(_only(signed_info, "CanonicalizationMethod"))
    message = canonical_bytes(NodeSet(signed_info, whole_document=False, comments=True), algorithm)
    value = _signature_value(signature)
    key = public_key(certificate.public_key)
    return verify_xml_signature(key, _only(signed_info, "SignatureMethod"), value, message)


def _signature_value(signature: Element) -> bytes:
    text = "".join(text_of(_only(signature, "SignatureValue")).split())
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("SignatureValue") from error


def _with_references(
    facts: XmlSignatureFacts, reader: ReferenceReader, named: tuple[x509.Certificate, ...]
) -> XmlSignatureFacts:
    elements = list(islice(reference_elements([_only(facts.element, "SignedInfo")]), MOST_REFERENCES))
    if not elements:
        raise ValueError("no Reference")
    references = tuple(reader.examine(one, facts.element) for one in elements)
    listed = _listed(references, reader, facts.element)
    if not reader.documents_have_names:
        references, listed = _of_the_one_document(references), _of_the_one_document(listed)
    digests = [one.digest for one in (*references, *listed) if one.digest]
    weak = next((one for one in digests if one in WEAK_DIGESTS), facts.signer.digest)
    digest = facts.signer.digest if facts.signer.digest in WEAK_DIGESTS else weak
    examined = replace(facts, references=references, listed=listed, signer=replace(facts.signer, digest=digest))
    integrity, technical = _integrity(examined, named)
    return _with_integrity(examined, integrity, technical)


def _listed(
    references: tuple[ReferenceFacts, ...], reader: ReferenceReader, signature: Element
) -> tuple[ReferenceFacts, ...]:
    """References of the manifests that are signed whole; unsigned manifests say nothing."""
    manifests = [
        manifest
        for one in references
        if one.match is Match.matches and one.nodes is not None
        for manifest in one.nodes.apex.iter(f"{DS}Manifest")
        if one.nodes.shows_whole(manifest)
    ]
    elements = reference_elements(dict.fromkeys(manifests))
    return tuple(reader.examine(one, signature) for one in elements[:MOST_REFERENCES])


def _of_the_one_document(references: tuple[ReferenceFacts, ...]) -> tuple[ReferenceFacts, ...]:
    """Where one of several documents is at hand, those that it is not are missing, and not changed."""
    outside = [one for one in references if one.external]
    if not any(one.match is Match.matches for one in outside):
        return references
    return tuple(
        replace(one, match=Match.missing) if one.external and one.match is Match.differs else one for one in references
    )


# In the order of EN 319 102-1, 5.2.7.4: what is not at hand is told before what does not match.
_BY_MATCH = {
    Match.forged: Integrity.malformed,
    Match.missing: Integrity.content_missing,
    Match.unsupported: Integrity.unsupported,
    Match.differs: Integrity.hash_mismatch,
}


def _integrity(facts: XmlSignatureFacts, named: tuple[x509.Certificate, ...]) -> tuple[Integrity, str | None]:
    strict = (*facts.references, *(one for one in facts.listed if one.match is not Match.missing))
    for match, integrity in _BY_MATCH.items():
        for one in strict:
            if one.match is match:
                return integrity, f"{one.technical or match.value} ({one.uri})"
    if not _signs_data(facts):
        return Integrity.nothing_signed, "SIGNED_DATA_NOT_FOUND"
    properties = facts.properties
    if properties is None:
        return Integrity.intact, None
    if not any(one.nodes is not None and one.nodes.shows_whole(properties.signed) for one in facts.references):
        return Integrity.malformed, "SignedProperties not signed"
    if properties.certificate_references and not named:
        return Integrity.wrong_certificate, "SigningCertificate"
    return Integrity.intact, None


def _signs_data(facts: XmlSignatureFacts) -> bool:
    """True where a document outside is covered that is not empty, or listed without being at hand, or data of this one."""
    every = (*facts.references, *facts.listed)
    if any(one.external and (one.octets or one.match is Match.missing) for one in every):
        return True
    selected = dict.fromkeys(one.nodes for one in every if one.nodes is not None and one.octets)
    return any(shows_data(nodes, facts.element) for nodes in selected)


def signatures_in(root: Element) -> list[Element]:
    """Every ds:Signature of the document that is not a counter-signature of another, in document order."""
    return [one for one in root.iter(f"{DS}Signature") if local_name(_parent(one)) != "CounterSignature"]


def _parent(element: Element) -> Element:
    parent = element.getparent()
    return element if parent is None else parent
