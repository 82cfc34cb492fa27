"""What an issued form carries inside itself: its map and its data, as associated files."""

from __future__ import annotations

import io
import json
from typing import Any

import pikepdf

from ocr.form_map import DATA_ATTACHMENT, MAP_ATTACHMENT, FormMap

MOST_BYTES = 32 * 1024 * 1024


def form_map_of(pdf: bytes) -> FormMap | None:
    """The map attached to an issued form, signed or not; None where there is none or it is not one of ours."""
    raw = attachment_of(pdf, MAP_ATTACHMENT)
    if raw is None:
        return None
    try:
        return FormMap.from_json(raw)
    except ValueError:
        return None


def form_data_of(pdf: bytes) -> dict[str, Any] | None:
    """The application data attached to an issued form; None where there is none. It says what was issued, not what is seen."""
    raw = attachment_of(pdf, DATA_ATTACHMENT)
    if raw is None:
        return None
    try:
        data = json.loads(raw)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def attachment_of(pdf: bytes, name: str) -> bytes | None:
    """The attached file ``name``, None where the file is no PDF, has none of that name or one past 32 MiB."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            if name not in document.attachments:
                return None
            content = document.attachments[name].get_file().read_bytes()
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, RuntimeError):
        return None
    return content if len(content) <= MOST_BYTES else None
