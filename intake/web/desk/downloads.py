"""Files handed to the browser to keep, never to run: always an attachment, never guessed, never kept by the browser."""

from __future__ import annotations

import io

from flask import Response, send_file

UNKNOWN = "application/octet-stream"
"""What a person sent is only bytes to the browser, whatever it says it is."""


def as_download(data: bytes, name: str, media_type: str = UNKNOWN) -> Response:
    """``data`` as a file to save under ``name``."""
    response = send_file(io.BytesIO(data), media_type, as_attachment=True, download_name=name, etag=False)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
