"""``sportello trust``: the EU trusted lists that this installation believes; fetch them, and see how old they are."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from intake.commands.terminal import DOES_NOT_HOLD, DONE, UNREADABLE, WRONG_USE, print_json, stop
from intake.service_user import NoServiceUser

if TYPE_CHECKING:
    from signing.trusted_list_update import Outcome
    from signing.trusted_lists import ListFacts

_FOLDER = click.Path(file_okay=False, path_type=Path)
_DIR = click.option(
    "--dir", "folder", type=_FOLDER, help="Cartella della fiducia; di solito SPORTELLO_TRUST, o trust/ fra i dati."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Risposta in JSON.")


@click.group()
def trust() -> None:
    """Le liste di fiducia europee: chi può rilasciare certificati qualificati."""


@trust.command()
@_DIR
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Prende le liste dai file di questa cartella, senza rete.",
)
@click.option("--territory", "territories", multiple=True, help="Solo questi Paesi (IT, AT, ...); di solito tutti.")
@click.option("--url", help="Indirizzo della lista delle liste; di solito quello della Commissione europea.")
@click.option("--mirror", is_flag=True, help="Ammette http e indirizzi interni: per una copia tenuta dall'ufficio.")
@click.option("--at", help="Istante in cui le firme delle liste devono valere, ISO 8601; di solito adesso.")
@_JSON
def update(
    folder: Path | None,
    source: Path | None,
    territories: tuple[str, ...],
    url: str | None,
    mirror: bool,
    at: str | None,
    as_json: bool,
) -> None:
    """Prende le liste nuove, ne verifica le firme e le tiene. Una lista che non si verifica è rifiutata: resta la vecchia."""
    from intake.outward_proxies import outward_proxies
    from intake.settings import WrongSettings
    from signing.trusted_list_sources import from_folder, from_network, pins_of
    from signing.trusted_list_update import LIST_OF_LISTS, update_lists

    target = folder or _folder_of_settings(to_write=True)
    instant = _instant(at)
    try:
        outcomes = update_lists(
            target,
            from_folder(source) if source else from_network(mirror=mirror, proxies=outward_proxies()),
            pins=pins_of(target),
            at=instant,
            territories=frozenset(each.upper() for each in territories),
            location=url or LIST_OF_LISTS,
        )
    except (ValueError, WrongSettings) as error:
        stop(str(error), WRONG_USE)
    except OSError as error:
        stop(f"La cartella {target} non si può scrivere: {error.strerror}.", UNREADABLE)
    refused = [each for each in outcomes if each.refused]
    if as_json:
        print_json({"dir": str(target), "at": instant.isoformat(), "lists": [_outcome_json(each) for each in outcomes]})
    else:
        for each in outcomes:
            click.echo(_outcome_sentence(each))
        click.echo(f"{len(outcomes) - len(refused)} liste prese, {len(refused)} rifiutate. Cartella: {target}")
    sys.exit(DOES_NOT_HOLD if refused else DONE)


@trust.command()
@_DIR
@click.option("--at", help="Istante a cui calcolare l'età, ISO 8601; di solito adesso.")
@_JSON
def show(folder: Path | None, at: str | None, as_json: bool) -> None:
    """Elenca le liste: Paese, numero, data, prossimo aggiornamento, età, servizi. Esce con 1 se una è scaduta."""
    from signing.trust import TrustStore

    target = folder or _folder_of_settings()
    instant = _instant(at)
    try:
        store = TrustStore.from_folder(target)
    except (ValueError, OSError) as error:
        stop(f"Nessuna fiducia configurata: {error}.", WRONG_USE)
    facts = store.lists.facts if store.lists else ()
    stale = [each for each in facts if each.is_stale(instant)]
    if as_json:
        print_json(
            {
                "dir": str(target),
                "at": instant.isoformat(),
                "anchors": len(store.anchors),
                "intermediates": len(store.intermediates),
                "crls": len(store.crls),
                "lists": [_facts_json(each, instant) for each in facts],
            }
        )
    else:
        click.echo(f"Cartella: {target}")
        click.echo(f"Autorità proprie: {len(store.anchors)}. Liste di fiducia: {len(facts)}, scadute: {len(stale)}.")
        for each in facts:
            click.echo(_facts_sentence(each, instant))
    sys.exit(DOES_NOT_HOLD if stale else DONE)


def _folder_of_settings(*, to_write: bool = False) -> Path:
    """The installation's own; before writing among its data, the process becomes the user who owns them."""
    from intake.settings import WrongSettings, read_settings

    try:
        settings = read_settings()
        if to_write and settings.trust_target.is_relative_to(settings.data):
            from intake.start import enter_data_folder

            enter_data_folder(settings)
    except (WrongSettings, NoServiceUser) as error:
        stop(str(error), WRONG_USE)
    return settings.trust_target


def _instant(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        stop(f"--at non è un istante ISO 8601: {text}.", WRONG_USE)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _facts_json(facts: ListFacts, at: datetime) -> dict[str, Any]:
    return {
        "territory": facts.territory,
        "sequence": facts.sequence,
        "issued_at": facts.issued_at.isoformat(),
        "next_update": facts.next_update.isoformat() if facts.next_update else None,
        "fetched_at": facts.fetched_at.isoformat(),
        "age_days": facts.age(at).days,
        "stale": facts.is_stale(at),
        "services": facts.services,
        "location": facts.location,
        "sha256": facts.sha256,
    }


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    taken = outcome.taken
    return {
        "territory": outcome.territory,
        "location": outcome.location,
        "taken": taken is not None,
        "sequence": taken.sequence if taken else None,
        "issued_at": taken.issued_at.isoformat() if taken else None,
        "services": taken.services if taken else None,
        "refused": outcome.refused,
        "services_left_out": list(outcome.unread),
    }


def _outcome_sentence(outcome: Outcome) -> str:
    if outcome.taken is None:
        return f"{outcome.territory}  rifiutata, resta quella che c'era: {outcome.refused} ({outcome.location})"
    left_out = f", {len(outcome.unread)} servizi non compresi" if outcome.unread else ""
    taken = outcome.taken
    return f"{outcome.territory}  n. {taken.sequence} del {_day(taken.issued_at)}, {taken.services} servizi{left_out}"


def _facts_sentence(facts: ListFacts, at: datetime) -> str:
    following = f"da aggiornare entro il {_day(facts.next_update)}" if facts.next_update else "chiusa"
    mark = "  SCADUTA" if facts.is_stale(at) else ""
    return (
        f"{facts.territory}  n. {facts.sequence:<5} del {_day(facts.issued_at)} ({facts.age(at).days} giorni), "
        f"{following}, {facts.services} servizi{mark}"
    )


def _day(instant: datetime) -> str:
    from intake.clock import ROME

    return instant.astimezone(ROME).strftime("%d/%m/%Y")
