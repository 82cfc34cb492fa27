"""Commands of the protocol office: the day's register, the emergency register."""

from __future__ import annotations

from datetime import datetime
from getpass import getuser
from pathlib import Path

import click
from sqlalchemy import select

from intake.commands.installed import installation, plain_failures
from intake.commands.terminal import DOES_NOT_HOLD, stop
from intake.durable import make_private_folder
from intake.protocol.daily import DayEmpty, make_day
from intake.protocol.emergency import import_file, prepare_sheet, register_of_sheet, sheet_files
from intake.protocol.models import ImportOutcome
from intake.protocol.preservation import folder_of
from protocol_register.tables import register as register_table


@click.command()
@click.argument("day", metavar="DATE", type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]))
@click.option("--register", "code", help="Un solo registro; senza, tutti.")
@plain_failures
def daily(day: datetime, code: str | None) -> None:
    """Produce il registro giornaliero di un giorno, se manca, e lo consegna in conservazione."""
    with installation() as service:
        with service.transaction() as session:
            found = session.connection().scalars(select(register_table.c.code).order_by(register_table.c.code))
            codes = [code] if code else list(found)
        made = 0
        for each in codes:
            try:
                register = make_day(service, each, day.date())
            except DayEmpty:
                if code:
                    raise
                continue
            made += 1
            folder = folder_of(service, each, day.date())
            click.echo(f"{each}: {register.entries} registrazioni, {register.operations} operazioni. {folder}")
        if not made:
            click.echo(f"Il {day:%d/%m/%Y} nessun registro ha avuto operazioni.")


@click.group()
def emergency() -> None:
    """Il registro di emergenza (DPR 445/2000, art. 63)."""


@emergency.command()
@click.argument("code")
@click.option("--rows", type=click.IntRange(1, 2000), default=100, show_default=True, help="Righe del foglio.")
@click.option(
    "--out",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Cartella dove scrivere il foglio; senza, emergenza/ nella cartella dei dati.",
)
@plain_failures
def prepare(code: str, rows: int, out: Path | None) -> None:
    """Prepara un foglio da stampare e tenere fuori linea: numeri suoi, in XLSX e CSV."""
    with installation() as service:
        with service.transaction() as session:
            series = prepare_sheet(
                service, session, code, rows=rows, operator=f"terminale:{getuser()}", at=service.clock()
            )
            files = sheet_files(session, code, series.year, series.series) or ()
        folder = out or service.settings.data / "emergenza"
        try:
            make_private_folder(folder)
            for file in files:
                (folder / file.name).write_bytes(file.content)
                click.echo(folder / file.name)
        except OSError as error:
            stop(f"Il foglio {series.name} è preparato ma non si può scrivere in {folder}: {error.strerror}.")


@emergency.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@plain_failures
def import_(file: Path) -> None:
    """Importa un foglio compilato: ogni riga prende un numero ordinario, oppure non si importa nulla."""
    data = file.read_bytes()
    with installation() as service:
        attempt = import_file(
            service,
            register_of_sheet(data),
            file.name,
            data,
            operator=f"terminale:{getuser()}",
            at=service.clock(),
        )
    for number in attempt.numbers:
        click.echo(number)
    if attempt.outcome is ImportOutcome.REFUSED:
        for problem in attempt.problems:
            where = f"riga {problem['row']}: " if problem["row"] else ""
            click.echo(f"{where}{problem['message']}", err=True)
        stop("Nulla è stato importato; il file è conservato.", DOES_NOT_HOLD)
