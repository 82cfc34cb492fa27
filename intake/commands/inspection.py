"""``sportello inspect``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from intake.commands.terminal import DOES_NOT_HOLD, DONE, UNREADABLE, WRONG_USE, json_text, print_json, stop

SIGNATURES_SECONDS = 9
SIGNATURES_MEMORY = 400 * 1024**2
MOST_SECONDS = 55
MOST_MEMORY = 1300 * 1024**2
_QUALIFICATIONS = {
    "qualified_signature": "firma qualificata",
    "qualified_seal": "sigillo qualificato",
    "advanced": "firma avanzata con certificato qualificato",
    "cns_or_cie": "carta CNS o CIE",
    "not_qualified": "certificato non qualificato",
    "unknown": "",
}
_BAD = frozenset({"unverifiable", "invalid_certificate", "changed", "broken"})
PAGES_GIVEN_UP = {
    "code": "pages.given_up",
    "severity": "error",
    "message": "Le pagine del documento non sono state lette: chiedono più tempo o memoria di quanto gliene diamo.",
    "remedy": "Salvi o scansioni di nuovo il documento e ripeta il controllo. Quanto detto delle firme resta valido.",
    "law": None,
    "page": None,
    "box": None,
}
_FILE = click.Path(exists=False, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE, required=False)
@click.option("--detached", type=_FILE, help="Il documento di una firma separata (.p7s).")
@click.option(
    "--attachment", "attachments", type=_FILE, multiple=True, help="Un file che accompagna il documento, come la marca."
)
@click.option("--issued", type=_FILE, help="Il modulo come è stato emesso: dice se è stato cambiato.")
@click.option("--notice", help="Avviso che dice quale bollo è dovuto: il nome della sua cartella.")
@click.option("--key", "keys", multiple=True, help="Chiave pubblica dei codici di pagina (64 cifre esadecimali).")
@click.option("--trust", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Cartella delle autorità.")
@click.option("--online", is_flag=True, help="Chiede alle autorità, in rete, se i certificati sono revocati.")
@click.option("--received", help="Istante in cui una PEC o il protocollo provano che il file c'era, ISO 8601.")
@click.option("--at", help="Istante della verifica, ISO 8601; di solito adesso.")
@click.option("--only", help="Solo queste parti, separate da virgola: signatures, stamps, pages, text.")
@click.option(
    "--list", "listing", type=_FILE, help="Elenco TSV di file, uno per riga, con l'eventuale documento separato."
)
@click.option("--json", "as_json", is_flag=True, help="Risposta in JSON.")
def inspect(
    file: Path | None,
    detached: Path | None,
    attachments: tuple[Path, ...],
    issued: Path | None,
    notice: str | None,
    keys: tuple[str, ...],
    trust: Path | None,
    online: bool,
    received: str | None,
    at: str | None,
    only: str | None,
    listing: Path | None,
    as_json: bool,
) -> None:
    """Controlla un documento: contenitore, firme, bollo, codici di pagina, dati, differenze dal modulo emesso.

    Esce con 1 se una firma non vale o se il modulo non è per intero quello emesso; con 2 se il comando è sbagliato o se
    il file di --issued non è un nostro modulo; con 3 se il documento non si legge; altrimenti con 0, anche se nessuno lo
    ha firmato. Dopo un elenco esce con 0.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from intake.checks.inspection import PARTS, Inspection
    from intake.settings import WrongSettings

    if (file is None) == (listing is None):
        stop("Indichi un file, oppure un elenco con --list.", WRONG_USE)
    if listing and attachments:
        stop("--attachment accompagna un file solo: non va con --list.", WRONG_USE)
    parts = frozenset(only.split(",")) if only else PARTS
    if not parts <= PARTS:
        stop(f"--only ammette: {', '.join(sorted(PARTS))}.", WRONG_USE)
    try:
        given = Inspection(
            trust=_trust(trust, online=online, received=received),
            at=_instant(at),
            only=parts,
            issued=issued.read_bytes() if issued else None,
            form_keys=tuple(Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)) for key in keys),
            attachments=attachments,
            notice=_notice_folder(notice) if notice else None,
        )
    except (ValueError, OSError, WrongSettings) as error:
        stop(str(error), WRONG_USE)
    if listing:
        for answer in _answers(listing, given):
            click.echo(json_text(answer))
        sys.exit(DONE)
    assert file is not None
    answer = next(_answered([(file, detached)], given))
    if as_json:
        print_json(answer)
    else:
        _print_sentences(answer)
    sys.exit(_exit_code(answer, compared=issued is not None))


def _trust(folder: Path | None, *, online: bool, received: str | None) -> Any:
    from intake.outward_proxies import outward_proxies
    from signing.revocation import RevocationPolicy
    from signing.trust import TrustStore

    trust = TrustStore.from_folder(folder) if folder else TrustStore.empty()
    trust = trust.knowing_received(_instant(received)) if received else trust
    if not online:
        return trust
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sportello" / "revocation"
    policy = RevocationPolicy(now=datetime.now(UTC), cache=cache, proxies=outward_proxies())
    return trust.asking_online(policy)


