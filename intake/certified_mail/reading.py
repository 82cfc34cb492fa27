"""What a message is: a certified envelope, a provider's receipt, one that only says so, ordinary mail. Bytes in, facts out.

Receipts are not registered, so whatever claims to be one must earn it: the provider's signature is trusted, and
headers, ``daticert.xml`` and signer say the same. Everything else goes to the protocol desk, where a person decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import Message
from enum import StrEnum
from pathlib import Path

from intake.certified_mail import parts
from intake.certified_mail.daticert import Daticert, read_daticert
from intake.certified_mail.parts import MALFORMED_MAIL, MailFile
from intake.certified_mail.provider_seal import ProviderSeal, Seal, covered_by, provider_seal, signature_of
from intake.certified_mail.remarks import REMARKS, Remark
from signing.trust import TrustStore

DATICERT, POSTACERT, SIGNATURE = "daticert.xml", "postacert.eml", "smime.p7s"
SERVICE_ADDRESS = "posta-certificata@"
ENVELOPE_KIND = "posta-certificata"
_HEAD = 256 * 1024
FIRST_CERTIFIED = datetime(2005, 11, 2, tzinfo=UTC)
"""The decree with the technical rules: no provider certified anything before it."""
_HEAD_END = re.compile(rb"\r?\n\r?\n")


class MailKind(StrEnum):
    """``CLAIMED_RECEIPT``: it says that it is a receipt and does not hold up to it."""

    ENVELOPE = "envelope"
    ANOMALY = "anomaly"
    RECEIPT = "receipt"
    CLAIMED_RECEIPT = "claimed_receipt"
    ORDINARY = "ordinary"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class MailToRead:
    """A message as kept. ``trust_folder`` as in the settings; ``at`` is when we ask.

    Of a message of more than ``largest`` bytes only the head is read.
    """

    data: bytes
    trust_folder: Path | None
    at: datetime
    largest: int


@dataclass(frozen=True, slots=True)
class ReadMail:
    """``reference``: the message that a receipt is about. ``certified_at``: the instant that
    ``daticert.xml`` states in an envelope whose seal is trusted, None for everything else.

    ``sender`` is an address; ``files`` are the attachments of the original message, never those of the envelope.
    """

    kind: MailKind
    seal: ProviderSeal
    daticert: Daticert | None
    receipt_kind: str
    message_id: str
    reference: str
    sender: str
    sender_name: str
    recipients: str
    subject: str
    text: str
    certified_at: datetime | None
    files: tuple[MailFile, ...]
    remarks: tuple[Remark, ...]


def read_mail(given: MailToRead, _tell: object = None) -> ReadMail:
    """Reads any bytes whatever; what cannot be read is said in the remarks. Raises ``ValueError`` for a naive ``at``."""
    if given.at.tzinfo is None:
        raise ValueError("`at` must be aware")
    if len(given.data) > given.largest:
        return read_head(given.data, "mail.too_large")
    try:
        message = parts.parse(given.data)
        if not message.keys():
            return read_head(given.data, "mail.unreadable")
        trust = TrustStore.from_folder(given.trust_folder) if given.trust_folder else TrustStore.empty()
        return _read(message, provider_seal(message, given.data, trust=trust, at=given.at))
    except MALFORMED_MAIL:
        return read_head(given.data, "mail.unreadable")


def _read(message: Message, seal: ProviderSeal) -> ReadMail:
    inside = [part for part in parts.parts_of(covered_by(seal, message)) if part.get_content_maintype() != "multipart"]
    daticert = next(filter(None, (_daticert_in(part) for part in inside if _is_daticert(part))), None)
    receipt_kind = parts.header(message, "X-Ricevuta").casefold() or _receipt_kind(daticert)
    transport = parts.header(message, "X-Trasporto").casefold()
    of_provider = bool(receipt_kind or transport or daticert)
    original = _original_of(message, inside) if of_provider or _is_service_address(message) else None
    found = _facts(message, original, seal, daticert)
    read = _judged(message, replace(found, receipt_kind=receipt_kind), inside, transport, original)
    opened = [message, *([original.message] if original else [])]
    left = [REMARKS["mail.parts_left"]] if any(map(parts.has_more_parts, opened)) else []
    return replace(read, remarks=(*read.remarks, *left))


def _judged(
    message: Message, found: ReadMail, inside: list[Message], transport: str, original: _Original | None
) -> ReadMail:
    if found.receipt_kind:
        return _as_receipt(message, found, inside, transport, original)
    if transport == "errore":
        return replace(found, kind=MailKind.ANOMALY, remarks=(REMARKS["mail.anomaly"], *_of_envelope(found, original)))
    if transport == ENVELOPE_KIND or (found.daticert is not None and found.daticert.kind == ENVELOPE_KIND):
        certified_at, remarks = _certified_at(found.seal, found.daticert), tuple(_of_envelope(found, original))
        return replace(found, kind=MailKind.ENVELOPE, certified_at=certified_at, remarks=remarks)
    return replace(found, kind=MailKind.ORDINARY, remarks=(REMARKS["mail.not_certified"],))


@dataclass(frozen=True, slots=True)
class _Original:
    """``postacert.eml``: what the sender wrote, the part of the envelope it is, and the ``files`` beside it."""

    message: Message
    part: Message
    files: tuple[MailFile, ...]


def _original_of(message: Message, inside: list[Message]) -> _Original | None:
    """The original of a provider's message; in any other a carried message is a file like the others."""
    found = next(((part, each) for part in inside if (each := _original_in(part)) is not None), None)
    if found is None:
        return None
    part, original = found
    return _Original(original, part, parts.files_of(message, without=[part, *_of_the_envelope(message)]))


