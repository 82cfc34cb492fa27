"""ZIP packages opened without trust: bounded in number and size, no name twice, no name that climbs out of the package."""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

from signing.zip_layout import directory_problem, layout_problem, same_name

MOST_MEMBERS = 5000
"""Members of one package; OpenDocument packages have some dozens, signed containers a handful."""

LARGEST_PACKAGE = 128 * 1024 * 1024
"""Bytes of all members together, as they declare and again while they are unpacked."""

_END = b"PK\x05\x06"
_DIRECTORY = b"PK\x01\x02"
_END_LENGTH = 22
_BLANK = b"\r\n\0 "
_MEDIA_TYPE = re.compile(rb"mimetype=[\w./+-]*\s*")
_UNSAFE = re.compile(r"(^/)|(^|/)\.\.(/|$)|\\|\x00|^[A-Za-z]:")
_ENCRYPTED = 0x1
_UTF8 = 0x800


class UnsafePackage(Exception):
    """The bytes are no package we unpack; the text says why."""


@dataclass(frozen=True, slots=True)
class Package:
    """Contents by name, in the order of the directory; folders are left out. `comment` counts the bytes of a comment that
    does not merely name the media type (EN 319 162-1, 4.3.3.1)."""

    members: dict[str, bytes]
    comment: int = 0

    def names(self, pattern: re.Pattern[str]) -> list[str]:
        """Names that match the whole pattern."""
        return [name for name in self.members if pattern.fullmatch(name)]


def list_names(data: bytes) -> list[str]:
    """Names in the directory of a package, unpacking nothing; empty where it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(_with_plain_end(data))) as package:
            return package.namelist()[:MOST_MEMBERS]
    except (zipfile.BadZipFile, UnsafePackage, ValueError, OSError, LookupError, NotImplementedError):
        return []


def read_package(data: bytes) -> Package:
    """Unpack everything. Raises UnsafePackage for what is broken, encrypted, ambiguous, too large or badly named."""
    try:
        with zipfile.ZipFile(io.BytesIO(_with_plain_end(data))) as package:
            found = Package(_unpacked(package), _comment(data))
            ambiguous = layout_problem(data, package.infolist(), package.start_dir)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, LookupError, NotImplementedError) as error:
        raise UnsafePackage(type(error).__name__) from error
    if ambiguous is not None:
        raise UnsafePackage(ambiguous)
    return found


def _comment(data: bytes) -> int:
    comment = data[len(_with_plain_end(data)) :]
    return 0 if _MEDIA_TYPE.fullmatch(comment) else len(comment.strip(_BLANK))


def _unpacked(package: zipfile.ZipFile) -> dict[str, bytes]:
    members = [one for one in package.infolist() if not one.is_dir()]
    if len(members) > MOST_MEMBERS:
        raise UnsafePackage("too many members")
    names = [_name(one) for one in members]
    if len({same_name(name) for name in names}) != len(names):
        raise UnsafePackage("a name twice")
    if any(_UNSAFE.search(name) for name in names):
        raise UnsafePackage("a name that leaves the package")
    if any(one.flag_bits & _ENCRYPTED for one in members):
        raise UnsafePackage("encrypted")
    if sum(one.file_size for one in members) > LARGEST_PACKAGE:
        raise UnsafePackage("too large")
    found: dict[str, bytes] = {}
    left = LARGEST_PACKAGE
    for name, one in zip(names, members, strict=True):
        with package.open(one) as stream:
            content = stream.read(left + 1)
        left -= len(content)
        if left < 0:
            raise UnsafePackage("too large")
        found[name] = content
    return found


def _name(member: zipfile.ZipInfo) -> str:
    """Programs in use write names in UTF-8 without the flag that says so (APPNOTE 6.3.10, 4.4.4, bit 11)."""
    if member.flag_bits & _UTF8:
        return member.filename
    try:
        return member.filename.encode("cp437").decode()
    except UnicodeError:
        return member.filename


def _with_plain_end(data: bytes) -> bytes:
    """The package without its comment, which may hold what looks like another end of the directory.

    The true end is the one whose comment reaches the last byte that is not blank and whose directory is where it says; two of
    them are ambiguous, and without one something else follows.
    """
    ends = []
    start = max(0, len(data) - _END_LENGTH - 0xFFFF)
    position = data.find(_END, start)
    while position >= 0:
        if _is_true_end(data, position):
            ends.append(position)
        position = data.find(_END, position + 1)
    if len(ends) > 1:
        raise UnsafePackage("two directories")
    if not ends:
        raise UnsafePackage("bytes after the directory")
    costly = directory_problem(data, ends[0], MOST_MEMBERS)
    if costly is not None:
        raise UnsafePackage(costly)
    return data[: ends[0] + _END_LENGTH - 2] + b"\0\0"


def _is_true_end(data: bytes, position: int) -> bool:
    record = data[position : position + _END_LENGTH]
    if len(record) < _END_LENGTH:
        return False
    comment = int.from_bytes(record[20:22], "little")
    size, offset = int.from_bytes(record[12:16], "little"), int.from_bytes(record[16:20], "little")
    end = position + _END_LENGTH + comment
    if end > len(data) or data[end:].strip(_BLANK):
        return False
    return offset + size == position and data[offset : offset + 4] == _DIRECTORY
