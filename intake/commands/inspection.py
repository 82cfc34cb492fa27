"""``sportello inspect``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from intake.commands.terminal import DOES_NOT_HOLD, DONE, UNREADABLE, WRONG_USE, json_text, print_json, stop

MOST_SECONDS = 300
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
            click.echo(json_text(answer))
        sys.exit(DONE)
    assert file is not None
    answer = _answer(file, detached, given)
    if as_json:
        print_json(answer)
    else:
        _print_sentences(answer)
    sys.exit(_exit_code(answer))


def _answers(listing: Path, given: Any) -> Iterator[dict[str, Any]]:
    try:
        lines = listing.read_text(errors="surrogateescape").split("\n")
    except OSError as error:
        stop(f"L'elenco {listing} non si può leggere: {error.strerror}.", UNREADABLE)
    for line in lines:
        if line.strip():
            path, _, detached = line.rstrip("\r").partition("\t")
            yield _answer(Path(path), Path(detached) if detached else None, given)


def _answer(path: Path, detached: Path | None, given: Any) -> dict[str, Any]:
    from intake.checks.apart import ApartFailed, run_apart

    try:
        for each in filter(None, (path, detached)):
            each.open("rb").close()
        return run_apart(_inspected, (path, given, detached), lambda: None, seconds=MOST_SECONDS, forked=True)
    except ApartFailed as failure:
        return _given_up(path, failure)
    except OSError as error:
        return _error(
            path,
            "not_readable",
            f"Il file non si può leggere dal disco: {error.strerror}.",
            "Controlli percorso e permessi.",
        )


def _given_up(path: Path, failure: Any) -> dict[str, Any]:
    if failure.ours:
        return _error(
            path,
            "internal",
            f"Un difetto del programma ha fermato il controllo ({failure.reason}).",
            "Ci mandi il file e la versione.",
        )
    return _error(
        path,
        "given_up",
        "Il controllo del file chiede più tempo o memoria di quanto gliene diamo.",
        "Salvi o scansioni di nuovo il documento e ripeta il controllo.",
    )


def _inspected(given: tuple[Path, Any, Path | None], _tell: object) -> dict[str, Any]:
    from intake.checks.inspection import inspect_file

    path, inspection, detached = given
    return inspect_file(path, inspection, detached=detached)


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
