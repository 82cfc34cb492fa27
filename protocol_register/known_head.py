"""A register against the newest head that left the house: is this the register that was, or an older one put back?

What was registered after that head and lost with the database leaves no trace here; what is before it must be there.
"""

import json
from dataclasses import asdict, dataclass
from typing import Self

from sqlalchemy import Connection, select

from protocol_register import tables
from protocol_register.checkpoint import read_checkpoint, verify_checkpoint
from protocol_register.entries import shown_number
from protocol_register.errors import CheckpointUnreadable, RegisterBehind, RegisterRewritten, UnknownRegister
from protocol_register.search import checkpoint_text, register_of


@dataclass(frozen=True, kw_only=True)
class KnownHead:
    """A head kept outside the database: its signed text, and the newest number given when it was signed."""

    checkpoint: str
    year: int
    last_number: int

    @property
    def size(self) -> int:
        """How many acts the log had."""
        return read_checkpoint(self.checkpoint).size

    def to_json(self) -> bytes:
        """The head as a small file."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """The head that `to_json` wrote. Raises CheckpointUnreadable."""
        try:
            found = cls(**json.loads(data))
            read_checkpoint(found.checkpoint)
        except (ValueError, TypeError, AttributeError) as error:
            raise CheckpointUnreadable(reason="il file della testa conservata è rovinato") from error
        return found


def newest_head(connection: Connection, register_code: str) -> KnownHead | None:
    """The register's head as it stands, to be kept elsewhere; None while it is empty. Raises UnknownRegister."""
    head = connection.execute(
        select(tables.register_head).where(tables.register_head.c.register == register_code)
    ).first()
    if head is None:
        raise UnknownRegister(register=register_code)
    note = checkpoint_text(connection, register_code, head.tree_size) if head.tree_size else None
    return KnownHead(checkpoint=note, year=head.year, last_number=head.last_number) if note else None


def check_known_head(connection: Connection, register_code: str, known: KnownHead) -> None:
    """Refuse a register that does not hold what `known` says it held.

    Raises RegisterBehind when it is shorter, RegisterRewritten when it is another, CheckpointUnreadable when the known
    head is not signed by this register's key, UnknownRegister.
    """
    register = register_of(connection, register_code)
    stated = verify_checkpoint(known.checkpoint, register.public_key)
    if stated.origin != register.origin:
        raise RegisterRewritten(register=register_code, size=stated.size)
    place = tables.register_head.c
    size = connection.scalar(select(place.tree_size).where(place.register == register_code)) or 0
    require_not_behind(register_code, size, known)
    note = checkpoint_text(connection, register_code, stated.size) if stated.size else None
    if stated.size and (note is None or read_checkpoint(note).root != stated.root):
        raise RegisterRewritten(register=register_code, size=stated.size)


def require_not_behind(register_code: str, acts: int, known: KnownHead | None) -> None:
    """Refuse a register of fewer `acts` than it was known to have. Raises RegisterBehind."""
    if known is not None and acts < known.size:
        raise RegisterBehind(
            register=register_code,
            size=acts,
            known=known.size,
            number=f"{shown_number(known.last_number)}/{known.year}",
        )
