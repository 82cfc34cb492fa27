"""Bytes that a signature speaks of: pieces of a larger file, never copied, and each digest of them computed once."""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import Hash

from signing.algorithms import running_hash


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a token stamps: a hash, and the short name of its digest."""

    digest: str
    value: bytes


class SignedBytes:
    """One message, in pieces. It is a value: nothing changes it, digests are only remembered."""

    __slots__ = ("_digests", "_pieces", "_running")

    def __init__(self, *pieces: bytes | memoryview) -> None:
        self._pieces = pieces
        self._digests: dict[str, bytes] = {}
        self._running: dict[str, Hash] = {}

    @classmethod
    def of(cls, data: "bytes | SignedBytes") -> "SignedBytes":
        """The same message, whichever way it is given."""
        return data if isinstance(data, SignedBytes) else cls(data)

    def digest(self, name: str) -> bytes:
        """Raises UnsupportedSignature for a digest that we do not know."""
        if name not in self._digests:
            self._digests[name] = self.digest_followed_by(name, ())
        return self._digests[name]

    def digest_followed_by(self, name: str, rest: Iterable[bytes]) -> bytes:
        """Digest of the message with those pieces after it; the message itself is gone through once for each digest.

        Raises UnsupportedSignature for a digest that we do not know.
        """
        if name not in self._running:
            self._running[name] = running_hash(self._pieces, name)
        state = self._running[name].copy()
        for piece in rest:
            state.update(piece)
        return state.finalize()

    def between(self, before: bytes, after: bytes) -> "SignedBytes":
        """A longer message, of which this one is the middle."""
        return SignedBytes(before, *self._pieces, after)

    def starts_with(self, head: bytes) -> bool:
        """True where the message begins with these few bytes, told without copying it."""
        first = next((piece for piece in self._pieces if len(piece)), b"")
        return bytes(first[: len(head)]) == head

    def whole(self) -> bytes:
        """The message in one piece, copied."""
        return b"".join(self._pieces)
