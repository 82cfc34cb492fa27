"""What a typeset PDF gets after its pages: associated files (ISO 19005-3, 6.8) and what is drawn last."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pikepdf
from pikepdf import Array, AttachedFileSpec, Name


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to carry inside the PDF; its data describe the document (relationship Data)."""

    name: str
    content: bytes
    description: str
    media_type: str = "application/json"


def finish_pdf(
    pdf: bytes,
    *,
    at: datetime,
    attachments: tuple[Attachment, ...],
    additions: Callable[[pikepdf.Pdf], None] | None = None,
) -> bytes:
    """``pdf`` with its associated files, dated ``at``, and what ``additions`` draws; equal input gives equal bytes.

    Raises ``ValueError`` when two files have one name.
    """
    names = [attachment.name for attachment in attachments]
    if len(set(names)) != len(names):
        raise ValueError(f"two associated files have one name: {', '.join(names)}")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        associated = document.Root.get("/AF", Array())
        for attachment in attachments:
            associated.append(_attach(document, attachment, at))
        document.Root.AF = associated
        if additions is not None:
            additions(document)
        written = io.BytesIO()
        document.save(written, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return written.getvalue()


def _attach(document: pikepdf.Pdf, attachment: Attachment, at: datetime) -> pikepdf.Object:
    moment = pikepdf.models.metadata.encode_pdf_date(at)
    spec = AttachedFileSpec(
        document,
        attachment.content,
        filename=attachment.name,
        description=attachment.description,
        mime_type=attachment.media_type,
        creation_date=moment,
        mod_date=moment,
    )
    spec.relationship = Name.Data
    document.attachments[attachment.name] = spec
    return spec.obj
