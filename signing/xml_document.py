"""Foreign XML, parsed so that it cannot reach out, expand or exhaust: no DTD, no entity, no network, bounded size and depth.

A document type declaration is refused as a whole: it is what entity bombs and external entities need, it can change attribute
values and identifiers behind the signature's back, and no signature format of ETSI EN 319 132-1 has one.
"""

import re
from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml gives the type no other name

LARGEST_DOCUMENT = 40 * 1024 * 1024
"""Bytes; a larger document is not parsed."""

MOST_NODES = 300_000
"""Tags, counted before parsing; each takes some hundred bytes of memory once parsed."""

MOST_ATTRIBUTES = 500_000
"""Equal signs, of which each attribute has one."""

DEEPEST_ELEMENT = 256
MOST_ATTRIBUTES_OF_ONE = 200
MOST_NAMESPACES_IN_SCOPE = 64
_DOCTYPE = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E|<\0*!\0*D\0*O\0*C\0*T\0*Y\0*P\0*E")


class UnreadableXml(Exception):
    """The bytes are no well-formed XML; the text is the parser's class of error, fit for a report."""


class RefusedXml(Exception):
    """The document is XML, but of a kind we do not process; the text says why."""


def parse_xml(data: bytes) -> Element:
    """The root element. Raises UnreadableXml for bytes that are no XML, RefusedXml for a DTD or more than the limits."""
    if len(data) > LARGEST_DOCUMENT or data.count(b"<") > MOST_NODES or data.count(b"=") > MOST_ATTRIBUTES:
        raise RefusedXml("too large")
    declares_type = bool(_DOCTYPE.search(data))
    try:
        # The parser's own limits (depth 256, length of a text, growth by entities) are lifted only where no entity can be.
        root = etree.fromstring(data, _parser(huge=not declares_type))
    except etree.XMLSyntaxError as error:
        raise UnreadableXml(type(error).__name__) from error
    document = root.getroottree().docinfo
    if document.internalDTD is not None or document.externalDTD is not None:
        raise RefusedXml("document type declaration")
    if root.xpath(f"boolean({'/*' * DEEPEST_ELEMENT}/*)"):
        raise RefusedXml("too deep")
    if root.xpath(f"boolean(//*[count(@*) > {MOST_ATTRIBUTES_OF_ONE}])"):
        raise RefusedXml("too many attributes")
    if any(len(element.nsmap) > MOST_NAMESPACES_IN_SCOPE for element in root.iter(etree.Element)):
        raise RefusedXml("too many namespaces")
    return root


def _parser(*, huge: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=huge,
        remove_blank_text=False,
        strip_cdata=True,
    )


def local_name(element: Element) -> str:
    """Name without namespace; empty for a comment or a processing instruction."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def is_node(thing: object) -> bool:
    """True for an element, comment or instruction among the results of an XPath expression."""
    return isinstance(thing, etree._Element)  # noqa: SLF001 - as above


def text_of(element: Element) -> str:
    """All text directly in the element, whatever comments part it: reading only the first piece would let a comment cut it."""
    return "".join(element.xpath("text()"))


def elements_of(parent: Element) -> list[Element]:
    """Child elements, without comments and processing instructions."""
    return [child for child in parent if isinstance(child.tag, str)]
