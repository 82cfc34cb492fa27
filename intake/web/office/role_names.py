"""Roles as the office calls them."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext

from intake.people.models import Role

ROLE_NAMES = {
    Role.FILER: lazy_gettext("Azienda o consulente"),
    Role.CPI_OPERATOR: lazy_gettext("Operatore del Centro per l'Impiego"),
    Role.PROTOCOL_OFFICE: lazy_gettext("Ufficio protocollo"),
    Role.OFFICER: lazy_gettext("Istruttore"),
    Role.DIRECTOR: lazy_gettext("Direttore"),
    Role.DIRECTOR_GENERAL: lazy_gettext("Direttore generale"),
    Role.ADMINISTRATOR: lazy_gettext("Amministratore"),
    Role.AUDITOR: lazy_gettext("Revisore"),
}


def role_names(roles: Iterable[Role]) -> list[str]:
    """Names in the reader's language, in the order of the office's work."""
    held = set(roles)
    return [str(name) for role, name in ROLE_NAMES.items() if role in held]
