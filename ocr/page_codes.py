"""Page codes: what the QR code on every issued page says, and its signature.

A code is 86 bytes: version (1), form identifier (18 ASCII characters, padded with spaces), page (1), pages (1), the first
byte of the public key's SHA-256 (1), Ed25519 signature (64). It is printed base45 (RFC 9285) behind the letters ``SP1``,
which keeps the symbol in the QR alphanumeric mode and readable by any telephone.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PREFIX = "SP1"
FORM_LENGTH = 18
MOST_PAGES = 255
_BODY = struct.Struct(f">B{FORM_LENGTH}sBBB")
_BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BASE45_VALUE = {symbol: value for value, symbol in enumerate(_BASE45)}


@dataclass(frozen=True, slots=True)
class PageCode:
    """What one page says of itself; ``page`` counts from 1."""

    form: str
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ReadPageCode:
    """A page code as read from a page; ``valid`` is None when no key was given to check it with."""

    code: PageCode
    valid: bool | None


def issue_page_code(code: PageCode, key: Ed25519PrivateKey) -> str:
    """The text to print in the QR code of one page. Raises ``ValueError`` for what does not fit the format."""
    form = code.form.encode("ascii")
    if not 0 < len(form) <= FORM_LENGTH or code.form != code.form.strip():
        raise ValueError(f"a form identifier has 1 to {FORM_LENGTH} characters: {code.form!r}")
    if not 1 <= code.page <= code.pages <= MOST_PAGES:
        raise ValueError(f"page {code.page} of {code.pages} cannot be coded")
    body = _BODY.pack(1, form.ljust(FORM_LENGTH), code.page, code.pages, _key_hint(key.public_key()))
    return PREFIX + _to_base45(body + key.sign(body))


def read_page_code(text: str, keys: tuple[Ed25519PublicKey, ...]) -> ReadPageCode | None:
    """The page code in ``text``, or None when the text is no page code of this format."""
    if not text.startswith(PREFIX):
        return None
    try:
        raw = _from_base45(text[len(PREFIX) :])
    except ValueError:
        return None
    if len(raw) != _BODY.size + 64:
        return None
    body, signature = raw[: _BODY.size], raw[_BODY.size :]
    version, form, page, pages, _ = _BODY.unpack(body)
    if version != 1 or not form.isascii():
        return None
    code = PageCode(form.decode("ascii").rstrip(), page, pages)
    if not keys:
        return ReadPageCode(code, None)
    return ReadPageCode(code, any(_verifies(key, signature, body) for key in keys))


def _verifies(key: Ed25519PublicKey, signature: bytes, body: bytes) -> bool:
    try:
        key.verify(signature, body)
    except InvalidSignature:
        return False
    return True


def _key_hint(key: Ed25519PublicKey) -> int:
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).digest()[0]


def _to_base45(raw: bytes) -> str:
    symbols = []
    for start in range(0, len(raw) - 1, 2):
        value = raw[start] << 8 | raw[start + 1]
        symbols += [_BASE45[value % 45], _BASE45[value // 45 % 45], _BASE45[value // 2025]]
    if len(raw) % 2:
        symbols += [_BASE45[raw[-1] % 45], _BASE45[raw[-1] // 45]]
    return "".join(symbols)


def _from_base45(text: str) -> bytes:
    try:
        values = [_BASE45_VALUE[symbol] for symbol in text]
    except KeyError as error:
        raise ValueError(f"not a base45 symbol: {error}") from error
    raw = bytearray()
    for start in range(0, len(values), 3):
        group = values[start : start + 3]
        if len(group) == 1:
            raise ValueError("a base45 text cannot end after one symbol")
        number = sum(value * 45**power for power, value in enumerate(group))
        if number > (0xFFFF if len(group) == 3 else 0xFF):
            raise ValueError("not a base45 group")
        raw += number.to_bytes(len(group) - 1, "big")
    return bytes(raw)
