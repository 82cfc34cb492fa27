"""A signed envelope carried by a mail message (S/MIME, RFC 8551): where its headers begin, what it is, what stands beside it.

What precedes the headers in saved messages is no part of them: a byte order mark, blank lines, the line `From ` of a mailbox.
Text before the first part and after the last one is shown by no mail program, and nobody signed it.
"""

import base64
import binascii
import email
import email.message
import email.policy
import re
from dataclasses import dataclass

from signing.foreign_input import MALFORMED
from signing.mime_parts import loose_text

_ENVELOPE_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_BEFORE_HEADERS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:From [^\r\n]*\r?\n)?")
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[ \t]?[^\r\n]*\r?\n")
_ENCODED = re.compile(rb"[A-Za-z0-9+/\s]*(?:=\s*){0,2}")
_MOST_BOUNDARIES = 5000
_LONGEST_START = 1024


@dataclass(frozen=True, slots=True)
class Carried:
    """The first envelope of a message, empty where there is none; the media types of other parts that say something, and the
    number of characters that stand outside any part or after the encoded envelope."""

    envelope: bytes = b""
    beside: tuple[str, ...] = ()
    loose: int = 0


def headers_begin(data: bytes) -> int | None:
    """Where the header of a message begins, None where the bytes begin as none."""
    head = data[:_LONGEST_START]
    before = _BEFORE_HEADERS.match(head)
    start = before.end() if before else 0
    return start if _HEADER.match(head, start) else None


def carried_envelope(data: bytes) -> Carried:
    """Look for an envelope in the message. Never raises for any bytes."""
    if data.count(b"\n--") > _MOST_BOUNDARIES:
        return Carried()
    try:
        message = email.message_from_bytes(data, policy=email.policy.compat32)
        every = list(message.walk())
        parts = [one for one in every if not one.is_multipart()]
        envelopes = [one for one in parts if one.get_content_type() in _ENVELOPE_TYPES]
        beside = tuple(one.get_content_type() for one in parts if one not in envelopes[:1] and _says_something(one))
        loose = sum(loose_text(one.preamble) + loose_text(one.epilogue) for one in every if one.is_multipart())
        envelope, after = _decoded(envelopes[0]) if envelopes else (b"", 0)
    except MALFORMED:
        return Carried()
    return Carried(envelope, beside, loose + after)


def _decoded(part: email.message.Message) -> tuple[bytes, int]:
    """The envelope, and how many characters stand after its encoding ends."""
    payload = part.get_payload(decode=True)
    envelope = payload if isinstance(payload, bytes) else b""
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() != "base64":
        return envelope, 0
    written = str(part.get_payload()).encode("ascii", errors="replace")
    return envelope, len(written) - _encoded_length(written)


def _encoded_length(text: bytes) -> int:
    """How much of the text is base64, up to its padding and the blanks after it."""
    found = _ENCODED.match(text)
    return found.end() if found else 0


def decoded_text(text: bytes) -> tuple[bytes, int] | None:
    """What the base64 at the beginning of the text encodes, and how many bytes follow its padding; None for other text.

    Padding that was left out at the very end is put there.
    """
    length = _encoded_length(text)
    if length < len(text) and not text[:length].rstrip().endswith(b"="):
        return None
    compact = b"".join(text[:length].split())
    try:
        return base64.b64decode(compact + b"=" * (-len(compact) % 4), validate=True), len(text) - length
    except binascii.Error:
        return None


def _says_something(part: email.message.Message) -> bool:
    payload = part.get_payload(decode=True)
    return bool(payload.strip()) if isinstance(payload, bytes) else payload is not None