def _certified_at(seal: ProviderSeal, daticert: Daticert | None) -> datetime | None:
    instant = daticert.instant if daticert is not None and seal.state is Seal.TRUSTED else None
    return instant if instant is not None and instant >= FIRST_CERTIFIED else None


def _facts(message: Message, original: _Original | None, seal: ProviderSeal, daticert: Daticert | None) -> ReadMail:
    told = original.message if original else message
    name, written = parts.address(told)
    return ReadMail(
        kind=MailKind.ORDINARY,
        seal=seal,
        daticert=daticert,
        receipt_kind="",
        message_id=parts.identifier(message, "Message-ID"),
        reference=parts.identifier(message, "X-Riferimento-Message-ID"),
        sender=parts.shortened(daticert.sender.casefold()) if daticert and daticert.sender else written,
        sender_name=name,
        recipients=", ".join(daticert.recipients) if daticert else parts.header(told, "To"),
        subject=parts.shortened(parts.header(told, "Subject") or (daticert.subject if daticert else "")),
        text=parts.text_of(told),
        certified_at=None,
        files=(*parts.files_of(told), *original.files)
        if original
        else parts.files_of(message, without=_of_the_envelope(message)),
        remarks=(),
    )


def _of_the_envelope(message: Message) -> list[Message]:
    """The parts that a provider adds to what it carries: by their names, or by what they are where they have none."""
    signature = signature_of(message)
    return [part for part in parts.parts_of(message) if _is_added(part, signature)]


def _is_added(part: Message, signature: Message | None) -> bool:
    named = parts.name_of(part).casefold()
    if named:
        return named in {DATICERT, SIGNATURE}
    return part is signature or (_is_daticert(part) and _daticert_in(part) is not None)


_OF_ENVELOPE = frozenset({DATICERT, POSTACERT, SIGNATURE})


def _as_receipt(
    message: Message, found: ReadMail, inside: list[Message], transport: str, original: _Original | None
) -> ReadMail:
    wrong = tuple(REMARKS[code] for code in _contradictions(message, found, inside, transport, original))
    if wrong:
        return replace(found, kind=MailKind.CLAIMED_RECEIPT, remarks=wrong)
    return replace(found, kind=MailKind.RECEIPT, files=(), remarks=tuple(_of_provider(found)))


