"""References of an XML signature (XML Signature 1.1, 4.4.3): found, transformed, hashed, compared.

Each reference keeps the set of nodes it was computed from, so that what is signed can be told from what merely has its name.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias
from urllib.parse import unquote

from lxml import etree

from signing.algorithms import UnsupportedSignature
from signing.canonical_xml import (
    DEFAULT_CANONICALIZATION,
    Canonicalization,
    UnsupportedCanonicalization,
    canonical_bytes,
    is_canonicalization,
    named_canonicalization,
    read_canonicalization,
)
from signing.xml_algorithms import xml_digest_name, xml_hash
from signing.xml_comments import texts_cut_by_comments
from signing.xml_document import Element, RefusedXml, UnreadableXml, elements_of, local_name, parse_xml, text_of
from signing.xml_nodes import Filter, NodeSet, UnsupportedSelection, filter_by_predicate, filter_by_subtrees

DS = "{http://www.w3.org/2000/09/xmldsig#}"
_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_ENVELOPED = f"{_DSIG}enveloped-signature"
_BASE64 = f"{_DSIG}base64"
_XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_FILTER2 = "http://www.w3.org/2002/06/xmldsig-filter2"
IDENTIFIERS = (
    "Id",
    "ID",
    "id",
    "{http://www.w3.org/XML/1998/namespace}id",
    "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}Id",
)
"""Attributes taken for identifiers; without a DTD nothing else says which are."""

_POINTER = re.compile(r"""^xpointer\(\s*(?:(?P<root>/)|id\(\s*(?P<quote>['"])(?P<id>[^'"]+)(?P=quote)\s*\))\s*\)$""")
MOST_REFERENCES = 1000
"""References of one signature, manifests included; more are answered as unsupported."""

MOST_NODES_READ = 400_000
"""Elements gone through for one document, over all its references."""

MOST_OCTETS_READ = 512 * 1024 * 1024
"""Bytes put in canonical form or gathered under time-stamps for one document, over all its signatures."""

MOST_VISITS = 50_000_000
"""Nodes that XPath expressions may visit for one document, over all its references."""

Resolver: TypeAlias = Callable[[str], bytes | None]
"""Gives the bytes of a name outside the document (an empty name where the reference has none); None where it is not at hand."""


class Match(StrEnum):
    """How a reference stands."""

    matches = "matches"
    differs = "differs"
    missing = "missing"
    forged = "forged"
    unsupported = "unsupported"


@dataclass(frozen=True, slots=True)
class ReferenceFacts:
    """One reference, examined. `nodes` is what it selects inside the document, `octets` what was hashed.

    `ends_in_nodes` where no transform turned the nodes into octets, so that the default canonicalization did; `cut_texts` are
    elements of a document outside whose text a comment parts that was not hashed.
    """

    uri: str | None
    match: Match
    digest: str = ""
    nodes: NodeSet | None = None
    octets: bytes = b""
    external: bool = False
    technical: str | None = None
    ends_in_nodes: bool = False
    cut_texts: tuple[str, ...] = ()


class _Missing(Exception):
    """What the reference names is not there."""


class _Forged(Exception):
    """What the reference names is there more than once."""


@dataclass(frozen=True, slots=True)
class ReferenceReader:
    """Reads references of the document of `root`; identifiers are indexed once, canonical forms are kept.

    `documents_have_names` is False where `outside` gives the one document at hand for any name.
    """

    root: Element
    outside: Resolver
    documents_have_names: bool = True
    _spent: list[int] = field(default_factory=lambda: [0])
    _visits: list[int] = field(default_factory=lambda: [0])
    _octets: list[int] = field(default_factory=lambda: [0])
    _kept: dict[tuple[object, ...], bytes] = field(default_factory=dict)
    _index: dict[str, list[Element]] = field(default_factory=dict)

    def element_with(self, identifier: str) -> Element:
        """The one element of that identifier. Raises _Missing where none has it, _Forged where several do."""
        if not self._index:
            for element in self.root.iter(etree.Element):
                for name in {element.get(attribute) for attribute in IDENTIFIERS} - {None}:
                    self._index.setdefault(str(name), []).append(element)
        found = self._index.get(identifier, [])
        if not found:
            raise _Missing(f"#{identifier}")
        if len(found) > 1:
            raise _Forged(f"#{identifier} repeated")
        return found[0]

    def element_named(self, uri: str) -> Element | None:
        """The element that `#identifier` names; None where it is another kind of name, or not of one element alone."""
        try:
            return self.element_with(unquote(uri[1:])) if uri.startswith("#") and len(uri) > 1 else None
        except (_Missing, _Forged):
            return None

    def examine(self, reference: Element, signature: Element) -> ReferenceFacts:
        """Compute the digest of a Reference that belongs to `signature`. Never raises for what the document holds."""
        uri = reference.get("URI")
        external = uri is None or not (uri == "" or uri.startswith("#"))
        try:
            digest = xml_digest_name(reference.find(f"{DS}DigestMethod"))
            stated = _decoded("".join(text_of(one) for one in reference.iterfind(f"{DS}DigestValue")))
            found = self._dereferenced(uri)
            nodes, result = self._transformed(found, reference, signature)
            octets = self.canonical(result, None) if isinstance(result, NodeSet) else result
        except _Missing as error:
            return ReferenceFacts(uri, Match.missing, external=external, technical=str(error))
        except _Forged as error:
            return ReferenceFacts(uri, Match.forged, external=external, technical=str(error))
        except (UnsupportedSignature, UnsupportedSelection, UnsupportedCanonicalization, RefusedXml) as error:
            return ReferenceFacts(uri, Match.unsupported, external=external, technical=str(error))
        except (UnreadableXml, binascii.Error) as error:
            return ReferenceFacts(uri, Match.differs, external=external, technical=type(error).__name__)
        match = Match.matches if xml_hash(octets, reference.find(f"{DS}DigestMethod")) == stated else Match.differs
        technical = None if match is Match.matches else "HASH_FAILURE"
        return ReferenceFacts(
            *(uri, match, digest, nodes, octets, external, technical),
            ends_in_nodes=isinstance(result, NodeSet),
            cut_texts=_cut_texts(found, octets) if match is Match.matches and isinstance(found, bytes) else (),
        )

    def _dereferenced(self, uri: str | None) -> NodeSet | bytes:
        if uri == "":
            return NodeSet(self.root, whole_document=True, comments=False)
        if uri is None or not uri.startswith("#"):
            octets = self.outside(outside_name(uri))
            if octets is None:
                raise _Missing(uri or "reference without a name")
            return octets
        return self._pointed(unquote(uri[1:]))

    def _pointed(self, fragment: str) -> NodeSet:
        pointer = _POINTER.match(fragment)
        if pointer and pointer["root"]:
            return NodeSet(self.root, whole_document=True, comments=True)
        if pointer:
            return NodeSet(self.element_with(pointer["id"]), whole_document=False, comments=True)
        if not fragment or fragment.startswith("xpointer("):
            raise UnsupportedSelection(f"reference #{fragment}")
        return NodeSet(self.element_with(fragment), whole_document=False, comments=False)

    def _transformed(
        self, found: NodeSet | bytes, reference: Element, signature: Element
    ) -> tuple[NodeSet | None, NodeSet | bytes]:
        """The nodes selected inside the document, and what the last transform gives."""
        selected = found if isinstance(found, NodeSet) else None
        current = found
        for transform in reference.iterfind(f"{DS}Transforms/{DS}Transform"):
            inside = selected is not None and current is selected
            current = self._one_transform(current, transform, signature, inside=inside)
            selected = current if inside and isinstance(current, NodeSet) else selected
        return selected, current

    def _one_transform(
        self, current: NodeSet | bytes, transform: Element, signature: Element, *, inside: bool
    ) -> NodeSet | bytes:
        algorithm = transform.get("Algorithm") or ""
        if algorithm == _BASE64 and isinstance(current, NodeSet) and elements_of(current.apex):
            # Only text would be signed, and whatever elements stand around it would pass for signed too.
            raise UnsupportedSelection("base64 of elements")
        if algorithm == _BASE64:
            text = current.text() if isinstance(current, NodeSet) else current.decode("ascii", errors="replace")
            return _decoded(text)
        nodes = (
            current if isinstance(current, NodeSet) else NodeSet(parse_xml(current), whole_document=True, comments=True)
        )
        if is_canonicalization(algorithm):
            return self.canonical(nodes, transform)
        if algorithm == _ENVELOPED:
            if not inside:
                raise UnsupportedSelection("enveloped-signature on another document")
            return nodes.without(signature)
        if algorithm in {_XPATH, _FILTER2}:
            if not inside:
                # What is left out there is not followed, and the whole document would pass for signed.
                raise UnsupportedSelection("XPath on another document")
            self._spend(nodes)
        if algorithm == _XPATH:
            xpath = transform.find(f"{DS}XPath")
            if xpath is None:
                raise UnsupportedSelection("XPath missing")
            return filter_by_predicate(nodes, text_of(xpath), _prefixes(xpath), xpath, charge=self._visit)
        if algorithm == _FILTER2:
            filters = [one for one in elements_of(transform) if local_name(one) == "XPath"]
            return filter_by_subtrees(
                nodes,
                [Filter(one.get("Filter") or "", text_of(one), _prefixes(one), one) for one in filters],
                charge=self._visit,
            )
        raise UnsupportedSelection(f"transform {algorithm}")

    def _spend(self, nodes: NodeSet) -> None:
        """Count the nodes gone through: many signatures over one large document add up."""
        self._spent[0] += sum(1 for _ in nodes.apex.iter())
        if self._spent[0] > MOST_NODES_READ:
            raise UnsupportedSelection("too much to canonicalize")

    def _visit(self, visits: int) -> None:
        """Count what expressions visit: many cheap ones add up too."""
        if self._visits[0] + visits > MOST_VISITS:
            raise UnsupportedSelection("XPath too costly")
        self._visits[0] += visits

    def take(self, octets: int) -> None:
        """Count bytes gone through. Raises UnsupportedSelection where they are too many."""
        self._octets[0] += octets
        if self._octets[0] > MOST_OCTETS_READ:
            raise UnsupportedSelection("too much to hash")

    def canonical_element(self, element: Element, method: Element | None) -> bytes:
        """One element of the document, with its comments where the method keeps them. Raises as `canonical` does."""
        return self.canonical(NodeSet(element, whole_document=False, comments=True), method)

    def canonical(self, nodes: NodeSet, method: Element | None) -> bytes:
        """Octets of nodes of the document by a method, the default one for None; each is computed once.

        Raises UnsupportedCanonicalization, and UnsupportedSelection where too much of the document was gone through.
        """
        return self.canonical_as(
            nodes, named_canonicalization(DEFAULT_CANONICALIZATION) if method is None else read_canonicalization(method)
        )

    def canonical_as(self, nodes: NodeSet, algorithm: Canonicalization) -> bytes:
        """The same by an algorithm that was read already."""
        key = (nodes, algorithm)
        if key not in self._kept:
            self._spend(nodes)
            self._kept[key] = canonical_bytes(nodes, algorithm)
            self.take(len(self._kept[key]))
        return self._kept[key]


def _cut_texts(document: bytes, octets: bytes) -> tuple[str, ...]:
    if octets == document or b"<!--" not in document:
        return ()
    try:
        return texts_cut_by_comments(parse_xml(document), [octets])
    except (UnreadableXml, RefusedXml):
        return ()


def outside_name(uri: str | None) -> str:
    """The name of a document outside the file, as a container has it: some producers write `./name` or `/name`."""
    return unquote(uri or "").removeprefix("./").lstrip("/")


def _prefixes(element: Element) -> dict[str, str]:
    return {prefix: uri for prefix, uri in element.nsmap.items() if prefix and uri}


def _decoded(text: str) -> bytes:
    """Base64 with any white space, as XML Schema's base64Binary allows. Raises binascii.Error."""
    compact = "".join(text.split()).encode("ascii", errors="replace")
    return base64.b64decode(compact + b"=" * (-len(compact) % 4), validate=True)


def reference_elements(parents: Iterable[Element]) -> list[Element]:
    """The Reference children of SignedInfo or Manifest elements, in order."""
    return [one for parent in parents for one in parent.iterfind(f"{DS}Reference")]
