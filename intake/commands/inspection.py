"""``sportello inspect``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from intake.commands.terminal import DOES_NOT_HOLD, DONE, UNREADABLE, WRONG_USE, print_json, stop

_BAD = frozenset({"unverifiable", "invalid_certificate", "changed", "broken"})
_FILE = click.Path(exists=False, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE, required=False)
@click.option("--detached", type=_FILE, help="Il documento di una firma separata (.p7s).")
@click.option("--issued", type=_FILE, help="Il modulo come è stato emesso: dice se è stato cambiato.")
@click.option("--key", "keys", multiple=True, help="Chiave pubblica dei codici di pagina (64 cifre esadecimali).")
@click.option("--trust", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Cartella delle autorità.")
@click.option("--at", help="Istante della verifica, ISO 8601; di solito adesso.")
@click.option("--only", help="Solo queste parti, separate da virgola: signatures, stamps, pages, text.")
@click.option(
    "--list", "listing", type=_FILE, help="Elenco TSV di file, uno per riga, con l'eventuale documento separato."
)
@click.option("--json", "as_json", is_flag=True, help="Risposta in JSON.")
def inspect(
    file: Path | None,
    detached: Path | None,
    issued: Path | None,
    keys: tuple[str, ...],
    trust: Path | None,
    at: str | None,
    only: str | None,
    listing: Path | None,
    as_json: bool,
) -> None:
    """Controlla un documento: contenitore, firme, codici di pagina, dati, differenze dal modulo emesso."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from intake.checks.inspection import PARTS, Inspection
    from signing.trust import TrustStore

    if (file is None) == (listing is None):
        stop("Indichi un file, oppure un elenco con --list.", WRONG_USE)
    parts = frozenset(only.split(",")) if only else PARTS
    if not parts <= PARTS:
        stop(f"--only ammette: {', '.join(sorted(PARTS))}.", WRONG_USE)
    try:
        given = Inspection(
            trust=TrustStore.from_folder(trust) if trust else TrustStore.empty(),
            at=_instant(at),
            only=parts,
            issued=issued.read_bytes() if issued else None,
            form_keys=tuple(Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)) for key in keys),
        )
    except (ValueError, OSError) as error:
        stop(str(error), WRONG_USE)
    if listing:
        for answer in _answers(listing, given):
            click.echo(json.dumps(answer, ensure_ascii=False))
        sys.exit(DONE)
    assert file is not None
    answer = _answer(file, detached, given)
    if as_json:
        print_json(answer)
    else:
        _print_sentences(answer)
    sys.exit(_exit_code(answer))


def _answers(listing: Path, given: Any) -> Iterator[dict[str, Any]]:
    for line in listing.read_text().splitlines():
        if line.strip():
            path, _, detached = line.partition("\t")
            yield _answer(Path(path), Path(detached) if detached else None, given)


def _answer(path: Path, detached: Path | None, given: Any) -> dict[str, Any]:
    from intake.checks.inspection import inspect_file

    try:
        return inspect_file(path, given, detached=detached)
    except OSError as error:
        return _error(
            path,
            "not_readable",
            f"Il file non si può leggere dal disco: {error.strerror}.",
            "Controlli percorso e permessi.",
        )
    except Exception as error:  # noqa: BLE001 - the contract: one answer for every file, and our defects named as ours
        kind = type(error).__name__
        return _error(
            path,
            "internal",
            f"Un difetto del programma ha fermato il controllo ({kind}).",
            "Ci mandi il file e la versione.",
        )


def _error(path: Path, code: str, message: str, remedy: str) -> dict[str, Any]:
    return {"path": str(path), "error": {"code": code, "message": message, "remedy": remedy}}


def _exit_code(answer: dict[str, Any]) -> int:
    if "error" in answer or answer["verdict"] == "unreadable":
        return UNREADABLE
    return DOES_NOT_HOLD if answer["verdict"] in _BAD or answer["alterations"] else DONE


def _print_sentences(answer: dict[str, Any]) -> None:
    if "error" in answer:
        click.echo(f"{answer['error']['message']} {answer['error']['remedy']}")
        return
    click.echo(f"{answer['file']['name']}: {answer['verdict']}")
    for signature in answer["signatures"]:
        name = signature["signer"]["common_name"] or "firmatario non indicato"
        click.echo(f"  {signature['format']} di {name}: {signature['indication']}")
    for finding in answer["findings"]:
        click.echo(f"  {finding['message']} {finding['remedy']}")


def _instant(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
