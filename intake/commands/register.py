"""Commands on registers and receipts."""

from __future__ import annotations

from dataclasses import asdict
from getpass import getuser
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection, select

from intake.clock import ROME
from intake.commands.installed import installation, plain_failures
from intake.commands.register_office import daily, emergency
from intake.commands.register_published import PublishedKey, SealFingerprint, published_text
from intake.commands.terminal import DOES_NOT_HOLD, DONE, UNREADABLE, WRONG_USE, print_json, stop
from intake.editions import create_register_of
from intake.notices.models import NoticeEdition
from intake.protocol.heads import kept_head, resume
from intake.receipt_check import check_receipt, registered_facts
from intake.service import Service
from protocol_register.checkpoint import read_checkpoint
from protocol_register.entries import REHEARSAL_ORIGIN, Entry, shown_number
from protocol_register.errors import ReceiptUnreadable
from protocol_register.facts import entry_from_facts
from protocol_register.leaf import leaf_of
from protocol_register.log_proof import PROOF_HEADER, read_log_proof
from protocol_register.receipt import CheckLine, Outcome, verify_receipt_facts
from protocol_register.search import register_of
from protocol_register.tables import register as register_table
from protocol_register.verification import verify_register

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
KEY_HELP = "Chiave pubblica del registro, come pubblicata: un file, o il suo testo."
HIGHEST_NUMBER = 999_999_999


@click.group()
def register() -> None:
    """I registri di protocollo."""


register.add_command(daily)
register.add_command(emergency)


@register.command()
@click.argument("code")
@plain_failures
def create(code: str) -> None:
    """Crea il registro di un avviso: un atto voluto, una volta sola."""
    with installation() as service:
        with service.transaction() as session:
            edition = session.scalar(select(NoticeEdition).where(NoticeEdition.register_code == code))
        if edition is None:
            stop(f"Nessun avviso caricato ha il registro {code}.")
        if not create_register_of(service, edition):
            stop(f"Il registro {code} esiste già.")
        click.echo(f"Registro {code} creato. Chiave pubblica: {service.keys.register_key(code).public.hex()}")


@register.command()
@click.argument("code", required=False)
@click.option("--receipt", "receipts", multiple=True, type=FILE, help="Ricevuta che il registro deve ancora contenere.")
@click.option("--checkpoint", "heads", multiple=True, type=FILE, help="Stato firmato che il registro deve estendere.")
@click.option("--key", type=PublishedKey(), help=KEY_HELP)
@click.option("--every-signature", is_flag=True, help="Controlla la firma di ogni stato, non solo dell'ultimo.")
@click.option("--json", "as_json", is_flag=True)
@plain_failures
def verify(
    code: str | None,
    receipts: tuple[Path, ...],
    heads: tuple[Path, ...],
    key: bytes | None,
    every_signature: bool,
    as_json: bool,
) -> None:
    """Rilegge tutto il registro: numeri, ordine, impronte, albero, firme."""
    if key and not (code or receipts or heads):
        stop("Con --key indichi il codice del registro.", WRONG_USE)
    given = [(path, _receipt_that_holds(path)) for path in receipts]
    texts = [_head_in(published_text(path)) for path in heads]
    codes = (
        {facts["entry"]["register"] for _, facts in given}
        | {_register_named(text) for text in texts}
        | ({code} if code else set())
    )
    if len(codes) > 1:
        stop(f"Ricevute e stati sono di registri diversi: {', '.join(sorted(codes))}.", WRONG_USE)
    with installation(heads=False) as service, service.database.engine.connect() as connection:
        chosen = sorted(codes) or list(
            connection.scalars(select(register_table.c.code).order_by(register_table.c.code))
        )
        known = [_entry_signed_by(connection, path, facts, key) for path, facts in given]
        checks = [
            verify_register(
                connection,
                each,
                public_key=key,
                published=texts,
                kept=_kept(service, each),
                known_leaves={entry.log_index: leaf_of(entry) for entry in known},
                every_signature=every_signature,
            )
            for each in chosen
        ]
    if as_json:
        print_json(
            [
                asdict(check) | {"root": check.root.hex(), "holds": check.holds, "remedy": check.remedy}
                for check in checks
            ]
        )
    for each, check in zip(chosen, checks, strict=True):
        if not as_json:
            click.echo(f"{each}: {'torna' if check.holds else 'NON torna'} ({check.size} atti)")
            for problem in check.problems:
                click.echo(f"  {problem.message}")
            if check.problem_count > len(check.problems):
                click.echo(f"  … e altri {check.problem_count - len(check.problems)} punti.")
            if check.remedy:
                click.echo(f"  Che cosa fare: {check.remedy}")
    raise SystemExit(DONE if all(check.holds for check in checks) else DOES_NOT_HOLD)


