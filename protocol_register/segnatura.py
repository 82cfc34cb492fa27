"""The segnatura di protocollo: what a registration tells other administrations (DPR 445/2000, art. 55; AgID, allegato 6).

These are its facts, whatever the format they were read from or are written in. The number is never written into the
registered document itself, which would change its bytes: the segnatura is a file beside it, bound by digests.
"""

import base64
import re
from dataclasses import dataclass
from datetime import date, time, timedelta, timezone
from enum import StrEnum
from zoneinfo import ZoneInfo

from protocol_register.entries import Classification, Direction, Document, Entry, Party, PartyKind, Register

VAT_NUMBER = re.compile(r"[0-9]{11}")
NOT_CLASSIFIED = "Non classificato"


class SegnaturaFormat(StrEnum):
    """The formats there have been: circolare AIPA 28/2001 and its update of 2009, circolare 60/2013, allegato 6."""

    AIPA_2001 = "2001"
    AIPA_2009 = "2009"
    CIRCULAR_2013 = "2013"
    AGID_3 = "3.0.0"


class CorrespondentKind(StrEnum):
    """The choice of SoggettoType."""

    ADMINISTRATION = "Amministrazione"
    COMPANY = "PersonaGiuridica"
    PERSON = "PersonaFisica"
    FOREIGN_ADMINISTRATION = "AmministrazioneEstera"


@dataclass(frozen=True, kw_only=True)
class RegistrationId:
    """Identificatore: which registration, in which register. `register` is None in messages of before 2013."""

    administration: str
    aoo: str
    number: str
    day: date
    register: str | None = None
    hour: time | None = None
    administration_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Correspondent:
    """A sender or recipient. `name` is the denomination, or a person's names as one; `code` the IPA code."""

    kind: CorrespondentKind
    name: str
    given_name: str | None = None
    surname: str | None = None
    tax_code: str | None = None
    code: str | None = None
    aoo: str | None = None


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Destinatario: to whom, whether a Conferma is asked, whether only for information."""

    correspondent: Correspondent
    confirmation_asked: bool = False
    for_information: bool = False


@dataclass(frozen=True, kw_only=True)
class FilingCode:
    """A heading of the classification plan, or a file: its name and its code."""

    name: str
    code: str


@dataclass(frozen=True, kw_only=True)
class DescribedFile:
    """DocumentoPrimario or Allegato. `digest` is raw, of `algorithm`; None where an old message gives none."""

    name: str
    media_type: str
    digest: bytes | None
    algorithm: str = "SHA-256"
    description: str | None = None
    signed: bool = False


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Riferimenti: the registration that this message answers."""

    identifier: RegistrationId
    subject: str
    classification: FilingCode


@dataclass(frozen=True, kw_only=True)
class Segnatura:
    """The whole segnatura of one message. `document` is None only where an old message is nothing but its text."""

    identifier: RegistrationId
    subject: str
    classification: FilingCode
    sender: Correspondent
    recipients: tuple[Addressee, ...]
    document: DescribedFile | None
    attachments: tuple[DescribedFile, ...] = ()
    file: FilingCode | None = None
    reference: Reference | None = None
    first_registration: RegistrationId | None = None
    confidential: bool = False
    format: SegnaturaFormat = SegnaturaFormat.AGID_3


def identifier_of(register: Register, entry: Entry, administration_name: str | None = None) -> RegistrationId:
    """The Identificatore of an entry: date and time are civil, of the register's own zone."""
    civil = entry.instant.astimezone(ZoneInfo(register.time_zone))
    return RegistrationId(
        administration=register.administration,
        aoo=register.aoo,
        register=register.code,
        number=entry.shown_number,
        day=civil.date(),
        hour=civil.timetz().replace(microsecond=0, tzinfo=timezone(civil.utcoffset() or timedelta(0))),
        administration_name=administration_name,
    )


def segnatura_of(
    register: Register,
    entry: Entry,
    *,
    administration_name: str,
    classification: Classification | None = None,
    reference: Reference | None = None,
    signed_files: frozenset[str] = frozenset(),
) -> Segnatura:
    """The segnatura of an entry, as it stands; `signed_files` are the SHA-256 of the documents that are signed.

    The administration is the recipient of what came in and the sender of what goes out. Raises ValueError when the
    entry has no document: a segnatura describes an electronic document.
    """
    if entry.document is None:
        raise ValueError(f"entry {entry.shown_number}/{entry.year} has no document")
    office = Correspondent(
        kind=CorrespondentKind.ADMINISTRATION,
        name=administration_name,
        code=register.administration,
        aoo=register.aoo,
    )
    incoming = entry.direction is Direction.IN
    return Segnatura(
        identifier=identifier_of(register, entry, administration_name),
        subject=entry.subject,
        classification=filing_code(classification),
        file=_file_of(classification),
        sender=correspondent_of(entry.sender) if incoming and entry.sender else office,
        recipients=(
            (Addressee(correspondent=office),)
            if incoming or not entry.recipients
            else tuple(_addressee(party) for party in entry.recipients)
        ),
        document=_described(entry.document, signed_files),
        attachments=tuple(_described(each, signed_files) for each in entry.attachments),
        reference=reference,
    )


def correspondent_of(party: Party) -> Correspondent:
    """A party of the register as a subject of the segnatura.

    PersonaGiuridica admits an eleven-digit code only, and PersonaFisica wants given name and surname apart, which one
    name does not tell: whoever is registered by one name alone, a sole trader above all, goes by that denomination.
    """
    match party.kind:
        case PartyKind.ADMINISTRATION:
            return Correspondent(kind=CorrespondentKind.ADMINISTRATION, name=party.name, code=party.tax_code)
        case PartyKind.FOREIGN_ADMINISTRATION:
            return Correspondent(kind=CorrespondentKind.FOREIGN_ADMINISTRATION, name=party.name)
        case PartyKind.COMPANY | PartyKind.PERSON:
            fits = party.tax_code is not None and VAT_NUMBER.fullmatch(party.tax_code) is not None
            return Correspondent(
                kind=CorrespondentKind.COMPANY, name=party.name, tax_code=party.tax_code if fits else None
            )


def _addressee(party: Party) -> Addressee:
    """Another administration is asked to confirm, as the schema does by itself; nobody else could."""
    asked = party.kind is PartyKind.ADMINISTRATION
    return Addressee(correspondent=correspondent_of(party), confirmation_asked=asked)


def filing_code(classification: Classification | None) -> FilingCode:
    """Classifica, which the schema wants always: an entry not yet classified says so."""
    code = classification.classification if classification else None
    return FilingCode(name=code or NOT_CLASSIFIED, code=code or "0")


def _file_of(classification: Classification | None) -> FilingCode | None:
    reference = classification.file_reference if classification else None
    return FilingCode(name=reference, code=reference) if reference else None


def _described(document: Document, signed: frozenset[str]) -> DescribedFile:
    return DescribedFile(
        name=document.name,
        media_type=document.media_type,
        digest=bytes.fromhex(document.sha256),
        signed=document.sha256 in signed,
    )


def digest_text(digest: bytes) -> str:
    """A digest as the segnatura writes it: Base64 of its raw bytes."""
    return base64.b64encode(digest).decode()
