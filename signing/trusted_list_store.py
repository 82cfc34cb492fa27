"""The folder `lists/` of a trust folder: each list as received (`IT.xml`), and all that they say in one small file.

The small file is made from verified lists only. It is as trustworthy as the folder it lies in, like the anchors beside it.
"""

import base64
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from asn1crypto import x509

from signing.trusted_lists import ListFacts, Service, TrustedLists, name_key

FOLDER = "lists"
_SMALL_FILE = "services.json"
_FORMAT = 1
EUROPE = "EU"
"""Territory of the list of lists, which has no services of its own."""


@dataclass(frozen=True, slots=True)
class TakenList:
    """A verified list ready to be kept: its facts, services as records, and certificates (base64, with their subject)."""

    facts: ListFacts
    records: tuple[list[Any], ...]
    certificates: Mapping[str, tuple[str, str]]
    xml: bytes


def has_lists(trust_folder: Path) -> bool:
    return (trust_folder / FOLDER / _SMALL_FILE).is_file()


def load_lists(trust_folder: Path) -> TrustedLists:
    """The lists kept in the folder. Raises ValueError when the file was made by another version or is damaged."""
    document = _document(trust_folder)
    return TrustedLists(
        tuple(map(_facts_from, document["lists"])),
        {
            "services": document["services"],
            "certificates": {fingerprint: each[0] for fingerprint, each in document["certificates"].items()},
            "names": document["names"],
        },
    )


def kept_facts(trust_folder: Path) -> tuple[ListFacts, ...]:
    """Facts of the lists at hand, none where nothing was ever taken in. Raises ValueError as `load_lists`."""
    return tuple(map(_facts_from, _document(trust_folder)["lists"])) if has_lists(trust_folder) else ()


def kept_xml(trust_folder: Path, territory: str) -> bytes | None:
    """A list as it was received."""
    path = trust_folder / FOLDER / f"{territory}.xml"
    return path.read_bytes() if path.is_file() else None


def keep(trust_folder: Path, taken: Iterable[TakenList]) -> None:
    """Puts new lists in the place of the old ones of the same territory; the others stay. Whole or not at all for readers."""
    lists = {each.facts.territory: each for each in taken}
    old = _document(trust_folder) if has_lists(trust_folder) else {"lists": [], "services": [], "certificates": {}}
    services = [record for record in old["services"] if record[0] not in lists]
    services += [record for each in lists.values() for record in each.records]
    known = {
        **old["certificates"],
        **{key: value for each in lists.values() for key, value in each.certificates.items()},
    }
    used = {fingerprint for record in services for fingerprint in record[3]}
    facts = [each for each in old["lists"] if each["territory"] not in lists]
    facts += [_facts_record(each.facts) for each in lists.values()]
    document = {
        "format": _FORMAT,
        "lists": sorted(facts, key=lambda each: str(each["territory"])),
        "services": services,
        "certificates": {fingerprint: known[fingerprint] for fingerprint in sorted(used)},
        "names": _names(services, known),
    }
    folder = trust_folder / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for territory, each in lists.items():
        _replace(folder / f"{territory}.xml", each.xml)
    _replace(folder / _SMALL_FILE, json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())


def _names(services: list[Any], certificates: Mapping[str, Any]) -> dict[str, list[int]]:
    names: dict[str, list[int]] = {}
    for index, record in enumerate(services):
        for name in dict.fromkeys(certificates[fingerprint][1] for fingerprint in record[3]):
            names.setdefault(name, []).append(index)
    return names


def _replace(path: Path, data: bytes) -> None:
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _document(trust_folder: Path) -> dict[str, Any]:
    path = trust_folder / FOLDER / _SMALL_FILE
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
        usable = document["format"] == _FORMAT
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: damaged; run `sportello trust update` again") from error
    if not usable:
        raise ValueError(f"{path}: made by another version; run `sportello trust update` again")
    return document


def _facts_record(facts: ListFacts) -> dict[str, Any]:
    return {
        "territory": facts.territory,
        "sequence": facts.sequence,
        "issued_at": facts.issued_at.isoformat(),
        "next_update": facts.next_update.isoformat() if facts.next_update else None,
        "fetched_at": facts.fetched_at.isoformat(),
        "location": facts.location,
        "sha256": facts.sha256,
        "services": facts.services,
    }


def _facts_from(record: Mapping[str, Any]) -> ListFacts:
    following = record["next_update"]
    return ListFacts(
        territory=record["territory"],
        sequence=record["sequence"],
        issued_at=datetime.fromisoformat(record["issued_at"]),
        next_update=datetime.fromisoformat(following) if following else None,
        fetched_at=datetime.fromisoformat(record["fetched_at"]),
        location=record["location"],
        sha256=record["sha256"],
        services=record["services"],
    )


def record_of(service: Service) -> list[Any]:
    """What `signing.trusted_lists.service_from` reads back: plain lists, instants as ISO 8601."""
    return [_plain(each) for each in astuple(service)]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return [_plain(each) for each in value] if isinstance(value, tuple | list) else value


def certificate_record(certificate: x509.Certificate) -> tuple[str, str]:
    """What is kept of a certificate: its DER in base64, and the key of its subject."""
    return base64.b64encode(certificate.dump()).decode(), name_key(certificate.subject)
