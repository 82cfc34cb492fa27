"""Signatures in XML (XML Signature 1.1, ETSI EN 319 132-1): each judged by its bytes, coverage and certificate."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from signing.assessment import Surroundings, assess
from signing.problems import problem
from signing.report import Problem, Signature
from signing.signed_data import Integrity
from signing.timestamps import LATE_FLAWS, TimestampFacts, examine_timestamp
from signing.trust import TrustStore
from signing.xades_evidence import evidence_of_signature
from signing.xades_properties import StampElement, StampKind
from signing.xades_time_stamps import UnsupportedStamp, stamped_by
from signing.xml_comments import texts_cut_by_comments
from signing.xml_coverage import Uncovered, uncovered_content
from signing.xml_document import Element, RefusedXml, UnreadableXml, local_name, parse_xml
from signing.xml_nodes import NodeSet
from signing.xml_references import DS, MOST_NODES_READ, Match, ReferenceFacts, ReferenceReader, Resolver, outside_name
from signing.xml_signature import XmlSignatureFacts, examine_xml_signature, signatures_in

MOST_TOKENS = 15
"""Time-stamps of one signature that are examined: further ones prove nothing, and are told."""

_MOST_NAMED = 5
MOST_SIGNATURES = 200
"""Signatures of one document; more are not examined, and the document is answered as not verifiable."""


@dataclass(frozen=True, slots=True)
class XmlFindings:
    """Signatures of an XML document, problems of the document, and the one document it envelops (None where it is its own).

    `named` are the documents outside the file that signatures speak of, `external` those that an intact one covers.
    """

    signatures: tuple[Signature, ...] = ()
    problems: tuple[Problem, ...] = ()
    enclosed: bytes | None = None
    named: tuple[str, ...] = ()
    external: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What every signature of the document is asked with."""

    depth: int
    existed_by: tuple[datetime, ...]
    trust: TrustStore
    at: datetime
    own_document: bool
    astray: frozenset[Element] = frozenset()
    """Signatures that sign nothing of what the file is about."""


@dataclass(frozen=True, slots=True)
class _Coverage:
    """What the intact signatures of the document leave out together, and each by itself."""

    together: Uncovered = field(default_factory=Uncovered)
    cut_texts: tuple[str, ...] = ()
    alone: dict[Element, Uncovered] = field(default_factory=dict)

    def is_partial(self, signature: Element) -> bool:
        """True where that signature by itself leaves content out."""
        return signature in self.alone and bool(self.alone[signature].names)


def inspect_xml(
    data: bytes,
    *,
    outside: Resolver,
    trust: TrustStore,
    at: datetime,
    depth: int = 0,
    existed_by: tuple[datetime, ...] = (),
    own_document: bool = True,
    documents_have_names: bool = True,
    subjects: Collection[str] = (),
) -> XmlFindings:
    """Judge every signature of the XML document. `outside` gives the documents it names but does not hold.

    `existed_by` are proven instants at which the whole file already existed. `own_document` is False for the signature file
    of a container, whose other elements nobody reads; `documents_have_names` where `outside` has one document for any name;
    `subjects` are the names of which a signature has to sign one at least.
    Never raises for any bytes.
    """
    try:
        root = parse_xml(data)
    except UnreadableXml as error:
        return XmlFindings(problems=(problem("xml_unreadable", str(error)),))
    except RefusedXml as error:
        return XmlFindings(problems=(problem("xml_refused", str(error)),))
    if local_name(root) == "EvidenceRecord":
        return XmlFindings(problems=(problem("evidence_record_alone"),))
    elements, every = signatures_in(root), sum(1 for _ in root.iter(f"{DS}Signature"))
    if every > MOST_SIGNATURES or len(elements) * sum(1 for _ in root.iter()) > MOST_NODES_READ:
        return XmlFindings(problems=(problem("xml_refused", f"{every} signatures"),))
    reader = ReferenceReader(root, outside, documents_have_names)
    examined = [examine_xml_signature(one, reader) for one in elements]
    coverage = _coverage(root, examined) if own_document else _Coverage()
    asked = _Asked(depth, existed_by, trust, at, own_document, _astray(root, examined, subjects))
    signatures = [signature for one in examined for signature in _with_counter_signatures(one, reader, coverage, asked)]
    return XmlFindings(
        tuple(signatures),
        enclosed=_enclosed(root, examined) if own_document else None,
        named=_outside_names(_references(examined)),
        external=_outside_names(one for one in _references(_intact(examined)) if one.match is Match.matches),
    )


