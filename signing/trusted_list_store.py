"""The folder `lists/` of a trust folder: each list as received (`IT.xml`), and all that they say in two files of our own.

`services-….jsonl` has a service a line; `index.json`, the one read at start, says which lists there are and where the services
of a name stand in it. Both are made from verified lists only, and are as trustworthy as the folder, like the anchors beside it.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from signing.trusted_lists import ListFacts, Service, TrustedLists, name_key, service_from

FOLDER = "lists"
PINS_FOLDER = "list_signers"
"""Certificates in this folder of the trust folder, who may sign the list of lists, replace those that come with the program."""
_INDEX = "index.json"
_FORMAT = 2
_GENERATIONS = 2
"""How many files of services stay: whoever read the index just before an update still finds the one it names."""
EUROPE = "EU"
"""Territory of the list of lists, which has no services of its own."""


@dataclass(frozen=True, slots=True)
class TakenList:
    """A verified list ready to be kept, with the XML it came in."""

    facts: ListFacts
    services: tuple[Service, ...]
    xml: bytes


def has_lists(trust_folder: Path) -> bool:
    return (trust_folder / FOLDER / _INDEX).is_file()


def load_lists(trust_folder: Path) -> TrustedLists:
    """The lists kept in the folder. Raises ValueError when they were kept by another version or are damaged."""
    index = _index(trust_folder)
    read = partial(_service_at, trust_folder / FOLDER / index["services"])
    return TrustedLists(tuple(map(_facts_from, index["lists"])), index["names"], read)


def _service_at(path: Path, place: int) -> Service:
    with path.open("rb") as file:
        file.seek(place)
        return service_from(json.loads(file.readline()))


def kept_facts(trust_folder: Path) -> tuple[ListFacts, ...]:
    """Facts of the lists at hand, none where nothing was ever taken in. Raises ValueError as `load_lists`."""
    return tuple(map(_facts_from, _index(trust_folder)["lists"])) if has_lists(trust_folder) else ()


def kept_xml(trust_folder: Path, territory: str) -> bytes | None:
    """A list as it was received."""
    path = trust_folder / FOLDER / f"{territory}.xml"
    return path.read_bytes() if path.is_file() else None


def keep(trust_folder: Path, taken: Iterable[TakenList]) -> None:
    """Puts new lists in the place of the old ones of the same territory; the others stay. Whole or not at all for readers."""
    lists = {each.facts.territory: each for each in taken}
    folder = trust_folder / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    facts, services = _kept(trust_folder) if has_lists(trust_folder) else ((), ())
    facts = (*(each for each in facts if each.territory not in lists), *(each.facts for each in lists.values()))
    services = (
        *(each for each in services if each.territory not in lists),
        *(service for each in lists.values() for service in each.services),
    )
    lines, names = _lines(services)
    name = f"services-{hashlib.sha256(lines).hexdigest()[:16]}.jsonl"
    for territory, each in lists.items():
        _replace(folder / f"{territory}.xml", each.xml)
    _replace(folder / name, lines)
    index = {
        "format": _FORMAT,
        "services": name,
        "lists": [_facts_record(each) for each in sorted(facts, key=lambda each: each.territory)],
        "names": names,
    }
    _replace(folder / _INDEX, json.dumps(index, separators=(",", ":")).encode())
    for old in sorted(folder.glob("services-*.jsonl"), key=lambda path: path.stat().st_mtime)[:-_GENERATIONS]:
        old.unlink(missing_ok=True)


def _kept(trust_folder: Path) -> tuple[tuple[ListFacts, ...], tuple[Service, ...]]:
    index = _index(trust_folder)
    lines = (trust_folder / FOLDER / index["services"]).read_bytes().splitlines()
    return tuple(map(_facts_from, index["lists"])), tuple(service_from(json.loads(line)) for line in lines)


def _lines(services: Iterable[Service]) -> tuple[bytes, dict[str, list[int]]]:
    """The services a line each, and by name the offsets of the lines."""
    lines = bytearray()
    names: dict[str, list[int]] = {}
    for service in services:
        for name in dict.fromkeys(name_key(each.subject) for each in service.certificates):
            names.setdefault(name, []).append(len(lines))
        lines += json.dumps(_plain(astuple(service)), separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    return bytes(lines), names


def _plain(value: Any) -> Any:
    """What `signing.trusted_lists.service_from` reads back."""
    match value:
        case datetime():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case tuple() | list():
            return [_plain(each) for each in value]
    return value


def _replace(path: Path, data: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _index(trust_folder: Path) -> dict[str, Any]:
    path = trust_folder / FOLDER / _INDEX
    try:
        index: dict[str, Any] = json.loads(path.read_bytes())
        usable = index["format"] == _FORMAT
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: damaged; run `sportello trust update` again") from error
    if not usable:
        raise ValueError(f"{path}: made by another version; run `sportello trust update` again")
    if not (path.parent / str(index["services"])).is_file():
        raise ValueError(f"{path}: {index['services']} is missing beside it; run `sportello trust update` again")
    return index


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
