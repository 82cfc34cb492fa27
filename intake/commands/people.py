"""Commands on accounts."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select, update
from stdnum.exceptions import ValidationError

from intake.commands.installed import installation, plain_failures
from intake.commands.terminal import DOES_NOT_HOLD, UNREADABLE, print_json, stop
from intake.people.accounts import add_person, import_people, make_password_link
from intake.people.models import Person, Role


@click.group()
def people() -> None:
    """Le persone che usano il servizio."""


@people.command()
@click.option("--username", required=True)
@click.option("--tax-code", required=True)
@click.option("--given-name", required=True)
@click.option("--surname", required=True)
@click.option("--email", required=True)
@click.option("--role", "roles", type=click.Choice(list(Role)), multiple=True, required=True)
@plain_failures
def add(username: str, tax_code: str, given_name: str, surname: str, email: str, roles: tuple[str, ...]) -> None:
    """Aggiunge una persona e stampa il link con cui sceglie la password."""
    with installation() as service, service.transaction() as session:
        try:
            person = add_person(
                session,
                username=username,
                tax_code=tax_code,
                given_name=given_name,
                surname=surname,
                email=email,
                roles=tuple(Role(role) for role in roles),
                at=service.clock(),
            )
        except ValidationError:
            stop(f"«{tax_code}» non è un codice fiscale.", UNREADABLE)
        click.echo(f"/password/{make_password_link(session, person, at=service.clock())}")


@people.command("list")
@plain_failures
def list_people() -> None:
    """Elenca le persone e i loro ruoli."""
    with installation() as service, service.transaction() as session:
        print_json(
            [
                {
                    "username": person.username,
                    "name": person.full_name,
                    "roles": [grant.role.value for grant in person.roles if grant.revoked_at is None],
                    "disabled": person.disabled_at is not None,
                    "demo": person.demo,
                }
                for person in session.scalars(select(Person).order_by(Person.username))
            ]
        )


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@plain_failures
def import_file(file: Path) -> None:
    """Importa da CSV le persone di un sistema CO esistente: o tutte, o nessuna."""
    with installation() as service, service.transaction() as session:
        try:
            text = file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            stop(f"{file} non è un testo UTF-8: lo salvi come «CSV UTF-8».", UNREADABLE)
        done = import_people(session, text, at=service.clock())
        for problem in done.problems:
            click.echo(f"riga {problem.line}, colonna {problem.column}: {problem.message}", err=True)
        for username, token in done.links:
            click.echo(f"{username}\t/password/{token}")
        click.echo(f"{done.people} persone nuove, {done.firms} aziende.", err=True)
        if done.problems:
            raise SystemExit(DOES_NOT_HOLD)


@people.command("disable-demo")
@plain_failures
def disable_demo() -> None:
    """Disattiva le persone di prova, prima di aprire il servizio ad altri."""
    with installation() as service, service.transaction() as session:
        disabled = session.execute(
            update(Person)
            .where(Person.demo, Person.disabled_at.is_(None))
            .values(disabled_at=service.clock())
            .returning(Person.id)
        )
        click.echo(f"{len(disabled.all())} persone di prova disattivate.")
