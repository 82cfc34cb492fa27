"""The parts of a MIME message with their exact bytes, which a signature over a part depends on (RFC 2046, RFC 8551)."""

import binascii
import email
import email.message
import email.policy
import quopri
import re
from dataclasses import dataclass
from itertools import pairwise

from signing.foreign_input import MALFORMED

MOST_PARTS = 100
_LONGEST_HEADERS = 65_536
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class MimePart:
    """One part: `raw` as it stands between the boundaries, `body` decoded of its transfer encoding."""

    media_type: str
    name: str
    raw: bytes
    body: bytes


def read_parts(data: bytes) -> tuple[MimePart, ...]:
    """The parts of a multipart message, not those inside parts; the message itself where it is no multipart.

    Empty where the message cannot be read.
    """
    try:
        headers = _headers(data)
        boundary = headers.get_boundary()
        if not boundary or headers.get_content_maintype() != "multipart":
            return (_part(data),)
        return tuple(_part(raw) for raw in _split(data, boundary.encode("ascii", errors="surrogateescape")))
    except MALFORMED:
        return ()


def _headers(raw: bytes) -> email.message.Message:
    end = _END_OF_HEADERS.search(raw)
    return email.message_from_bytes(raw[: end.end()] if end else raw[:_LONGEST_HEADERS], policy=email.policy.compat32)


def _split(data: bytes, boundary: bytes) -> list[bytes]:
    """Between delimiter lines; the line end before a delimiter belongs to it (RFC 2046, 5.1.1)."""
    start = _END_OF_HEADERS.search(data)
    body = data[start.start() :] if start else b""
    delimiter = re.compile(rb"\r?\n--" + re.escape(boundary) + rb"(?P<last>--)?[ \t]*(?=\r?\n|$)")
    found = list(delimiter.finditer(body))[: MOST_PARTS + 1]
    return [
        re.sub(rb"^\r?\n", b"", body[one.end() : other.start()]) for one, other in pairwise(found) if not one["last"]
    ]


def _part(raw: bytes) -> MimePart:
    headers = _headers(raw)
    end = _END_OF_HEADERS.search(raw)
    body = raw[end.end() :] if end else b""
    encoding = str(headers.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding == "base64":
        body = binascii.a2b_base64(body)
    elif encoding == "quoted-printable":
        body = quopri.decodestring(body)
    return MimePart(headers.get_content_type(), _name(headers), raw, body)


def _name(message: email.message.Message) -> str:
    return str(message.get_filename() or "").replace("\\", "/").rpartition("/")[2]
