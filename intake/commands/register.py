"""Commands on registers and receipts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from sqlalchemy import select

from intake.commands.installed import installation, plain_failures
from intake.commands.terminal import DOES_NOT_HOLD, print_json, stop
from intake.editions import create_register_of
from intake.notices.models import NoticeEdition
from intake.receipt_check import check_receipt
from protocol_register.registration import resume_register
from protocol_register.tables import register as register_table
from protocol_register.verification import verify_register


@click.group()
def register() -> None:
    """I registri di protocollo."""


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
@click.option("--json", "as_json", is_flag=True)
@plain_failures
def verify(code: str | None, as_json: bool) -> None:
    """Rilegge tutto il registro: numeri, ordine, impronte, albero, firme."""
    with installation() as service, service.database.engine.connect() as connection:
        codes = (
            [code] if code else list(connection.scalars(select(register_table.c.code).order_by(register_table.c.code)))
        )
        checks = [verify_register(connection, each) for each in codes]
    if as_json:
        print_json([asdict(check) | {"holds": check.holds} for check in checks])
    for each, check in zip(codes, checks, strict=True):
        if not as_json:
            click.echo(f"{each}: {'torna' if check.holds else 'NON torna'}")
    raise SystemExit(0 if all(check.holds for check in checks) else DOES_NOT_HOLD)


@register.command()
@click.argument("code")
@click.option("--after", type=int, required=True, help="Ultimo numero che si sa essere stato dato.")
@click.option("--act", required=True, help="Provvedimento che dispone la ripresa.")
@click.option("--operator", required=True, help="Chi la esegue.")
@plain_failures
def resume(code: str, after: int, act: str, operator: str) -> None:
    """Riprende la numerazione dopo una perdita di dati: nessun numero già dato si dà due volte."""
    with installation() as service, service.database.owner_engine() as owner, owner.begin() as connection:
        resume_register(connection, code, after=after, operator=operator, act=act, key=service.keys.register_key(code))
    click.echo(f"Il registro {code} riprende dopo il numero {after:07d}.")


@click.group()
def receipt() -> None:
    """Le ricevute."""


@receipt.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Chiave pubblica del registro."
)
@click.option(
    "--checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Testa più recente del registro."
)
@click.option("--json", "as_json", is_flag=True)
@plain_failures
def verify_receipt(file: Path, key: Path | None, checkpoint: Path | None, as_json: bool) -> None:
    """Controlla una ricevuta senza database e senza rete: sigillo, numero, presenza nel registro."""
    from intake.clock import system_clock

    checked = check_receipt(
        file.read_bytes(),
        at=system_clock(),
        register_key=key.read_text().strip() if key else None,
        newer_checkpoint=checkpoint.read_text() if checkpoint else None,
    )
    if as_json:
        print_json(asdict(checked) | {"holds": checked.holds})
    else:
        for line in checked.lines:
            click.echo(f"{line.outcome:<8} {line.sentence}")
    raise SystemExit(0 if checked.holds else DOES_NOT_HOLD)
