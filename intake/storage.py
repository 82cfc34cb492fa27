"""Documents by the SHA-256 of their bytes: written once, durably, before any transaction names them, never altered."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from intake.durable import fsync_folder, make_private_folder, replace_private
from intake.errors import Refusal
from intake.settings import Settings

if TYPE_CHECKING:
    from obstore.store import ObjectStore as Bucket

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_ASKED_AT_ONCE = 32
"""Questions that an object store is asked together: each waits for the network, and a full day has thousands."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class DocumentMissing(Exception):
    """A document that the database names is not in the store, or its bytes are no longer the ones received."""


class StorageFull(Refusal):
    """The disk, or what this service may use of it, is full: of the database too. Nothing was changed."""

    code = "storage_full"
    message = (
        "Il servizio non ha più spazio e non può ricevere altro: quello che ha appena inviato non è stato salvato."
    )
    remedy = (
        "Quello che aveva già inviato è al sicuro. Riprovi più tardi; se il termine è vicino, scriva all'assistenza."
    )
    status = HTTPStatus.INSUFFICIENT_STORAGE


class Removal(StrEnum):
    """What became of a document that was to be removed. ``TOO_RECENT``: it was stored a moment ago, and stays."""

    REMOVED = "removed"
    ABSENT = "absent"
    TOO_RECENT = "too_recent"


class DocumentStore(Protocol):
    """Where documents are kept; the name of a document is the hexadecimal SHA-256 of its bytes."""

    def put(self, data: bytes) -> str:
        """Keeps ``data`` and returns its name only when it would survive a power cut. Raises ``StorageFull``."""

    def get(self, sha256: str) -> bytes:
        """The bytes of a document, compared with their name. Raises ``DocumentMissing``."""

    def holds(self, sha256: str, size: int) -> bool:
        """Whether a document of this name lies here with this many bytes; they are not read."""

    def lacking(self, files: Collection[tuple[str, int]]) -> int:
        """How many documents, each by name and number of bytes, do not lie here: of those, ``holds`` is False."""

    def remove(self, sha256: str, *, before: datetime) -> Removal:
        """Removes a document that nothing names, unless it was stored, or stored again, since ``before`` (aware).

        Done again, or by two at once, it does no more than once.
        """


def open_store(settings: Settings) -> DocumentStore:
    """The store these settings name."""
    if settings.storage_url is None:
        return LocalStore(settings.documents)
    return ObjectStore.from_url(settings.storage_url)


@dataclass(frozen=True, slots=True)
class LocalStore:
    """A folder of this machine. obstore does not fsync local files, hence a writer of our own."""

    folder: Path

    def put(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        try:
            make_private_folder(path.parent)
            with _locked(path.parent, fcntl.LOCK_SH):
                if not _stored_again(path, data):
                    replace_private(path, data, mode=0o400)
                self._settle(path)
        except OSError as error:
            if error.errno in _NO_SPACE:
                raise StorageFull from error
            raise
        return sha256

    def _settle(self, path: Path) -> None:
        """Names too must survive a power cut, those that another process gave a moment ago among them."""
        for folder in (path.parent, self.folder):
            fsync_folder(folder)

    def get(self, sha256: str) -> bytes:
        try:
            data = self._path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise DocumentMissing(sha256) from error
        return _checked(sha256, data)

    def holds(self, sha256: str, size: int) -> bool:
        try:
            # A day may have thousands, and to make a Path of each takes longer than the look.
            return os.stat(f"{self.folder}/{_name(sha256)[:2]}/{sha256}").st_size == size  # noqa: PTH116
        except FileNotFoundError:
            return False

    def lacking(self, files: Collection[tuple[str, int]]) -> int:
        return sum(not self.holds(sha256, size) for sha256, size in files)

    def remove(self, sha256: str, *, before: datetime) -> Removal:
        path = self._path(sha256)
        try:
            with _locked(path.parent, fcntl.LOCK_EX):
                if path.stat().st_mtime >= before.timestamp():
                    return Removal.TOO_RECENT
                path.unlink()
                fsync_folder(path.parent)
        except FileNotFoundError:
            return Removal.ABSENT
        return Removal.REMOVED

    def _path(self, sha256: str) -> Path:
        return self.folder / _name(sha256)[:2] / sha256


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """An S3 bucket through obstore; credentials come from the variables that AWS clients know."""

    store: Bucket

    @classmethod
    def from_url(cls, url: str) -> ObjectStore:
        from obstore.store import from_url

        return cls(from_url(url))

    def put(self, data: bytes) -> str:
        import obstore

        sha256 = hashlib.sha256(data).hexdigest()
        obstore.put(self.store, f"{sha256[:2]}/{sha256}", data)
        return sha256

    def get(self, sha256: str) -> bytes:
        import obstore

        try:
            data = bytes(obstore.get(self.store, f"{_name(sha256)[:2]}/{sha256}").bytes())
        except FileNotFoundError as error:
            raise DocumentMissing(sha256) from error
        return _checked(sha256, data)

    def holds(self, sha256: str, size: int) -> bool:
        import obstore

        try:
            found = obstore.head(self.store, f"{_name(sha256)[:2]}/{sha256}")
        except FileNotFoundError:
            return False
        return bool(found["size"] == size)

    def lacking(self, files: Collection[tuple[str, int]]) -> int:
        with ThreadPoolExecutor(max_workers=_ASKED_AT_ONCE) as asked:
            return sum(not held for held in asked.map(lambda file: self.holds(*file), files))

    def remove(self, sha256: str, *, before: datetime) -> Removal:
        import obstore

        path = f"{_name(sha256)[:2]}/{sha256}"
        try:
            if obstore.head(self.store, path)["last_modified"] >= before:
                return Removal.TOO_RECENT
            obstore.delete(self.store, path)
        except FileNotFoundError:
            return Removal.ABSENT
        return Removal.REMOVED


@contextmanager
def _locked(folder: Path, kind: int) -> Iterator[None]:
    """Holds a folder: many may store in it at once, whoever removes is alone in it, so no document goes as it comes.

    The lock ends with the process, and lies on the folder itself: no file of it is left. Raises ``FileNotFoundError``.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, kind)
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # a process forked meanwhile has the descriptor too, and may live long
        os.close(descriptor)


def _stored_again(path: Path, data: bytes) -> bool:
    """Marks a document that is here already as stored just now; False when it is not here, or altered."""
    try:
        if path.read_bytes() != data:
            return False
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _name(sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise DocumentMissing(sha256)
    return sha256


def _checked(sha256: str, data: bytes) -> bytes:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DocumentMissing(f"{sha256}: i byte conservati non sono più quelli ricevuti")
    return data
