"""What of the nodes that an XML signature covers is data, and what only says who signed, when and how.

A signature may cover its own properties and certificates, or the bare names around some content: the mathematics hold, and
nobody signed a document (XML Signature 1.1, 8.1.1: only what is signed is secure).
"""

from signing.xml_coverage import OWN_NAMES, says_by_attributes
from signing.xml_document import Element, elements_of, local_name, text_of
from signing.xml_nodes import NodeSet
from signing.xml_references import DS

_SIGNATURE = f"{DS}Signature"


def shows_data(nodes: NodeSet, signature: Element) -> bool:
    """True where the nodes show an element that says something as a part of a document which `signature` signs.

    Elements of the standards of signatures are none, except by what a ds:Object holds, and by the value of another signature,
    with which what that one signs is signed too. What a manifest lists counts by itself.
    """
    held: dict[Element, bool] = {}
    for node in reversed(list(nodes.apex.iterancestors())):
        held[node] = _holds_data(node, held, signature)
    for node in nodes.walk():
        held[node] = _holds_data(node, held, signature)
        if held[node] and node not in nodes.hidden and _says_something(node, nodes):
            return True
    return False


def _holds_data(node: Element, held: dict[Element, bool], signature: Element) -> bool:
    """True where text in the node is data, and so are its children unless they are parts of a signature."""
    parent = node.getparent()
    if not isinstance(node.tag, str):
        return False
    if node.tag == f"{DS}SignatureValue":
        return parent is not None and parent is not signature and _is_examined(parent)
    if node.tag == f"{DS}Object" and parent is not None and parent.tag == _SIGNATURE:
        return held.get(parent.getparent(), True)
    return held.get(parent, True) and (node.tag == f"{DS}Object" or not node.tag.startswith(OWN_NAMES))


def _is_examined(signature: Element) -> bool:
    """True for a signature that is judged by itself; one that is not could hold any value."""
    above = signature.getparent()
    return signature.tag == _SIGNATURE and (above is None or local_name(above) != "CounterSignature")


def _says_something(element: Element, nodes: NodeSet) -> bool:
    """By its own visible text, by attributes, or by standing there empty; what its children say, they say."""
    if _shows_text(element, nodes):
        return True
    return not element.tag.startswith(OWN_NAMES) and (says_by_attributes(element) or _is_empty(element))


def _shows_text(element: Element, nodes: NodeSet) -> bool:
    own = bool((element.text or "").strip()) and (element, False) not in nodes.hidden_texts
    return own or any((child.tail or "").strip() and (child, True) not in nodes.hidden_texts for child in element)


def _is_empty(element: Element) -> bool:
    """True where it holds neither text nor elements, signatures apart."""
    return not text_of(element).strip() and all(child.tag == _SIGNATURE for child in elements_of(element))
