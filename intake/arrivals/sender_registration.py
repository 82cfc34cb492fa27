"""The sender's own number and date, read in the segnatura that an administration sends with its documents.

The register records both for a document that comes from another administration (DPR 445/2000, art. 53, c. 1, lett. e).
Nothing here proves who wrote the segnatura: the operator who registers sees a proposal and compares it with the document.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from intake.typed_text import visible
from protocol_register.errors import ForeignXmlRefused, SegnaturaUnreadable
from protocol_register.segnatura import Segnatura
from protocol_register.segnatura_reading import read_segnatura

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class SenderRegistration:
    """``protocol``: number, with the administration, area and register that gave it. ``day``: ISO 8601."""

    administration: str
    protocol: str
    day: str


def registration_in(files: Iterable[bytes]) -> SenderRegistration | None:
    """What the first segnatura among XML files says; None where none is one."""
    return next((_registration(found) for data in files if (found := _segnatura(data)) is not None), None)


def _segnatura(data: bytes) -> Segnatura | None:
    try:
        return read_segnatura(data)
    except (ForeignXmlRefused, SegnaturaUnreadable):
        return None  # an XML file of another kind, or one that says nothing to propose: the operator reads the document


def _registration(found: Segnatura) -> SenderRegistration:
    given = found.identifier
    register = "/".join(filter(None, (given.administration, given.aoo, given.register)))
    return SenderRegistration(
        administration=visible(given.administration_name or found.sender.name or given.administration)[:_LONGEST],
        protocol=visible(f"{given.number} ({register})" if register else given.number)[:_LONGEST],
        day=given.day.isoformat(),
    )
