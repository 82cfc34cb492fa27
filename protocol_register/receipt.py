"""The facts of a *registrato* receipt, and their check with no database and no network.

The facts carry the whole entry, the salt of its commitments, the proof that the log holds its leaf, and the log's
signed head. Whoever has the register's public key needs nothing else. Against a newer head of the same log, a proof of
inclusion in it (C2SP tlog-proof text, made by `log_proof.current_proof`) shows that the register still holds the entry
unchanged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from protocol_register.checkpoint import (
    Checkpoint,
    parse_verifier_key,
    read_checkpoint,
    verifier_key,
    verify_checkpoint,
)
from protocol_register.entries import Entry, Register, RegisterKind, origin_of
from protocol_register.errors import CheckpointUnreadable, ReceiptUnreadable, RegisterError
from protocol_register.facts import entry_from_facts, entry_to_facts
from protocol_register.leaf import SALT_POLICY, leaf_of
from protocol_register.log_proof import PROOF_HEADER, LogProof, read_log_proof
from protocol_register.merkle import extends, includes
from protocol_register.search import covering_checkpoint, entry_of, inclusion_proof, register_of

FORMAT = "protocol-register-receipt/1"
RANK_RULE = "L’ordine d’esame segue l’istante legale di arrivo, poi il numero di protocollo."


class Outcome(StrEnum):
    """How one check ended."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class CheckLine:
    """One check of a receipt: a stable code, how it ended, one Italian sentence."""

    code: str
    outcome: Outcome
    sentence: str


@dataclass(frozen=True)
class ReceiptCheck:
    """All checks of a receipt, in order. It holds when none fails; `reservations` says what was not established.

    `is_receipt`: False when nothing of a receipt was there to be checked.
    """

    lines: tuple[CheckLine, ...]
    is_receipt: bool = True

    @property
    def holds(self) -> bool:
        """No check failed."""
        return all(line.outcome is not Outcome.FAILS for line in self.lines)

    @property
    def reservations(self) -> tuple[CheckLine, ...]:
        """The checks that could not be made."""
        return tuple(line for line in self.lines if line.outcome is Outcome.UNKNOWN)


def receipt_facts(register: Register, entry: Entry, proof: Sequence[bytes], checkpoint: str) -> dict[str, Any]:
    """The receipt of an entry as one JSON object; `proof` is its inclusion in the tree of `checkpoint`."""
    return {
        "format": FORMAT,
        "register": {
            "code": register.code,
            "kind": register.kind.value,
            "administration": register.administration,
            "aoo": register.aoo,
            "origin": register.origin,
            "key": verifier_key(register.origin, register.public_key),
            "salt_policy": register.salt_policy,
        },
        "number": entry.shown_number,
        "rank_rule": RANK_RULE,
        "entry": entry_to_facts(entry),
        "proof": [step.hex() for step in proof],
        "checkpoint": checkpoint,
    }


def receipt_of(connection: Connection, register_code: str, year: int, number: int) -> dict[str, Any]:
    """The receipt of a stored entry, with the head signed at its own registration: the same whenever it is asked.

    Raises UnknownRegister, UnknownEntry, CheckpointUnreadable when the register holds no such head.
    """
    register = register_of(connection, register_code)
    entry = entry_of(connection, register_code, year, number)
    note = covering_checkpoint(connection, register_code, entry.log_index)
    if note is None:
        raise CheckpointUnreadable(reason=f"manca quello della registrazione {entry.shown_number}")
    size = read_checkpoint(note).size
    return receipt_facts(register, entry, inclusion_proof(connection, register_code, entry.log_index, size), note)


def verify_receipt_facts(
    facts: Mapping[str, Any], public_key: bytes | None = None, newer_checkpoint: str | None = None
) -> ReceiptCheck:
    """Check a receipt offline.

    `public_key` (32 raw bytes) is the register's as known from elsewhere; without it the receipt's own is used, and
    the check says so. `newer_checkpoint` is the text of a newer head, or better of `current_proof`, which holds one.
    Raises ReceiptUnreadable when the facts do not have the shape of a receipt.
    """
    entry, stated = _read(facts)
    used = public_key or stated
    lines = [_number_line(facts, entry), _leaf_line(entry)]
    head, signature = _head_line(facts, used)
    lines.append(signature)
    if head is not None:
        lines.append(_inclusion_line(facts, entry, head))
    lines.append(_key_line(public_key, stated))
    if facts["register"]["kind"] == RegisterKind.REHEARSAL:
        lines.append(CheckLine("rehearsal", Outcome.HOLDS, "Il registro è di prova: questa ricevuta non ha effetti."))
    if newer_checkpoint is not None:
        lines += _newer_lines(entry, head, newer_checkpoint, used)
    return ReceiptCheck(tuple(lines))


def _read(facts: Mapping[str, Any]) -> tuple[Entry, bytes]:
    try:
        if facts["format"] != FORMAT:
            raise ReceiptUnreadable(reason=f"il formato {facts['format']!r} non è conosciuto")
        entry = entry_from_facts(facts["entry"])
        name, key = parse_verifier_key(facts["register"]["key"])
        register = facts["register"]
        if name != register["origin"] or entry.register != register["code"]:
            raise ReceiptUnreadable(reason="registro e chiave non si corrispondono")
        kind = RegisterKind(register["kind"])
        if name != origin_of(register["administration"], register["aoo"], register["code"], kind):
            raise ReceiptUnreadable(reason="il nome del registro non corrisponde ai suoi codici")
        if register["salt_policy"] != SALT_POLICY:
            raise ReceiptUnreadable(reason=f"la regola dei sali {register['salt_policy']!r} non è conosciuta")
        leaf_of(entry)
    except CheckpointUnreadable as error:
        raise ReceiptUnreadable(reason=error.message) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReceiptUnreadable(reason=f"manca o è malformato {error}") from error
    return entry, key


