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
_CUSTOMARY = re.compile(r"This is an? [A-Za-z/ .-]{1,80}")
"""The notice that mail programs put before the first part, for readers that know no MIME (RFC 2046, 5.1.1)."""


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


def text_outside_parts(data: bytes) -> int:
    """How many characters of a message stand before its first part or after its last one, save the customary notice."""
    try:
        boundary = _headers(data).get_boundary()
        body, found = _delimited(data, (boundary or "").encode("ascii", errors="surrogateescape"))
    except MALFORMED:
        return 0
    outside = [body[: found[0].start()], body[found[-1].end() :]] if boundary and found else []
    return sum(loose_text(text.decode("ascii", errors="replace")) for text in outside)


def loose_text(text: str | None) -> int:
    """How many characters of a text outside any part are not blank, none for the customary notice alone."""
    said = (text or "").strip()
    return 0 if _CUSTOMARY.fullmatch(said) else len(said)


def _delimited(data: bytes, boundary: bytes) -> tuple[bytes, list[re.Match[bytes]]]:
    """The body from the line end before it on, and its delimiter lines."""
    start = _END_OF_HEADERS.search(data)
    body = data[start.start() :] if start else b""
    delimiter = re.compile(rb"\r?\n--" + re.escape(boundary) + rb"(?P<last>--)?[ \t]*(?=\r?\n|$)")
    return body, list(delimiter.finditer(body))[: MOST_PARTS + 1]


def _split(data: bytes, boundary: bytes) -> list[bytes]:
    """Between delimiter lines; the line end before a delimiter belongs to it (RFC 2046, 5.1.1)."""
    body, found = _delimited(data, boundary)
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
