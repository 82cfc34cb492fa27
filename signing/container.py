"""What kind of file is this, told from its bytes and never from its name; envelopes opened down to the document inside."""

import re
from dataclasses import dataclass

from asn1crypto import parser

from signing.asic_names import package_kind
from signing.envelope_content import ENVELOPE_KINDS, enclosed_content
from signing.foreign_input import MALFORMED
from signing.mime_envelope import carried_envelope, decoded_text, headers_begin
from signing.mime_parts import read_parts
from signing.problems import problem
from signing.report import Problem
from signing.signed_data import enclosed_in, is_time_stamp_token, load_signed_data
from signing.time_stamp_answer import token_of_answer

DEEPEST_ENVELOPE = 10
"""Envelopes opened one inside the other; a deeper file is answered with `too_many_envelopes`."""

MOST_ENCODINGS = 3
"""Encodings in text taken off one over the other: some mail systems encode what was encoded already."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ARMOUR_BEGINS = re.compile(rb"-----BEGIN [A-Z0-9 ]{1,40}-----")
_ARMOUR_ENDS = re.compile(rb"-----END [A-Z0-9 ]{1,40}-----")
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_ENVELOPED_DATA = bytes.fromhex("06092a864886f70d010703")
_EVIDENCE_RECORD = re.compile(rb"\x30(?:[\x06-\x80]|\x81.|\x82..|\x83...|\x84....)\x02\x01\x01\x30", re.DOTALL)
_TOKEN = bytes.fromhex("060b2a864886f70d0109100104")
_TIMESTAMPED_DATA = bytes.fromhex("060b2a864886f70d010910011f")
_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*", b"GIF8", b"BM")
_WIDE_XML = (b"\xff\xfe<\0", b"\xfe\xff\0<", b"<\0", b"\0<")
_SIGNED_PARTS = re.compile(rb"content-type:\s*multipart/signed\b(?=[^\x00]{0,300}pkcs7-signature)")
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_LONGEST_HEADERS = 65_536
_MOST_NAMED = 5
_MAIL = frozenset({"smime", "smime-signed", "mail-signed", "m7m", "eml"})
_PROOFS_OF_TIME = frozenset({"token", "evidence"})
_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "p7m": "application/pkcs7-mime",
    "p7s": "application/pkcs7-signature",
    "xml": "application/xml",
    "asic-s": "application/vnd.etsi.asic-s+zip",
    "asic-e": "application/vnd.etsi.asic-e+zip",
    "tsd": "application/timestamped-data",
    "m7m": "multipart/mixed",
    "eml": "message/rfc822",
    "unknown": "application/octet-stream",
}


_IN_THE_CONTRACT = {
    "cms-encrypted": "p7m",
    "smime": "p7m",
    "smime-signed": "p7s",
    "mail-signed": "eml",
    "office": "unknown",
    "evidence": "unknown",
    "token": "unknown",
}


@dataclass(frozen=True, slots=True)
class Layer:
    """One envelope: its bytes (a SignedData message in binary, unless `kind` says another) and the content it encloses.

    The content is None in a detached signature, and where an envelope holds no document or several.
    """

    message: bytes
    content: bytes | None
    kind: str = "p7m"


@dataclass(frozen=True, slots=True)
class Opened:
    """`kind` as in the contract, layers from the outside in, and the innermost content (the file itself without envelopes).

    `proof_of_time`: the content in binary, where that is a time-stamp or an evidence record, whatever form it came in.
    """

    kind: str
    layers: tuple[Layer, ...]
    content: bytes
    content_kind: str
    content_name: str
    problems: tuple[Problem, ...] = ()
    proof_of_time: bytes | None = None


def kind_of(data: bytes) -> str:
    """Kind of one file from its first bytes, without opening envelopes; `cms-encrypted` for an encrypted message."""
    head = data[:1024]
    if head.startswith(b"\x30"):
        return "token" if _TOKEN in head and _is_time_stamp(data) else _kind_of_asn1(head)
    if head.startswith(b"PK\x03\x04"):
        return package_kind(data)
    if head.startswith(_IMAGES):
        return "image"
    if not head.startswith(b"%PDF-"):
        told = _kind_of_text(head, data)
        if told is not None and told != "unknown":
            return told
    # A PDF may stand after some stray bytes: readers look for it within the first 1024.
    return "pdf" if b"%PDF-" in head or _ends_like_pdf(data) else "unknown"


def _is_time_stamp(data: bytes) -> bool:
    return is_time_stamp_token(data) or token_of_answer(data) is not None


def _ends_like_pdf(data: bytes) -> bool:
    """A PDF whose head is spoilt still ends as one: it is answered as unreadable, not as some other file without signatures."""
    end = data[-1024:]
    return b"startxref" in end and b"%%EOF" in end


def _kind_of_text(head: bytes, data: bytes) -> str | None:
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or head.startswith(_WIDE_XML):
        return "xml"
    start = headers_begin(data)
    return None if start is None else _kind_of_message(head[start:], data[start:])


def _kind_of_asn1(head: bytes) -> str:
    start = head[:24]
    if _SIGNED_DATA in start:
        return "p7m"
    if _ENVELOPED_DATA in start:
        return "cms-encrypted"
    if _EVIDENCE_RECORD.match(start):
        return "evidence"
    return "tsd" if _TIMESTAMPED_DATA in start else "unknown"


def _kind_of_message(head: bytes, data: bytes) -> str:
    headers = b"\n" + _END_OF_HEADERS.split(data[:_LONGEST_HEADERS], maxsplit=1)[0].lower()
    is_mail = b"\nfrom:" in headers or b"\nreceived:" in headers
    if _SIGNED_PARTS.search(headers):
        return "mail-signed" if is_mail else "smime-signed"
    if b"pkcs7-mime" in headers:
        return "smime"
    if is_mail:
        return "eml"
    # Bundles may have no header of their own for what they are made of.
    lowered = head.lower()
    return ("m7m" if b"multipart/" in lowered else "smime") if b"pkcs7-mime" in lowered else "unknown"


def content_kind_of(data: bytes) -> str:
    """Kind of one document as the contract names it."""
    return _contract_kind(kind_of(data))


def media_type_of(kind: str, data: bytes) -> str:
    """Media type of a kind; images are told apart by their signature."""
    if kind == "image":
        return (
            "image/png"
            if data.startswith(b"\x89PNG")
            else "image/jpeg"
            if data.startswith(b"\xff\xd8")
            else "image/tiff"
        )
    return _MEDIA_TYPES.get(kind, "application/octet-stream")


@dataclass(frozen=True, slots=True)
class _Binary:
    """A message in binary, and how many bytes that are not blank stood around its text form."""

    message: bytes
    around: int = 0


def _binary(data: bytes, *, encodings: int = MOST_ENCODINGS) -> _Binary:
    """The binary message behind PEM armour or base64 (one line or wrapped), a mail message from its first header on; other data
    unchanged."""
    kind = kind_of(data)
    if kind in _MAIL:
        data = data[headers_begin(data) or 0 :]
    if kind not in {"unknown", "smime"}:
        return _Binary(data)
    armour = _armour(data)
    text = data[armour[0].end() : armour[1].start()] if armour else data
    decoded = decoded_text(text.removeprefix(_BYTE_ORDER_MARK))
    if decoded is None or not encodings:
        return _Binary(data)
    found = _binary(decoded[0], encodings=encodings - 1)
    if not found.message.startswith(b"\x30") or kind_of(found.message) == "unknown":
        return _Binary(data)
    around = len(data[: armour[0].start()].strip()) + len(data[armour[1].end() :].strip()) if armour else 0
    return _Binary(found.message, around + decoded[1] + found.around)


def _armour(data: bytes) -> tuple[re.Match[bytes], re.Match[bytes]] | None:
    """The lines around the first armoured message; each is looked for once, however many there are."""
    begins = _ARMOUR_BEGINS.search(data)
    ends = _ARMOUR_ENDS.search(data, begins.end()) if begins else None
    return (begins, ends) if begins and ends else None


def _message_length(data: bytes) -> int | None:
    try:
        return int(parser.peek(data))
    except MALFORMED:
        return None


def open_container(data: bytes, *, name: str) -> Opened:
    """Open `data` down to the innermost document. `name` only serves to name the content: nothing is decided by it."""
    outer = kind_of(_binary(data).message)
    current, content_name = data, name
    layers: list[Layer] = []
    problems: list[Problem] = []
    proof_of_time: bytes | None = None
    while True:
        found = _binary(current)
        binary, around = found.message, found.around
        kind = kind_of(binary)
        mailed = kind == "smime"
        if mailed:
            carried = carried_envelope(binary)
            told = problem("parts_beside_envelope", kinds=", ".join(carried.beside[:_MOST_NAMED]))
            problems.extend([told] if carried.beside else ())
            found = _binary(carried.envelope)
            binary, around = found.message, found.around + carried.loose
            outer = outer if layers else "p7m"
            kind = kind_of(binary) if binary else kind
        if kind == "cms-encrypted":
            problems.append(problem("envelope_encrypted"))
        if kind in _PROOFS_OF_TIME:
            proof_of_time = binary
            problems.extend([problem("text_beside_envelope", count=around)] if around else ())
        if kind != "p7m" and kind not in ENVELOPE_KINDS:
            break
        if len(layers) == DEEPEST_ENVELOPE:
            problems.append(problem("too_many_envelopes", limit=DEEPEST_ENVELOPE))
            break
        if kind in ENVELOPE_KINDS:
            layers.append(Layer(binary, enclosed_content(kind, binary), kind))
            if layers[-1].content is None:
                break
            current, content_name = layers[-1].content or b"", _inner_name(content_name)
            continue
        layer = _opened(binary)
        if layer is None:
            problems.append(problem("envelope_unreadable"))
            break
        layers.append(layer)
        problems.extend([problem("text_beside_envelope", count=around)] if around else ())
        extra = len(binary.rstrip(b"\r\n\0 ")) - (_message_length(binary) or len(binary))
        if extra > 0:
            problems.append(problem("trailing_bytes", count=extra))
        if layer.content is None:
            outer = "p7s" if len(layers) == 1 else outer
            break
        current, content_name = _document(layer.content, _inner_name(content_name), mailed=mailed)
    return Opened(
        kind=_contract_kind(outer),
        layers=tuple(layers),
        content=current,
        content_kind=content_kind_of(current),
        content_name=content_name,
        problems=tuple(problems),
        proof_of_time=proof_of_time,
    )


def _document(content: bytes, name: str, *, mailed: bool) -> tuple[bytes, str]:
    """What a signed mail message holds is a part with headers of its own (RFC 8551, 3.5.1): the document is its body."""
    has_headers = mailed and headers_begin(content) == 0 and b"content-type:" in content[:1024].lower()
    parts = read_parts(content) if has_headers else ()
    if len(parts) != 1 or parts[0].media_type.startswith(("multipart/", "message/")):
        return content, name
    return parts[0].body, parts[0].name or name


def _contract_kind(kind: str) -> str:
    return _IN_THE_CONTRACT.get(kind, kind)


def _opened(binary: bytes) -> Layer | None:
    try:
        return Layer(binary, enclosed_in(load_signed_data(binary)).content)
    except MALFORMED:
        return None


def _inner_name(name: str) -> str:
    return re.sub(r"\.(p7m|p7s|m7m|p7|pkcs7|tsd)$", "", name, flags=re.IGNORECASE)
