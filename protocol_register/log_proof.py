"""A proof that a leaf is in a signed tree, as a file of its own: the text of C2SP tlog-proof.

A header line, `index N`, one line of Base64 for each hash of the RFC 6962 inclusion proof, an empty line, and the
checkpoint. A line `extra ...` after the header may stand there and says nothing here.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from sqlalchemy import Connection

from protocol_register.errors import CheckpointUnreadable
from protocol_register.search import checkpoint_text, entry_of, inclusion_proof, tree_size

PROOF_HEADER = "c2sp.org/tlog-proof@v1"
INDEX_LINE = re.compile(r"index (?P<index>0|[1-9][0-9]{0,18})")


@dataclass(frozen=True)
class LogProof:
    """A leaf's place in a signed tree: its index, the inclusion proof, the text of the checkpoint."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str


def write_log_proof(proof: LogProof) -> str:
    """A proof as C2SP tlog-proof text."""
    steps = "".join(f"{base64.b64encode(step).decode()}\n" for step in proof.hashes)
    return f"{PROOF_HEADER}\nindex {proof.index}\n{steps}\n{proof.checkpoint}"


def read_log_proof(text: str) -> LogProof:
    """A proof from C2SP tlog-proof text. Raises CheckpointUnreadable."""
    head, separator, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    try:
        header, *rest = lines
        place, *steps = rest[1:] if rest and rest[0].startswith("extra ") else rest
        index = INDEX_LINE.fullmatch(place)
        hashes = tuple(base64.b64decode(step, validate=True) for step in steps)
    except (ValueError, binascii.Error) as error:
        raise CheckpointUnreadable(reason="la prova di inclusione è malformata") from error
    if any(len(step) != 32 for step in hashes) or header != PROOF_HEADER or index is None or not separator:
        raise CheckpointUnreadable(reason="la prova di inclusione è malformata")
    return LogProof(int(index["index"]), hashes, checkpoint)


def current_proof(connection: Connection, register_code: str, year: int, number: int) -> str:
    """The proof, as C2SP tlog-proof text, that the register's newest signed tree holds the entry.

    Raises UnknownRegister, UnknownEntry, CheckpointUnreadable when the newest head is not there.
    """
    entry = entry_of(connection, register_code, year, number)
    size = tree_size(connection, register_code)
    note = checkpoint_text(connection, register_code, size)
    if note is None:
        raise CheckpointUnreadable(reason="manca quello più recente")
    hashes = inclusion_proof(connection, register_code, entry.log_index, size)
    return write_log_proof(LogProof(entry.log_index, hashes, note))
