"""Whether every reader of a ZIP package finds the same members in it (APPNOTE 6.3.10, 4.3).

Some readers follow the directory at its end, others walk through the file from its start: bytes that no member claims, or local
headers that say something else than the directory, show a different document to each.
"""

import posixpath
import struct
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_LOCAL_MARK = b"PK\x03\x04"
_ENTRY_MARK = b"PK\x01\x02"
_ENTRY_LENGTH = 46
_LONGEST_EXTRA = 2048
_MOST_EXTRAS = 1024 * 1024
"""Bytes of extra fields of one member and of all: zipfile takes a time that grows with the square of each."""

_SIZES_FOLLOW = 0x8
_DESCRIPTORS = frozenset({12, 16, 20, 24})
_SIZES_ELSEWHERE = 0xFFFFFFFF
_UNICODE_NAME = 0x7075
_NAME_OFFSET = 5


def directory_problem(data: bytes, end: int, most_members: int) -> str | None:
    """What makes the directory, whose end record stands at `end`, costly to read; None where nothing does."""
    _, position = struct.unpack_from("<LL", data, end + 12)
    members = extras = 0
    while data.startswith(_ENTRY_MARK, position) and position + _ENTRY_LENGTH <= end:
        names, extra, comment = struct.unpack_from("<HHH", data, position + 28)
        position += _ENTRY_LENGTH + names + extra + comment
        members, extras = members + 1, extras + extra
        if members > most_members or extra > _LONGEST_EXTRA or extras > _MOST_EXTRAS:
            return "too many members, or too much said of them"
    return None


def layout_problem(data: bytes, members: Sequence[zipfile.ZipInfo], directory: int) -> str | None:
    """What makes the package ambiguous; None where its members follow each other from its start to its directory."""
    expected = 0
    for member in sorted(members, key=lambda one: one.header_offset):
        if member.header_offset - expected not in {0, *(_DESCRIPTORS if expected else ())}:
            return "bytes that belong to no member"
        header = _local_header(data, member.header_offset)
        if header is None or _contradicts(header, member):
            return "a member that says two things of itself"
        names, extra = header[9], header[10]
        start = member.header_offset + _LOCAL_HEADER.size + names
        if _other_name((data[start : start + extra], member.extra), member.filename):
            return "a member with two names"
        expected = start + extra + member.compress_size
    return None if directory - expected in {0, *_DESCRIPTORS} else "bytes that belong to no member"


def same_name(name: str) -> str:
    """What names have in common that some file system, or some eye, takes for one."""
    plain = unicodedata.normalize("NFKC", name).casefold().rstrip(" .")
    return posixpath.normpath(plain) if plain else plain


def _local_header(data: bytes, offset: int) -> tuple[int, ...] | None:
    raw = data[offset : offset + _LOCAL_HEADER.size]
    if len(raw) < _LOCAL_HEADER.size or not raw.startswith(_LOCAL_MARK):
        return None
    return _LOCAL_HEADER.unpack(raw)


def _contradicts(header: tuple[int, ...], member: zipfile.ZipInfo) -> bool:
    _, _, flags, method, _, _, checksum, packed, size, *_ = header
    if method != member.compress_type:
        return True
    if flags & _SIZES_FOLLOW:
        return False
    stated = ((checksum, member.CRC), (packed, member.compress_size), (size, member.file_size))
    return any(here not in {there, _SIZES_ELSEWHERE} for here, there in stated)


def _other_name(extras: Iterable[bytes], name: str) -> bool:
    """The Unicode path of Info-ZIP (4.6.9) spells a name that its code page cannot; a plain name needs no other."""
    return name.isascii() and any(spelt != name for extra in extras for spelt in _unicode_names(extra))


def _unicode_names(extra: bytes) -> Iterator[str]:
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        if kind == _UNICODE_NAME:
            yield extra[position + 4 + _NAME_OFFSET : position + 4 + length].decode("utf-8", errors="replace")
        position += 4 + length
