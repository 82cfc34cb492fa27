"""Encodings taken apart and put together anew (X.690), where hashes are over an encoding and not over what it means."""

from collections.abc import Iterator
from itertools import islice

from asn1crypto import parser

CONTEXT = 2
"""The class of a tag that means something only where it stands."""
MOST_PARTS = 1000
"""Attributes of a signer, values of an attribute, lists in a value: more are not looked into."""
_OCTET_STRING, _SEQUENCE, _SET = 4, 16, 17
_DEEPEST_VALUE = 40
_FIRST_WINDOW = 64


def parts_of(contents: bytes) -> Iterator[bytes]:
    """The encodings that stand one after the other, as they are. Raises ValueError where they are none."""
    position = 0
    while position < len(contents):
        size = _size(contents, position)
        yield contents[position : position + size]
        position += size


def _size(contents: bytes, position: int) -> int:
    """Length of the encoding that begins there. The parser takes a copy: one of all that follows, for each of many parts, would
    cost the square of them."""
    window = _FIRST_WINDOW
    while position + window < len(contents):
        try:
            return int(parser.peek(contents[position : position + window]))
        except ValueError:
            window *= _FIRST_WINDOW
    return int(parser.peek(contents[position:]))


def inside(encoded: bytes) -> list[bytes]:
    """The encodings inside a constructed one, none inside a primitive one. Raises ValueError for what is no encoding, or
    for more than MOST_PARTS."""
    _, method, _, _, contents, _ = parser.parse(encoded)
    parts = list(islice(parts_of(contents), MOST_PARTS + 1)) if method else []
    if len(parts) > MOST_PARTS:
        raise ValueError(f"more than {MOST_PARTS} parts")
    return parts


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of these encodings."""
    return bytes(parser.emit(0, 1, _SEQUENCE, b"".join(parts)))


def implicit(tag: int, parts: list[bytes]) -> bytes:
    """The encodings under a context tag that stands for that of their SEQUENCE or SET."""
    return bytes(parser.emit(CONTEXT, 1, tag, b"".join(parts)))


def in_der(encoded: bytes, depth: int = 0) -> bytes:
    """The value with definite lengths, strings in one piece and universal sets in order (X.690, 10 and 11).

    asn1crypto can encode anew too, but goes through each level twice as often as through the one above.
    Raises ValueError for what is nested too deep or no encoding.
    """
    if depth > _DEEPEST_VALUE:
        raise ValueError("nested too deep")
    class_, method, tag, _, contents, _ = parser.parse(encoded)
    if not method:
        return encoded
    parts = [in_der(part, depth + 1) for part in parts_of(contents)]
    if (class_, tag) == (0, _OCTET_STRING):
        return bytes(parser.emit(class_, 0, tag, b"".join(parser.parse(part)[4] for part in parts)))
    if (class_, tag) == (0, _SET):
        parts.sort()
    return bytes(parser.emit(class_, method, tag, b"".join(parts)))
