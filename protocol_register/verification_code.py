"""The code by which whoever holds a receipt asks the register for its entry, without the file.

Register, year, number, and a tag that comes of the entry's salt: no one else can tell it, and it tells nothing of the salt
of any field (HMAC-SHA256, as in `leaf`). The answer for a wrong tag is that for an entry that is not there.
"""

import base64
import hashlib
import hmac
import re

from sqlalchemy import Connection

from protocol_register.entries import Entry
from protocol_register.errors import UnknownEntry
from protocol_register.leaf import SALT_BYTES
from protocol_register.search import entry_of

TAG_CHARACTERS, TAG_GROUP = 20, 4
"""A hundred bits, in letters and digits that are not taken for each other (RFC 4648, Base32)."""
PURPOSE = b"verification code"
WRITTEN = re.compile(
    r"(?P<register>[A-Za-z0-9][A-Za-z0-9_.-]{0,15})/(?P<year>\d{4})/(?P<number>\d{1,9})/(?P<tag>[A-Z2-7]{20})", re.ASCII
)
HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
"""What word processors make of a hyphen."""


def verification_code(entry: Entry) -> str | None:
    """`REGISTER/2026/0000001/ABCD-EFGH-…`; None for an entry whose salt was erased."""
    tag = _tag(entry)
    if tag is None:
        return None
    groups = (tag[start : start + TAG_GROUP] for start in range(0, TAG_CHARACTERS, TAG_GROUP))
    return f"{entry.register}/{entry.year}/{entry.shown_number}/{'-'.join(groups)}"


def entry_by_code(connection: Connection, typed: str) -> Entry | None:
    """The entry that a code is of, however blanks, hyphens, leading zeros and the tag's case are typed; None for any other
    text. A register's code in small letters may be one in capitals."""
    before, _, tag = "".join(typed.split()).translate(HYPHENS).rpartition("/")
    found = WRITTEN.fullmatch(f"{before}/{tag.replace('-', '').upper()}")
    if found is None:
        return None
    for register in dict.fromkeys((found["register"], found["register"].upper())):
        try:
            entry = entry_of(connection, register, int(found["year"]), int(found["number"]))
        except UnknownEntry:
            continue
        own = _tag(entry)
        if own is not None and hmac.compare_digest(own, found["tag"]):
            return entry
    return None


def _tag(entry: Entry) -> str | None:
    if len(entry.salt) != SALT_BYTES or not any(entry.salt):
        return None
    digest = hmac.new(entry.salt, PURPOSE, hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:TAG_CHARACTERS]
