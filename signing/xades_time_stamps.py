"""What the time-stamps inside an XAdES signature cover (ETSI EN 319 132-1, 5.3 to 5.5; TS 101 903 for those of older versions).

Every kind is computed from the signature as it stands. Editions of the standard differ in which parts an archive time-stamp
takes in, so it is held against each of their readings: all of them bind the signed data, the signature and what came before.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from signing.canonical_xml import UnsupportedCanonicalization
from signing.signed_bytes import SignedBytes
from signing.xades_properties import StampElement, StampKind, is_xades
from signing.xml_document import Element, elements_of, local_name
from signing.xml_nodes import UnsupportedSelection
from signing.xml_references import DS, Match, ReferenceReader
from signing.xml_signature import XmlSignatureFacts

_REFERENCES = (
    ("CompleteCertificateRefsV2", "CompleteCertificateRefs"),
    ("CompleteRevocationRefs",),
    ("AttributeCertificateRefsV2", "AttributeCertificateRefs"),
    ("AttributeRevocationRefs",),
)
_BEFORE_141 = frozenset(
    {
        *("SignatureTimeStamp", "CounterSignature", "CompleteCertificateRefs", "CompleteRevocationRefs"),
        *("AttributeCertificateRefs", "AttributeRevocationRefs", "CertificateValues", "RevocationValues"),
        *("SigAndRefsTimeStamp", "RefsOnlyTimeStamp", "ArchiveTimeStamp"),
    }
)
"""Properties that an archive time-stamp of version 1.3.2 knows (TS 101 903 v1.3.2, 7.7.1)."""


class UnsupportedStamp(Exception):
    """A time-stamp over what we do not compute; the text names it."""


@dataclass(frozen=True, slots=True)
class _Signature:
    """The signature a time-stamp hangs on, and what reads it."""

    facts: XmlSignatureFacts
    reader: ReferenceReader

    def part(self, name: str) -> Element | None:
        return self.facts.element.find(f"{DS}{name}")


def stamped_by(facts: XmlSignatureFacts, stamp: StampElement, reader: ReferenceReader) -> Iterator[SignedBytes]:
    """What the time-stamp covers, in each reading of the standard, the present one first. Raises UnsupportedStamp."""
    signature = _Signature(facts, reader)
    try:
        match stamp.kind:
            case StampKind.signature if _includes(stamp):
                raise UnsupportedStamp("Include")
            case StampKind.signature:
                yield _joined(signature, stamp, _parts(signature, "SignatureValue"))
            case StampKind.references:
                yield from _over_references(signature, stamp, [])
            case StampKind.signature_and_references:
                yield from _over_references(signature, stamp, _parts(signature, "SignatureValue"))
            case StampKind.archive:
                yield from _over_archive(signature, stamp)
    except (UnsupportedCanonicalization, UnsupportedSelection) as error:
        raise UnsupportedStamp(str(error)) from error


def _parts(signature: _Signature, *names: str) -> list[Element]:
    found = (signature.part(name) for name in names)
    return [one for one in found if one is not None]


def _joined(signature: _Signature, stamp: StampElement, elements: Iterable[Element], *first: bytes) -> SignedBytes:
    method = stamp.element.find(f"{DS}CanonicalizationMethod")
    pieces = [*first, *(signature.reader.canonical_element(one, method) for one in elements)]
    signature.reader.take(sum(map(len, pieces)))
    return SignedBytes(*pieces)


def _includes(stamp: StampElement) -> list[Element]:
    return [one for one in elements_of(stamp.element) if is_xades(one, "Include")]


def _earlier(signature: _Signature, stamp: StampElement) -> list[Element]:
    """The unsigned properties that the time-stamp takes in: those before it, or those it names, where they are distributed over
    the document. Raises UnsupportedStamp for a name of anything but one element of the document."""
    named = _includes(stamp)
    if not named:
        before = [one for one in stamp.element.itersiblings(preceding=True) if isinstance(one.tag, str)]
        return before[::-1]
    found = [signature.reader.element_named(one.get("URI") or "") for one in named]
    if any(one.get("referencedData") in {"true", "1"} for one in named):
        raise UnsupportedStamp("Include of referenced data")
    included = [one for one in found if one is not None]
    if len(included) != len(named):
        raise UnsupportedStamp("Include of what is not in the document")
    return included


def _over_references(signature: _Signature, stamp: StampElement, first: list[Element]) -> Iterator[SignedBytes]:
    """SigAndRefsTimeStamp and RefsOnlyTimeStamp (EN 319 132-1, A.1.5): references in their order of appearance, which older
    editions fix by name; where they are distributed, whatever the time-stamp names, in its order."""
    earlier = _earlier(signature, stamp)
    if _includes(stamp):
        yield _joined(signature, stamp, [*first, *(one for one in earlier if one not in first)])
        return
    names = {name for group in _REFERENCES for name in group}
    stamps = [one for one in earlier if first and is_xades(one, "SignatureTimeStamp")]
    found = [one for one in earlier if local_name(one) in names]
    by_name = [one for group in _REFERENCES for one in found if local_name(one) in group]
    together = [one for one in earlier if one in stamps or one in found]
    yield _joined(signature, stamp, [*first, *together])
    yield _joined(signature, stamp, [*first, *stamps, *by_name])


def _over_archive(signature: _Signature, stamp: StampElement) -> Iterator[SignedBytes]:
    """ArchiveTimeStamp (EN 319 132-1, 5.5.2.2): signed data, signature, properties before it, and the other objects."""
    data = list(_signed_data(signature, stamp))
    own = _parts(signature, "SignedInfo", "SignatureValue", "KeyInfo")
    earlier = _earlier(signature, stamp)
    known = [one for one in earlier if local_name(one) in _BEFORE_141]
    objects = [one for one in signature.facts.element.iterfind(f"{DS}Object") if not _holds_properties(one)]
    unreferenced = [one for one in objects if not _is_referenced(signature, one)]
    readings = [(earlier, objects), (earlier, unreferenced), (known, objects), (known, unreferenced)]
    for properties, others in readings:
        yield _joined(signature, stamp, [*own, *properties, *others], *data)


def _signed_data(signature: _Signature, stamp: StampElement) -> Iterator[bytes]:
    method = stamp.element.find(f"{DS}CanonicalizationMethod")
    for reference in signature.facts.references:
        if reference.match is not Match.matches:
            raise UnsupportedStamp(f"reference {reference.uri}")
        if reference.ends_in_nodes and reference.nodes is not None:
            yield signature.reader.canonical(reference.nodes, method)
        else:
            yield reference.octets


def _holds_properties(holder: Element) -> bool:
    return any(is_xades(one, "QualifyingProperties") for one in elements_of(holder))


def _is_referenced(signature: _Signature, element: Element) -> bool:
    return any(one.nodes is not None and one.nodes.shows_whole(element) for one in signature.facts.references)
