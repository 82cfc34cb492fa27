"""Bytes that a signature speaks of: pieces of a larger file, never copied, and each digest of them computed once."""

from signing.algorithms import hash_of_pieces


class SignedBytes:
    """One message, in pieces. It is a value: nothing changes it, digests are only remembered."""

    __slots__ = ("_digests", "_pieces")

    def __init__(self, *pieces: bytes | memoryview) -> None:
        self._pieces = pieces
        self._digests: dict[str, bytes] = {}

    @classmethod
    def of(cls, data: "bytes | SignedBytes") -> "SignedBytes":
        """The same message, whichever way it is given."""
        return data if isinstance(data, SignedBytes) else cls(data)

    def digest(self, name: str) -> bytes:
        """Raises UnsupportedSignature for a digest that we do not know."""
        if name not in self._digests:
            self._digests[name] = hash_of_pieces(self._pieces, name)
        return self._digests[name]

    def starts_with(self, head: bytes) -> bool:
        """True where the message begins with these few bytes, told without copying it."""
        first = next((piece for piece in self._pieces if len(piece)), b"")
        return bytes(first[: len(head)]) == head

    def whole(self) -> bytes:
        """The message in one piece, copied."""
        return b"".join(self._pieces)