def _astray(root: Element, examined: list[XmlSignatureFacts], subjects: Collection[str]) -> frozenset[Element]:
    """Intact signatures of none of the documents that the file is about: taken from elsewhere they would lend it a signer.

    It is about the subjects; where there are none, about the documents outside that some signature names; about what the
    outermost signature envelops, where it does. One that signs the value of a signature of those counts with it.
    """
    intact = _intact(examined)
    external = {one.element: _matched_outside(one) for one in intact}
    held = _enveloping(root, examined)
    if subjects:
        apart = [one for one in intact if external[one.element].isdisjoint(subjects)]
    elif any(external.values()):
        apart = [one for one in intact if not external[one.element]]
    elif held is not None and held.nodes is not None:
        apart = [one for one in intact if not _signs(one, [held.nodes.apex])]
    else:
        return frozenset()
    values = [one.element.find(f"{DS}SignatureValue") for one in intact if one not in apart]
    return frozenset(one.element for one in apart if not _signs(one, values))


def _signs(one: XmlSignatureFacts, elements: Iterable[Element]) -> bool:
    return any(nodes.shows(each) for each in elements for nodes in _selections(one))


def _matched_outside(one: XmlSignatureFacts) -> frozenset[str]:
    return frozenset(_outside_names(each for each in _references([one]) if each.match is Match.matches))


def _intact(examined: Iterable[XmlSignatureFacts]) -> list[XmlSignatureFacts]:
    return [one for one in examined if one.signer.integrity is Integrity.intact]


def _references(examined: Iterable[XmlSignatureFacts]) -> list[ReferenceFacts]:
    return [reference for one in examined for reference in (*one.references, *one.listed)]


def _outside_names(references: Iterable[ReferenceFacts]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(outside_name(one.uri) for one in references if one.external))


def _selections(one: XmlSignatureFacts) -> list[NodeSet]:
    return [reference.nodes for reference in (*one.references, *one.listed) if reference.nodes is not None]


def _coverage(root: Element, examined: list[XmlSignatureFacts]) -> _Coverage:
    intact = _intact(examined)
    if not intact:
        return _Coverage()
    alone = {one.element: uncovered_content(root, _selections(one)) for one in intact}
    cut = texts_cut_by_comments(root, (reference.octets for reference in _references(intact)))
    if len(intact) == 1:
        return _Coverage(next(iter(alone.values())), cut, alone)
    return _Coverage(uncovered_content(root, [nodes for one in intact for nodes in _selections(one)]), cut, alone)


def _with_counter_signatures(
    facts: XmlSignatureFacts, reader: ReferenceReader, coverage: _Coverage, asked: _Asked
) -> list[Signature]:
    judged = [_judged(facts, reader, coverage, asked, counter=False)]
    if facts.properties is None:
        return judged
    value = facts.element.find(f"{DS}SignatureValue")
    for element in facts.properties.counter_signatures:
        counter = examine_xml_signature(element, reader)
        judged.append(_judged(_bound_to(value, counter), reader, _Coverage(), asked, counter=True))
    return judged


def _bound_to(value: Element, counter: XmlSignatureFacts) -> XmlSignatureFacts:
    """A counter-signature that does not sign the value of the signature it hangs on signs nothing (EN 319 132-1, 5.2.7)."""
    answered = counter.signer.integrity not in {Integrity.intact, Integrity.nothing_signed}
    if answered or any(nodes.shows(value) for nodes in _selections(counter)):
        return counter
    signer = replace(counter.signer, integrity=Integrity.malformed, technical="SignatureValue not countersigned")
    return replace(counter, signer=signer)