def _contradictions(
    message: Message, found: ReadMail, inside: list[Message], transport: str, original: _Original | None
) -> list[str]:
    said, daticert = parts.header(message, "X-Ricevuta").casefold(), found.daticert
    sender = parts.address(message)[1]
    foreign = [part for part in inside if not _belongs_to_receipt(part)]
    checks = {
        "receipt.not_sealed": not found.seal.holds,
        "receipt.provider_unknown": found.seal.state is Seal.INTACT,
        "receipt.kinds_differ": bool(transport)
        or (daticert is None and original is not None)
        or (daticert is not None and said != daticert.kind),
        "receipt.sender_differs": not _is_service_address(message)
        or bool(found.seal.addresses and sender not in found.seal.addresses),
        "receipt.reference_differs": bool(
            daticert
            and daticert.message_id
            and _bare(daticert.message_id) != _bare(parts.header(message, "X-Riferimento-Message-ID"))
        ),
        "receipt.carries_files": bool(foreign),
    }
    return [code for code, wrong in checks.items() if wrong]


def _belongs_to_receipt(part: Message) -> bool:
    if parts.name_of(part).casefold() in _OF_ENVELOPE or _is_daticert(part):
        return True
    return part.get_content_type() in {"text/plain", "text/html"} and not parts.name_of(part)


def _of_envelope(found: ReadMail, original: _Original | None) -> list[Remark]:
    written = parts.address(original.message)[1] if original is not None else ""
    attested = found.daticert.sender.casefold() if found.daticert else ""
    return [
        *([REMARKS["mail.original_missing"]] if original is None else []),
        *([REMARKS["mail.files_beside"]] if original is not None and original.files else []),
        *([REMARKS["mail.sender_differs"]] if written and attested and written != attested else []),
        *_of_provider(found),
    ]


def _of_provider(found: ReadMail) -> list[Remark]:
    seals = {
        Seal.MISSING: "mail.seal_missing",
        Seal.BROKEN: "mail.seal_broken",
        Seal.UNVERIFIABLE: "mail.seal_unverifiable",
        Seal.INTACT: "mail.provider_unknown",
    }
    codes = [seals[found.seal.state]] if found.seal.state in seals else []
    if found.daticert is None:
        codes.append("mail.daticert_missing")
    elif found.daticert.mended:
        codes.append("mail.daticert_mended")
    return [REMARKS[code] for code in codes]


def _receipt_kind(daticert: Daticert | None) -> str:
    return daticert.kind if daticert is not None and daticert.kind != ENVELOPE_KIND else ""


def _is_daticert(part: Message) -> bool:
    named = parts.name_of(part).casefold()
    return named == DATICERT or (not named and part.get_content_type() in {"application/xml", "text/xml"})


def _daticert_in(part: Message) -> Daticert | None:
    return read_daticert(parts.bytes_of(part))


def _original_in(part: Message) -> Message | None:
    """``postacert.eml``, as a carried message or as a plain file with that name."""
    inner = parts.carried(part)
    if inner is not None:
        return inner
    return parts.parse(parts.bytes_of(part)) if parts.name_of(part).casefold() == POSTACERT else None


def _is_service_address(message: Message) -> bool:
    return parts.address(message)[1].startswith(SERVICE_ADDRESS)


def _bare(identifier: str) -> str:
    return identifier.strip().strip("<>").strip()


def read_head(data: bytes, code: str) -> ReadMail:
    """What the headers alone say of a message that is not opened, for the reason of the remark ``code``."""
    try:
        message = parts.parse(_HEAD_END.split(data[:_HEAD], 1)[0])
        found = _facts(message, None, ProviderSeal(Seal.UNVERIFIABLE), None)
    except MALFORMED_MAIL:
        message = Message()
        found = _facts(message, None, ProviderSeal(Seal.UNVERIFIABLE), None)
    return replace(found, kind=MailKind.UNREADABLE, text="", files=(), remarks=(REMARKS[code],))
