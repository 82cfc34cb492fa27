"""The facts of a protocol register: what an entry, an annulment, a classification and a register are.

An entry holds all of DPR 445/2000 art. 53 c. 1. Every instant is aware; number and instant are given by the register
alone. Nothing here reads a clock or a database.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from protocol_register.errors import DeferralNotAllowed, InvalidEntry

REHEARSAL_ORIGIN = "/prova"
SHA256 = re.compile(r"[0-9a-f]{64}")


def shown_number(number: int) -> str:
    """At least seven digits (DPR 445/2000, art. 57)."""
    return f"{number:07d}"


class RegisterKind(StrEnum):
    """A live register has legal effect; a rehearsal one has none and may be wiped."""

    LIVE = "live"
    REHEARSAL = "rehearsal"


class Direction(StrEnum):
    """TipologiaDiFlusso of the AgID metadata: incoming, outgoing, internal."""

    IN = "in"
    OUT = "out"
    INTERNAL = "internal"


class Channel(StrEnum):
    """How the document came or went."""

    ONLINE = "online"
    PEC = "pec"
    LETTER = "letter"
    COUNTER = "counter"
    EMERGENCY = "emergency"


class PartyKind(StrEnum):
    """The choice of the segnatura: PersonaFisica, PersonaGiuridica, Amministrazione, AmministrazioneEstera."""

    PERSON = "person"
    COMPANY = "company"
    ADMINISTRATION = "administration"
    FOREIGN_ADMINISTRATION = "foreign_administration"


PAPER_CHANNELS = frozenset({Channel.LETTER, Channel.COUNTER, Channel.EMERGENCY})


@dataclass(frozen=True, kw_only=True)
class Party:
    """A sender or a recipient."""

    kind: PartyKind
    name: str
    tax_code: str | None = None
    address: str | None = None


@dataclass(frozen=True, kw_only=True)
class Document:
    """A file as registered: its name, the SHA-256 of its bytes (64 hex digits), size in bytes, media type."""

    name: str
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, kw_only=True)
class NewEntry:
    """What is to be registered.

    `arrival_instant` and `legal_instant` left None are the registration's own instant. `document` may be None only for
    paper not yet scanned. `operator` is a reference to who registers, or to the system itself.
    """

    direction: Direction
    channel: Channel
    subject: str
    operator: str
    sender: Party | None = None
    recipients: tuple[Party, ...] = ()
    document: Document | None = None
    attachments: tuple[Document, ...] = ()
    received_date: date | None = None
    received_protocol: str | None = None
    arrival_instant: datetime | None = None
    legal_instant: datetime | None = None
    deferral_reason: str | None = None
    deferral_act: str | None = None
    emergency_number: str | None = None


@dataclass(frozen=True, kw_only=True)
class Entry(NewEntry):
    """One registration as it stands in the register, for ever.

    `salt` (32 bytes) blinds the personal data in the log's leaf; `log_index` is the leaf's place, from 0.
    """

    register: str
    year: int
    number: int
    instant: datetime
    arrival_instant: datetime
    legal_instant: datetime
    salt: bytes
    leaf_hash: bytes
    log_index: int

    @property
    def shown_number(self) -> str:
        """The number as art. 57 wants it: at least seven digits."""
        return shown_number(self.number)


@dataclass(frozen=True, kw_only=True)
class Annulment:
    """The annulment of an entry: art. 54 c. 2 asks for date, operator and authorising act; the original stays."""

    register: str
    year: int
    number: int
    instant: datetime
    operator: str
    act: str
    reason: str
    salt: bytes
    leaf_hash: bytes
    log_index: int


@dataclass(frozen=True, kw_only=True)
class Resumption:
    """The declared resumption of numbering after a loss of data: `after` is the last number known to be given."""

    register: str
    year: int
    after: int
    instant: datetime
    operator: str
    act: str
    salt: bytes
    leaf_hash: bytes
    log_index: int


@dataclass(frozen=True, kw_only=True)
class Classification:
    """One line of the history of an entry's modifiable data: classification, file, office assigned."""

    register: str
    year: int
    number: int
    instant: datetime
    operator: str
    classification: str | None
    file_reference: str | None
    assigned_to: str | None


