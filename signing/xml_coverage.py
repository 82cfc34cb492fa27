"""What of an XML document its signatures leave uncovered, and whether that can be taken for what they cover.

In a wrapping attack the signed element is moved where nobody looks, and a forged one of the same name stands in its place: the
signature holds, and something else is read. So an uncovered element that has the name of a covered one is never explained,
whatever its namespace or its case: not every program that reads looks at those.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from signing.xades_properties import is_xades
from signing.xml_document import Element, elements_of, local_name
from signing.xml_nodes import NodeSet, TextPlace
from signing.xml_references import DS, IDENTIFIERS

_MOST_NAMED = 5
_PROCESSING = ("{http://www.w3.org/2001/XMLSchema-instance}", "{http://www.w3.org/XML/1998/namespace}")
OWN_NAMES = (DS, "{http://uri.etsi.org/01903/")
_NAMES_OF_SIGNATURES = (
    *OWN_NAMES,
    "{http://uri.etsi.org/19132/",
    "{urn:ietf:params:xml:ns:ers}",
    "{http://www.w3.org/2009/xmldsig11#}",
    "{http://www.w3.org/2001/04/xmlenc#}",
    "{http://www.w3.org/2001/10/xml-exc-c14n#}",
    "{http://www.w3.org/2002/06/xmldsig-filter2}",
    "{http://docs.oasis-open.org/wss/",
)
"""Namespaces of what a signature is made of; any other element inside one is a stranger."""


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Names of elements with content that no reference selects; `mistakable` are those a reader may take for signed ones."""

    names: tuple[str, ...] = ()
    mistakable: tuple[str, ...] = ()


def uncovered_content(root: Element, selections: Iterable[NodeSet]) -> Uncovered:
    """Compare the document below `root` with everything the references select.

    An element that merely wraps what is covered, and the parts of a signature that hold no data, are no content. Processing
    instructions are: a style sheet decides what is seen.
    """
    distinct = list(dict.fromkeys(selections))
    nodes, texts = _covered(distinct)
    wrappers = {node for one in (*_apexes(distinct), *root.iter(f"{DS}Signature")) for node in one.iterancestors()}
    loose = _loose(root, nodes, texts, wrappers)
    signed = [one for one in nodes if isinstance(one.tag, str) and not one.tag.startswith(OWN_NAMES)]
    signed_names = {local_name(one).casefold() for one in signed}
    mistakable = [one for one in loose if local_name(one).casefold() in signed_names]
    displaced = [one.apex for one in distinct if _is_displaced(one.apex, loose)]
    return Uncovered(_names([*loose, *_instructions(root, nodes)]), _names([*mistakable, *displaced]))


def _instructions(root: Element, nodes: set[Element]) -> list[Element]:
    beside = [*root.itersiblings(preceding=True), *root.iter(etree.PI), *root.itersiblings()]
    return [one for one in beside if one.tag is etree.PI and one not in nodes]


def _apexes(selections: list[NodeSet]) -> list[Element]:
    """Where what is selected begins: the apex, or the highest visible elements under a hidden one."""
    found = []
    for one in selections:
        found.append(one.apex)
        if one.apex in one.hidden:
            found.extend(node for node in one.apex.iter() if node not in one.hidden and node.getparent() in one.hidden)
    return found


def _covered(selections: list[NodeSet]) -> tuple[set[Element], set[TextPlace]]:
    nodes: set[Element] = set()
    texts: set[TextPlace] = set()
    for one in selections:
        walked = one.walk()
        nodes.update(node for node in walked if node not in one.hidden)
        places = [(node, False) for node in walked] + [(node, True) for node in walked if node is not one.apex]
        texts.update(place for place in places if place not in one.hidden_texts)
    return nodes, texts


def _loose(root: Element, nodes: set[Element], texts: set[TextPlace], wrappers: set[Element]) -> list[Element]:
    """Elements that no reference selects and that are neither wrappers nor parts of a signature, in document order."""
    found: list[Element] = []
    pending = [root]
    while pending:
        element = pending.pop()
        children = elements_of(element)
        if element.tag == f"{DS}Signature" and element not in nodes:
            children = [one for one in children if one.tag == f"{DS}Object" and not _holds_properties(one)]
            found.extend(_strangers(element, nodes, children))
            found.extend([element] if _has_loose_text(element, texts) else ())
        elif element not in nodes and (
            element not in wrappers or _has_loose_text(element, texts) or says_by_attributes(element)
        ):
            found.append(element)
        pending.extend(reversed(children))
    return found


def _strangers(signature: Element, nodes: set[Element], data: list[Element]) -> list[Element]:
    """Unsigned elements inside a signature, beside the data it holds, that are no part of any signature."""
    apart = {node for thing in data for node in thing.iter()}
    return [
        one
        for one in signature.iter(etree.Element)
        if one not in nodes and one not in apart and not str(one.tag).startswith(_NAMES_OF_SIGNATURES)
    ]


def _holds_properties(thing: Element) -> bool:
    inside = elements_of(thing)
    return len(inside) == 1 and is_xades(inside[0], "QualifyingProperties")


def _inside_signature(element: Element) -> bool:
    return any(one.tag == f"{DS}Signature" for one in (element, *element.iterancestors()))


def _is_displaced(apex: Element, loose: list[Element]) -> bool:
    """A signed ds:Object deeper in a signature than its grammar has it, or outside it while an unsigned one stands inside."""
    parent = apex.getparent()
    if apex.tag != f"{DS}Object" or parent is None or parent.tag == f"{DS}Signature":
        return False
    return _inside_signature(parent) or any(_inside_signature(one) for one in loose)


def _has_loose_text(element: Element, texts: set[TextPlace]) -> bool:
    """Text of the element itself, or between its children, that is not only white space and that no reference selects."""
    loose = bool((element.text or "").strip()) and (element, False) not in texts
    return loose or any((child.tail or "").strip() and (child, True) not in texts for child in element)


def says_by_attributes(element: Element) -> bool:
    """True where it has attributes that say something: not identifiers, nor how the document is to be processed."""
    return any(name not in IDENTIFIERS and not name.startswith(_PROCESSING) for name in element.attrib)


def _names(elements: list[Element]) -> tuple[str, ...]:
    return tuple(list(dict.fromkeys(_name(one) for one in elements))[:_MOST_NAMED])


def _name(element: Element) -> str:
    return f"<?{element.target}?>" if element.tag is etree.PI else local_name(element)
