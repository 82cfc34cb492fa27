"""Answers of authorities on disk, by the address they came from, shared by workers. What is past its validity is none."""

import hashlib
import logging
import os
from datetime import datetime
from pathlib import Path

from signing.revocation_answers import usable_list, usable_response

_log = logging.getLogger(__name__)


def kept(cache: Path | None, key: str) -> bytes | None:
    """What was kept under that key, however old; None where nothing was or nothing can be read."""
    if cache is None:
        return None
    try:
        return _place(cache, key).read_bytes()
    except OSError:
        return None


def store(cache: Path, key: str, data: bytes) -> None:
    """Keeps `data` whole or not at all. A cache that cannot be written is logged and is no reason to stop."""
    place = _place(cache, key)
    beside = place.with_suffix(f".{os.getpid()}.new")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(place)
    except OSError as error:
        _log.warning("the cache of revocation answers cannot be written: %s", error.strerror)


def prune(cache: Path, now: datetime) -> int:
    """Deletes what is past its validity or damaged; says how many files that was."""
    gone = 0
    for path in cache.glob("*.der") if cache.is_dir() else ():
        data = path.read_bytes()
        if usable_response(data, None, now) is None and usable_list(data, None, now) is None:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _place(cache: Path, key: str) -> Path:
    return cache / f"{hashlib.sha256(key.encode()).hexdigest()}.der"
