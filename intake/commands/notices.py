"""Commands on notices: check a pack, load it, publish its signed document and withdraw it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from getpass import getuser
from pathlib import Path

import click

from intake.commands.installed import installation, plain_failures
from intake.commands.terminal import DOES_NOT_HOLD
from intake.editions import ensure_edition, ensure_rehearsal, open_rehearsal_before_opening
from intake.notices.edition import live_edition
from intake.notices.load import check_packs, load_pack, render_report
from intake.protocol.rehearsal_forgetting import forget_ended_rehearsals
from intake.publication.examination import DepositedFile
from intake.publication.publishing import publish_document
from intake.publication.rehearsal_act import owe_rehearsal_acts
from intake.publication.withdrawal import withdraw_publication


@click.group()
def notices() -> None:
    """Gli avvisi."""


@notices.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@plain_failures
def check(path: Path) -> None:
    """Controlla un avviso, o tutti quelli di una cartella, e dice file, chiave e rimedio."""
    report = check_packs(path)
    click.echo(render_report(report))
    raise SystemExit(0 if report.ok else DOES_NOT_HOLD)


@notices.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--rehearsal", is_flag=True, help="Carica anche la prova, con il suo orologio e il suo registro.")
@click.option("--hours-to-opening", type=float, help="Apre una prova in più, con l'orologio a tante ore dall'apertura.")
@plain_failures
def load(path: Path, rehearsal: bool, hours_to_opening: float | None) -> None:
    """Carica un avviso. Il registro vero si crea solo con: sportello register create."""
    pack = load_pack(path)
    with installation() as found:
        service = replace(found, packs={**found.packs, pack.id: pack})
        at = service.clock()
        ensure_edition(service, pack, live_edition(pack), at=at)
        click.echo(f"Avviso {pack.id} caricato (registro {pack.register_code}).")
        if rehearsal:
            edition = ensure_rehearsal(service, pack, at=at)
            click.echo(f"Prova {edition.register_code} aperta.")
        if hours_to_opening is not None:
            before = timedelta(hours=hours_to_opening)
            edition = open_rehearsal_before_opening(service, pack, before, at=at)
            click.echo(f"Prova {edition.register_code} aperta.")
        owe_rehearsal_acts(service)


@notices.command()
@click.argument("code")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--detached",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Il documento, quando FILE è una firma separata (.p7s).",
)
@click.option("--document", "key", help="Chiave del documento dell'avviso; se manca, l'avviso stesso.")
@plain_failures
def publish(code: str, file: Path, detached: Path | None, key: str | None) -> None:
    """Pubblica l'atto firmato dell'avviso con registro CODE, dopo averne verificato le firme.

    FILE è quello uscito dal programma di firma (PDF, .p7m, ASiC, XML): si conserva com'è. Prende il posto di quello
    pubblicato prima, che resta in elenco. Un file non firmato, cambiato o illeggibile non si pubblica.
    """
    received = _deposited(file)  # before the process becomes the service's own user, who may not be able to read it
    document = _deposited(detached) if detached else None
    with installation() as service:
        operator = f"terminale:{getuser()}"
        made = publish_document(
            service, code, received, document=document, key=key, operator=operator, at=service.clock()
        )
    click.echo(f"Pubblicato: {made.name}, pubblicazione n. {made.number}. SHA-256 {made.sha256}")
    click.echo(made.report["sentence"])
    if made.report["reason"]:
        click.echo(made.report["reason"])


@notices.command("withdraw-act")
@click.argument("code")
@click.option("--number", required=True, type=click.IntRange(min=1), help="Numero della pubblicazione da ritirare.")
@click.option("--act", required=True, help="Atto che dispone il ritiro. Si legge sulla pagina pubblica del documento.")
@click.option("--reason", required=True, help="Motivo del ritiro. Si legge sulla pagina pubblica del documento.")
@click.option("--document", "key", help="Chiave del documento dell'avviso; se manca, l'avviso stesso.")
@plain_failures
def withdraw_act(code: str, number: int, act: str, reason: str, key: str | None) -> None:
    """Ritira un atto dell'avviso con registro CODE pubblicato per errore.

    L'atto non è più quello in vigore, e quello pubblicato prima non torna a esserlo. Resta in elenco come ritirato, con
    l'atto che lo dispone e il motivo: nulla di ciò che è stato pubblicato sparisce.
    """
    with installation() as service:
        operator = f"terminale:{getuser()}"
        found = withdraw_publication(
            service, code, number, act=act, reason=reason, key=key, operator=operator, at=service.clock()
        )
    click.echo(f"Ritirata la pubblicazione n. {found.number}, {found.name}. Resta in elenco come ritirata.")


def _deposited(path: Path) -> DepositedFile:
    return DepositedFile(path.name, path.read_bytes())


@notices.command("forget-rehearsals")
@click.option(
    "--kept-days", type=click.IntRange(min=0), help="Giorni dopo la fine; se manca, quelli dell'installazione."
)
@plain_failures
def forget_rehearsals(kept_days: int | None) -> None:
    """Cancella domande, file, ricevute e chiavi delle prove finite da tempo. Un avviso vero non si tocca mai."""
    with installation() as service:
        kept = timedelta(days=kept_days) if kept_days is not None else None
        done = forget_ended_rehearsals(service, at=service.clock(), kept=kept)
    for each in done:
        click.echo(
            f"Prova {each.register_code}: cancellate {each.applications} domande e {each.files} file, "
            f"{each.spared} file restano perché servono anche altrove."
        )
    if not done:
        click.echo("Nessuna prova da cancellare.")
