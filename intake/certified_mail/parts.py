"""A message taken apart: headers in words, text, files. Nothing here believes what it reads."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parseaddr
from hashlib import sha256
from itertools import islice

from lxml import html

from intake.typed_text import visible

MOST_PARTS = 500
MOST_TEXT = 20_000
LONGEST_NAME = 150
LONGEST_WORDS = 500
"""Of a subject, or of who sent it: what a person reads and the register keeps. The message itself is kept whole."""
LONGEST_IDENTIFIER = 500
MALFORMED_MAIL = (*(ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError, MessageError),)
"""What the standard library's parser raises for messages that are none."""

_NAMED_ADDRESS = re.compile(r"""(?P<name>[^<>"()]*)<(?P<address>[^\s<>"(),@]+@[^\s<>"(),@]+)>\s*""")
_ADDRESS = re.compile(r"""[^\s<>"(),@]+@[^\s<>"(),@]+""")
_AS_IT_TRAVELLED = email.policy.compat32.clone(linesep="\r\n", mangle_from_=False, max_line_length=None)


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
    return "" if raw is None else visible(_in_words(str(raw)))


def _in_words(raw: str) -> str:
    try:
        return str(make_header(decode_header(raw)))
    except (HeaderParseError, UnicodeError, LookupError, ValueError):
        return raw


def address(message: Message, name: str = "From") -> tuple[str, str]:
    """The name shown and the address of a header, lower case; both empty where there is none.

    The address is looked for before the words are decoded (RFC 2047, 6.2): a name may have commas or an address in it.
    """
    raw = str(message.get(name) or "")
    written = next((each for each in getaddresses([raw]) if "@" in each[1]), None)
    shown, found = written or _unquoted(raw) or parseaddr(_in_words(raw))
    return shortened(visible(_in_words(shown))), shortened(visible(found).casefold())


def _unquoted(raw: str) -> tuple[str, str] | None:
    """What the parser refuses as ambiguous though every provider writes it: an address, unquoted, as the name of another,
    which alone stands in angle brackets at the end; or one and the same address more than once."""
    named = _NAMED_ADDRESS.fullmatch(raw)
    if named:
        return named["name"], named["address"]
    found = {each.strip() for each in raw.split(",")} - {""}
    alone = found.pop() if len(found) == 1 else ""
    return ("", alone) if _ADDRESS.fullmatch(alone) else None


def shortened(words: str) -> str:
    """Words as long as a person reads them, an ellipsis for the rest."""
    return words if len(words) <= LONGEST_WORDS else f"{words[: LONGEST_WORDS - 1]}…"


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


def has_more_parts(message: Message) -> bool:
    """Whether there are parts beyond those of ``parts_of``."""
    return next(islice(_walk(message), MOST_PARTS, None), None) is not None


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
    """The decoded bytes of a part; of a carried message, that message with its lines as they travelled."""
    inner = carried(part)
    if inner is not None:
        return inner.as_bytes(policy=_AS_IT_TRAVELLED)
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def name_of(part: Message) -> str:
    """The file name that a part gives itself, its last part, fit to be shown; empty without one that can be read."""
    try:
        raw = part.get_filename()
    except (UnicodeError, LookupError):
        return ""
    if raw is None:
        return ""
    return visible(_in_words(raw).replace("\\", "/").rpartition("/")[2])[-LONGEST_NAME:]


def files_of(message: Message, *, without: Sequence[Message] = ()) -> tuple[MailFile, ...]:
    """What a message carries beside its own text and the parts ``without``."""
    found = []
    for place, part in enumerate(parts_of(message)):
        if part.get_content_maintype() == "multipart" or any(part is each for each in without):
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
