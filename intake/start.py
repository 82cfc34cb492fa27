"""What every command that works with the installation does first, and what `bin/up` does once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from intake.database import Database, open_database
from intake.editions import check_register_keys, load_editions
from intake.migrations import is_current, migrate
from intake.people.demonstration import add_demo_people, demo_people_exist
from intake.protocol.heads import check_heads
from intake.publication.rehearsal_act import owe_rehearsal_acts
from intake.service import Service, build_service
from intake.service_user import become_service_user, check_reachable, service_user
from intake.settings import Settings
from intake.trust_lists import check_trust


class CannotStart(Exception):
    """Why the service does not start, for the person at the terminal."""


def enter_data_folder(settings: Settings) -> None:
    """Makes the data folder and, when started as root, becomes the service user who owns it, for good."""
    check_reachable(settings.data)
    settings.data.mkdir(mode=0o711, parents=True, exist_ok=True)
    user = service_user()
    if user is None:
        return
    if settings.data.stat().st_uid != user.pw_uid:
        _give_tree(settings, user.pw_uid, user.pw_gid)
    become_service_user()


@contextmanager
def open_service(settings: Settings, *, heads: bool = True) -> Iterator[Service]:
    """The installation, ready to work: the schema is current, every register's key is at hand, no register is an older one.

    ``heads`` False leaves the last out, for the commands that examine and mend such a register.
    Raises ``CannotStart``, ``WrongSettings``, ``WrongRegisterKey``, ``RegisterKeyMissing``, ``RegisterBehind``,
    ``RegisterRewritten``.
    """
    check_trust(settings)
    with open_database(settings) as database:
        check_schema(database)
        service = build_service(settings, database)
        check_register_keys(service)
        if heads:
            check_heads(service)
        yield service


def check_schema(database: Database) -> None:
    """Raises ``CannotStart`` when the schema is not this program's."""
    if not is_current(database.engine):
        raise CannotStart("Lo schema del database non è aggiornato. Esegua: sportello database migrate")


def prepare(settings: Settings) -> None:
    """Brings the installation up to date: schema, notices with their rehearsals, demonstration people where nobody else comes.

    Raises ``CannotStart`` when demonstration people exist and others could reach the service.
    """
    with open_database(settings) as database:
        with database.owner_engine() as owner:
            migrate(owner, database.application_url.username or "sportello_app")
        service = build_service(settings, database)
        load_editions(service, at=service.clock())
        check_register_keys(service)
        check_heads(service)
        for surface in ("desk", "office"):
            service.keys.cookie_secret(surface)
        if not settings.reached_by_others:
            with service.transaction() as session:
                add_demo_people(session, settings.keys, at=service.clock())
            owe_rehearsal_acts(service)
        refuse_open_demonstration(settings, database)


def refuse_open_demonstration(settings: Settings, database: Database) -> None:
    """Raises ``CannotStart`` when demonstration people, whose password is shown, could be used from other machines."""
    if not settings.reached_by_others:
        return
    with database.sessions() as session:
        if demo_people_exist(session):
            raise CannotStart(
                "Le persone di prova ci sono ancora: il servizio non si apre ad altri "
                f"(indirizzo {settings.host}, proxy davanti: {settings.trusted_proxies}). "
                "Le disattivi con: sportello people disable-demo"
            )


def _give_tree(settings: Settings, uid: int, gid: int) -> None:
    for folder, folders, files in os.walk(settings.data):
        os.chown(folder, uid, gid)
        for name in (*folders, *files):
            os.chown(os.path.join(folder, name), uid, gid, follow_symlinks=False)  # noqa: PTH118 - os.walk speaks strings
