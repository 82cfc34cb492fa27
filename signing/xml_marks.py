"""Whether an XML document is worth parsing for signatures."""

import re

_NAMESPACE = b"http://www.w3.org/2000/09/xmldsig#"
_SIGNATURE = re.compile(rb"<(?:[^\s<>!?/]+:)?Signature[\s/>]")
_EVIDENCE_RECORD = b"urn:ietf:params:xml:ns:ers"


def may_hold_signatures(data: bytes) -> bool:
    """True for XML that names the namespace of XML Signature and has such an element, or is an evidence record.

    The rest needs no parsing: schemas and pages about signatures name the namespace too.
    """
    narrow = data.replace(b"\0", b"") if b"\0" in data[:4] else data
    return (_NAMESPACE in narrow and _SIGNATURE.search(narrow) is not None) or _EVIDENCE_RECORD in narrow[:4096]
