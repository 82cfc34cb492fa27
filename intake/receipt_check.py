"""Checking a receipt with nothing but its bytes: the seal, what it says, and that the register held it at its place."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any

import pikepdf

from intake.applications.receipts import PROOF_ATTACHMENT
from intake.typesetting.printed import print_instant
from intake.typesetting.receipts import RECEIPT_ATTACHMENT
from protocol_register.checkpoint import parse_verifier_key
from protocol_register.entries import Entry
from protocol_register.errors import CheckpointUnreadable, ReceiptUnreadable
from protocol_register.facts import entry_from_facts
from protocol_register.receipt import CheckLine, Outcome, ReceiptCheck, verify_receipt_facts
from signing.seal import KnownSeals, verify_seal

NOT_READ = (pikepdf.PdfError, KeyError, ValueError, TypeError, AttributeError, RuntimeError)
"""What a PDF whose attachments are none, or JSON of another shape or of endless depth, makes the libraries raise."""


def check_receipt(
    pdf: bytes,
    *,
    at: datetime,
    register_key: str | None = None,
    seals: KnownSeals | None = None,
    newer_checkpoint: str | None = None,
) -> ReceiptCheck:
    """Every check of one receipt. ``register_key``: the published key, as verifier key or 64 hexadecimal digits;
    ``seals``: the seals that the office publishes, those in use before included.

    Never raises for any bytes: a file that is no receipt fails with a sentence that says so.
    """
    try:
        attached = _attachments(pdf)
        facts = json.loads(attached[RECEIPT_ATTACHMENT])
        proof = json.loads(attached[PROOF_ATTACHMENT]) if PROOF_ATTACHMENT in attached else None
    except NOT_READ:
        return _not_a_receipt()
    if not isinstance(facts, dict):
        return _not_a_receipt()
    lines = [*_seal_lines(pdf, seals, at)]
    if proof is None:
        lines.append(_received_line(facts))
        return ReceiptCheck(tuple(lines))
    try:
        key = raw_register_key(register_key) if register_key else None
        lines += verify_receipt_facts(proof, key, newer_checkpoint).lines
        lines.append(_agreement_line(facts, entry_from_facts(proof["entry"])))
    except (ReceiptUnreadable, CheckpointUnreadable) as error:
        lines.append(CheckLine("register", Outcome.FAILS, str(error)))
    return ReceiptCheck(tuple(lines))


def registered_facts(pdf: bytes) -> dict[str, Any] | None:
    """What the register says inside a *registrato* receipt, unchecked; None when the file is none."""
    try:
        found: dict[str, Any] = json.loads(_attachments(pdf)[PROOF_ATTACHMENT])
    except NOT_READ:
        return None
    return found


def _attachments(pdf: bytes) -> dict[str, bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {name: file.get_file().read_bytes() for name, file in document.attachments.items()}


def _seal_lines(pdf: bytes, known: KnownSeals | None, at: datetime) -> list[CheckLine]:
    seal = verify_seal(pdf, known or {}, at)
    if not (seal.intact and seal.covers_whole_file):
        return [CheckLine("seal", Outcome.FAILS, "Il sigillo non corrisponde al file: è stato cambiato, oppure manca.")]
    lines = [CheckLine("seal", Outcome.HOLDS, f"Il sigillo di «{seal.signer_name}» è integro e copre tutto il file.")]
    if seal.stamped_at is not None:
        told = f"Il sigillo porta la marca temporale di «{seal.stamped_by}»: {print_instant(seal.stamped_at)}."
        lines.append(CheckLine("seal_time", Outcome.HOLDS, told))
    if known is None:
        sentence = "Non sappiamo se il sigillo è quello dell'ufficio: lo dice la chiave pubblicata."
        return [*lines, CheckLine("seal_owner", Outcome.UNKNOWN, sentence)]
    if not seal.certificate_matches:
        return [*lines, CheckLine("seal_owner", Outcome.FAILS, "Il sigillo non è quello dell'ufficio.")]
    return [*lines, CheckLine("seal_owner", Outcome.HOLDS, "Il sigillo è quello pubblicato dall'ufficio.")]


def _received_line(facts: dict[str, Any]) -> CheckLine:
    files = facts.get("files")
    count = len(files) if isinstance(files, list) else 0
    if facts.get("kind") == "arrived":
        return CheckLine(
            "received",
            Outcome.HOLDS,
            f"È la ricevuta di un documento arrivato all'ufficio, in {count} file. Non è una registrazione: non contiene "
            "un numero di protocollo.",
        )
    return CheckLine(
        "received",
        Outcome.HOLDS,
        f"È una ricevuta di caricamento di {count} file. Non è una registrazione: non contiene un numero di protocollo.",
    )


def _agreement_line(facts: dict[str, Any], entry: Entry) -> CheckLine:
    """What the page says and what was registered are one and the same."""
    same = facts.get("number") == entry.shown_number and facts.get("register") == entry.register
    if same and _same_instant(facts.get("registered_at"), entry.instant):
        return CheckLine("page", Outcome.HOLDS, "La pagina e il registro dicono lo stesso numero e lo stesso istante.")
    return CheckLine("page", Outcome.FAILS, "La pagina e il registro dicono cose diverse.")


def _same_instant(shown: object, registered: datetime) -> bool:
    try:
        return datetime.fromisoformat(str(shown)) == registered
    except ValueError:
        return False


def raw_register_key(text: str) -> bytes:
    """A register's public key from its published text, or from 64 hexadecimal digits. Raises ``CheckpointUnreadable``."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return parse_verifier_key(text)[1]


def _not_a_receipt() -> ReceiptCheck:
    sentence = "Il file non è una ricevuta di questo servizio: non contiene i suoi dati."
    return ReceiptCheck((CheckLine("receipt", Outcome.FAILS, sentence),), is_receipt=False)
