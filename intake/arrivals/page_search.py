"""Looking for our page codes, and for the sender's segnatura, in files of strangers. Runs in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from intake.arrivals.segnatura_found import MessageFound, SegnaturaFound, message_in, segnatura_in
from intake.arrivals.segnatura_seal import SealFound, seal_around, seal_inside
from ocr.reading import identify_pages
from ocr.results import PageSeen
from ocr.unreadable import UnreadablePages
from signing.container import open_container
from signing.trust import TrustStore


@dataclass(frozen=True, slots=True)
class FileToSearch:
    """``document`` is its identifier."""

    document: str
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ExchangedFiles:
    """What protocol offices send each other, with what judges its seal: name and bytes of each container; the folder of whom
    we trust, None where nobody; ``at`` (aware), when we ask.
    """

    xml: tuple[bytes, ...]
    containers: tuple[tuple[str, bytes], ...]
    trust_folder: Path | None
    at: datetime


@dataclass(frozen=True, slots=True)
class PageSearch:
    """``keys``: raw public keys of the page codes that count as ours. ``exchanged``: files that may be the segnatura."""

    files: tuple[FileToSearch, ...]
    keys: tuple[bytes, ...]
    exchanged: ExchangedFiles


@dataclass(frozen=True, slots=True)
class FoundForm:
    """Pages of one form seen in one file; ``of`` is how many the form has."""

    form: str
    pages: tuple[int, ...]
    of: int
    document: str


@dataclass(frozen=True, slots=True)
class FoundPages:
    """``forged``: pages whose code bears no signature of ours. ``unreadable``: sentence and remedy by document.

    ``seal``: of the segnatura or, where none came, of the message; None for a message that came without.
    """

    forms: tuple[FoundForm, ...]
    forged: int
    unreadable: tuple[tuple[str, str, str], ...]
    segnatura: SegnaturaFound | None = None
    message: MessageFound | None = None
    seal: SealFound | None = None


def search_pages(given: PageSearch, _tell: object) -> FoundPages:
    """Raises nothing for bad input: a file that cannot be opened is named."""
    keys = tuple(Ed25519PublicKey.from_public_bytes(raw) for raw in given.keys)
    forms: list[FoundForm] = []
    unreadable: list[tuple[str, str, str]] = []
    forged = 0
    for file in given.files:
        opened = open_container(file.data, name=file.name)
        if opened.content_kind == "xml":
            continue
        try:
            seen = identify_pages([(file.name, opened.content)], keys)
        except UnreadablePages as problem:
            unreadable.append((file.document, problem.message, problem.remedy))
            continue
        forms += _forms(file.document, seen)
        unreadable += [(file.document, page.problem or "", "") for page in seen if page.belongs == "unreadable"]
        forged += sum(page.code is not None and page.belongs != "ours" for page in seen)
    return FoundPages(tuple(forms), forged, tuple(unreadable), *_exchanged(given.exchanged))


def _exchanged(given: ExchangedFiles) -> tuple[SegnaturaFound | None, MessageFound | None, SealFound | None]:
    segnatura, message = segnatura_in(given.xml), message_in(given.xml)
    if segnatura is None and message is None:
        return None, None, None
    trust = TrustStore.from_folder(given.trust_folder) if given.trust_folder else TrustStore.empty()
    seal = (
        seal_inside(segnatura[1], trust=trust, at=given.at)
        if segnatura
        else seal_around(message[1], given.containers, trust=trust, at=given.at)
        if message
        else None
    )
    return segnatura and segnatura[0], message and message[0], seal


def _forms(document: str, seen: tuple[PageSeen, ...]) -> list[FoundForm]:
    codes = [page.code.code for page in seen if page.code and page.belongs == "ours"]
    return [
        FoundForm(
            form,
            tuple(sorted({code.page for code in codes if code.form == form})),
            next(code.pages for code in codes if code.form == form),
            document,
        )
        for form in dict.fromkeys(code.form for code in codes)
    ]
