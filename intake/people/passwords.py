"""Passwords: argon2id with the library's current parameters, rehashed when those move on."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from intake.errors import Refusal

SHORTEST = 12
_HASHER = PasswordHasher()


class PasswordTooShort(Refusal):
    code = "password_too_short"
    message = "La password ha meno di {shortest} caratteri."
    remedy = "Ne scelga una più lunga: una frase di quattro o cinque parole si ricorda meglio."


def hash_password(password: str) -> str:
    """Raises ``PasswordTooShort`` under twelve characters."""
    if len(password) < SHORTEST:
        raise PasswordTooShort(shortest=SHORTEST)
    return _HASHER.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Takes as long for an account that does not exist, so that nobody learns which do."""
    nobodys = _nobodys_hash()
    try:
        return _HASHER.verify(password_hash or nobodys, password) and password_hash is not None
    except (Argon2Error, InvalidHashError):
        return False


def needs_rehash(password_hash: str) -> bool:
    return _HASHER.check_needs_rehash(password_hash)


@cache
def _nobodys_hash() -> str:
    """Made at the first sign-in of a process, not whenever a command loads this module: it takes a tenth of a second."""
    return _HASHER.hash("a password that nobody has")
