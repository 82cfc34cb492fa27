"""What bytes are, whatever their name says."""

from __future__ import annotations

import puremagic

from signing.container import open_container


def media_type_of(data: bytes) -> str:
    """``application/pkcs7-mime`` for an envelope, ``application/pdf``, …; ``application/octet-stream`` when unknown."""
    if not data:
        return "application/x-empty"
    if open_container(data, name="").kind in {"p7m", "p7s"}:
        return "application/pkcs7-mime"
    try:
        return puremagic.from_string(data, mime=True) or "application/octet-stream"
    except (puremagic.PureError, ValueError):
        return "application/octet-stream"
