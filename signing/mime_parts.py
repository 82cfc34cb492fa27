"""The parts of a MIME message with their exact bytes, which a signature over a part depends on (RFC 2046, RFC 8551)."""

import email
import email.message
import email.policy
import re
from dataclasses import dataclass
from itertools import pairwise

from signing.foreign_input import MALFORMED

MOST_PARTS = 100
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
        whole = email.message_from_bytes(data, policy=email.policy.compat32)
        boundary = whole.get_boundary()
        if not boundary or not whole.is_multipart():
            return (_part(data),)
        return tuple(_part(raw) for raw in _split(data, boundary.encode("ascii", errors="surrogateescape")))
    except MALFORMED:
        return ()


def _split(data: bytes, boundary: bytes) -> list[bytes]:
    """Between delimiter lines; the line end before a delimiter belongs to it (RFC 2046, 5.1.1)."""
    start = _END_OF_HEADERS.search(data)
    body = data[start.start() :] if start else b""
    delimiter = re.compile(rb"\r?\n--" + re.escape(boundary) + rb"(?P<last>--)?[ \t]*(?=\r?\n|$)")
    found = list(delimiter.finditer(body))[: MOST_PARTS + 1]
    return [
        re.sub(rb"^\r?\n", b"", body[one.end() : other.start()])
        for one, other in pairwise(found)
        if not one["last"]
    ]


def _part(raw: bytes) -> MimePart:
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    payload = None if message.is_multipart() else message.get_payload(decode=True)
    encoding = str(message.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding in {"", "7bit", "8bit", "binary"} or not isinstance(payload, bytes):
        headers = _END_OF_HEADERS.search(raw)
        payload = raw[headers.end() :] if headers else b""
    return MimePart(message.get_content_type(), _name(message), raw, payload)


def _name(message: email.message.Message) -> str:
    return str(message.get_filename() or "").replace("\\", "/").rpartition("/")[2]