def _number_line(facts: Mapping[str, Any], entry: Entry) -> CheckLine:
    if facts.get("number") != entry.shown_number or facts.get("rank_rule") != RANK_RULE:
        return CheckLine("number", Outcome.FAILS, "Il numero o la regola mostrati non sono quelli registrati.")
    return CheckLine("number", Outcome.HOLDS, f"Il numero è {entry.shown_number} del {entry.year}.")


def _leaf_line(entry: Entry) -> CheckLine:
    if leaf_of(entry) != entry.leaf_hash:
        return CheckLine(
            "leaf", Outcome.FAILS, "I dati della ricevuta non sono quelli registrati: sono stati cambiati."
        )
    return CheckLine("leaf", Outcome.HOLDS, "I dati della ricevuta sono quelli registrati, parola per parola.")


def _head_line(facts: Mapping[str, Any], key: bytes) -> tuple[Checkpoint | None, CheckLine]:
    try:
        head = verify_checkpoint(facts["checkpoint"], key)
    except (RegisterError, KeyError, TypeError, AttributeError) as error:
        reason = error.message if isinstance(error, RegisterError) else "Il sigillo del registro manca."
        return None, CheckLine("checkpoint", Outcome.FAILS, reason)
    if head.origin != facts["register"]["origin"]:
        return None, CheckLine("checkpoint", Outcome.FAILS, f"Il sigillo è di un altro registro: {head.origin}.")
    acts = "1 atto" if head.size == 1 else f"{head.size} atti"
    return head, CheckLine("checkpoint", Outcome.HOLDS, f"Il registro ha firmato il proprio stato: contiene {acts}.")


def _inclusion_line(facts: Mapping[str, Any], entry: Entry, head: Checkpoint) -> CheckLine:
    try:
        if not isinstance(facts["proof"], list):
            raise TypeError("non è un elenco")
        steps = [bytes.fromhex(step) for step in facts["proof"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ReceiptUnreadable(reason=f"la prova di inclusione è malformata ({error})") from error
    if not includes(head.root, head.size, entry.log_index, leaf_of(entry), steps):
        return CheckLine("inclusion", Outcome.FAILS, "Il registro firmato non contiene questa registrazione.")
    return CheckLine("inclusion", Outcome.HOLDS, "Il registro firmato contiene questa registrazione, al suo posto.")


def _key_line(public_key: bytes | None, stated: bytes) -> CheckLine:
    if public_key is None:
        sentence = "La chiave è quella scritta nella ricevuta: la confronti con quella pubblicata dall’ufficio."
        return CheckLine("key", Outcome.UNKNOWN, sentence)
    if public_key != stated:
        return CheckLine("key", Outcome.FAILS, "La ricevuta porta una chiave diversa da quella del registro.")
    return CheckLine("key", Outcome.HOLDS, "La chiave è quella del registro.")


def _newer_lines(entry: Entry, head: Checkpoint | None, text: str, key: bytes) -> list[CheckLine]:
    with_proof = text.startswith(PROOF_HEADER)
    try:
        proof = read_log_proof(text) if with_proof else LogProof(entry.log_index, (), text)
        newer = verify_checkpoint(proof.checkpoint, key)
    except CheckpointUnreadable as error:
        return [CheckLine("newer", Outcome.FAILS, error.message)]
    if head is not None and newer.origin != head.origin:
        return [CheckLine("newer", Outcome.FAILS, f"Lo stato più recente è di un altro registro: {newer.origin}.")]
    if newer.size <= entry.log_index:
        sentence = f"Lo stato indicato ({newer.size} atti) è più vecchio di questa registrazione."
        return [CheckLine("newer", Outcome.UNKNOWN, sentence)]
    if not with_proof:
        return [_same_size_line(head, newer)]
    if proof.index != entry.log_index or not includes(
        newer.root, newer.size, entry.log_index, leaf_of(entry), proof.hashes
    ):
        sentence = "Il registro di oggi non contiene più questa registrazione come era."
        return [CheckLine("newer", Outcome.FAILS, sentence)]
    held = CheckLine("newer", Outcome.HOLDS, f"Il registro la contiene ancora, immutata, a {newer.size} atti.")
    return [held, _growth_line(head, newer, proof)]


def _growth_line(head: Checkpoint | None, newer: Checkpoint, proof: LogProof) -> CheckLine:
    """Whether all that the receipt's own head held is in the newer one; a tree of the same size proves it by itself."""
    if head is None or head.size not in (proof.since, newer.size):
        sentence = "Del resto che il registro conteneva allora non sappiamo: la prova indicata non ne parla."
        return CheckLine("growth", Outcome.UNKNOWN, sentence)
    growth = proof.growth if proof.since == head.size else ()
    if not extends(head.size, head.root, newer.size, newer.root, growth):
        return CheckLine("growth", Outcome.FAILS, "Di ciò che il registro conteneva allora qualcosa è stato cambiato.")
    return CheckLine("growth", Outcome.HOLDS, "Contiene ancora, immutato, anche tutto ciò che conteneva allora.")


def _same_size_line(head: Checkpoint | None, newer: Checkpoint) -> CheckLine:
    if head is None or newer.size != head.size:
        sentence = "Per confrontarlo con uno stato diverso serve la prova pubblicata dal registro per questa ricevuta."
        return CheckLine("newer", Outcome.UNKNOWN, sentence)
    if newer.root != head.root:
        return CheckLine("newer", Outcome.FAILS, "Il registro ha firmato due stati diversi della stessa lunghezza.")
    return CheckLine("newer", Outcome.HOLDS, "Lo stato indicato è lo stesso della ricevuta.")
