"""A proof that a leaf is in a signed tree, as a file of its own: the text of C2SP tlog-proof.

A header line, `index N`, one line of Base64 for each hash of the RFC 6962 inclusion proof, an empty line, and the
checkpoint. The standard leaves a line `extra BASE64` after the header to who writes it: here it holds the proof that the
tree only grew since an older one, as eight bytes with the older size and the hashes of the RFC 6962 consistency proof.
Whatever else stands there says nothing.
"""

import base64
import re
from dataclasses import dataclass

from sqlalchemy import Connection

from protocol_register.checkpoint import read_checkpoint
from protocol_register.errors import CheckpointUnreadable
from protocol_register.merkle import HASH_BYTES
from protocol_register.search import (
    checkpoint_text,
    consistency_proof,
    covering_checkpoint,
    entry_of,
    inclusion_proof,
    tree_size,
)

PROOF_HEADER = "c2sp.org/tlog-proof@v1"
SIZE_BYTES = 8
INDEX_LINE = re.compile(r"index (?P<index>0|[1-9][0-9]{0,18})")


@dataclass(frozen=True)
class LogProof:
    """A leaf's place in a signed tree: its index, the inclusion proof, the text of the checkpoint.

    `since`: the size of an older tree that this one extends by the consistency proof `growth`; None without one.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    since: int | None = None
    growth: tuple[bytes, ...] = ()


def write_log_proof(proof: LogProof) -> str:
    """A proof as C2SP tlog-proof text."""
    steps = "".join(f"{base64.b64encode(step).decode()}\n" for step in proof.hashes)
    extra = f"extra {_grown(proof.since, proof.growth)}\n" if proof.since is not None else ""
    return f"{PROOF_HEADER}\n{extra}index {proof.index}\n{steps}\n{proof.checkpoint}"


def read_log_proof(text: str) -> LogProof:
    """A proof from C2SP tlog-proof text. Raises CheckpointUnreadable."""
    head, separator, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    try:
        header, *rest = lines
        extra = rest.pop(0).removeprefix("extra ") if rest and rest[0].startswith("extra ") else ""
        place, *steps = rest
        index = INDEX_LINE.fullmatch(place)
        hashes = tuple(base64.b64decode(step, validate=True) for step in steps)
    except ValueError as error:
        raise CheckpointUnreadable(reason="la prova di inclusione è malformata") from error
    if any(len(step) != HASH_BYTES for step in hashes) or header != PROOF_HEADER or index is None or not separator:
        raise CheckpointUnreadable(reason="la prova di inclusione è malformata")
    return LogProof(int(index["index"]), hashes, checkpoint, *_growth(extra))


def current_proof(connection: Connection, register_code: str, year: int, number: int) -> str:
    """The proof, as C2SP tlog-proof text, that the register's newest signed tree holds the entry, and only grew since the
    one signed at its registration.

    Raises UnknownRegister, UnknownEntry, CheckpointUnreadable when the newest head is not there.
    """
    entry = entry_of(connection, register_code, year, number)
    size = tree_size(connection, register_code)
    note = checkpoint_text(connection, register_code, size)
    if note is None:
        raise CheckpointUnreadable(reason="manca quello più recente")
    hashes = inclusion_proof(connection, register_code, entry.log_index, size)
    covering = covering_checkpoint(connection, register_code, entry.log_index)
    since = read_checkpoint(covering).size if covering is not None else None
    growth = consistency_proof(connection, register_code, since, size) if since is not None else ()
    return write_log_proof(LogProof(entry.log_index, hashes, note, since, growth))


def _grown(since: int, growth: tuple[bytes, ...]) -> str:
    return base64.b64encode(since.to_bytes(SIZE_BYTES) + b"".join(growth)).decode()


def _growth(extra: str) -> tuple[int | None, tuple[bytes, ...]]:
    """An older size and the consistency proof from it, where a line of ours holds them."""
    try:
        raw = base64.b64decode(extra, validate=True)
    except ValueError:
        return None, ()
    hashes = raw[SIZE_BYTES:]
    if len(raw) < SIZE_BYTES or len(hashes) % HASH_BYTES:
        return None, ()
    steps = tuple(hashes[start : start + HASH_BYTES] for start in range(0, len(hashes), HASH_BYTES))
    return int.from_bytes(raw[:SIZE_BYTES]), steps
