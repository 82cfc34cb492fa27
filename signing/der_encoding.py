"""Encodings taken apart and put together anew (X.690), where hashes are over an encoding and not over what it means."""

from collections.abc import Iterator

from asn1crypto import parser

CONTEXT = 2
"""The class of a tag that means something only where it stands."""
_OCTET_STRING, _SET = 4, 17
_DEEPEST_VALUE = 40


def parts_of(contents: bytes) -> Iterator[bytes]:
    """The encodings that stand one after the other. Raises ValueError where they are none."""
    position = 0
    while position < len(contents):
        size = parser.peek(contents[position:])
        yield contents[position : position + size]
        position += size


def inside(encoded: bytes) -> list[bytes]:
    """The encodings inside a constructed one, none inside a primitive one. Raises ValueError for what is no encoding."""
    _, method, _, _, contents, _ = parser.parse(encoded)
    return list(parts_of(contents)) if method else []


def implicit_set(tag: int, values: list[bytes]) -> bytes:
    """The values as they are given, under the context tag that stands for their SET OF."""
    return bytes(parser.emit(CONTEXT, 1, tag, b"".join(values)))


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
