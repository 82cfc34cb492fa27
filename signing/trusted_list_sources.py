"""Where trusted lists come from: the network, or a folder of files carried here. And who may sign the first of them."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from asn1crypto import pem, x509

from signing.guarded_http import FetchFailed, Limits, fetch
from signing.outward_proxy import Proxies
from signing.trusted_list_reading import headline
from signing.trusted_list_store import EUROPE, PINS_FOLDER
from signing.trusted_list_update import Fetch, bundled_pins
from signing.trusted_lists import ListAbsent, ListRefused

LARGEST_LIST = 60 * 1024 * 1024
"""The largest national list of 2025 has less than a tenth of this."""
_PIVOT = re.compile(r"-pivot-\d+\.xml$")


def from_network(*, seconds: float = 60, tries: int = 3, mirror: bool = False, proxies: Proxies | None = None) -> Fetch:
    """Fetches from public addresses; the list of lists over https only, national ones also over http, as some are published:
    their signature protects them. `mirror` permits http and private addresses for all: a copy inside the office.
    `proxies` are the office's way out.
    """
    national = Limits(seconds, LARGEST_LIST, private_addresses=mirror, tries=tries, proxies=proxies or Proxies())
    european = national if mirror else replace(national, schemes=frozenset({"https"}))

    def get(territory: str, location: str) -> bytes:
        try:
            return fetch(location, european if territory == EUROPE else national)
        except FetchFailed as failure:
            raise ListRefused(f"non si può scaricare: {failure}") from failure

    return get


def from_folder(folder: Path) -> Fetch:
    """Takes lists from the files of a folder: each territory's highest number; pivots by their file name. Reads nothing else.

    Raises ValueError when no file of the folder is a trusted list.
    """
    newest: dict[str, tuple[int, Path]] = {}
    for path in sorted(folder.glob("*.xml")):
        if _PIVOT.search(path.name):
            continue
        try:
            territory, number = headline(path.read_bytes())
        except ListRefused:
            continue
        newest[territory] = max(newest.get(territory, (0, path)), (number, path))
    if not newest:
        raise ValueError(f"{folder}: nessun file è una lista di fiducia")

    def get(territory: str, location: str) -> bytes:
        name = Path(urlsplit(location).path).name
        path = folder / name if _PIVOT.search(name) else newest.get(territory, (0, folder / name))[1]
        try:
            return path.read_bytes()
        except OSError as error:
            raise ListAbsent(f"nella cartella non c'è {name}") from error

    return get


def pins_of(trust_folder: Path) -> tuple[x509.Certificate, ...]:
    """Who may sign the list of lists: the certificates in `list_signers/` of the folder, the bundled ones where it has none.

    Raises ValueError naming a file that is no certificate.
    """
    files = sorted(path for path in (trust_folder / PINS_FOLDER).glob("*") if path.is_file())
    return tuple(_certificate(path) for path in files) or bundled_pins()


def _certificate(path: Path) -> x509.Certificate:
    data = path.read_bytes()
    try:
        certificate = x509.Certificate.load(pem.unarmor(data)[2] if pem.detect(data) else data, strict=True)
        _ = certificate.subject.native, certificate.not_valid_after
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path}: not a certificate in PEM or DER") from error
    return certificate
