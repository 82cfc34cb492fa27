"""Signed heads of the log: C2SP tlog-checkpoint, carried in a C2SP signed-note with an Ed25519 signature.

The text of a checkpoint is three lines (origin, size in decimal, root in Base64), an empty line, and signature lines
`— NAME BASE64(KEYID || SIGNATURE)`. KEYID is the first four bytes of SHA-256(NAME, newline, 0x01, public key).
Signatures by other keys (witnesses) may stand beside the log's own and are left alone, as the standard asks.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol_register.errors import CheckpointUnreadable

ED25519 = b"\x01"
SIGNATURE_LINE = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: its name, how many leaves, and their root (32 bytes)."""

    origin: str
    size: int
    root: bytes


def key_id(name: str, public_key: bytes) -> bytes:
    """The four bytes that hint at the key of a signature line."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:4]


def verifier_key(name: str, public_key: bytes) -> str:
    """The public key as one line of text, `NAME+KEYID+BASE64`, to publish."""
    return f"{name}+{key_id(name, public_key).hex()}+{base64.b64encode(ED25519 + public_key).decode()}"


def parse_verifier_key(line: str) -> tuple[str, bytes]:
    """Name and raw public key of a `verifier_key` line. Raises CheckpointUnreadable."""
    try:
        name, identifier, encoded = line.strip().split("+", 2)
        name.encode()
        raw = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise CheckpointUnreadable(reason="la chiave pubblica non è nella forma NOME+IDENTIFICATIVO+BASE64") from error
    public_key = raw[1:]
    if raw[:1] != ED25519 or len(public_key) != 32 or identifier != key_id(name, public_key).hex():
        raise CheckpointUnreadable(reason="la chiave pubblica non è Ed25519 o non corrisponde al suo identificativo")
    return name, public_key


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """Sign a text, which must end with a newline, as `name`."""
    signature = key_id(name, key.public_key().public_bytes_raw()) + key.sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(signature).decode()}\n"


def open_note(note: str, name: str, public_key: bytes) -> str:
    """The text of a note that `name` signed with the key (32 raw bytes). Raises CheckpointUnreadable."""
    text, separator, signatures = note.rpartition("\n\n")
    lines = signatures.removesuffix("\n").split("\n")
    if not separator or not note.endswith("\n") or CONTROL.search(note):
        raise CheckpointUnreadable(reason="non è una nota firmata")
    found = [SIGNATURE_LINE.fullmatch(line) for line in lines]
    ours = [
        _signature(match["signature"], name, public_key)
        for match in found
        if match is not None and match["name"] == name
    ]
    if not all(found):
        raise CheckpointUnreadable(reason="una riga di firma è malformata")
    text += "\n"
    signature = next((signature for signature in ours if signature is not None), None)
    if signature is None:
        raise CheckpointUnreadable(reason=f"manca la firma di {name} con questa chiave")
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, text.encode())
    except InvalidSignature as error:
        raise CheckpointUnreadable(reason="la firma non corrisponde al testo") from error
    return text


def make_checkpoint(origin: str, size: int, root: bytes, key: Ed25519PrivateKey) -> str:
    """The signed head of a log of `size` leaves with this root (32 bytes), as its text."""
    return sign_note(checkpoint_body(origin, size, root), origin, key)


def checkpoint_body(origin: str, size: int, root: bytes) -> str:
    """What a checkpoint says, above its signatures."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """What a checkpoint states, its signatures unchecked. Raises CheckpointUnreadable."""
    if not _is_utf8(text) or CONTROL.search(text):
        raise CheckpointUnreadable(reason="non è un testo in UTF-8")
    lines = text.split("\n")
    if len(lines) < 5 or not lines[0] or not DECIMAL.fullmatch(lines[1]):
        raise CheckpointUnreadable(reason="non contiene nome, dimensione e radice")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except ValueError as error:
        raise CheckpointUnreadable(reason="la radice non è in Base64") from error
    if len(root) != 32:
        raise CheckpointUnreadable(reason="la radice non ha 32 byte")
    return Checkpoint(lines[0], int(lines[1]), root)


def verify_checkpoint(text: str, public_key: bytes) -> Checkpoint:
    """What a checkpoint states, once its log's signature holds under the key (32 raw bytes).

    Raises CheckpointUnreadable when it is malformed or no signature of that key, by the log's own name, holds.
    """
    stated = read_checkpoint(text)
    open_note(text, stated.origin, public_key)
    return stated


def _is_utf8(text: str) -> bool:
    """JSON can hold half of a surrogate pair, which no bytes of UTF-8 are."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _signature(encoded: str, name: str, public_key: bytes) -> bytes | None:
    try:
        raw = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
    return raw[4:] if raw[:4] == key_id(name, public_key) and len(raw) == 68 else None
