"""Values inside a CMS message (RFC 5652), whatever the encoding they came in."""

from asn1crypto import cms, core


def attribute_values(attributes: cms.CMSAttributes, oid: str) -> list[core.Asn1Value]:
    """Every value of the attributes of that type, in their order; none where there are no attributes at all."""
    return [v for attribute in attributes or () if str(attribute["type"].dotted) == oid for v in attribute["values"]]


def content_bytes(content: core.Asn1Value) -> bytes:
    """The octets of an eContent, also where it came in pieces."""
    native = content.native if isinstance(content, core.OctetString) else None
    return bytes(content) if not isinstance(native, bytes) else native
