"""Small files that must survive a power cut and be read by their owner alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_private(path: Path, data: bytes) -> None:
    """Puts ``data`` at ``path`` with mode 0600, on the disk before returning. Raises ``FileExistsError`` if one is there."""
    make_private_folder(path.parent)
    with _written_beside(path, data, mode=0o600) as temporary:
        os.link(temporary, path)
    fsync_folder(path.parent)


def replace_private(path: Path, data: bytes, *, mode: int) -> None:
    """Puts ``data`` at ``path``, whatever is there, its bytes on the disk; the folder's ``fsync`` is the caller's."""
    make_private_folder(path.parent)
    with _written_beside(path, data, mode=mode) as temporary:
        temporary.replace(path)


@contextmanager
def _written_beside(path: Path, data: bytes, *, mode: int) -> Iterator[Path]:
    """A file with ``data`` on the disk, to be given its name; whatever is left of it goes away."""
    temporary = path.with_name(f".{path.name[:16]}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def make_private_folder(folder: Path) -> None:
    """Makes ``folder`` and the parents it lacks with mode 0700; ``mkdir`` alone opens the parents to everybody."""
    for each in (*reversed(folder.parents), folder):
        each.mkdir(mode=0o700, exist_ok=True)


def fsync_folder(folder: Path) -> None:
    """Makes the names in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
