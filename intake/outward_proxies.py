"""The office's way out to the network: a setting of our own first, then the variables that every program reads."""

from __future__ import annotations

import os

from intake.settings import WrongSettings
from signing.outward_proxy import Proxies

OWN = "SPORTELLO_PROXY"


def outward_proxies(own: str | None = None) -> Proxies:
    """``own``: the setting, by default what its variable says. Raises ``WrongSettings`` for an address that is none.

    NO_PROXY counts for both.
    """
    chosen = own or os.environ.get(OWN)
    environment = {"all_proxy": chosen, "no_proxy": _direct()} if chosen else os.environ
    try:
        return Proxies.from_environment(environment)
    except ValueError as error:
        name = OWN if chosen else "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY"
        raise WrongSettings(f"{name}: l'indirizzo del proxy non è utilizzabile. {error}") from error


def _direct() -> str:
    return os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
