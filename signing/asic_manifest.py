"""Manifests of associated signature containers (ETSI EN 319 162-1, A.4): the data objects a signature or time-stamp covers."""

from dataclasses import dataclass

from signing.algorithms import UnsupportedSignature, weakest
from signing.signed_data import Integrity
from signing.xades_properties import decoded
from signing.xml_algorithms import xml_digest_name, xml_hash
from signing.xml_document import Element, elements_of, local_name, parse_xml
from signing.xml_references import outside_name

_NAMESPACE = "http://uri.etsi.org/02918/"


@dataclass(frozen=True, slots=True)
class Entry:
    """One DataObjectReference: the name in the container, the DigestMethod element and the stated digest."""

    name: str
    method: Element | None
    digest: bytes | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest read: `covered_by` is the signature, token or evidence record that covers it."""

    name: str
    content: bytes
    covered_by: str
    entries: tuple[Entry, ...]

    def weakest_digest(self, own: str) -> str:
        """The weakest digest of those that bind the listed documents to a signature over the manifest, whose is `own`.

        Raises UnsupportedSignature for an unknown one.
        """
        return weakest(own, *(xml_digest_name(entry.method) for entry in self.entries))

    def failure(self, members: dict[str, bytes]) -> tuple[Integrity, str] | None:
        """How the container differs from the manifest, what is missing before what does not match; None where all agree."""
        missing = [entry.name for entry in self.entries if entry.name not in members]
        if missing:
            return Integrity.content_missing, f"SIGNED_DATA_NOT_FOUND ({missing[0]})"
        for entry in self.entries:
            try:
                if xml_hash(members[entry.name], entry.method) != entry.digest:
                    return Integrity.hash_mismatch, f"HASH_FAILURE ({entry.name})"
            except UnsupportedSignature as error:
                return Integrity.unsupported, str(error)
        return None


def read_manifest(name: str, content: bytes) -> Manifest:
    """Read an ASiCManifest. Raises UnreadableXml or RefusedXml, and ValueError for another document or one without entries."""
    root = parse_xml(content)
    if local_name(root) != "ASiCManifest" or not str(root.tag).startswith(f"{{{_NAMESPACE}"):
        raise ValueError("no ASiCManifest")
    covered_by = [outside_name(one.get("URI")) for one in elements_of(root) if local_name(one) == "SigReference"]
    entries = tuple(_entry(one) for one in elements_of(root) if local_name(one) == "DataObjectReference")
    if len(covered_by) != 1 or not entries:
        raise ValueError("ASiCManifest without what it is for")
    return Manifest(name, content, covered_by[0], entries)


def _entry(reference: Element) -> Entry:
    parts = {local_name(one): one for one in elements_of(reference)}
    digest = decoded(parts["DigestValue"]) if "DigestValue" in parts else None
    return Entry(outside_name(reference.get("URI")), parts.get("DigestMethod"), digest)
