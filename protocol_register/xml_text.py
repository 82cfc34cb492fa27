"""XML of others read without obeying it, and text of others written into ours."""

import re
from typing import Any

from lxml import etree

from protocol_register.errors import ForeignXmlRefused

LARGEST_XML = 4 * 1024 * 1024
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_foreign_xml(data: bytes) -> Any:
    """The root element of a document of others.

    No network, no external file, no entity of its own is ever resolved: a DOCTYPE may name a DTD, as the messages of
    2001 do, and it is not fetched. Raises ForeignXmlRefused for what is too large, malformed or declares entities.
    """
    if len(data) > LARGEST_XML:
        raise ForeignXmlRefused(reason=f"supera {LARGEST_XML // 1024 // 1024} MB")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ForeignXmlRefused(reason="non è XML ben formato") from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise ForeignXmlRefused(reason="dichiara entità proprie, che non si leggono")
    return root


def local_name(element: Any) -> str:
    """An element's name without its namespace."""
    return str(etree.QName(element).localname)


def xml_text(value: str) -> str:
    """Text that XML can hold: a character it cannot becomes U+FFFD, so that its loss is seen."""
    return NOT_XML.sub("\ufffd", value)