@dataclass(frozen=True, kw_only=True)
class Register:
    """One official register of one AOO, with the public half (32 raw bytes) of the key that signs its log."""

    code: str
    kind: RegisterKind
    administration: str
    aoo: str
    time_zone: str
    public_key: bytes
    fingerprint: str
    salt_policy: str
    created_at: datetime

    @property
    def origin(self) -> str:
        """The log's name in its checkpoints."""
        return origin_of(self.administration, self.aoo, self.code, self.kind)


def origin_of(administration: str, aoo: str, code: str, kind: RegisterKind) -> str:
    """The name of a register's log (C2SP tlog-checkpoint origin); a rehearsal says so in every signature it makes."""
    return f"{administration}/{aoo}/{code}" + (REHEARSAL_ORIGIN if kind is RegisterKind.REHEARSAL else "")


def rank_of(entry: Entry) -> tuple[datetime, int, int]:
    """The place of an entry in the order of examination: legal instant of arrival, then protocol number.

    A number restarts each year and is read with it, so the year stands before it.
    """
    return entry.legal_instant, entry.year, entry.number


def check_new_entry(entry: NewEntry) -> None:
    """Refuse facts that cannot be registered. Raises InvalidEntry or DeferralNotAllowed, before any number is taken."""
    reason = next((reason for reason, wrong in _faults(entry) if wrong), None)
    if reason is not None:
        raise InvalidEntry(reason=reason)
    _check_deferral(entry)


def _faults(entry: NewEntry) -> list[tuple[str, bool]]:
    parties = [*entry.recipients, *([entry.sender] if entry.sender else [])]
    documents = [*entry.attachments, *([entry.document] if entry.document else [])]
    instants = [instant for instant in (entry.arrival_instant, entry.legal_instant) if instant is not None]
    emergency = entry.channel is Channel.EMERGENCY
    return [
        ("manca l’oggetto", not entry.subject.strip()),
        ("manca l’operatore", not entry.operator.strip()),
        ("un documento in arrivo ha un mittente", entry.direction is Direction.IN and entry.sender is None),
        (
            "un documento in partenza ha almeno un destinatario",
            entry.direction is Direction.OUT and not entry.recipients,
        ),
        ("mittente e destinatari hanno un nome", not all(party.name.strip() for party in parties)),
        ("manca il documento principale", entry.document is None and entry.channel not in PAPER_CHANNELS),
        ("l’impronta è SHA-256 in 64 cifre esadecimali", not all(SHA256.fullmatch(d.sha256) for d in documents)),
        ("la dimensione di un documento non è valida", any(document.size < 0 for document in documents)),
        ("un istante è senza fuso orario", any(instant.utcoffset() is None for instant in instants)),
        (
            "il numero di emergenza e il canale di emergenza vanno insieme",
            emergency != (entry.emergency_number is not None),
        ),
        ("una registrazione di emergenza porta il suo istante", emergency and entry.legal_instant is None),
    ]


def _check_deferral(entry: NewEntry) -> None:
    if entry.deferral_reason is None and entry.deferral_act is None:
        return
    if not (entry.deferral_reason and entry.deferral_act):
        raise DeferralNotAllowed(reason="servono insieme il motivo e il provvedimento")
    if entry.direction is not Direction.IN:
        raise DeferralNotAllowed(reason="riguarda solo i documenti in arrivo")
    if entry.channel is Channel.PEC:
        raise DeferralNotAllowed(reason="le ricevute della PEC danno già data certa")
    if entry.arrival_instant is None:
        raise DeferralNotAllowed(reason="va indicato l’istante effettivo di arrivo")
