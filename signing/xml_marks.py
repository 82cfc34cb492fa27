"""Whether an XML document is worth parsing for signatures."""

_SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
_MARKS = tuple(_SIGNATURE.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_EVIDENCE_RECORD = b"urn:ietf:params:xml:ns:ers"


def may_hold_signatures(data: bytes) -> bool:
    """True for XML that names the namespace of XML Signature, or is an evidence record: the rest needs no parsing."""
    return any(mark in data for mark in _MARKS) or _EVIDENCE_RECORD in data[:4096]