def _judged(
    facts: XmlSignatureFacts, reader: ReferenceReader, coverage: _Coverage, asked: _Asked, *, counter: bool
) -> Signature:
    stamps = _tokens(facts)
    own_proofs, proofs, flaws = _proofs(stamps[:MOST_TOKENS], facts, reader, asked.trust)
    notes = [problem(code) for code in dict.fromkeys(flaws)]
    left = len(stamps) - MOST_TOKENS
    notes.extend([problem("timestamps_not_examined", count=left, examined=MOST_TOKENS)] if left > 0 else [])
    if facts.signer.integrity is Integrity.intact:
        sealed, told = evidence_of_signature(facts, reader, asked.trust)
        proofs.extend(sealed)
        notes.extend(told)
        notes.extend(_reservations(facts, coverage))
    astray = facts.element in asked.astray
    mistakable = coverage.together.mistakable
    grave = [problem("signs_other_content")] if astray else []
    grave += [problem("xml_not_covered", elements=", ".join(mistakable))] if mistakable else []
    around = Surroundings(
        "XAdES",
        asked.depth,
        covers="revision" if astray or coverage.is_partial(facts.element) else "whole_file",
        changes_after="suspicious" if grave else "none",
        change_problems=tuple(grave or notes),
        later_proofs=(*asked.existed_by, *proofs),
        own_proofs=tuple(own_proofs),
        counter_signature=counter,
    )
    return assess(facts.signer, around, trust=asked.trust, material=facts.material, at=asked.at)


def _reservations(facts: XmlSignatureFacts, coverage: _Coverage) -> list[Problem]:
    found = []
    if facts.properties is None:
        found.append(problem("plain_xml_signature"))
    if facts.not_at_hand:
        found.append(problem("listed_documents_missing", names=", ".join(facts.not_at_hand[:5])))
    if coverage.is_partial(facts.element):
        found.append(problem("xml_partly_covered", elements=", ".join(coverage.alone[facts.element].names)))
    outside = [name for reference in _references([facts]) for name in reference.cut_texts]
    cut = tuple(dict.fromkeys((*coverage.cut_texts, *outside)))
    if cut:
        found.append(problem("xml_text_cut", elements=", ".join(cut[:_MOST_NAMED])))
    return found


def _tokens(facts: XmlSignatureFacts) -> list[tuple[StampElement, bytes]]:
    """The signature's own time-stamps, each with the property that it stands in."""
    stamps = facts.properties.stamps if facts.properties is not None else ()
    return [(one, token) for one in stamps for token in one.tokens]


def _proofs(
    tokens: list[tuple[StampElement, bytes]], facts: XmlSignatureFacts, reader: ReferenceReader, trust: TrustStore
) -> tuple[list[datetime], list[datetime], list[str]]:
    """Instants that time-stamps over the signature's value prove, those that later ones do, and what is wrong with others."""
    own: list[datetime] = []
    late: list[datetime] = []
    flaws: list[str] = []
    for stamp, token in tokens:
        found = _examined(token, stamp, facts, reader, trust)
        if found.proves and found.time is not None:
            if stamp.kind is not StampKind.references:
                (late if _is_late(stamp) else own).append(found.time)
        elif found.problem:
            flaws.append(LATE_FLAWS.get(found.problem, found.problem) if _is_late(stamp) else found.problem)
    return own, late, flaws


def _is_late(stamp: StampElement) -> bool:
    return stamp.kind is not StampKind.signature


def _examined(
    token: bytes, stamp: StampElement, facts: XmlSignatureFacts, reader: ReferenceReader, trust: TrustStore
) -> TimestampFacts:
    """The token over the first reading of the standard that it is of; over the present one where it is of none."""
    first = None
    try:
        for stamped in stamped_by(facts, stamp, reader):
            found = examine_timestamp(token, stamped, trust=trust, material=facts.material)
            if found.problem != "timestamp_of_other_data":
                return found
            first = first or found
    except UnsupportedStamp:
        return TimestampFacts(None, False, "timestamp_unsupported")
    return first or TimestampFacts(None, False, "timestamp_unsupported")


def _enclosed(root: Element, examined: list[XmlSignatureFacts]) -> bytes | None:
    """The document inside an enveloping signature."""
    held = _enveloping(root, examined)
    return held.octets if held is not None else None


def _enveloping(root: Element, examined: list[XmlSignatureFacts]) -> ReferenceFacts | None:
    """The one reference of the outermost signature, where it is intact, to a ds:Object of its own."""
    if root.tag != f"{DS}Signature":
        return None
    own = next((one for one in _intact(examined) if one.element is root), None)
    if own is None:
        return None
    data = [
        reference
        for reference in own.references
        if reference.nodes is not None and reference.nodes.apex.tag == f"{DS}Object"
    ]
    return data[0] if len(data) == 1 else None
