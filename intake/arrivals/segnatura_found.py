"""What another administration's segnatura, or its message about one of ours, says: read apart, kept as plain data.

Nothing here proves who wrote it: the operator compares it with the document and with the certified sender.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from intake.typed_text import visible
from protocol_register.errors import ForeignXmlRefused, SegnaturaUnreadable
from protocol_register.segnatura import DescribedFile, RegistrationId, Segnatura, SegnaturaFormat
from protocol_register.segnatura_messages import ProtocolMessage, read_message
from protocol_register.segnatura_reading import read_segnatura

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class RegistrationFound:
    """A registration as an XML file names it; ``day`` and ``hour`` in ISO form, ``register`` empty before 2013."""

    administration: str
    administration_name: str
    aoo: str
    register: str
    number: str
    day: str
    hour: str = ""

    @property
    def identifier(self) -> RegistrationId:
        """The same, to be written in an answer."""
        return RegistrationId(
            administration=self.administration,
            administration_name=self.administration_name or None,
            aoo=self.aoo,
            register=self.register or None,
            number=self.number,
            day=date.fromisoformat(self.day),
            hour=time.fromisoformat(self.hour) if self.hour else None,
        )

    @property
    def in_words(self) -> str:
        who = self.administration_name or self.administration
        place = "/".join(filter(None, (self.administration, self.aoo, self.register)))
        return f"n. {self.number} del {date.fromisoformat(self.day):%d/%m/%Y}, {who} ({place})"


@dataclass(frozen=True, slots=True)
class FileFound:
    """A document as the segnatura describes it; ``digest`` in hexadecimal, empty where it gives none."""

    name: str
    digest: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class SegnaturaFound:
    """``confirmation_asked``: whether any recipient is to answer with a Conferma. ``format``: which version it is in."""

    registration: RegistrationFound
    subject: str
    files: tuple[FileFound, ...]
    confirmation_asked: bool
    format: str = ""

    @property
    def must_be_sealed(self) -> bool:
        """Since schema 3.0 a segnatura without its seal is none (AgID, allegato 6, 2.1)."""
        return self.format == SegnaturaFormat.AGID_3


@dataclass(frozen=True, slots=True)
class MessageFound:
    """A Conferma, Aggiornamento, Eccezione or Annullamento; ``received`` is the registration of ours that it speaks of."""

    kind: str
    own: RegistrationFound | None
    received: RegistrationFound | None
    described: str
    reason: str
    act: str


def segnatura_in(files: Iterable[bytes]) -> tuple[SegnaturaFound, bytes] | None:
    """The first segnatura among XML files, and that file; None where none is one."""
    read = ((_read(read_segnatura, data), data) for data in files)
    return next(((_segnatura(found), data) for found, data in read if found is not None), None)


def message_in(files: Iterable[bytes]) -> tuple[MessageFound, bytes] | None:
    """The first message about a registration among XML files, and that file; None where none is one."""
    read = ((_read(read_message, data), data) for data in files)
    return next(((_message(found), data) for found, data in read if found is not None), None)


def segnatura_from_json(data: dict[str, Any] | None) -> SegnaturaFound | None:
    """What was kept of a segnatura."""
    if not data:
        return None
    return SegnaturaFound(
        registration=RegistrationFound(**data["registration"]),
        subject=data["subject"],
        files=tuple(FileFound(**each) for each in data["files"]),
        confirmation_asked=data["confirmation_asked"],
        format=data.get("format", ""),
    )


def message_from_json(data: dict[str, Any] | None) -> MessageFound | None:
    """What was kept of a message."""
    if not data:
        return None
    own, received = data["own"], data["received"]
    return MessageFound(
        kind=data["kind"],
        own=RegistrationFound(**own) if own else None,
        received=RegistrationFound(**received) if received else None,
        described=data["described"],
        reason=data["reason"],
        act=data["act"],
    )


def _read(reader: Any, data: bytes) -> Any:
    try:
        return reader(data)
    except (ForeignXmlRefused, SegnaturaUnreadable):
        return None  # an XML file of another kind: the operator reads the document


def _segnatura(found: Segnatura) -> SegnaturaFound:
    described = [each for each in (found.document, *found.attachments) if each is not None]
    return SegnaturaFound(
        registration=_registration(found.identifier, found.sender.name),
        subject=_shown(found.subject),
        files=tuple(map(_file, described)),
        confirmation_asked=any(each.confirmation_asked for each in found.recipients),
        format=found.format.value,
    )


def _message(found: ProtocolMessage) -> MessageFound:
    return MessageFound(
        kind=found.kind.value,
        own=_registration(found.identifier) if found.identifier else None,
        received=_registration(found.received) if found.received else None,
        described=_shown(found.received_description or ""),
        reason=_shown(found.reason or ""),
        act=_shown(found.act or ""),
    )


def _registration(given: RegistrationId, sender: str = "") -> RegistrationFound:
    return RegistrationFound(
        administration=_shown(given.administration),
        administration_name=_shown(given.administration_name or sender),
        aoo=_shown(given.aoo),
        register=_shown(given.register or ""),
        number=given.number[:40],
        day=given.day.isoformat(),
        hour=given.hour.isoformat() if given.hour else "",
    )


def _file(described: DescribedFile) -> FileFound:
    return FileFound(_shown(described.name), (described.digest or b"").hex(), _shown(described.algorithm))


def _shown(text: str) -> str:
    return visible(text)[:_LONGEST]