def _answers(listing: Path, given: Any) -> Iterator[dict[str, Any]]:
    try:
        lines = listing.read_text(errors="surrogateescape").split("\n")
    except OSError as error:
        stop(f"L'elenco {listing} non si può leggere: {error.strerror}.", UNREADABLE)
    asked = []
    for line in lines:
        if line.strip():
            path, _, detached = line.rstrip("\r").partition("\t")
            asked.append((Path(path), Path(detached) if detached else None))
    return _answered(asked, given, seconds=MOST_SECONDS)


def _answered(
    asked: list[tuple[Path, Path | None]], given: Any, *, seconds: float | None = None
) -> Iterator[dict[str, Any]]:
    """One answer a file, in order. Bytes of strangers are parsed only in a child process with limits."""
    from intake.checks.apart import Limits, run_each_apart

    light = given.only <= {"signatures"}
    limits = Limits(
        seconds=seconds or (SIGNATURES_SECONDS if light else MOST_SECONDS),
        resident=SIGNATURES_MEMORY if light else MOST_MEMORY,
        address_space=SIGNATURES_MEMORY if light else None,
    )
    pieces = [(path, given, detached) for path, detached in asked]
    for (path, _), outcome in zip(asked, run_each_apart(_inspected, pieces, limits), strict=True):
        yield _given_up(path, outcome) if outcome.result is None else outcome.result


def _given_up(path: Path, outcome: Any) -> dict[str, Any]:
    if outcome.failure.ours:
        return _error(
            path,
            "internal",
            f"Un difetto del programma ha fermato il controllo ({outcome.failure.reason}).",
            "Ci mandi il file e la versione.",
        )
    if outcome.told:
        (partial,) = outcome.told[0]
        return {**partial, "findings": [*partial["findings"], PAGES_GIVEN_UP]}
    return _error(
        path,
        "given_up",
        "Il controllo del file chiede più tempo o memoria di quanto gliene diamo.",
        "Salvi o scansioni di nuovo il documento e ripeta il controllo.",
    )


def _inspected(given: tuple[Path, Any, Path | None], tell: Callable[..., None]) -> dict[str, Any]:
    from intake.checks.inspection import inspect_file

    path, inspection, detached = given
    try:
        return inspect_file(path, inspection, detached=detached, tell=tell)
    except OSError as error:
        return _error(
            path,
            "not_readable",
            f"Il file non si può leggere dal disco: {error.strerror}.",
            "Controlli percorso e permessi.",
        )


def _error(path: Path, code: str, message: str, remedy: str) -> dict[str, Any]:
    return {"path": str(path), "error": {"code": code, "message": message, "remedy": remedy}}


def _exit_code(answer: dict[str, Any], *, compared: bool) -> int:
    """``compared``: asked was also whether this is the form as issued. A page of it that is missing, another form or none at
    all says no; an issued file that is no form of ours cannot be compared with anything.
    """
    if "error" in answer or answer["verdict"] == "unreadable" or PAGES_GIVEN_UP in answer["findings"]:
        return UNREADABLE
    refuted = {each["code"] for each in answer["findings"] if compared and each["severity"] == "error"}
    if "issued.no_map" in refuted:
        return WRONG_USE
    return DOES_NOT_HOLD if answer["verdict"] in _BAD or answer["alterations"] or refuted else DONE


def _print_sentences(answer: dict[str, Any]) -> None:
    if "error" in answer:
        click.echo(f"{answer['error']['message']} {answer['error']['remedy']}")
        return
    click.echo(f"{answer['file']['name']}: {answer['verdict']}")
    for signature in answer["signatures"]:
        name = signature["signer"]["common_name"] or "firmatario non indicato"
        kind = _QUALIFICATIONS[signature["qualification"]]
        click.echo(f"  {signature['format']} di {name}: {signature['indication']}{kind and f', {kind}'}")
        for told in signature["problems"]:
            click.echo(f"    {told['message']} {'' if told['severity'] == 'info' else told['remedy']}".rstrip())
    for mark in answer["stamp_duty"]:
        told = " ".join(filter(None, (mark["identifier"], mark["amount"] and f"{mark['amount']} euro")))
        click.echo(f"  Bollo, {mark['kind']}: {mark['status']} {told}".rstrip())
    for finding in answer["findings"]:
        click.echo(f"  {finding['message']} {finding['remedy']}")


def _notice_folder(notice: str) -> Path:
    """The folder of an installed notice. Raises ValueError, naming those there are."""
    from intake.settings import read_settings

    folders = {path.parent.name: path.parent for path in read_settings().notices.glob("*/notice.toml")}
    if notice not in folders:
        raise ValueError(f"L'avviso {notice} non c'è. Ci sono: {', '.join(sorted(folders))}.")
    return folders[notice]


def _instant(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
