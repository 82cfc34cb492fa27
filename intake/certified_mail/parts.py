"""A message taken apart: headers in words, text, files. Nothing here believes what it reads."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from hashlib import sha256
from itertools import islice

from lxml import html

from intake.typed_text import visible

MOST_PARTS = 500
MOST_TEXT = 20_000
LONGEST_NAME = 150
LONGEST_IDENTIFIER = 500
MALFORMED_MAIL = (*(ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError, MessageError),)
"""What the standard library's parser raises for messages that are none."""


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file that a message carries. ``name`` is the sender's, made fit to show; ``data`` its decoded bytes."""

    name: str
    media_type: str
    data: bytes


def parse(data: bytes) -> Message:
    """The message in ``data``. Raises one of ``MALFORMED_MAIL``."""
    return email.message_from_bytes(data, policy=email.policy.compat32)


def header(message: Message, name: str) -> str:
    """One header in plain words; what cannot be decoded is shown as it stands."""
    raw = message.get(name)
    if raw is None:
        return ""
    try:
        return visible(str(make_header(decode_header(str(raw)))))
    except (HeaderParseError, UnicodeError, LookupError, ValueError):
        return visible(str(raw))


def address(message: Message, name: str = "From") -> tuple[str, str]:
    """The name shown and the address of a header, lower case; both empty where there is none."""
    shown, found = parseaddr(header(message, name))
    return visible(shown), found.strip().casefold()


def identifier(message: Message, name: str) -> str:
    """A header that names a message; one too long to be looked up keeps its start and the SHA-256 of the whole."""
    whole = header(message, name)
    if len(whole) <= LONGEST_IDENTIFIER:
        return whole
    digest = sha256(whole.encode("utf-8", "replace")).hexdigest()
    return f"{whole[: LONGEST_IDENTIFIER - len(digest) - 1]}…{digest}"


def parts_of(message: Message) -> Iterator[Message]:
    """The parts of one message, without going into messages that it carries; at most ``MOST_PARTS``."""
    return islice(_walk(message), MOST_PARTS)


def _walk(message: Message) -> Iterator[Message]:
    yield message
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _walk(part)


def carried(part: Message) -> Message | None:
    """The message that a part carries as ``message/rfc822``, or None."""
    if part.get_content_type() != "message/rfc822" or not part.is_multipart():
        return None
    inner = part.get_payload(0)
    return inner if isinstance(inner, Message) else None


def bytes_of(part: Message) -> bytes:
    """The decoded bytes of a part; of a carried message, that message as it can be written again."""
    inner = carried(part)
    if inner is not None:
        return inner.as_bytes()
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def name_of(part: Message) -> str:
    """The file name that a part gives itself, its last part, fit to be shown; empty without one."""
    raw = part.get_filename()
    if raw is None:
        return ""
    try:
        words = str(make_header(decode_header(raw)))
    except (HeaderParseError, UnicodeError, LookupError, ValueError):
        words = raw
    return visible(words.replace("\\", "/").rpartition("/")[2])[-LONGEST_NAME:]


def files_of(message: Message) -> tuple[MailFile, ...]:
    """What a message carries beside its own text."""
    found = []
    for place, part in enumerate(parts_of(message)):
        if part.get_content_maintype() == "multipart":
            continue
        name, kind = name_of(part), part.get_content_type()
        is_text = kind in {"text/plain", "text/html"} and not name
        if is_text and part.get_content_disposition() != "attachment":
            continue
        data = bytes_of(part)
        if data:
            found.append(MailFile(name or _unnamed(kind, place), kind, data))
    return tuple(found)


def text_of(message: Message) -> str:
    """The text a person wrote: plain where there is one, else the words of the page; at most ``MOST_TEXT`` characters."""
    bodies = {
        part.get_content_type(): part
        for part in reversed(list(parts_of(message)))
        if part.get_content_maintype() == "text" and not name_of(part)
    }
    plain, page = bodies.get("text/plain"), bodies.get("text/html")
    if plain is not None:
        return _decoded(plain).strip()[:MOST_TEXT]
    return _words(_decoded(page))[:MOST_TEXT] if page is not None else ""


def _decoded(part: Message) -> str:
    """The text of a part in the character set that it names, without what no text can hold."""
    raw = bytes_of(part)
    try:
        text = raw.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        text = raw.decode("latin-1")
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _words(page: str) -> str:
    try:
        return re.sub(r"\s*\n\s*", "\n", html.fromstring(page).text_content()).strip() if page.strip() else ""
    except (html.etree.ParserError, ValueError):
        return ""


def _unnamed(kind: str, place: int) -> str:
    ending = {"message/rfc822": ".eml", "application/pdf": ".pdf", "text/html": ".html"}.get(kind, "")
    return f"allegato-{place}{ending}"
