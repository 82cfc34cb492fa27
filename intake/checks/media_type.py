"""What bytes are, whatever their name says."""

from __future__ import annotations

import puremagic

from signing.container import content_kind_of, open_container
from signing.container import media_type_of as type_of_kind

_CONTAINERS = frozenset({"asic-s", "asic-e", "tsd", "m7m"})


def media_type_of(data: bytes) -> str:
    """``application/pkcs7-mime`` for an envelope, the type of a signed container, ``application/pdf``, …

    ``application/octet-stream`` when unknown.
    """
    if not data:
        return "application/x-empty"
    kind = content_kind_of(data)
    if kind in _CONTAINERS:
        return type_of_kind(kind, data)
    if open_container(data, name="").kind in {"p7m", "p7s"}:
        return "application/pkcs7-mime"
    try:
        return puremagic.from_string(data, mime=True) or "application/octet-stream"
    except (puremagic.PureError, ValueError):
        return "application/octet-stream"
