"""The provider's signature on an envelope or a receipt (RFC 6109, 3.2): is it there, does it hold, whose address is in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from enum import StrEnum
from itertools import islice

from asn1crypto import cms

from intake.certified_mail.parts import bytes_of, parse
from signing.inspect import inspect_signatures
from signing.report import SignatureReport, Verdict
from signing.trust import TrustStore

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_SIGNATURE_TYPES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})


class Seal(StrEnum):
    """``INTACT``: it holds, but nothing here says whether to believe its certificate."""

    TRUSTED = "trusted"
    INTACT = "intact"
    BROKEN = "broken"
    UNVERIFIABLE = "unverifiable"
    MISSING = "missing"


_SEAL_OF = {
    Verdict.signed: Seal.TRUSTED,
    Verdict.not_signed: Seal.MISSING,
    Verdict.unverifiable: Seal.UNVERIFIABLE,
    Verdict.unreadable: Seal.UNVERIFIABLE,
}
_BELIEVED = frozenset({None, "TRY_LATER"})
"""Sub-indications (ETSI EN 319 102-1) of a certificate that an anchor vouches for; TRY_LATER: no revocation list at hand."""


@dataclass(frozen=True, slots=True)
class ProviderSeal:
    """``signer``: the common name in the certificate; ``addresses``: the e-mail addresses that it is for."""

    state: Seal
    signer: str = ""
    addresses: frozenset[str] = frozenset()

    @property
    def holds(self) -> bool:
        return self.state in {Seal.TRUSTED, Seal.INTACT}


def provider_seal(message: Message, data: bytes, *, trust: TrustStore, at: datetime) -> ProviderSeal:
    """Checks the signature of a ``multipart/signed`` message, whose bytes are ``data``. Never raises for what they hold."""
    pair, signed = _signed_and_signature(message), _signed_part(message, data)
    signature = bytes_of(pair[1]) if pair else b""
    if pair is None or not signature or signed is None:
        return ProviderSeal(Seal.MISSING)
    if not _is_read_as(pair[0], signed):
        return ProviderSeal(Seal.BROKEN)
    # Signed are the lines as mail travels; a program that saved the message may have shortened their ends.
    versions = dict.fromkeys((signed, re.sub(rb"\r?\n", b"\r\n", signed)))
    reports = [inspect_signatures(signature, name="smime.p7s", detached=each, trust=trust, at=at) for each in versions]
    report = next((each for each in reports if each.verdict.is_clean), reports[0])
    return ProviderSeal(_state(report), _signer(report), _addresses(signature))


def covered_by(seal: ProviderSeal, message: Message) -> Message:
    """What the seal vouches for: the signed part where it holds; where nothing is vouched for, the whole message."""
    pair = _signed_and_signature(message)
    return pair[0] if pair is not None and seal.holds else message


def signature_of(message: Message) -> Message | None:
    """The part of a ``multipart/signed`` message that signs the other; None in any other message."""
    pair = _signed_and_signature(message)
    return pair[1] if pair is not None and pair[1].get_content_type() in _SIGNATURE_TYPES else None


def _signed_and_signature(message: Message) -> tuple[Message, Message] | None:
    if message.get_content_type() != "multipart/signed" or not message.is_multipart():
        return None
    parts = [part for part in message.get_payload() if isinstance(part, Message)]
    return (parts[0], parts[1]) if len(parts) == 2 else None


def _signed_part(message: Message, data: bytes) -> bytes | None:
    """The bytes of the first part as they stand, its delimiters' own line ends left out (RFC 1847, 2.1)."""
    boundary, head = message.get_boundary(), _HEAD_END.search(data)
    if not boundary or head is None:
        return None
    delimiter = re.compile(
        rb"\r?\n--" + re.escape(boundary.encode("latin-1", "replace")) + rb"(?:--)?[ \t]*(?=\r?\n|\Z)"
    )
    places = list(islice(delimiter.finditer(data, head.start()), 2))
    if len(places) < 2:
        return None
    return re.sub(rb"\A\r?\n", b"", data[places[0].end() : places[1].start()])


def _is_read_as(part: Message, signed: bytes) -> bool:
    """Whether a reader of mail finds in the first part what stands in the signed bytes.

    Headers that break off before an empty line, or a lone carriage return, can frame the parts in two ways.
    """
    return _content(part) == _content(parse(signed))


def _content(part: Message) -> list[tuple[list[tuple[str, str]], str]]:
    """Each part inside ``part`` and itself: its headers and, of one that holds no others, its body as it stands."""
    return [
        ([(name, str(value)) for name, value in each.items()], "" if each.is_multipart() else str(each.get_payload()))
        for each in part.walk()
    ]


def _state(report: SignatureReport) -> Seal:
    if report.verdict is Verdict.signed_with_reservations:
        believed = all(each.sub_indication in _BELIEVED for each in report.signatures)
        return Seal.TRUSTED if believed else Seal.INTACT
    return _SEAL_OF.get(report.verdict, Seal.BROKEN)


def _signer(report: SignatureReport) -> str:
    return report.signatures[0].signer.common_name if report.signatures else ""


def _addresses(signature: bytes) -> frozenset[str]:
    """The addresses in the certificate of the one who signed, not in those that came along with it."""
    try:
        signed_data = cms.ContentInfo.load(signature)["content"]
        signer = signed_data["signer_infos"][0]["sid"].chosen
        certificates = [each.chosen for each in signed_data["certificates"] if each.name == "certificate"]
        found = [each for each in certificates if _is_of(each, signer)]
        return frozenset(address.casefold() for each in found for address in _addresses_in(each))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return frozenset()


def _is_of(certificate: cms.Certificate, signer: cms.IssuerAndSerialNumber | cms.OctetString) -> bool:
    if isinstance(signer, cms.IssuerAndSerialNumber):
        return bool(
            certificate.serial_number == signer["serial_number"].native and certificate.issuer == signer["issuer"]
        )
    return bool(certificate.key_identifier == signer.native)


def _addresses_in(certificate: cms.Certificate) -> list[str]:
    alternative = certificate.subject_alt_name_value or ()
    named = [str(each.native) for each in alternative if each.name == "rfc822_name"]
    subject = certificate.subject.native.get("email_address", [])
    return named + ([subject] if isinstance(subject, str) else list(subject))
