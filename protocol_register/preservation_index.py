"""The index of a package handed to the conservation system: which files, of what format, with which digest.

It follows the structure of UNI SInCRO (UNI 11386:2020, PIndex): self-description, volume, files, process. The standard's
schema is not freely published, so its validity against that schema is not claimed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from protocol_register.facts import instant_text
from protocol_register.xml_sealing import XmlSeal, sealed_xml
from protocol_register.xml_text import xml_text

SINCRO = "http://www.uni.com/U3011/sincro-V2/"
HASH = "http://www.w3.org/2001/04/xmlenc#sha256"


@dataclass(frozen=True)
class PackagedFile:
    """One file of a package: its path inside it, SHA-256 in hexadecimal, media type, what it is."""

    path: str
    sha256: str
    media_type: str
    description: str


@dataclass(frozen=True, kw_only=True)
class PreservationPackage:
    """What is handed over: an identifier that is never used twice, a title, whose it is, and its files."""

    identifier: str
    title: str
    holder_name: str
    holder_code: str
    files: tuple[PackagedFile, ...]


def write_preservation_index(package: PreservationPackage, seal: XmlSeal, *, at: datetime, product: str) -> bytes:
    """The index as XML sealed with XAdES-B; `at` (aware) is the time of the package, `product` who made it."""
    root = etree.Element(_q("PIndex"), nsmap={"sincro": SINCRO})
    root.set(_q("sincroVersion"), "2.0")
    root.set(_q("language"), "it")
    description = _add(root, "SelfDescription")
    _add(description, "ID", f"{package.identifier}/indice", scheme="local")
    application = _add(description, "CreatingApplication")
    _add(application, "Name", product)
    _add(application, "Producer", package.holder_name)
    volume = _add(root, "PVolume")
    _add(volume, "ID", package.identifier, scheme="local")
    _add(volume, "Description", package.title, language="it")
    group = _add(root, "FileGroup")
    _add(group, "ID", f"{package.identifier}/file", scheme="local")
    for file in package.files:
        element = _add(group, "File", encoding="binary", format=file.media_type)
        _add(element, "ID", f"{package.identifier}/{file.path}", scheme="local")
        _add(element, "Path", file.path)
        _add(element, "Hash", file.sha256, hashFunction=HASH)
        _add(element, "Description", file.description, language="it")
    process = _add(root, "Process")
    submitter = _add(process, "Submitter", agentType="legal person")
    _add(submitter, "Name", package.holder_name)
    _add(submitter, "ID", package.holder_code, scheme="IPA")
    _add(_add(process, "TimeReference"), "TimeInfo", instant_text(at))
    return sealed_xml(root, seal, at=at)


def _add(parent: Any, name: str, value: str | None = None, **attributes: str) -> Any:
    element = etree.SubElement(parent, _q(name))
    if value is not None:
        element.text = xml_text(value)
    for key, text in attributes.items():
        element.set(_q(key), xml_text(text))
    return element


def _q(name: str) -> str:
    return f"{{{SINCRO}}}{name}"