@register.command("resume")
@click.argument("code")
@click.option(
    "--after",
    type=click.IntRange(1, HIGHEST_NUMBER),
    required=True,
    help="Ultimo numero che si sa essere stato dato.",
)
@click.option("--act", required=True, help="Provvedimento che dispone la ripresa.")
@click.option("--operator", default=lambda: f"terminale:{getuser()}", help="Chi la esegue; senza, chi è al terminale.")
@plain_failures
def resume_numbering(code: str, after: int, act: str, operator: str) -> None:
    """Riprende la numerazione dopo una perdita di dati: nessun numero già dato si dà due volte."""
    with installation(heads=False) as service, service.database.owner_engine() as owner, owner.connect() as connection:
        known = kept_head(service, code)
        if known is not None and after < known.last_number and known.year == service.clock().astimezone(ROME).year:
            stop(
                f"Il registro {code} aveva già dato il numero {shown_number(known.last_number)}: indichi almeno quello."
            )
        aside = resume(service, connection, code, after=after, act=act, operator=operator)
    click.echo(f"Il registro {code} riprende dopo il numero {shown_number(after)}.")
    if aside:
        click.echo(f"Lo stato che il registro aveva prima resta in {aside}.")


def _receipt_that_holds(path: Path) -> dict[str, Any]:
    """What a receipt says was registered, once the receipt itself holds: a false one says nothing of the register."""
    facts = registered_facts(path.read_bytes())
    if facts is None:
        stop(f"{path.name} non è una ricevuta di registrazione.", UNREADABLE)
    try:
        wrong = _failing(facts, None)
    except ReceiptUnreadable as error:
        stop(f"{path.name}: {error.message} {error.remedy}", UNREADABLE)
    if wrong:
        stop(f"La ricevuta {path.name} non regge da sola, quindi del registro non dice nulla. {wrong[0].sentence}")
    return facts


def _entry_signed_by(connection: Connection, path: Path, facts: dict[str, Any], key: bytes | None) -> Entry:
    """The entry of a receipt that the register's own key signed, or the one given: anybody can sign with another."""
    entry = entry_from_facts(facts["entry"])
    if _failing(facts, key or register_of(connection, entry.register).public_key):
        whose = "che ha indicato" if key else f"del registro {entry.register}"
        stop(
            f"La ricevuta {path.name} non è firmata con la chiave {whose}, quindi del registro non dice nulla. "
            "Controlli da dove viene la ricevuta, e indichi con --key la chiave che l'ufficio pubblica."
        )
    return entry


def _failing(facts: dict[str, Any], key: bytes | None) -> list[CheckLine]:
    return [line for line in verify_receipt_facts(facts, key).lines if line.outcome is Outcome.FAILS]


def _head_in(text: str) -> str:
    """A signed head, bare or inside the proof that was downloaded for a receipt."""
    return read_log_proof(text).checkpoint if text.startswith(PROOF_HEADER) else text


def _register_named(text: str) -> str:
    parts = read_checkpoint(text).origin.removesuffix(REHEARSAL_ORIGIN).split("/")
    return parts[-1]


def _kept(service: Service, code: str) -> list[str]:
    known = kept_head(service, code)
    return [known.checkpoint] if known else []


@click.group()
def receipt() -> None:
    """Le ricevute."""


@receipt.command("verify")
@click.argument("file", type=FILE)
@click.option("--key", type=PublishedKey(), help=KEY_HELP)
@click.option(
    "--seal",
    "seals",
    multiple=True,
    type=SealFingerprint(),
    help="Impronta del sigillo dell'ufficio, come pubblicata: senza, non si sa chi ha composto la pagina.",
)
@click.option("--checkpoint", type=FILE, help="Testa più recente del registro.")
@click.option("--json", "as_json", is_flag=True)
@plain_failures
def verify_receipt(
    file: Path, key: bytes | None, seals: tuple[str, ...], checkpoint: Path | None, as_json: bool
) -> None:
    """Controlla una ricevuta senza database e senza rete: sigillo, numero, presenza nel registro."""
    from intake.clock import system_clock

    checked = check_receipt(
        file.read_bytes(),
        at=system_clock(),
        register_key=key.hex() if key else None,
        seals=dict.fromkeys(seals) if seals else None,
        newer_checkpoint=published_text(checkpoint) if checkpoint else None,
    )
    if as_json:
        print_json(asdict(checked) | {"holds": checked.holds})
    else:
        for line in checked.lines:
            click.echo(f"{line.outcome:<8} {line.sentence}")
    if not checked.is_receipt:
        raise SystemExit(UNREADABLE)
    raise SystemExit(DONE if checked.holds else DOES_NOT_HOLD)
