"""Commands on the seals of the papers that the service issues."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import select

from intake.commands.installed import installation, plain_failures
from intake.commands.terminal import WRONG_USE, print_json, stop
from intake.notices.models import NoticeEdition
from intake.sealing import replace_seal
from intake.service import Service
from signing.seal_pkcs11 import TokenUnavailable
from signing.seal_ring import RingSeal


@click.group()
def seal() -> None:
    """I sigilli delle carte che il servizio rilascia."""


@seal.command("show")
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True)
@plain_failures
def show(code: str | None, as_json: bool) -> None:
    """I sigilli di ogni registro: quello in uso e quelli di prima, ancora riconosciuti."""
    with installation() as service:
        rings = {each: service.keys.seals(each).seals() for each in ([code] if code else _codes(service))}
    if as_json:
        print_json({each: [_facts(one) for one in ring] for each, ring in rings.items()})
        return
    for each, ring in rings.items():
        for one in ring:
            state = "in uso" if one is ring[0] else f"fino al {one.retired_at:%d/%m/%Y}" if one.retired_at else "prima"
            click.echo(
                f"{each}  {one.number}  {state:<18}  {'dispositivo' if one.in_token else 'file':<11}  {one.fingerprint}"
            )


@seal.command("rotate")
@click.argument("code")
@click.option("--device-key", metavar="ETICHETTA", help="Chiave nel dispositivo di firma (SPORTELLO_PKCS11_*).")
@plain_failures
def rotate(code: str, device_key: str | None) -> None:
    """Mette in uso un sigillo nuovo per il registro CODE: quello di prima resta riconosciuto, la sua chiave è distrutta."""
    with installation() as service:
        if code not in _codes(service):
            stop(f"Nessun avviso caricato ha il registro {code}.", WRONG_USE)
        try:
            made = replace_seal(service, code, device_key=device_key, at=service.clock())
        except (TokenUnavailable, ValueError) as error:
            stop(f"Il sigillo di {code} non è cambiato. {error}")
    click.echo(
        f"Il registro {code} sigilla da ora con {made.fingerprint}. La pubblichi: /verifica/chiavi la mostra già."
    )


def _codes(service: Service) -> list[str]:
    with service.transaction() as session:
        return list(session.scalars(select(NoticeEdition.register_code).order_by(NoticeEdition.register_code)))


def _facts(one: RingSeal) -> dict[str, Any]:
    return {
        "number": one.number,
        "fingerprint": one.fingerprint,
        "in_device": one.in_token,
        "valid_until": one.certificate.not_valid_after_utc.isoformat(),
        "retired_at": one.retired_at.isoformat() if one.retired_at else None,
    }
