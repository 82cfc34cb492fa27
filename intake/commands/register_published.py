"""What the office publishes of a register, as it is given to a command: its key, the fingerprint of its seal."""

from __future__ import annotations

import re
from pathlib import Path

import click

from intake.commands.terminal import UNREADABLE, stop
from intake.receipt_check import raw_register_key
from protocol_register.errors import CheckpointUnreadable

KEY_BYTES = 32
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def published_text(path: Path) -> str:
    """A file of text that the office publishes; ends the command where it is none."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        stop(f"{path.name} non è un testo: indichi il file come l'ufficio lo pubblica.", UNREADABLE)


class PublishedKey(click.ParamType[bytes]):
    """The raw public key of a register (32 bytes), from a file with it or from its own text."""

    name = "FILE"

    def convert(self, value: str | bytes, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        """Anything else is a wrong use; a file that is no text ends the command."""
        if isinstance(value, bytes):
            return value
        text = published_text(Path(value)) if _is_file(value) else value
        try:
            key = raw_register_key(text.strip())
        except CheckpointUnreadable:
            key = b""
        if len(key) != KEY_BYTES:
            self.fail(f"«{value}» non è una chiave come l'ufficio la pubblica, né un file che la contiene.", param, ctx)
        return key


class SealFingerprint(click.ParamType[str]):
    """The SHA-256 of a seal's certificate: 64 hexadecimal digits, colons allowed."""

    name = "SHA256"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Anything else is a wrong use."""
        digits = value.replace(":", "").strip().lower()
        if not _FINGERPRINT.fullmatch(digits):
            self.fail("l'impronta del sigillo ha 64 cifre esadecimali.", param, ctx)
        return digits


def _is_file(value: str) -> bool:
    try:
        return Path(value).is_file()
    except (OSError, ValueError):
        return False
