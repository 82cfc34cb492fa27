"""What a signed package is told by: names in its directory (ETSI EN 319 162-1, annex A; ODF 1.3; ECMA-376 part 2)."""

import re

from signing.zip_container import list_names

MANIFEST = re.compile(r"META-INF/[^/]*ASiC\w*Manifest[^/]*\.xml", re.IGNORECASE)
CADES = re.compile(r"META-INF/[^/]*signature[^/]*\.p7s", re.IGNORECASE)
XADES = re.compile(r"META-INF/[^/]*signatures[^/]*\.xml", re.IGNORECASE)
TOKEN = re.compile(r"META-INF/[^/]*timestamp[^/]*\.tst", re.IGNORECASE)
EVIDENCE = re.compile(r"META-INF/(?![^/]*manifest)[^/]*evidencerecord[^/]*\.(ers|xml)", re.IGNORECASE)
OPEN_DOCUMENT = re.compile(r"META-INF/(document|macro)signatures\.xml", re.IGNORECASE)
_OFFICE_SIGNATURE = re.compile(r"_xmlsignatures/[^/]*\.xml", re.IGNORECASE)
_DESCRIPTION = re.compile(
    r"META-INF/((container|manifest|metadata|encryption|rights)\.xml|manifest\.rdf)", re.IGNORECASE
)
_MARKS = (MANIFEST, CADES, XADES, TOKEN, EVIDENCE)
_OF_SIMPLE_FORM = frozenset({"meta-inf/signature.p7s", "meta-inf/signatures.xml", "meta-inf/timestamp.tst"})


def belongs_to_container(name: str) -> bool:
    """True for a name in META-INF that the formats give a meaning to: what signs, lists, stamps or describes the package."""
    return any(pattern.fullmatch(name) for pattern in (*_MARKS, _DESCRIPTION))


def package_kind(data: bytes) -> str:
    """`asic-s`, `asic-e`, `office` for a package signed as Office Open XML, or `unknown` for any other."""
    for kind in ("asic-s", "asic-e"):
        if f"application/vnd.etsi.{kind}+zip".encode() in data[:1024]:
            return kind
    if b"META-INF/" not in data and b"_xmlsignatures/" not in data:
        return "unknown"
    names = list_names(data)
    if any(_OFFICE_SIGNATURE.fullmatch(name) for name in names):
        return "office"
    marks = [name for name in names if any(pattern.fullmatch(name) for pattern in _MARKS)]
    if not marks:
        return "unknown"
    return "asic-s" if len(marks) == 1 and marks[0].casefold() in _OF_SIMPLE_FORM else "asic-e"
