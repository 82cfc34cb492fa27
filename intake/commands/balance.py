"""``sportello balance``: the balance of a day as figures, for whoever watches over the service."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click
from sqlalchemy import select

from intake.cases.balance import COUNTS, Balance, balance_of
from intake.clock import ROME
from intake.commands.installed import installation, plain_failures
from intake.commands.terminal import DOES_NOT_HOLD, WRONG_USE, print_json, stop
from intake.notices.models import NoticeEdition
from intake.settings import read_settings


@click.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Il giorno, per esempio 2026-11-22; se manca, oggi.")
@click.option("--json", "as_json", is_flag=True, help="Un documento JSON.")
@click.option("--openmetrics", "as_metrics", is_flag=True, help="Misure OpenMetrics, per chi sorveglia la macchina.")
@plain_failures
def balance(day: datetime | None, as_json: bool, as_metrics: bool) -> None:
    """Il conto di ciò che è arrivato in un giorno, per avviso e per canale; esce con 1 se un conto non torna."""
    if as_json and as_metrics:
        stop("Scelga --json oppure --openmetrics: sono due forme degli stessi conti.", WRONG_USE)
    with installation(read_settings()) as service, service.transaction() as session:
        asked = day.date() if day else service.clock().astimezone(ROME).date()
        editions = session.scalars(
            select(NoticeEdition).where(NoticeEdition.retired_at.is_(None)).order_by(NoticeEdition.register_code)
        )
        found = [(each.register_code, balance_of(session, each, asked, store=service.store)) for each in editions]
        at = service.clock()
    if as_json:
        print_json({"day": asked.isoformat(), "registers": [balance_json(code, each, at) for code, each in found]})
    elif as_metrics:
        from intake.cases.balance_metrics import balance_metrics

        click.echo(balance_metrics(found, at), nl=False)
    else:
        _tell(asked, found)
    if not all(each.holds for _, each in found):
        raise SystemExit(DOES_NOT_HOLD)


def balance_json(code: str, found: Balance, at: datetime) -> dict[str, Any]:
    """One register's figures; ``oldest_waiting_seconds`` is None where nothing waits."""
    oldest = found.oldest
    return {
        "register": code,
        "holds": found.holds,
        "unaccounted": found.unaccounted,
        "lost": found.lost,
        **{name: getattr(found, name) for name in COUNTS},
        "channels": [
            {"channel": each.channel.value, **{name: getattr(each, name) for name in COUNTS}} for each in found.channels
        ],
        "oldest_waiting": oldest.received_at.isoformat() if oldest else None,
        "oldest_waiting_channel": oldest.channel.value if oldest else None,
        "oldest_waiting_seconds": round((at - oldest.received_at).total_seconds()) if oldest else None,
    }


def _tell(day: date, found: list[tuple[str, Balance]]) -> None:
    click.echo(f"Bilancio del {day.isoformat()}")
    for code, each in found:
        says = "il conto torna" if each.holds else "IL CONTO NON TORNA"
        click.echo(
            f"{code}: ricevuti {each.received}, registrati {each.registered}, non registrabili {each.rejected}, "
            f"ritirati {each.taken_back}, scartati {each.abandoned}, in attesa {each.waiting} – {says}"
        )
        if each.oldest:
            click.echo(f"  attende da più tempo: {each.oldest.received_at.astimezone(ROME):%d/%m/%Y %H:%M}")
