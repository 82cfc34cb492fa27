"""The Ed25519 key that signs a register's log: one folder per register code, one private key, never overwritten."""

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select

from protocol_register.errors import InvalidRegisterCode, KeyExists, KeyUnreadable, UnknownRegister, WrongRegisterKey
from protocol_register.tables import register

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,15}")
KEY_FILE = "register-key.pem"
OTHERS_MAY_READ = 0o077


@dataclass(frozen=True, eq=False)
class RegisterKey:
    """The private key of one register, `code`."""

    code: str
    private: Ed25519PrivateKey

    @classmethod
    def generate(cls, code: str) -> Self:
        """A new key for the register `code`. Raises InvalidRegisterCode."""
        return cls(check_code(code), Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, folder: Path, code: str) -> Self:
        """The key saved under `folder` for `code`.

        Raises KeyUnreadable when the file is missing, malformed, or open to group or others.
        """
        path = key_path(folder, code)
        try:
            mode = path.stat().st_mode
            content = path.read_bytes()
        except OSError as error:
            raise KeyUnreadable(register=code, path=path, reason="il file manca o non è accessibile") from error
        if mode & OTHERS_MAY_READ:
            raise KeyUnreadable(register=code, path=path, reason="il file è leggibile da altri utenti")
        try:
            private = serialization.load_pem_private_key(content, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyUnreadable(register=code, path=path, reason="il contenuto non è una chiave") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyUnreadable(register=code, path=path, reason="la chiave non è Ed25519")
        return cls(code, private)

    def save(self, folder: Path) -> Path:
        """Write the key under `folder`, readable by its user alone, and on the disk before returning.

        Raises KeyExists when one is there: the link fails rather than replace it.
        """
        path = key_path(folder, self.code)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{KEY_FILE}.{secrets.token_hex(8)}")
        pem = self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        except FileExistsError as error:
            raise KeyExists(register=self.code, path=path) from error
        finally:
            draft.unlink()
        for parent in (path.parent, folder):
            _sync_folder(parent)
        return path

    @property
    def public(self) -> bytes:
        """The public half, 32 raw bytes."""
        return self.private.public_key().public_bytes_raw()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public half, hexadecimal."""
        return fingerprint_of(self.public)


def fingerprint_of(public_key: bytes) -> str:
    """SHA-256 of a raw public key, hexadecimal."""
    return hashlib.sha256(public_key).hexdigest()


def check_code(code: str) -> str:
    """The code, if it can name a register (and so a folder). Raises InvalidRegisterCode."""
    if not CODE.fullmatch(code):
        raise InvalidRegisterCode(value=code, field="il codice del registro")
    return code


def key_path(folder: Path, code: str) -> Path:
    """Where the key of a register is kept under `folder`. Raises InvalidRegisterCode."""
    return folder / check_code(code) / KEY_FILE


def check_key(connection: Connection, code: str, key: RegisterKey) -> None:
    """Refuse a key that is not the register's own. Raises UnknownRegister or WrongRegisterKey."""
    expected = connection.scalar(select(register.c.fingerprint).where(register.c.code == code))
    if expected is None:
        raise UnknownRegister(register=code)
    if expected != key.fingerprint:
        raise WrongRegisterKey(register=code, expected=expected[:16], found=key.fingerprint[:16])


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
