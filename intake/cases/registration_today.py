"""What anyone who holds a receipt may know of its registration today: still there unchanged or not, annulled, the proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from protocol_register.checkpoint import verify_checkpoint
from protocol_register.entries import Entry, Register, RegisterKind
from protocol_register.errors import CheckpointUnreadable
from protocol_register.leaf import leaf_of
from protocol_register.log_proof import current_proof, read_log_proof
from protocol_register.merkle import includes
from protocol_register.search import annulment_of, register_of
from protocol_register.verification_code import entry_by_code

_LOG = structlog.get_logger("sportello.verification")


@dataclass(frozen=True, slots=True)
class RegistrationToday:
    """The least of a registration, and how it stands: ``unchanged`` under the register's newest signed head.

    ``acts``: how many the log has; ``proof``: the proof of inclusion (C2SP tlog-proof), for ``--checkpoint``.
    """

    register: str
    year: int
    number: str
    instant: datetime
    annulled_at: datetime | None
    unchanged: bool
    acts: int
    proof: str
    is_rehearsal: bool


def registration_today(session: Session, code: str) -> RegistrationToday | None:
    """The registration whose verification code this is; None for any other text.

    A register that has lost its newest head, or has it spoilt, proves nothing: ``proof`` is empty, ``unchanged`` False.
    """
    connection = session.connection()
    entry = entry_by_code(connection, code)
    if entry is None:
        return None
    proof = _proof_of(connection, entry)
    annulment = annulment_of(connection, entry.register, entry.year, entry.number)
    register = register_of(connection, entry.register)
    unchanged, acts = _held(register, entry, proof)
    return RegistrationToday(
        register=entry.register,
        year=entry.year,
        number=entry.shown_number,
        instant=entry.instant,
        annulled_at=annulment.instant if annulment else None,
        unchanged=unchanged,
        acts=acts,
        proof=proof,
        is_rehearsal=register.kind is RegisterKind.REHEARSAL,
    )


def _proof_of(connection: Connection, entry: Entry) -> str:
    try:
        return current_proof(connection, entry.register, entry.year, entry.number)
    except CheckpointUnreadable as error:
        _LOG.error("register_head_unreadable", register=entry.register, exc_info=error)
        return ""


def _held(register: Register, entry: Entry, text: str) -> tuple[bool, int]:
    """Whether the newest signed tree holds the entry as it stands, and how many acts it has."""
    try:
        proof = read_log_proof(text)
        head = verify_checkpoint(proof.checkpoint, register.public_key)
    except CheckpointUnreadable:
        return False, 0
    return includes(head.root, head.size, entry.log_index, leaf_of(entry), proof.hashes), head.size
