"""The unprivileged user the service runs as when an administrator starts it as root."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

NAME = "sportello"


class NoServiceUser(Exception):
    """The service was started as root and cannot become its own user; the message says what to do."""


def service_user() -> pwd.struct_passwd | None:
    """The system user to become, or None when the process is not root and stays who it is."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(NAME)
    except KeyError as error:
        raise NoServiceUser(f"Manca l'utente di sistema '{NAME}': lo crea bin/setup, eseguito come root.") from error


def popen_identity() -> dict[str, object]:
    """Arguments for ``subprocess`` that start a program as the service user."""
    user = service_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def give_to_service_user(*paths: Path) -> None:
    """Makes the service user the owner of ``paths``; nothing to do when the process is not root."""
    if user := service_user():
        for path in paths:
            os.chown(path, user.pw_uid, user.pw_gid)


def become_service_user() -> None:
    """Drops root for good. Does nothing when the process is not root."""
    if user := service_user():
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        os.environ["HOME"] = "/nonexistent"


def check_reachable(path: Path) -> None:
    """Raises ``NoServiceUser`` when a parent folder keeps the service user out of ``path``."""
    user = service_user()
    if user is None:
        return
    for folder in [path, *path.parents]:
        if not folder.exists():
            continue
        facts = folder.stat()
        bit = 0o100 if facts.st_uid == user.pw_uid else 0o010 if facts.st_gid == user.pw_gid else 0o001
        if not facts.st_mode & bit:
            raise NoServiceUser(
                f"L'utente '{NAME}', che esegue il servizio al posto di root, non può entrare in {folder}. "
                "Copi il progetto in una cartella leggibile da tutti, per esempio sotto /srv, "
                "oppure avvii il servizio con un utente normale."
            )
