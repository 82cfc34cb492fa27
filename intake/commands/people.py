"""Commands on accounts."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path

import click
import structlog
from sqlalchemy import select
from stdnum.exceptions import ValidationError

from intake.applications.models import Submission
from intake.cases.leaving import give_back_all
from intake.commands.installed import installation, plain_failures
from intake.commands.terminal import DOES_NOT_HOLD, UNREADABLE, print_json, stop
from intake.people.accounts import add_person, import_people, make_password_link
from intake.people.closing import disable, enable, end_mandates, person_called, revoke_role
from intake.people.mandates import active_mandates
from intake.people.models import Person, Role

_LOG = structlog.get_logger("sportello.people")
ROLE = click.Choice([role.value for role in Role], case_sensitive=False)


@click.group()
def people() -> None:
    """Le persone che usano il servizio."""


@people.command()
@click.option("--username", required=True)
@click.option("--tax-code", required=True)
@click.option("--given-name", required=True)
@click.option("--surname", required=True)
@click.option("--email", required=True)
@click.option("--role", "roles", type=ROLE, multiple=True, required=True)
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
        link = make_password_link(session, person, at=service.clock())
    click.echo(f"/password/{link}")


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
    given_back: list[Submission] = []
    with installation() as service, service.transaction() as session:
        shown = session.scalars(select(Person).where(Person.demo, Person.disabled_at.is_(None))).all()
        operator, at = _terminal(), service.clock()
        for person in shown:
            disable(session, person, at=at)
            given_back += give_back_all(session, person, operator=operator, at=at)
    for person in shown:
        _LOG.info("account_disabled", account=str(person.id), operator=operator)
    click.echo(f"{len(shown)} persone di prova disattivate.")
    _tell_given_back(given_back)


@people.command("link")
@click.argument("username")
@plain_failures
def new_link(username: str) -> None:
    """Stampa un nuovo link con cui la persona sceglie la password: quelli dati prima non valgono più."""
    with installation() as service, service.transaction() as session:
        person = person_called(session, username)
        link = make_password_link(session, person, at=service.clock())
    click.echo(f"/password/{link}")


@people.command("disable")
@click.argument("username")
@plain_failures
def disable_person(username: str) -> None:
    """Chiude l'accesso di una persona: quello che ha aperto finisce subito, le domande che esamina tornano in coda."""
    with installation() as service, service.transaction() as session:
        person = person_called(session, username)
        operator, at = _terminal(), service.clock()
        disable(session, person, at=at)
        given_back = give_back_all(session, person, operator=operator, at=at)
    _LOG.info("account_disabled", account=str(person.id), operator=operator, cases=len(given_back))
    click.echo(f"{person.username} non accede più: i suoi accessi aperti sono chiusi, i suoi link non valgono più.")
    _tell_given_back(given_back)


@people.command("enable")
@click.argument("username")
@plain_failures
def enable_person(username: str) -> None:
    """Riapre l'accesso di una persona, con la password che aveva."""
    with installation() as service, service.transaction() as session:
        person, operator = person_called(session, username), _terminal()
        enable(session, person, open_to_others=service.settings.reached_by_others, at=service.clock())
    _LOG.info("account_enabled", account=str(person.id), operator=operator)
    click.echo(f"{person.username} può accedere.")


@people.command("revoke")
@click.argument("username")
@click.option("--role", "roles", type=ROLE, multiple=True, help="Il ruolo da togliere.")
@click.option("--firm", "firms", multiple=True, help="Codice fiscale dell'azienda per cui non deve più agire.")
@plain_failures
def revoke_grants(username: str, roles: tuple[str, ...], firms: tuple[str, ...]) -> None:
    """Toglie a una persona ruoli o aziende, anche di cui è legale rappresentante: o tutto, o niente."""
    if not roles and not firms:
        raise click.UsageError("Dica che cosa togliere: --role, --firm o tutti e due.")
    done: list[str] = []
    given_back: list[Submission] = []
    with installation() as service, service.transaction() as session:
        person, operator = person_called(session, username), _terminal()
        for role in dict.fromkeys(roles):
            revoke_role(session, person, Role(role), at=service.clock())
            done.append(f"{person.username} non ha più il ruolo {role}.")
        if not person.has_role(Role.OFFICER):
            given_back = give_back_all(session, person, operator=operator, at=service.clock())
        for tax_code in dict.fromkeys(firms):
            firm = end_mandates(session, person, tax_code, at=service.clock())
            others = ", ".join(mandate.person.username for mandate in active_mandates(session, firm.id))
            done.append(f"{person.username} non agisce più per {firm.name}. Agiscono ancora: {others or 'nessuno'}.")
    _LOG.info("grants_revoked", account=str(person.id), roles=roles, firms=len(firms), operator=operator)
    click.echo("\n".join(done))
    _tell_given_back(given_back)


def _terminal() -> str:
    return f"terminale:{getuser()}"


def _tell_given_back(cases: list[Submission]) -> None:
    for case in cases:
        click.echo(f"La domanda n. {case.number_shown}/{case.year} ({case.register_code}) è tornata in coda.")
