"""The one document inside an envelope that is no SignedData message, taken out without judging anything."""

from asn1crypto import cms

from signing.asic_names import OPEN_DOCUMENT, belongs_to_container
from signing.foreign_input import MALFORMED
from signing.mime_parts import read_parts
from signing.zip_container import Package, UnsafePackage, read_package

ENVELOPE_KINDS = frozenset({"asic-s", "asic-e", "tsd", "m7m", "smime-signed", "mail-signed"})
ENVELOPED_MESSAGES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_META = "META-INF/"


def enclosed_content(kind: str, data: bytes) -> bytes | None:
    """The document inside; None where there is none, more than one, or where the envelope cannot be read."""
    try:
        match kind:
            case "tsd":
                content = cms.ContentInfo.load(data)["content"]["content"].native
                return content if isinstance(content, bytes) else None
            case "m7m":
                envelopes = [part.body for part in read_parts(data) if part.media_type in ENVELOPED_MESSAGES]
                return envelopes[0] if len(envelopes) == 1 else None
            case "smime-signed" | "mail-signed":
                parts = read_parts(data)
                return parts[0].body if len(parts) == 2 else None
            case _:
                package = read_package(data)
                names = data_objects(package)
                return package.members[names[0]] if len(names) == 1 and not is_open_document(package) else None
    except (UnsafePackage, *MALFORMED):
        return None


def data_objects(package: Package) -> tuple[str, ...]:
    """Names of the documents of a container: all but its `mimetype` and what stands in META-INF."""
    return tuple(name for name in package.members if name != "mimetype" and not name.startswith(_META))


def misplaced(package: Package) -> tuple[str, ...]:
    """Names in META-INF that nothing has to do there: a document hidden among the signatures."""
    inside = (name for name in package.members if name.startswith(_META))
    return tuple(name for name in inside if not belongs_to_container(name))


def is_open_document(package: Package) -> bool:
    """True for a package signed in the way of OpenDocument: it is itself the document."""
    return bool(package.names(OPEN_DOCUMENT))
