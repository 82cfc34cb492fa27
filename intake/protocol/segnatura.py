"""The segnatura of a registration, sealed with the edition's own key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from intake.notices.models import NoticeEdition
from intake.service import Service
from protocol_register.entries import Entry
from protocol_register.search import classifications_of, register_of
from protocol_register.segnatura import Reference, segnatura_of
from protocol_register.segnatura_writing import write_segnatura
from protocol_register.xml_sealing import XmlSeal

_ENVELOPES = frozenset({"application/pkcs7-mime", "application/pkcs7-signature"})


def xml_seal(service: Service, register_code: str) -> XmlSeal:
    """The key that seals an edition's papers, for its XML. Raises ``KeyMissing``."""
    key = service.keys.seal_key(register_code)
    return XmlSeal(key.certificate, key.private_key)


def segnatura_xml(
    service: Service,
    session: Session,
    edition: NoticeEdition,
    entry: Entry,
    *,
    at: datetime,
    reference: Reference | None = None,
) -> bytes | None:
    """The segnatura of ``entry`` (DPR 445/2000, art. 55; AgID, allegato 6); None for paper without a document.

    Raises ``KeyMissing``.
    """
    if entry.document is None:
        return None
    connection = session.connection()
    history = classifications_of(connection, entry.register, entry.year, entry.number)
    files = (entry.document, *entry.attachments)
    segnatura = segnatura_of(
        register_of(connection, entry.register),
        entry,
        administration_name=service.pack_of(edition).administration.name,
        classification=history[-1] if history else None,
        reference=reference,
        signed_files=frozenset(file.sha256 for file in files if file.media_type in _ENVELOPES),
    )
    return write_segnatura(segnatura, xml_seal(service, entry.register), at=at)
