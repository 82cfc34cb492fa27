"""The conservation folder: one folder for each daily register, complete or absent, with an index that names its files."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path

from intake.durable import fsync_folder, make_private_folder
from intake.notices.administration import Administration
from intake.protocol.segnatura import xml_seal
from intake.service import Service
from protocol_register.preservation_index import PackagedFile, PreservationPackage, write_preservation_index

INDEX = "indice.xml"
BEFORE_RESUMPTION = "prima-della-ripresa"


@dataclass(frozen=True, slots=True)
class Preserved:
    """What is handed over for one day. ``head``: the log's signed head; ``token``: its time-stamp (DER)."""

    register_code: str
    day: date
    pdfs: tuple[bytes, ...]
    xml: bytes
    head: str | None
    token: bytes | None


def folder_of(service: Service, register_code: str, day: date) -> Path:
    """Where the package of one day is."""
    return service.settings.conservation_folder / register_code / f"{day:%Y}" / day.isoformat()


def is_delivered(service: Service, register_code: str, day: date) -> bool:
    """Whether the package is in its place; its index is written last, with the folder's name."""
    return (folder_of(service, register_code, day) / INDEX).exists()


def deliver(service: Service, administration: Administration, preserved: Preserved, *, at: datetime) -> Path:
    """Writes the package of one day, on the disk before it gets its name. Raises ``KeyMissing``, ``OSError``.

    A whole package that says the same is left as it is. One that says something else is of a register that lost acts and
    resumed: it may be all that is left of them, and stays beside the new one, under a name that tells so.
    """
    files = _files(preserved)
    folder = folder_of(service, preserved.register_code, preserved.day)
    whole = is_delivered(service, preserved.register_code, preserved.day)
    if whole and all(_holds(folder / name, content) for name, content, _, _ in files):
        return folder
    place = f"{administration.code}/{preserved.register_code}/registro-giornaliero/{preserved.day.isoformat()}"
    before = len(list(folder.parent.glob(f"{folder.name}.{BEFORE_RESUMPTION}-*"))) + whole
    package = PreservationPackage(
        identifier=f"{place}/{before + 1}" if before else place,
        title=f"Registro giornaliero di protocollo {preserved.register_code} del {preserved.day:%d/%m/%Y}",
        holder_name=administration.name,
        holder_code=administration.code,
        files=tuple(
            PackagedFile(name, hashlib.sha256(content).hexdigest(), media_type, description)
            for name, content, media_type, description in files
        ),
    )
    index = write_preservation_index(
        package, xml_seal(service, preserved.register_code), at=at, product=f"Sportello {version('sportello')}"
    )
    make_private_folder(folder.parent)
    draft = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}")
    draft.mkdir(mode=0o700)
    try:
        for name, content in (*((name, content) for name, content, _, _ in files), (INDEX, index)):
            _write(draft / name, content)
        fsync_folder(draft)
        if folder.exists():
            aside = f"{folder.name}.{BEFORE_RESUMPTION}" if whole else f".{folder.name}.incomplete"
            folder.rename(folder.with_name(f"{aside}-{secrets.token_hex(4)}"))
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    fsync_folder(folder.parent)
    return folder


def _files(preserved: Preserved) -> list[tuple[str, bytes, str, str]]:
    stem = f"registro-giornaliero-{preserved.register_code}-{preserved.day.isoformat()}"
    files = [
        *(
            (f"{stem}{_volume(place, preserved)}.pdf", pdf, "application/pdf", "Registro giornaliero, PDF/A sigillato")
            for place, pdf in enumerate(preserved.pdfs, 1)
        ),
        (f"{stem}.xml", preserved.xml, "application/xml", "Registro giornaliero, XML sigillato"),
    ]
    if preserved.head is not None:
        files.append(("testa.txt", preserved.head.encode(), "text/plain", "Stato firmato del registro a fine giornata"))
    if preserved.token is not None:
        media_type = "application/timestamp-reply"
        files.append(("testa.tst", preserved.token, media_type, "Marca temporale dello stato firmato"))
    return files


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _volume(place: int, preserved: Preserved) -> str:
    return f"-volume-{place}" if len(preserved.pdfs) > 1 else ""


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
