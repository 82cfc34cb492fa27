"""The newest head of each register, kept outside the database: an older database put back is recognised by it."""

from __future__ import annotations

import secrets
from pathlib import Path

import structlog
from sqlalchemy import Connection

from intake.durable import fsync_folder, replace_private
from intake.service import Service
from protocol_register.errors import RegisterError
from protocol_register.keys import RegisterKey, check_code
from protocol_register.known_head import KnownHead, check_known_head, newest_head
from protocol_register.registration import resume_register
from protocol_register.search import newest_resumption, registers

_LOG = structlog.get_logger("sportello.heads")


def keep_heads(service: Service) -> None:
    """Writes the head of every register beside the keys, unless it denies the one kept before, which then stays."""
    with service.database.engine.connect() as connection:
        for register in registers(connection):
            try:
                _keep(service, connection, register.code)
            except RegisterError as error:
                _LOG.error("head_not_kept", register=register.code, reason=error.code)


def check_heads(service: Service) -> None:
    """Refuses to work beside a register that is not the one it was.

    Raises ``RegisterBehind``, ``RegisterRewritten``, ``CheckpointUnreadable``.
    """
    with service.database.engine.connect() as connection:
        for register in registers(connection):
            known = kept_head(service, register.code)
            if known is not None:
                check_known_head(connection, register.code, known)


def kept_head(service: Service, register_code: str) -> KnownHead | None:
    """The head kept of one register, None before the first. Raises ``CheckpointUnreadable``."""
    try:
        written = _path(service, register_code).read_bytes()
    except FileNotFoundError:  # none yet, or a resumption puts it aside in this moment
        return None
    return KnownHead.from_json(written)


def resume(
    service: Service, connection: Connection, register_code: str, *, after: int, act: str, operator: str
) -> Path | None:
    """Resumes numbering by an act, on a connection of the owner, and puts the kept head aside; where it lies now.

    The head of what was lost no longer binds the register, but proves what it was: it is never deleted. Asked for again
    after it was cut short in between, it does what is left. Raises what ``resume_register`` raises, ``CheckpointUnreadable``.
    """
    key: RegisterKey = service.keys.register_key(register_code)
    if not _cut_short(service, connection, register_code, after=after, act=act):
        resume_register(connection, register_code, after=after, operator=operator, act=act, key=key)
    connection.commit()
    path = _path(service, register_code)
    if not path.exists():
        return None
    aside = path.with_name(f"{register_code}.prima-della-ripresa-{secrets.token_hex(4)}.json")
    path.rename(aside)
    fsync_folder(path.parent)
    return aside


def _cut_short(service: Service, connection: Connection, register_code: str, *, after: int, act: str) -> bool:
    """Whether this resumption is the register's newest act, and the head kept is still that of what was lost."""
    newest = newest_resumption(connection, register_code)
    known = kept_head(service, register_code)
    if newest is None or known is None or known == newest_head(connection, register_code):
        return False
    return (newest.after, newest.act) == (after, act)


def _keep(service: Service, connection: Connection, register_code: str) -> None:
    known, newest = kept_head(service, register_code), newest_head(connection, register_code)
    if known is not None:
        check_known_head(connection, register_code, known)
    if newest is not None and newest != known:
        path = _path(service, register_code)
        replace_private(path, newest.to_json(), mode=0o600)
        fsync_folder(path.parent)


def _path(service: Service, register_code: str) -> Path:
    return service.settings.heads_folder / f"{check_code(register_code)}.json"
